// Recommendations as steps of a forecast: planned costs for the classes that each serves, and its writers' price.
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
                             const ServiceDemand& demand, const Catalog* catalog, CostModel* planner);

}  // namespace assay
