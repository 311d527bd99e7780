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
  ForecastInput input;                                       ///< of the forecast, for what is weighed after it
  std::vector<std::string> refusals, warnings, assumptions;  ///< sentences without capital and full stop
};

/// Where nobody tells the number of cores.
inline constexpr std::size_t kAssumedCores = 4;

/// What the log tells of today's load, before anything is advised: advice on caches is weighed on its demand.
struct MeasuredLoad {
  Throughput throughput;                   ///< without a forecast yet
  std::optional<MeasuredDemand> measured;  ///< nothing where the log forbids any conclusion

  /// Demand of each class, fit for a forecast; nothing where there are refusals.
  const ServiceDemand* demand() const { return measured && throughput.refusals.empty() ? &measured->demand : nullptr; }
};

MeasuredLoad measure_load(const Workload& workload, std::optional<std::size_t> cores);

/// `caches` are recommendations of kind cache_query, `partitions` of kind partition_table. `planner` may be absent, and
/// so may `catalog`.
Throughput forecast_throughput(const MeasuredLoad& load, const Workload& workload,
                               const std::vector<ClassMeaning>& meanings, const Advice& advice,
                               const std::vector<Recommendation>& caches, const std::vector<Recommendation>& partitions,
                               const Catalog* catalog, CostModel* planner);

}  // namespace assay
