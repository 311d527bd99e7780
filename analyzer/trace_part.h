// TracePart: the executions of a trace that the service demand is measured on. All of them, or where they are too many
// for the memory beside the trace, those of a few windows of the span.
//
// The windows hold about as many executions each and stand at even distances, counted in executions: a systematic
// sample of clusters (Cochran, Sampling Techniques, 3rd edition 1977, chapters 8 and 9A), in which each execution is as
// likely as another. So means over its executions are those of the whole, and what adds up over executions is share()
// of it. In a window nothing is left out, since what ran beside what is the point. The windows are moved together in
// time; no gap of a session spans what is left out.
//
// The rule looks at stamps alone, never at the order of the log. Borders are whole seconds; where one second (or, of
// spans over three days, the width of a bin) holds more than a window may, only its first ones are taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analyzer/trace.h"

namespace assay {

class TracePart {
 public:
  static constexpr std::size_t kMostExecutions = 1'500'000;
  static constexpr std::size_t kWindows = 16;

  explicit TracePart(const Trace& trace, std::size_t most_executions = kMostExecutions);

  bool is_whole() const { return windows_.empty(); }
  /// Of the trace's executions: 1 for all.
  double share() const;
  std::size_t size() const { return size_; }
  /// From the first start to the last end, or so much of it as these executions stand for.
  Microseconds span() const;
  /// Are two moments, as for_each() tells them, in different windows?
  bool is_cut_between(Timestamp before, Timestamp after) const;

  /// Calls `use` once an event of the part, in the order of the log.
  template <typename Use>
  void for_each(Use use) const {
    if (is_whole()) return trace_.for_each(use);
    std::vector<std::size_t> left(windows_.size(), most_in_window_);
    trace_.for_each([&, number = std::size_t{0}](const TraceEvent& event) mutable {
      if (!windows_[number].holds(event.end)) number = window_of(event.end, number);
      const Window& window = windows_[number];
      if (!window.holds(event.end) || left[number] == 0) return;
      --left[number];
      use(moved(event, window));
    });
  }

 private:
  struct Window {
    Timestamp from, to;     // to: not included
    Microseconds shift{0};  // earlier by this
    bool holds(Timestamp time) const { return from <= time && time < to; }
  };

  struct Bins;

  void choose_windows(const Bins& bins);
  void add_window(const Bins& bins, std::size_t from, std::size_t to);
  std::size_t window_of(Timestamp time, std::size_t otherwise) const;
  static TraceEvent moved(const TraceEvent& event, const Window& window);

  const Trace& trace_;
  std::vector<Window> windows_;
  std::size_t size_ = 0, most_in_window_ = 0;
  Timestamp first_start_{}, last_end_{};
};

}  // namespace assay
