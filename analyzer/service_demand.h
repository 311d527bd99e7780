// Service demand: what each query class needs of a processor when alone, and how the sessions think; from the log.
//
// A logged duration holds queueing. The sweep over active statements (processor_sharing.h) takes it out; lock waits
// that the log tells of, and the time of COMMITs, which is the disk's, are no demand of the processor.
//
// The gap between two statements of a session is not think time alone. It holds work that no duration shows (protocol,
// logging, a client on the same machine), here the *hidden demand*, and under load the waiting for a core, twice: until
// the client runs again, and until the server's process does. Hidden demand is the mean of the gaps shorter than a
// stamp's width, less the slowdown at that moment. The waiting is taken off as kWaitPerQueued for each statement queued
// on a core. In sessions that usually go on at once, a gap is thinking only behind statements that a pause mostly
// follows, such as COMMIT, or when it is very long: the scheduler lets a process wait that has just used the processor
// for long. What remains is think time. Of sessions that often go on at once, the part of it that waiting for one turn
// of the scheduler would explain stays unclear: a log does not tell that other programs used the processor.
//
// Short statements run through where the sweep divides them by the slowdown: short_work.h puts that right.
//
// What it leaves out: I/O, which the log does not tell apart from work (a remark says so).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "analyzer/processor_sharing.h"
#include "analyzer/session_timeline.h"
#include "analyzer/workload.h"

namespace assay {

/// Means over a class's traced executions, in ms.
struct ClassDemand {
  std::uint64_t executions = 0;  ///< in the trace
  std::uint64_t measured = 0;    ///< of these, in the part that was measured; 0: its demand is that of the others
  double demand = 0;             ///< of the processor
  double demand_squares = 0;     ///< mean of the squares, ms²
  double wait = 0;               ///< for locks, or for the disk in a COMMIT
  double response = 0;           ///< as logged
};

/// Sessions of one application that think about as long. Times in ms.
struct SessionGroup {
  std::string application;             ///< its name, or else its user's; may be empty
  std::vector<std::uint32_t> members;  ///< positions in the timeline's sessions
  double sessions = 0;                 ///< connected at a time, on average over the span
  std::uint64_t executions = 0;
  double gap = 0;                                            ///< between two statements, mean
  double think = 0;                                          ///< thereof
  double unclear = 0;                                        ///< of `think`: as well waiting for a core that others use
  bool is_hot = false;                                       ///< usually goes on at once
  std::vector<std::pair<std::uint32_t, std::uint64_t>> mix;  ///< class, executions; by class
};

enum class HiddenEvidence { kMeasured, kAssumed };

struct ServiceDemand {
  std::size_t cores = 1;
  double span = 0;                        ///< ms
  double rate = 0;                        ///< executions a ms
  double active = 0, busy = 0, full = 0;  ///< see Sweep
  double hidden = 0;                      ///< ms of the processor after each statement
  double hidden_error = 0;                ///< standard error, ms
  HiddenEvidence hidden_evidence = HiddenEvidence::kAssumed;
  bool clients_are_local = true;  ///< by their addresses, as far as the log tells
  double trace_rate = 1;
  double measured_share = 1;                ///< of the traced executions: the demand is that of a part, see TracePart
  std::int64_t resolution = 1;              ///< of the log's stamps, µs
  std::vector<ClassDemand> classes;         ///< by position in Workload::classes
  std::vector<SessionGroup> groups;         ///< most executions first, at most kMostGroups
  double lock_share = 0, commit_share = 0;  ///< of the logged time

  static constexpr std::size_t kMostGroups = 12;
  // Measured on Linux 6 with 2 cores, 2 to 16 sessions: 0.8 to 1.0 ms of gap a statement queued on a core.
  static constexpr double kWaitPerQueued = 0.85;  ///< ms
  static constexpr double kSchedulerPeriod = 6;   ///< ms: sched_latency_ns, a core
  static constexpr double kAssumedHidden =
      0.04;                                    ///< ms, PostgreSQL 15 with a client on a socket, each statement logged
  static constexpr double kMostHidden = 0.15;  ///< ms: a longer gap is no work of a single statement

  double mean_demand() const;    ///< of all executions, without the hidden part, ms
  double mean_response() const;  ///< ms
};

struct MeasuredDemand {
  ServiceDemand demand;
  SessionTimeline timeline;
  Sweep sweep;
};

/// The name of an application's sessions: its own, or else its user's.
std::string application_of(const ClientLoad& client);

/// From the workload's trace, or a part of it with no more executions, on a server of so many cores.
MeasuredDemand measure_demand(const Workload& workload, std::size_t cores,
                              std::size_t most_executions = TracePart::kMostExecutions);

}  // namespace assay
