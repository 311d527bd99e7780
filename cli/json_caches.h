// The parts of the JSON report that tell of result caches.
#pragma once

#include <nlohmann/json.hpp>

#include "cli/report.h"

namespace assay {

/// recommendations[].cache
nlohmann::ordered_json cache_json(const Report& report, const CacheQuery& cache);

/// queries[].cache: the verdict, and what the chosen time to live would have done where it was simulated.
nlohmann::ordered_json class_cache_json(const ClassCaching& item);

/// caches: the plan as a whole; empty where no class was judged.
nlohmann::ordered_json caches_json(const Report& report);

}  // namespace assay
