// The parts of the JSON report that tell of events, clients and sessions. A part with nothing to say has no key.
#pragma once

#include <nlohmann/json.hpp>

#include "cli/report.h"

namespace assay {

nlohmann::ordered_json plan_json(const LoggedPlan& plan);
nlohmann::ordered_json events_json(const Report& report);
nlohmann::ordered_json clients_json(const Workload& workload);
nlohmann::ordered_json sessions_json(const SessionPatterns& patterns);

}  // namespace assay
