// PhysicalDesign: what is to be created and dropped, against the design that the Catalog describes.
//
// Indexes of every method, partitioned tables in place of plain ones, extended statistics, and kept results. Replicas
// stand beside them when their advisor comes. A structure's name is its identity within a design.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "parser/sql/index_definition.h"

namespace assay {

/// An index that does not exist yet, with the size that it would have.
struct HypotheticalIndex {
  IndexDefinition definition;  ///< named
  std::int64_t pages = 0;      ///< of 8192 bytes (index_size.h)
  int height = 0;              ///< B-tree: levels above the leaves
  double rows = 0;

  std::int64_t bytes() const { return pages * 8192; }
  bool operator==(const HypotheticalIndex&) const = default;
};

struct IndexName {
  std::string schema, name;

  bool operator==(const IndexName&) const = default;
};

enum class PartitionStrategy { kRange, kList, kHash };

/// One partition. Values are texts that the key's type takes.
struct HypotheticalPartition {
  std::string name;
  std::optional<std::string> from = {}, to = {};  ///< range, half-open; nothing: without an end
  std::vector<std::string> values = {};           ///< list
  int remainder = 0;                              ///< hash; the modulus is the number of partitions
  bool is_default = false;                        ///< range and list: what fits no other

  bool operator==(const HypotheticalPartition&) const = default;
};

/// A plain table made into a partitioned one, with the same columns and indexes. A unique index that lacks the key
/// gets it as its last column, since PostgreSQL allows no other.
struct HypotheticalPartitioning {
  std::string schema, table;
  PartitionStrategy strategy = PartitionStrategy::kRange;
  std::string column;  ///< the partition key
  std::vector<HypotheticalPartition> partitions;

  bool operator==(const HypotheticalPartitioning&) const = default;
};

/// CREATE STATISTICS.
struct HypotheticalStatistics {
  std::string schema, table, name;
  std::vector<std::string> columns;

  bool operator==(const HypotheticalStatistics&) const = default;
};

struct PhysicalDesign {
  std::vector<HypotheticalIndex> created_indexes = {};
  std::vector<IndexName> dropped_indexes = {};
  std::vector<HypotheticalPartitioning> partitionings = {};
  std::vector<HypotheticalStatistics> created_statistics = {};
};

}  // namespace assay
