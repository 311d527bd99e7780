// SessionTimeline: when each execution of a trace began and ended, as exactly as its log allows.
//
// A log's time stamps are cut to milliseconds, durations are in microseconds. Many short statements end on one stamp,
// and taken by the stamp they would all overlap. But a session runs one statement at a time: so those of one stamp
// follow each other, and are spread over what the stamp may mean, each place as likely as another. The places come from
// a hash, so they are the same from run to run.
#pragma once

#include <cstdint>
#include <vector>

#include "analyzer/trace_part.h"

namespace assay {

/// Times in µs since SessionTimeline::origin.
struct TimedExecution {
  std::int64_t start = 0;
  std::uint32_t duration = 0;  ///< at most 71 minutes
  std::uint32_t query = 0;     ///< position of its class
  std::uint32_t session = 0;   ///< position in SessionTimeline::sessions
  std::int32_t gap = 0;  ///< from the end of the session's execution before, by the stamps, so off by up to a stamp's
                         ///< width either way; kNoGap for the session's first one, and its
                         ///< first one in a window of a TracePart

  static constexpr std::int32_t kNoGap = INT32_MIN;
  std::int64_t end() const { return start + duration; }
};

struct SessionSpan {
  std::uint32_t first = 0, count = 0;  ///< of its executions, which stand together and in order
  std::uint16_t client = 0;            ///< position in Workload::clients
};

struct SessionTimeline {
  Timestamp origin{};
  std::int64_t resolution = 1;  ///< of the log's stamps: 1, 1,000 or 1,000,000 µs
  std::int64_t span = 0;        ///< µs, from the first start to the last end; see TracePart::span()
  std::vector<TimedExecution> executions;
  std::vector<SessionSpan> sessions;  ///< in the order of their first executions
};

/// µs, as TimedExecution holds it.
std::int64_t duration_of(const TraceEvent& event);

SessionTimeline session_timeline(const TracePart& part);

}  // namespace assay
