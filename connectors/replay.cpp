#include "connectors/replay.h"

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <tuple>
#include <utility>

#include "connectors/replay_lane.h"
#include "connectors/server_processes.h"
#include "parser/base/error.h"

namespace assay {
namespace {

constexpr std::size_t kMostLanes = 2000;

using Runners = std::vector<std::unique_ptr<ReplayLaneRunner>>;

/// Median of a trivial statement's time.
Microseconds measured_round_trip(ReplayConnection& connection) {
  constexpr std::size_t kTries = 51;
  std::vector<Microseconds> times;
  connection.prepare("assay_round_trip", "SELECT 1");
  while (times.size() < kTries) times.push_back(connection.run_prepared("assay_round_trip", {}).duration);
  std::nth_element(times.begin(), times.begin() + kTries / 2, times.end());
  return times[kTries / 2];
}

bool is_superuser(ReplayConnection& connection) {
  try {
    return connection.value("SELECT pg_catalog.current_setting('is_superuser')") == "on";
  } catch (const SqlError&) {
    return false;
  }
}

/// All lanes on threads of their own; the calling thread tells the progress. The first failure ends them all, and is
/// thrown.
class LaneThreads {
 public:
  LaneThreads(const ReplayPlan& plan, const StopFlag& stop) : plan_(plan), stop_(stop) {}

  void run(Runners& runners, Microseconds round_trip, std::uint64_t total) {
    const ReplayClock clock{.start = std::chrono::steady_clock::now(), .limit = plan_.time_limit, .stop = ending_};
    left_ = runners.size();
    std::vector<std::jthread> threads;
    try {
      for (auto& runner : runners) {
        threads.emplace_back([&, lane = runner.get()] { run_lane(*lane, clock, round_trip); });
      }
    } catch (const std::exception&) {
      ending_ = true;
      throw Error("the system has no more threads for the replay's connections",
                  "replay a part of the log: --since, --until, --app");
    }
    watch(total);
    threads.clear();
    if (failure_) std::rethrow_exception(failure_);
  }

  const StopFlag& ending() const { return ending_; }

 private:
  void run_lane(ReplayLaneRunner& lane, const ReplayClock& clock, Microseconds round_trip) {
    try {
      lane.run(clock, round_trip, done_);
    } catch (const std::exception&) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      ending_ = true;
    }
    const std::lock_guard lock(mutex_);
    --left_;
    ended_.notify_all();
  }

  void watch(std::uint64_t total) {
    std::unique_lock lock(mutex_);
    while (!ended_.wait_for(lock, std::chrono::milliseconds(50), [&] { return left_ == 0; })) {
      if (stop_) ending_ = true;
      if (plan_.progress) plan_.progress(done_, total);
    }
  }

  const ReplayPlan& plan_;
  const StopFlag& stop_;
  StopFlag ending_{false};
  std::atomic<std::uint64_t> done_{0};
  std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t left_ = 0;
  std::exception_ptr failure_;
};

/// Puts one lane's into the whole, with the numbers that its errors have there.
void merge(const ReplayLaneRunner& lane, std::map<std::pair<std::string, std::string>, std::uint32_t>& known,
           Replay& replay) {
  std::vector<std::uint32_t> number_of(lane.errors.size() + 1);
  for (const auto& [error, number] : lane.errors) {
    const bool is_full = known.size() >= Replay::kMostErrors;
    const auto key = is_full ? std::pair(error.first, std::string()) : error;
    const auto [found, is_new] = known.try_emplace(key, static_cast<std::uint32_t>(replay.errors.size() + 1));
    if (is_new) replay.errors.push_back({key.first, key.second});
    number_of[number] = found->second;
  }
  for (ReplayedExecution execution : lane.executions) {
    execution.error = number_of[execution.error];
    replay.executions.push_back(execution);
  }
  for (const auto& [reason, count] : lane.left_out) replay.left_out[reason] += count;
  replay.begun_again += lane.begun_again;
  replay.elapsed = std::max(replay.elapsed, Microseconds(lane.last_end));
}

void put_in_order(Replay& replay) {
  std::sort(replay.executions.begin(), replay.executions.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.start + a.duration.count(), a.session, a.step) <
           std::tuple(b.start + b.duration.count(), b.session, b.step);
  });
}

void tell_lateness(const Runners& runners, Replay& replay) {
  std::vector<std::int64_t> late;
  for (const auto& runner : runners) late.insert(late.end(), runner->late.begin(), runner->late.end());
  if (late.empty()) return;
  const auto middle = late.begin() + static_cast<std::ptrdiff_t>(late.size() / 2);
  std::nth_element(late.begin(), middle, late.end());
  replay.late_median = Microseconds(*middle);
  replay.late_most = Microseconds(*std::max_element(middle, late.end()));
}

}  // namespace

std::uint64_t Replay::succeeded() const {
  return static_cast<std::uint64_t>(
      std::count_if(executions.begin(), executions.end(), [](const auto& one) { return one.error == 0; }));
}

double Replay::throughput() const {
  return elapsed.count() > 0 ? static_cast<double>(executions.size()) / (static_cast<double>(elapsed.count()) / 1e6)
                             : 0;
}

Replay run_replay(const ReplayScript& script, const ReplayPlan& plan, const StopFlag& stop) {
  Replay replay;
  const std::vector<ReplayLane> lanes = script.lanes();
  if (lanes.size() > kMostLanes) {
    throw Error("the log has " + std::to_string(lanes.size()) + " sessions at a time, more than can be replayed",
                "replay a part of it: --since, --until, --app");
  }
  ReplayConnection connection(plan.uri, plan.database, stop);
  replay.as_superuser = is_superuser(connection);
  replay.round_trip = measured_round_trip(connection);
  const TypesOfTexts types = parameter_types(script, connection);
  LaneThreads threads(plan, stop);
  Runners runners;
  for (const ReplayLane& lane : lanes) {
    runners.push_back(std::make_unique<ReplayLaneRunner>(script, plan, lane, types, threads.ending()));
  }
  const ServerProcesses server(connection);
  const auto before = server.seconds();
  replay.begun = std::chrono::time_point_cast<Microseconds>(std::chrono::system_clock::now());
  threads.run(runners, replay.round_trip, script.steps);
  const auto after = server.seconds();
  if (before && after) replay.server_seconds = *after - *before;
  replay.interrupted = stop;
  replay.connections = lanes.size();
  std::map<std::pair<std::string, std::string>, std::uint32_t> known;
  for (const auto& runner : runners) merge(*runner, known, replay);
  put_in_order(replay);
  tell_lateness(runners, replay);
  return replay;
}

void tell_replay(const ReplayScript& script, const Replay& replay, const std::function<void(const LogRecord&)>& sink) {
  const std::int64_t begun_s = replay.begun.time_since_epoch().count() / 1'000'000;
  std::vector<std::string> names;  // as %c writes them
  for (std::size_t i = 0; i < script.sessions.size(); ++i) {
    char name[40];
    std::snprintf(name, sizeof name, "%llx.%zx", static_cast<unsigned long long>(begun_s), i + 1);
    names.emplace_back(name);
  }
  for (const ReplayedExecution& execution : replay.executions) {
    const ReplaySession& session = script.sessions[execution.session];
    const ReplayStep& step = session.steps[execution.step];
    const ReplayText& text = script.texts[step.text];
    LogRecord record;
    record.kind = execution.error == 0 ? RecordKind::kExecution : RecordKind::kError;
    record.protocol = step.protocol;
    record.prepared = step.prepared;
    record.timed = execution.error == 0;
    record.time.utc = replay.begun + Microseconds(execution.start) + execution.duration;
    record.duration = execution.error == 0 ? execution.duration : Microseconds(0);
    record.process = execution.session + 1;
    record.session = names[execution.session];
    record.user = session.user;
    record.database = script.database;
    record.application = session.application;
    record.sql = text.sql;
    record.parameters = script.parameters[step.parameters];
    record.shape = text.shape;
    record.values = step.values;
    record.severity = execution.error == 0 ? "LOG" : "ERROR";
    record.sqlstate = "00000";
    if (execution.error > 0) {
      record.sqlstate = replay.errors[execution.error - 1].state;
      record.message = replay.errors[execution.error - 1].message;
    }
    sink(record);
  }
}

}  // namespace assay
