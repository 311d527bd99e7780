// The parts of the JSON report that tell of partitioning.
#pragma once

#include <nlohmann/json.hpp>

#include "cli/report.h"

namespace assay {

/// recommendations[].partitioning, with the way there; partitions.tables[].schemes, without.
nlohmann::ordered_json partitioning_json(const Report& report, const PartitionTable& table, bool with_migration);

/// partitions: the verdicts; empty where there is nothing to tell.
nlohmann::ordered_json partitions_json(const Report& report);

}  // namespace assay
