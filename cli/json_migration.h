// JSON of the way to a partitioned table, for json_partitions.cpp.
#pragma once

#include <nlohmann/json.hpp>

#include "advisors/partition/migration.h"

namespace assay {

nlohmann::ordered_json migration_json(const MigrationPlan& plan);

}  // namespace assay
