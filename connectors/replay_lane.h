// One lane of a replay: the sessions that one connection at a time runs, statement by statement.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "connectors/replay.h"

namespace assay {

/// What the server cannot infer of a text's parameters, by position of the text; the driver that was logged told it.
using TypesOfTexts = std::unordered_map<std::uint32_t, ParameterTypes>;

/// Asks the server for all texts with parameters, and declares as text what it cannot infer.
TypesOfTexts parameter_types(const ReplayScript& script, ReplayConnection& connection);

/// The clock that all lanes share.
struct ReplayClock {
  std::chrono::steady_clock::time_point start{};
  std::optional<Microseconds> limit;
  const StopFlag& stop;

  std::int64_t now() const;  ///< µs since the start
  bool is_over() const { return stop || (limit && now() >= limit->count()); }
  /// Waits until then, or until it is over.
  void sleep_until(std::int64_t when) const;
};

class ReplayLaneRunner {
 public:
  /// Connects. Throws Error.
  ReplayLaneRunner(const ReplayScript& script, const ReplayPlan& plan, const ReplayLane& lane,
                   const TypesOfTexts& types, const StopFlag& stop);

  /// Runs all sessions; `done` counts statements as they end. Throws Error when the server is gone.
  void run(const ReplayClock& clock, Microseconds round_trip, std::atomic<std::uint64_t>& done);

  // What became of it:
  std::vector<ReplayedExecution> executions;
  std::map<std::string, std::uint64_t> left_out;
  std::map<std::pair<std::string, std::string>, std::uint32_t> errors;  ///< state and message -> number, from 1
  std::vector<std::int64_t> late;                                       ///< µs, one an execution of an open replay
  std::uint64_t begun_again = 0;
  std::int64_t last_end = 0;

 private:
  static constexpr std::size_t kMostPrepared = 500;  // of one session; what is beyond is sent without a name

  void connect();
  void run_session(std::uint32_t number, const ReplayClock& clock, std::atomic<std::uint64_t>& done);
  void pause_before(const ReplayStep& step, bool is_first, const ReplayClock& clock);
  void run_step(std::uint32_t session, std::uint32_t number, const ReplayStep& step, const ReplayClock& clock);
  std::string why_not(const ReplayStep& step) const;
  StatementOutcome send(const ReplayStep& step);
  StatementOutcome send_control(const TransactionCommand& command);
  StatementOutcome send_statement(const ReplayStep& step);
  void recover();
  std::uint32_t error_number(const StatementOutcome& outcome);
  const std::string* savepoint_of(const std::string& logged) const;

  const ReplayScript& script_;
  const ReplayPlan& plan_;
  const ReplayLane& lane_;
  const TypesOfTexts& types_;
  const StopFlag& stop_;
  std::optional<ReplayConnection> connection_;
  std::unordered_map<std::uint32_t, std::string> prepared_;      // by text
  std::vector<std::pair<std::string, std::string>> savepoints_;  // logged name, ours; innermost last
  TransactionCommand begun_;                                     // as the open transaction was begun
  std::int64_t balance_ = 0;                                     // µs of pauses that are owed
  std::int64_t round_trip_ = 0, lane_end_ = 0;
};

}  // namespace assay
