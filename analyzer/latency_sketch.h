// LatencySketch: percentiles of durations in bounded memory, mergeable, with a stated error.
//
// DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with relative-error
// guarantees", VLDB 2019): a histogram whose buckets grow by a constant factor. Every percentile is within
// kRelativeError of an exact one, whatever the distribution and the order of insertion. Durations are
// clamped to 12 days, so a sketch never holds more than 2,763 counters.
#pragma once

#include <cstdint>
#include <vector>

#include "parser/base/state_bytes.h"
#include "parser/base/time.h"

namespace assay {

class LatencySketch {
 public:
  static constexpr double kRelativeError = 0.005;

  void add(Microseconds duration, std::uint64_t times = 1);
  void merge(const LatencySketch& other);

  std::uint64_t count() const { return zeros_ + counted_; }

  /// The duration of rank ⌈share·count⌉, for 0 < share <= 1, off by no more than kRelativeError. Zero when empty.
  Microseconds percentile(double share) const;

  /// Of the natural logarithms of the durations in µs, those below 1 µs left out. Both 0 when there are none.
  struct LogMoments {
    std::uint64_t count = 0;
    double mean = 0, variance = 0;
  };
  LogMoments log_moments() const;

  void save(StateWriter& state) const;
  /// Throws Error when the state is damaged.
  void restore(StateReader& state);

 private:
  void reserve_bucket(int bucket);

  std::uint64_t zeros_ = 0;    ///< durations below 1 µs
  std::uint64_t counted_ = 0;  ///< all others
  int first_bucket_ = 0;       ///< the bucket of buckets_[0]
  std::vector<std::uint64_t> buckets_;
};

}  // namespace assay
