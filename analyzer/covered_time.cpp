#include "analyzer/covered_time.h"

#include <algorithm>

namespace assay {

CoveredTime::CoveredTime(const Workload& workload) {
  if (!workload.first || !workload.last) return;
  const std::int64_t first = workload.first->utc.time_since_epoch().count();
  const std::int64_t last = std::max(workload.last->utc.time_since_epoch().count(), first + 1000);
  const std::int64_t width = Microseconds(workload.timeline.width()).count();
  stretches_.push_back({first, first, 0});
  for (const auto& [second, bucket] : workload.timeline.buckets()) {
    const std::int64_t begin = std::max(second * 1'000'000, first), end = std::min(second * 1'000'000 + width, last);
    if (begin - stretches_.back().end_us >= Microseconds(kGap).count()) stretches_.push_back({begin, begin, 0});
    stretches_.back().end_us = std::max(stretches_.back().end_us, end);
  }
  if (last - stretches_.back().end_us < Microseconds(kGap).count()) stretches_.back().end_us = last;
  for (Stretch& stretch : stretches_) {
    stretch.before_us = covered_us_;
    covered_us_ += stretch.end_us - stretch.begin_us;
  }
}

std::size_t CoveredTime::window_of(Timestamp when, std::size_t windows) const {
  const std::int64_t us = when.time_since_epoch().count();
  const auto behind =
      std::upper_bound(stretches_.begin(), stretches_.end(), us,
                       [](std::int64_t time, const Stretch& stretch) { return time < stretch.begin_us; });
  if (behind == stretches_.begin() || covered_us_ <= 0) return 0;
  const Stretch& stretch = *(behind - 1);
  const std::int64_t place = stretch.before_us + std::min(us, stretch.end_us) - stretch.begin_us;
  const double share = static_cast<double>(place) / static_cast<double>(covered_us_);
  return std::min(windows - 1, static_cast<std::size_t>(share * static_cast<double>(windows)));
}

}  // namespace assay
