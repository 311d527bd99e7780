#include "analyzer/workload.h"

#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace assay {

Microseconds QueryClass::percentile(double share) const {
  return std::clamp(latencies.percentile(share), shortest, longest);
}

Microseconds QueryClass::estimated_total() const {
  Microseconds sum = total;
  accumulate(sum, sampled.missing_time());
  accumulate(sum, sampled_unfinished.missing_time());
  return sum;
}

double QueryClass::calls_error() const { return std::sqrt(sampled.calls_variance()); }

double QueryClass::total_error_us() const {
  return std::sqrt(sampled.time_variance() + sampled_unfinished.time_variance());
}

double QueryClass::mean_us() const {
  if (timed_calls == 0) return 0;
  return static_cast<double>((total - unfinished + sampled.missing_time()).count()) /
         static_cast<double>(timed_calls + sampled.missing_calls());
}

double QueryClass::deviation_us() const {
  if (timed_calls == 0) return 0;
  const auto n = static_cast<long double>(timed_calls + sampled.missing_calls());
  const auto mean = static_cast<long double>((total - unfinished + sampled.missing_time()).count()) / n;
  const auto variance = static_cast<long double>(sum_of_squares + sampled.missing_squares()) / n - mean * mean;
  return static_cast<double>(std::sqrt(std::max(variance, 0.0L)));
}

void accumulate(Microseconds& sum, Microseconds value) {
  constexpr Microseconds kMost{std::numeric_limits<std::int64_t>::max() / 2};
  sum = sum > kMost - value ? kMost : sum + value;
}

std::int64_t floor_to(std::int64_t value, std::int64_t step) { return value - ((value % step) + step) % step; }

namespace {

void add_to(TimelineBucket& bucket, const TimelineBucket& what) {
  bucket.executions += what.executions;
  bucket.errors += what.errors;
  accumulate(bucket.total, what.total);
}

}  // namespace

void Timeline::add(Timestamp when, const TimelineBucket& what) {
  const auto second = std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count();
  add_to(buckets_[floor_to(second, width_.count())], what);
  // The span counts, not the number of buckets in use: so the width does not depend on the order.
  while ((buckets_.rbegin()->first - buckets_.begin()->first) / width_.count() >=
         static_cast<std::int64_t>(kMostBuckets)) {
    widen();
  }
}

void Timeline::widen() {
  width_ *= 2;
  std::map<std::int64_t, TimelineBucket> wider;
  for (const auto& [start, bucket] : buckets_) add_to(wider[floor_to(start, width_.count())], bucket);
  buckets_ = std::move(wider);
}

std::optional<Microseconds> Workload::span() const {
  if (!first || !last) return std::nullopt;
  return std::max<Microseconds>(last->utc - first->utc, std::chrono::milliseconds{1});
}

std::size_t server_count(const Workload& workload) {
  std::size_t count = 1;
  for (const InputAccount& input : workload.inputs) count = std::max<std::size_t>(count, input.server + 1);
  return count;
}

ClassId class_id(std::string_view database, std::uint64_t shape) {
  return XXH3_64bits_withSeed(&shape, sizeof shape, XXH3_64bits_withSeed(database.data(), database.size(), 0));
}

std::string class_name(std::uint64_t id) { return fmt::format("{:016x}", id); }

}  // namespace assay
