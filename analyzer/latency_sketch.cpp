#include "analyzer/latency_sketch.h"

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

constexpr double kGrowth = (1 + LatencySketch::kRelativeError) / (1 - LatencySketch::kRelativeError);
const double kLogGrowth = std::log(kGrowth);
constexpr std::int64_t kLongest = 1'000'000'000'000;  // µs

// Bucket i holds the durations in (growth^(i-1), growth^i].
int bucket_of(std::int64_t microseconds) {
  const auto clamped = static_cast<double>(std::min(microseconds, kLongest));
  return static_cast<int>(std::ceil(std::log(clamped) / kLogGrowth));
}

// The value whose relative distance to both ends of the bucket is the same.
std::int64_t value_of(int bucket) { return std::llround(2 * std::exp(bucket * kLogGrowth) / (1 + kGrowth)); }

}  // namespace

void LatencySketch::reserve_bucket(int bucket) {
  if (buckets_.empty()) first_bucket_ = bucket;
  if (bucket < first_bucket_) {
    buckets_.insert(buckets_.begin(), static_cast<std::size_t>(first_bucket_ - bucket), 0);
    first_bucket_ = bucket;
  }
  const auto needed = static_cast<std::size_t>(bucket - first_bucket_) + 1;
  if (buckets_.size() < needed) buckets_.resize(needed);
}

void LatencySketch::add(Microseconds duration, std::uint64_t times) {
  if (duration.count() < 1) {
    zeros_ += times;
    return;
  }
  const int bucket = bucket_of(duration.count());
  reserve_bucket(bucket);
  buckets_[static_cast<std::size_t>(bucket - first_bucket_)] += times;
  counted_ += times;
}

void LatencySketch::merge(const LatencySketch& other) {
  zeros_ += other.zeros_;
  counted_ += other.counted_;
  if (other.buckets_.empty()) return;
  reserve_bucket(other.first_bucket_);
  reserve_bucket(other.first_bucket_ + static_cast<int>(other.buckets_.size()) - 1);
  const auto shift = static_cast<std::size_t>(other.first_bucket_ - first_bucket_);
  for (std::size_t i = 0; i < other.buckets_.size(); ++i) buckets_[i + shift] += other.buckets_[i];
}

Microseconds LatencySketch::percentile(double share) const {
  if (count() == 0) return Microseconds{0};
  const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count())));
  std::uint64_t seen = zeros_;
  if (rank <= seen) return Microseconds{0};
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= rank) return Microseconds{value_of(first_bucket_ + static_cast<int>(i))};
  }
  return Microseconds{value_of(first_bucket_ + static_cast<int>(buckets_.size()) - 1)};
}

}  // namespace assay
