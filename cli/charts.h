// What of a report one would rather look at than read, each as a chart; nothing where there are no figures for it.
#pragma once

#include <optional>

#include "advisors/cache/cache_plan.h"
#include "cli/chart.h"
#include "cli/report.h"

namespace assay {

/// Throughput with as many times today's sessions, today and after.
std::optional<Chart> growth_chart(const Report& report);

/// Throughput, today and with one recommendation after the other.
std::optional<Chart> steps_chart(const Report& report);

/// The heaviest classes by their share.
std::optional<Chart> heaviest_chart(const Report& report);

/// Executions a second over time, in steps of `width` seconds from `first` on.
std::optional<Chart> load_chart(const Report& report, std::int64_t width);

/// Hit ratio over the time to live, with the writes heeded and not.
std::optional<Chart> hit_ratio_chart(const CacheQuery& cache);

}  // namespace assay
