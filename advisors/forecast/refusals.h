// Where a forecast of throughput would be a guess: what is missing, and what can still be said.
#pragma once

#include <string>
#include <vector>

#include "analyzer/service_demand.h"
#include "analyzer/workload.h"

namespace assay {

struct Refusals {
  std::vector<std::string> forbidding;  ///< sentences: no figure is given
  std::vector<std::string> warning;     ///< the figures are given, and may be wrong for this reason
};

/// What the log alone forbids: asked first, since the rest takes time.
std::vector<std::string> forbidden_by_log(const Workload& workload);

/// What the measured demand says besides.
Refusals refusals(const Workload& workload, const ServiceDemand& demand);

}  // namespace assay
