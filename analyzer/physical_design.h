// PhysicalDesign: what is to be created and dropped, against the design that the Catalog describes.
// Indexes for now; partitions, result caches and replicas stand beside them when their advisors come.
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

struct PhysicalDesign {
  std::vector<HypotheticalIndex> created_indexes;
  std::vector<IndexName> dropped_indexes;
};

}  // namespace assay
