// Runs a ReplayScript against a server and measures every statement.
//
// One connection a lane, each of which runs its sessions one after another (replay_lane.h). Closed: a session sends its
// next statement a pause after the answer to the one before, so a slower server is asked less often. Open: statements
// are sent at their logged times, whatever the server does, as far as the session's order allows.
//
// Unless writes are allowed, every statement runs in a READ ONLY transaction: in the session's own, or in one around it
// that is not timed. So a SELECT that calls a writing function fails, and is counted among the errors. No setting of
// the session would do: a function may change it. What this leaves out: users and their search_path (all run as one
// role), and the client's own work.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/replay_script.h"
#include "connectors/replay_connection.h"
#include "parser/base/time.h"
#include "parser/log/record.h"

namespace assay {

struct ReplayPlan {
  std::string uri;       ///< of the server, without a password
  std::string database;  ///< where not the one that the URI names
  bool allow_writes = false;
  bool open = false;
  double think = 1;                        ///< closed: pauses times this
  double rate = 1;                         ///< open: so many times the logged rate
  std::optional<Microseconds> time_limit;  ///< no statement is begun after this
  Microseconds statement_timeout{std::chrono::seconds(60)};
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;  ///< may be empty; called by this thread alone
};

struct ReplayedExecution {
  std::uint32_t session = 0, step = 0;  ///< positions in the script
  std::uint32_t error = 0;              ///< position in Replay::errors, counted from 1; 0: it succeeded
  std::int64_t start = 0;               ///< µs since the replay began
  Microseconds duration{0};             ///< as the client saw it
};

struct ReplayError {
  std::string state, message;  ///< of the server
};

struct Replay {
  Timestamp begun{};
  Microseconds elapsed{0};                        ///< to the end of the last statement
  std::vector<ReplayedExecution> executions;      ///< by their ends; those that failed included
  std::vector<ReplayError> errors;                ///< of the executions that failed, at most kMostErrors different ones
  std::map<std::string, std::uint64_t> left_out;  ///< steps of the script that were not sent, by reason
  std::size_t connections = 0;
  std::uint64_t begun_again = 0;              ///< read-only transactions, behind a statement that failed
  Microseconds round_trip{0};                 ///< of a trivial statement
  Microseconds late_median{0}, late_most{0};  ///< open: sent so much after their times
  std::optional<double> server_seconds;       ///< processor time of all of the server's processes; nothing: not told
  bool interrupted = false;
  bool as_superuser = false;

  static constexpr std::size_t kMostErrors = 1000;

  std::uint64_t succeeded() const;
  /// Executions a second over the whole run, to the end of the session that had most to do.
  double throughput() const;
};

/// Throws Error: no connection, too few of them, a server that went away.
Replay run_replay(const ReplayScript& script, const ReplayPlan& plan, const StopFlag& stop);

/// Tells the replay as a log of the server would, in the order of its ends: executions and errors of the log's own
/// database and users, with the durations that the client saw.
void tell_replay(const ReplayScript& script, const Replay& replay, const std::function<void(const LogRecord&)>& sink);

}  // namespace assay
