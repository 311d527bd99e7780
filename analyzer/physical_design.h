// PhysicalDesign: what is to be created and dropped, against the design that the Catalog describes.
// Indexes and kept results; partitions and replicas stand beside them when their advisors come.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "parser/sql/index_definition.h"

namespace assay {

/// An index that does not exist yet, with the size that it would have.
struct HypotheticalIndex {
  IndexDefinition definition;  ///< named
  std::int64_t pages = 0;      ///< of 8192 bytes (index_size.h)
  int height = 0;              ///< levels above the leaves
  double rows = 0;

  std::int64_t bytes() const { return pages * 8192; }
  bool operator==(const HypotheticalIndex&) const = default;
};

struct IndexName {
  std::string schema, name;

  bool operator==(const IndexName&) const = default;
};

/// Kept results of one query class. A planner knows nothing of them: they leave each execution's cost and take calls
/// away.
struct ResultCache {
  std::uint64_t query = 0;  ///< id of the class
  double hit_ratio = 0;     ///< share of its executions that the database does not see, 0 to 1
  std::int64_t bytes = 0;   ///< 0: not known

  bool operator==(const ResultCache&) const = default;
};

struct PhysicalDesign {
  std::vector<HypotheticalIndex> created_indexes;
  std::vector<IndexName> dropped_indexes;
  std::vector<ResultCache> result_caches;
};

}  // namespace assay
