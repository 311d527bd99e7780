#include "analyzer/summary.h"

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

Microseconds microseconds(double ms) { return Microseconds(std::llround(ms * 1e3)); }

/// Sum of the squares in µs², from mean and deviation: n (mean² + deviation²).
UnsignedInt128 sum_of_squares(const ExecutionSummary& summary) {
  const auto calls = static_cast<long double>(summary.calls);
  const long double mean = static_cast<long double>(summary.total.count()) / calls;
  const long double deviation = static_cast<long double>(summary.stddev_ms) * 1e3L;
  return static_cast<UnsignedInt128>(calls * (mean * mean + deviation * deviation));
}

}  // namespace

void add_summary(QueryClass& query, const ExecutionSummary& summary) {
  if (summary.calls == 0) return;
  const bool has_extremes = summary.min_ms >= 0 && summary.max_ms >= 0;
  query.extremes_known &= has_extremes;
  query.deviation_known &= summary.stddev_ms >= 0;
  if (has_extremes) {
    const auto shortest = microseconds(summary.min_ms), longest = microseconds(summary.max_ms);
    query.shortest = query.timed_calls == 0 ? shortest : std::min(query.shortest, shortest);
    query.longest = std::max(query.longest, longest);
  }
  if (summary.stddev_ms >= 0) query.sum_of_squares += sum_of_squares(summary);
  if (summary.rows >= 0)
    query.rows_affected = query.rows_affected.value_or(0) + static_cast<std::uint64_t>(summary.rows);
  query.summed_calls += summary.calls;
  query.calls += summary.calls;
  query.timed_calls += summary.calls;
  accumulate(query.total, summary.total);
}

}  // namespace assay
