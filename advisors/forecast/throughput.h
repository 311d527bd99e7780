// Throughput: the measured demand and the forecast of a whole report, or why there is none.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "advisors/forecast/forecast.h"
#include "advisors/recommendation.h"
#include "analyzer/meaning.h"

namespace assay {

struct Throughput {
  std::size_t cores = 1;
  bool cores_assumed = false;                                ///< nobody told how many
  std::optional<ServiceDemand> demand;                       ///< what the log told, where it tells enough
  std::optional<Forecast> forecast;                          ///< nothing: `refusals` say why
  std::vector<std::string> refusals, warnings, assumptions;  ///< sentences without capital and full stop
};

/// Where nobody tells the number of cores.
inline constexpr std::size_t kAssumedCores = 4;

/// `planner` may be absent, and so may `catalog`.
Throughput forecast_throughput(const Workload& workload, const std::vector<ClassMeaning>& meanings,
                               const Advice& advice, const Catalog* catalog, CostModel* planner,
                               std::optional<std::size_t> cores);

}  // namespace assay
