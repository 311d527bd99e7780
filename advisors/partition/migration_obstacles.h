// What stands in the way of a partitioned table, as far as the catalog knows it.
#pragma once

#include <string>
#include <vector>

#include "advisors/partition/partition_scheme.h"
#include "analyzer/catalog.h"

namespace assay {

/// One sentence each, with the way out; none: it can be done.
std::vector<std::string> obstacles_to(const PartitionScheme& scheme, const Catalog& catalog);

}  // namespace assay
