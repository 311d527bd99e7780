#include "analyzer/latency_sketch.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace assay {
namespace {

constexpr double kGrowth = (1 + LatencySketch::kRelativeError) / (1 - LatencySketch::kRelativeError);
const double kLogGrowth = std::log(kGrowth);
constexpr std::int64_t kLongest = 1'000'000'000'000;  // µs

// Bucket i holds the durations in (growth^(i-1), growth^i].
int exact_bucket_of(std::int64_t microseconds) {
  return static_cast<int>(std::ceil(std::log(static_cast<double>(microseconds)) / kLogGrowth));
}

// A logarithm costs more than all else that is done for an execution, so buckets are looked up: durations with the same
// leading bits are spread over two or three buckets, whose upper ends decide.
class BucketTable {
 public:
  BucketTable() {
    const int last = exact_bucket_of(kLongest);
    for (int bucket = 0; bucket <= last; ++bucket) {
      auto end = static_cast<std::int64_t>(std::floor(std::exp(bucket * kLogGrowth)));
      while (end > 1 && exact_bucket_of(end) > bucket) --end;
      while (exact_bucket_of(end + 1) <= bucket) ++end;
      ends_.push_back(end);
    }
    for (std::size_t bits = 0; bits < first_.size(); ++bits) {
      first_[bits] = exact_bucket_of(std::clamp<std::int64_t>(smallest_with(bits), 1, kLongest));
    }
  }

  int bucket_of(std::int64_t microseconds) const {
    auto bucket = static_cast<std::size_t>(first_[leading_bits(microseconds)]);
    while (ends_[bucket] < microseconds) ++bucket;
    return static_cast<int>(bucket);
  }

 private:
  static constexpr int kBits = 6;  // behind the leading one: steps of at most 1.6 %

  /// The place of the leading bit and the bits behind it; in order of the durations.
  static std::size_t leading_bits(std::int64_t microseconds) {
    const auto value = static_cast<std::uint64_t>(microseconds);
    const int exponent = static_cast<int>(std::bit_width(value)) - 1;
    const std::uint64_t aligned = exponent >= kBits ? value >> (exponent - kBits) : value << (kBits - exponent);
    return static_cast<std::size_t>((static_cast<std::uint64_t>(exponent) << kBits) | (aligned & ((1U << kBits) - 1)));
  }
  static std::int64_t smallest_with(std::size_t bits) {
    const auto exponent = static_cast<int>(bits >> kBits);
    const std::int64_t aligned = (1 << kBits) | static_cast<std::int64_t>(bits & ((1U << kBits) - 1));
    return exponent >= kBits ? aligned << (exponent - kBits) : aligned >> (kBits - exponent);
  }

  std::vector<std::int64_t> ends_;                                          // of the buckets from 0 on
  std::array<int, (std::bit_width(1'000'000'000'000U)) << kBits> first_{};  // by leading bits
};

int bucket_of(std::int64_t microseconds) {
  static const BucketTable table;
  return table.bucket_of(std::min(microseconds, kLongest));
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

LatencySketch::LogMoments LatencySketch::log_moments() const {
  LogMoments moments{.count = counted_};
  if (counted_ == 0) return moments;
  const auto weight = [&](std::size_t i) { return static_cast<double>(buckets_[i]) / static_cast<double>(counted_); };
  const auto middle = [&](std::size_t i) { return (first_bucket_ + static_cast<double>(i) - 0.5) * kLogGrowth; };
  for (std::size_t i = 0; i < buckets_.size(); ++i) moments.mean += weight(i) * middle(i);
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    moments.variance += weight(i) * (middle(i) - moments.mean) * (middle(i) - moments.mean);
  }
  return moments;
}

void LatencySketch::save(StateWriter& state) const {
  state.number(zeros_);
  state.integer(first_bucket_);
  state.number(buckets_.size());
  for (const std::uint64_t count : buckets_) state.number(count);
}

void LatencySketch::restore(StateReader& state) {
  constexpr std::int64_t kMostBuckets = 4096;
  zeros_ = state.number();
  const std::int64_t first = state.integer();
  buckets_.resize(state.count());
  if (first < 0 || first + static_cast<std::int64_t>(buckets_.size()) > kMostBuckets) {
    throw Error("the saved state is damaged");
  }
  first_bucket_ = static_cast<int>(first);
  counted_ = 0;
  for (std::uint64_t& count : buckets_) counted_ += count = state.number();
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
