// What stands in the way of a partitioned table, as far as the catalog knows it.
#pragma once

#include <string>
#include <vector>

#include "advisors/partition/partition_scheme.h"
#include "analyzer/catalog.h"

namespace assay {

/// Of the table alone, whatever the scheme: it inherits, is a partition, has rules, the server is too old.
std::vector<std::string> table_obstacles(const Table& table, const Catalog& catalog);

/// One sentence each, with the way out; none: it can be done.
std::vector<std::string> obstacles_to(const PartitionScheme& scheme, const Catalog& catalog);

}  // namespace assay
