// Finds loops and idle transactions in the stream of executions: see session_patterns.h.
//
// add() is called once an execution and costs some nanoseconds: the session is found by its process in a small table,
// its state is a few hundred bytes, and nothing is allocated but for a new session and a finding. At most kMostSessions
// are under way; of those that fall on one place, the one that was silent for longest makes room.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <unordered_map>
#include <vector>

#include "analyzer/latency_sketch.h"
#include "analyzer/session_patterns.h"

namespace assay {

/// Position of a class in the builder of the workload, before the classes are sorted.
using ClassIndex = std::uint32_t;
inline constexpr ClassIndex kNoClass = std::numeric_limits<ClassIndex>::max();

/// One execution, as far as it matters to its session.
struct SessionStep {
  std::int64_t process = 0;   ///< 0: not told; then nothing can be said
  std::uint64_t session = 0;  ///< hash of the session's id; 0 where it is not told
  ClassIndex class_index = kNoClass;
  TransactionRole role = TransactionRole::kOther;
  bool timed = true;
  Timestamp end{};
  Microseconds duration{0};
  std::uint64_t values = 0;  ///< hash of the values; 0 where they are not known
};

/// What a session did in its open transaction that may hold locks, newest first.
struct HeldLocks {
  static constexpr std::size_t kMost = 4;
  bool in_transaction = false;
  std::array<ClassIndex, kMost> writes{};
  std::size_t count = 0;
};

class SessionPatternsBuilder {
 public:
  static constexpr std::size_t kMostSessions = 8192;
  static constexpr std::uint32_t kShortestLoop = 10;    ///< repeats
  static constexpr std::uint32_t kLoopBody = 8;         ///< statements
  static constexpr Microseconds kLongestPause{20'000};  ///< within a loop outside of a transaction

  SessionPatternsBuilder();

  void add(const SessionStep& step);

  /// Time that the session spent on something that is no execution: a fetch, a parse, a statement that failed.
  void busy_until(std::int64_t process, Timestamp end);

  /// A session begins or ends: what was open under that number is over. `when`: an idle one was ended by the server.
  void leave(std::int64_t process);
  void terminate(std::int64_t process, Timestamp when);

  HeldLocks held_by(std::int64_t process) const;

  /// `ids`: of the classes, by ClassIndex.
  SessionPatterns finish(const std::vector<ClassId>& ids);

 private:
  static constexpr std::size_t kWays = 4;  // sessions that share a place
  static constexpr std::size_t kLoops = 8;

  struct Loop {
    ClassIndex class_index = kNoClass, before = kNoClass;
    std::uint32_t last_step = 0, repeats = 0, changes = 0;
    TransactionRole role = TransactionRole::kRead;
    bool in_transaction = false, values_known = true;
    std::uint64_t values = 0;
    Timestamp start{}, end{};
    Microseconds time{0};
  };
  struct Session {
    std::uint64_t id = 0;
    Timestamp last_end{}, begin{};
    bool has_end = false;  ///< last_end is known
    bool in_transaction = false;
    std::uint8_t writes = 0;
    std::uint32_t step = 0;
    ClassIndex last_class = kNoClass;  ///< before a gap
    ClassIndex last_query = kNoClass;  ///< in this burst
    Microseconds idle{0};              ///< in this transaction
    std::array<ClassIndex, HeldLocks::kMost> wrote{};
    std::array<Loop, kLoops> loops{};
  };
  struct Way {
    std::int64_t process = 0;
    std::uint32_t session = 0;  ///< in sessions_
    std::uint64_t used = 0;     ///< when, in steps
  };
  struct LoopTally {
    LoopFinding finding;
    LatencySketch repeats;  ///< a microsecond stands for a repeat
    ClassIndex before = kNoClass;
    std::uint64_t votes = 0;  ///< for `before` (Boyer and Moore's majority vote)
  };

  Way* find(std::int64_t process);
  const Way* find(std::int64_t process) const;
  Session& session_of(const SessionStep& step);
  void reset(Session& session);
  void count_gap(Session& session, Microseconds gap);
  void begin_transaction(Session& session, const SessionStep& step);
  void end_transaction(Session& session, Timestamp end);
  void end_burst(Session& session);
  void follow_loops(Session& session, const SessionStep& step);
  void flush(Loop& loop);

  std::vector<std::array<Way, kWays>> places_;
  std::vector<Session> sessions_;
  std::uint64_t steps_ = 0;
  std::unordered_map<ClassIndex, LoopTally> loops_;
  std::vector<IdleFinding> idle_;  ///< by ClassIndex; class_id is not set yet
  SessionPatterns result_;
  std::uint64_t begun_ = 0, ends_alone_ = 0;
  bool any_timed_ = false;
  Microseconds shortest_{Microseconds::max()};
};

}  // namespace assay
