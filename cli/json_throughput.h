// The forecast of throughput in the JSON report: its key `simulation`.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "advisors/forecast/throughput.h"
#include "cli/report.h"

namespace assay {

nlohmann::ordered_json throughput_json(const Throughput& throughput, const Report& report);

/// Adds throughput_ratio, low and high to a recommendation's gain, where it was forecast.
void add_throughput_gain(nlohmann::ordered_json& gain, const Report& report, const std::string& id);

}  // namespace assay
