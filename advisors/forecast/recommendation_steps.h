// Recommendations as steps of a forecast: an index by the planned costs of the classes that it serves and its writers'
// price, a cache by its class's miss ratio, a partitioned table by the planned costs of its classes on the twin and
// what planning takes longer. Where several are recommended for a class, their effects multiply: indexes are planned on
// what is partitioned.
#pragma once

#include <vector>

#include "advisors/forecast/forecast.h"
#include "advisors/recommendation.h"
#include "analyzer/cost_model.h"
#include "analyzer/meaning.h"

namespace assay {

/// Nothing but costs where nothing was weighed. With a planner, plans are asked for once more, for what they would cost
/// with all pages in memory.
ForecastInput forecast_input(const Advice& advice, const Workload& workload, const std::vector<ClassMeaning>& meanings,
                             const ServiceDemand& demand, const std::vector<Recommendation>& caches,
                             const std::vector<Recommendation>& partitions, const Catalog* catalog, CostModel* planner);

}  // namespace assay
