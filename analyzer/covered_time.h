// The time that a workload covers: from its first execution to its last, without stretches of ten minutes and more in
// which nothing ran, since those were not logged.
#pragma once

#include <cstddef>
#include <vector>

#include "analyzer/workload.h"

namespace assay {

class CoveredTime {
 public:
  static constexpr std::chrono::seconds kGap{600};

  explicit CoveredTime(const Workload& workload);

  double seconds() const { return static_cast<double>(covered_us_) / 1e6; }

  /// Which of `windows` parts of equal length of the covered time `when` is in, counted from 0.
  std::size_t window_of(Timestamp when, std::size_t windows) const;

 private:
  struct Stretch {
    std::int64_t begin_us = 0, end_us = 0;
    std::int64_t before_us = 0;  ///< covered before it
  };
  std::vector<Stretch> stretches_;
  std::int64_t covered_us_ = 0;
};

}  // namespace assay
