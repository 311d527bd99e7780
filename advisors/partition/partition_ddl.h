// The partitioned table as DDL: the parent with its columns, its indexes, its partitions. How rows get there is the
// migration's.
#pragma once

#include <string>
#include <vector>

#include "advisors/partition/partition_scheme.h"
#include "analyzer/catalog.h"

namespace assay {

struct PartitionDdl {
  std::vector<std::string> ddl, rollback;  ///< one statement each, with semicolon
};

/// The new table stands beside the old one, under the name TABLE_partitioned, until they are swapped.
PartitionDdl partition_ddl(const PartitionScheme& scheme, const Catalog& catalog);

}  // namespace assay
