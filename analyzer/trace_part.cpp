#include "analyzer/trace_part.h"

#include <algorithm>

namespace assay {
namespace {

constexpr std::int64_t kSecond = 1'000'000;  // µs
constexpr std::int64_t kMostBins = std::int64_t{1} << 18U;

std::int64_t floor_to(std::int64_t value, std::int64_t step) {
  const std::int64_t rest = value % step;
  return value - (rest < 0 ? rest + step : rest);
}

}  // namespace

/// Executions by when they ended, in bins of as many whole seconds as it takes.
struct TracePart::Bins {
  std::int64_t first = 0, width = kSecond;  // µs
  std::vector<std::size_t> before;          // executions before each bin, and at last all

  Bins(const Trace& trace, std::int64_t first_end, std::int64_t last_end) : first(floor_to(first_end, kSecond)) {
    width = ((last_end - first) / kSecond / kMostBins + 1) * kSecond;
    before.resize(static_cast<std::size_t>((last_end - first) / width) + 2, 0);
    trace.for_each([&](const TraceEvent& event) { ++before[bin_of(event.end) + 1]; });
    for (std::size_t i = 1; i < before.size(); ++i) before[i] += before[i - 1];
  }

  std::size_t size() const { return before.size() - 1; }
  std::size_t bin_of(Timestamp time) const {
    return static_cast<std::size_t>((time.time_since_epoch().count() - first) / width);
  }
  /// The bin of the execution at this rank.
  std::size_t bin_at(std::size_t rank) const {
    return static_cast<std::size_t>(std::upper_bound(before.begin(), before.end(), rank) - before.begin()) - 1;
  }
  Timestamp start_of(std::size_t bin) const {
    return Timestamp(Microseconds(first + static_cast<std::int64_t>(bin) * width));
  }
};

TracePart::TracePart(const Trace& trace, std::size_t most_executions) : trace_(trace), size_(trace.size()) {
  if (size_ <= most_executions) return;
  most_in_window_ = std::max<std::size_t>(most_executions / kWindows, 1);
  first_start_ = Timestamp::max();
  Timestamp first_end = Timestamp::max();
  last_end_ = Timestamp::min();
  trace.for_each([&](const TraceEvent& event) {
    first_start_ = std::min(first_start_, event.end - std::max(event.duration, Microseconds{0}));
    first_end = std::min(first_end, event.end);
    last_end_ = std::max(last_end_, event.end);
  });
  choose_windows(Bins(trace, first_end.time_since_epoch().count(), last_end_.time_since_epoch().count()));
}

/// Each in the middle of its sixteenth of the executions.
void TracePart::choose_windows(const Bins& bins) {
  const std::size_t stratum = size_ / kWindows;
  size_ = 0;
  std::size_t end = 0;
  for (std::size_t i = 0; i < kWindows; ++i) {
    const std::size_t rank = i * stratum + (stratum - std::min(stratum, most_in_window_)) / 2;
    const std::size_t from = std::max(bins.bin_at(rank), end);
    if (from == bins.size()) break;
    std::size_t to = from + 1;
    while (to < bins.size() && bins.before[to + 1] - bins.before[from] <= most_in_window_) ++to;
    add_window(bins, from, to);
    end = to;
  }
}

void TracePart::add_window(const Bins& bins, std::size_t from, std::size_t to) {
  const Timestamp start = bins.start_of(from);
  const Timestamp end_before = windows_.empty() ? start : windows_.back().to;
  const Microseconds shift = (windows_.empty() ? Microseconds{0} : windows_.back().shift) + (start - end_before);
  windows_.push_back({start, bins.start_of(to), shift});
  size_ += std::min(bins.before[to] - bins.before[from], most_in_window_);
}

double TracePart::share() const {
  return is_whole() ? 1 : static_cast<double>(size_) / static_cast<double>(trace_.size());
}

Microseconds TracePart::span() const {
  return Microseconds(static_cast<std::int64_t>(share() * static_cast<double>((last_end_ - first_start_).count())));
}

std::size_t TracePart::window_of(Timestamp time, std::size_t otherwise) const {
  const auto later = std::upper_bound(windows_.begin(), windows_.end(), time,
                                      [](Timestamp moment, const Window& window) { return moment < window.from; });
  return later == windows_.begin() ? otherwise : static_cast<std::size_t>(later - windows_.begin()) - 1;
}

bool TracePart::is_cut_between(Timestamp before, Timestamp after) const {
  const auto number = [&](Timestamp moved) {
    return std::partition_point(windows_.begin(), windows_.end(),
                                [&](const Window& window) { return window.from - window.shift <= moved; });
  };
  return number(before) != number(after);
}

TraceEvent TracePart::moved(const TraceEvent& event, const Window& window) {
  TraceEvent moved = event;
  moved.end -= window.shift;
  return moved;
}

}  // namespace assay
