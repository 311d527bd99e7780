// What a scheme costs beside plans, and has to be borne. What stands in its way is the migration's
// (migration_obstacles.h).
//
// Rules of PostgreSQL (documentation, 5.11.2.3 and ALTER TABLE): a unique constraint of a partitioned table holds its
// key, so nothing less can be referenced or be the target of ON CONFLICT.
#pragma once

#include <string>
#include <vector>

#include "advisors/partition/partition_scheme.h"
#include "advisors/partition/table_signals.h"

namespace assay {

/// Sentences without capital and full stop.
std::vector<std::string> price_of(const PartitionScheme& scheme, const TableSignals& signals, const Catalog& catalog);

}  // namespace assay
