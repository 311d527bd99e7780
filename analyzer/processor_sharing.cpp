#include "analyzer/processor_sharing.h"

#include <algorithm>
#include <array>
#include <functional>
#include <queue>
#include <utility>

namespace assay {
namespace {

/// By time, stable: least significant digits first, as few passes as the span needs.
void sort_by_time(std::vector<WorkStart>& starts, std::uint64_t most) {
  constexpr unsigned kBits = 11;
  std::vector<WorkStart> other(starts.size());
  for (unsigned shift = 0; shift < 64 && most >> shift != 0; shift += kBits) {
    const auto digit = [&](const WorkStart& start) { return start.at >> shift & ((1U << kBits) - 1); };
    std::array<std::size_t, (1U << kBits) + 1> place{};
    for (const WorkStart& start : starts) ++place[digit(start) + 1];
    for (std::size_t i = 1; i < place.size(); ++i) place[i] += place[i - 1];
    for (const WorkStart& start : starts) other[place[digit(start)]++] = start;
    starts.swap(other);
  }
}

class Sweeper {
 public:
  Sweeper(const SessionTimeline& timeline, const SweepOptions& options)
      : timeline_(timeline),
        options_(options),
        cores_(static_cast<double>(std::max<std::size_t>(options.cores, 1))),
        hides_(timeline.sessions.size(), 0) {
    result_.executions.resize(timeline.executions.size());
  }

  Sweep run(const std::vector<WorkStart>& starts) {
    virtual_starts_.resize(timeline_.executions.size());
    for (const WorkStart& start : starts) {
      end_until(static_cast<double>(start.at));
      begin(start.execution);
    }
    while (!ends_.empty()) end_until(static_cast<double>(ends_.top().first));
    const double span = std::max(static_cast<double>(timeline_.span), 1.0);
    result_.active = active_time_ / span;
    result_.busy = busy_time_ / span;
    result_.full = full_time_ / span;
    return std::move(result_);
  }

 private:
  template <typename At>
  using Soonest =
      std::priority_queue<std::pair<At, std::uint32_t>, std::vector<std::pair<At, std::uint32_t>>, std::greater<>>;

  double rate() const { return n_ <= cores_ ? 1 : cores_ / n_; }

  void begin(std::uint32_t index) {
    const TimedExecution& execution = timeline_.executions[index];
    if (hides_[execution.session] != 0) --hides_[execution.session], n_ -= options_.weight;  // it goes on
    n_ += options_.weight;
    ++working_;
    virtual_starts_[index] = virtual_;
    ends_.push({execution.end(), index});
  }

  void end_until(double time) {
    while (!ends_.empty() && static_cast<double>(ends_.top().first) <= time) {
      const std::uint32_t index = ends_.top().second;
      advance(static_cast<double>(ends_.top().first));
      ends_.pop();
      end(index);
    }
    advance(time);
  }

  void end(std::uint32_t index) {
    n_ -= options_.weight;
    --working_;
    const std::uint32_t session = timeline_.executions[index].session;
    result_.executions[index] = {static_cast<float>(virtual_ - virtual_starts_[index]), static_cast<float>(n_)};
    if (options_.hidden <= 0 || hides_[session] != 0) return;
    n_ += options_.weight;
    ++hides_[session];
    hidden_.push({virtual_ + options_.hidden, session});
  }

  /// Hidden work may end on the way.
  void advance(double time) {
    while (!hidden_.empty() && hidden_.top().first <= virtual_ + (time - now_) * rate()) {
      move(now_ + std::max(hidden_.top().first - virtual_, 0.0) / rate());
      const std::uint32_t session = hidden_.top().second;
      hidden_.pop();
      if (hides_[session] != 0) --hides_[session], n_ -= options_.weight;
    }
    move(time);
  }

  void move(double time) {
    const double step = std::max(time - now_, 0.0);
    virtual_ += step * rate();
    busy_time_ += step * std::min(n_, cores_);
    active_time_ += step * static_cast<double>(working_) * options_.weight;
    if (n_ >= cores_) full_time_ += step;
    now_ = std::max(now_, time);
  }

  const SessionTimeline& timeline_;
  const SweepOptions& options_;
  double cores_, n_ = 0, now_ = 0, virtual_ = 0;
  double active_time_ = 0, busy_time_ = 0, full_time_ = 0;
  std::size_t working_ = 0;
  std::vector<std::uint8_t> hides_;  // by session: 1 while hidden work goes on
  std::vector<double> virtual_starts_;
  Soonest<std::int64_t> ends_;
  Soonest<double> hidden_;
  Sweep result_;
};

}  // namespace

std::vector<WorkStart> work_starts(const SessionTimeline& timeline, const std::vector<float>& waits) {
  std::vector<WorkStart> starts;
  starts.reserve(timeline.executions.size());
  std::uint64_t most = 1;
  for (std::size_t i = 0; i < timeline.executions.size(); ++i) {
    const TimedExecution& execution = timeline.executions[i];
    const auto wait = waits.empty() ? 0 : static_cast<std::int64_t>(waits[i]);
    if (wait >= execution.duration && wait > 0) continue;  // all of it was waiting
    const auto at = static_cast<std::uint64_t>(std::max<std::int64_t>(execution.start + wait, 0));
    most = std::max(most, at);
    starts.push_back({at, static_cast<std::uint32_t>(i)});
  }
  sort_by_time(starts, most);
  return starts;
}

Sweep sweep(const SessionTimeline& timeline, const SweepOptions& options, const std::vector<WorkStart>& starts) {
  return Sweeper(timeline, options).run(starts);
}

Sweep sweep(const SessionTimeline& timeline, const SweepOptions& options) {
  return sweep(timeline, options, work_starts(timeline, options.waits));
}

}  // namespace assay
