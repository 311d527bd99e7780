// Processor sharing, turned around: from when statements were active to how much of the processor each one took.
//
// With n(t) statements active on m cores, each gets min(1, m/n) of one. So in virtual time V(t) = ∫ min(1, m/n) dt a
// statement's demand is V(end) - V(start): one sweep over starts and ends, O(n log n), exact for processor sharing
// whatever the distributions. Single classes obey it only nearly, since schedulers favour short work; totals do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analyzer/session_timeline.h"

namespace assay {

struct SweepOptions {
  std::size_t cores = 1;
  double hidden = 0;         ///< µs of the processor that follow each execution, unless its session goes on before
  double weight = 1;         ///< how many executions each one stands for
  std::vector<float> waits;  ///< µs of each execution that were no work, at its start; empty: none
};

struct SweptExecution {
  float demand = 0;        ///< µs of one core
  float others_after = 0;  ///< how many were active when it ended
};

struct Sweep {
  std::vector<SweptExecution> executions;  ///< in the timeline's order
  double active = 0;                       ///< executions at work at a time, mean over the span
  double busy = 0;                         ///< cores at work, mean over the span
  double full = 0;                         ///< share of the time in which all cores were at work
};

/// An execution that works, and when it began to.
struct WorkStart {
  std::uint64_t at = 0;  ///< µs since the timeline's origin
  std::uint32_t execution = 0;
};

/// Of all executions but those that only waited, by time; for several sweeps of one timeline.
std::vector<WorkStart> work_starts(const SessionTimeline& timeline, const std::vector<float>& waits);

/// `starts` are work_starts() of the options' waits.
Sweep sweep(const SessionTimeline& timeline, const SweepOptions& options, const std::vector<WorkStart>& starts);
Sweep sweep(const SessionTimeline& timeline, const SweepOptions& options);

}  // namespace assay
