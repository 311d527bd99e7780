// The parts of the JSON report that tell of read replicas.
#pragma once

#include <nlohmann/json.hpp>

#include "cli/report.h"

namespace assay {

/// recommendations[].replica
nlohmann::ordered_json replica_json(const AddReplica& change);

/// Whether the class was judged, and not merely goes along with its transaction.
bool tells_of_replicas(const ReplicaAdvice& advice, std::size_t position);

/// queries[].replica: whether the class may go, why not, and its safe shares.
nlohmann::ordered_json class_replica_json(const ReplicaAdvice& advice, std::size_t position);

/// replicas: the safe share, the fleet, the policies, what to paste; empty where nothing was judged.
nlohmann::ordered_json replicas_json(const Report& report);

}  // namespace assay
