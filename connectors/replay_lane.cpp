#include "connectors/replay_lane.h"

#include <algorithm>
#include <charconv>
#include <thread>

#include "parser/base/error.h"
#include "parser/log/parameters.h"

namespace assay {
namespace {

/// By how much a single pause may be off: the stamps of most logs are cut to milliseconds.
constexpr std::int64_t kStampWidth = 1000;  // µs

constexpr const char* kFailedBefore = "its transaction had failed before";

std::int64_t scaled(std::int64_t time, double factor) {
  return static_cast<std::int64_t>(static_cast<double>(time) * factor);
}

/// The number behind the last $ of a message: could not determine data type of parameter $2.
std::size_t parameter_named_in(const std::string& message) {
  const std::size_t at = message.rfind('$');
  std::size_t number = 0;
  if (at != std::string::npos) std::from_chars(message.data() + at + 1, message.data() + message.size(), number);
  return number;
}

}  // namespace

TypesOfTexts parameter_types(const ReplayScript& script, ReplayConnection& connection) {
  constexpr const char* kIndeterminate = "42P18";
  constexpr unsigned kText = 25;         // its OID
  constexpr unsigned kMostUnknown = 64;  // each costs a round trip
  TypesOfTexts types;
  for (std::uint32_t i = 0; i < script.texts.size(); ++i) {
    const ReplayText& text = script.texts[i];
    if (text.parameters == 0 || !text.barred.empty()) continue;
    ParameterTypes declared(text.parameters);
    for (unsigned tries = 0; tries < std::min(text.parameters, kMostUnknown); ++tries) {
      const StatementOutcome outcome = connection.prepare("", text.sql, declared);
      if (outcome.state != kIndeterminate) break;
      const std::size_t number = parameter_named_in(outcome.message);
      if (number == 0 || number > declared.size() || declared[number - 1] != 0) break;
      declared[number - 1] = kText;
      types[i] = declared;
    }
  }
  return types;
}

std::int64_t ReplayClock::now() const {
  return std::chrono::duration_cast<Microseconds>(std::chrono::steady_clock::now() - start).count();
}

void ReplayClock::sleep_until(std::int64_t when) const {
  constexpr std::int64_t kWatch = 50'000;  // µs
  while (!is_over()) {
    const std::int64_t left = when - now();
    if (left <= 0) return;
    std::this_thread::sleep_for(Microseconds(std::min(left, kWatch)));
  }
}

ReplayLaneRunner::ReplayLaneRunner(const ReplayScript& script, const ReplayPlan& plan, const ReplayLane& lane,
                                   const TypesOfTexts& types, const StopFlag& stop)
    : script_(script), plan_(plan), lane_(lane), types_(types), stop_(stop) {
  connect();
}

void ReplayLaneRunner::connect() {
  connection_.reset();
  prepared_.clear();
  savepoints_.clear();
  connection_.emplace(plan_.uri, plan_.database, stop_);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(plan_.statement_timeout).count();
  try {
    connection_->command("SET statement_timeout = " + std::to_string(ms));
  } catch (const SqlError& refusal) {
    throw Error(std::string("the server refuses the replay's session: ") + refusal.what());
  }
}

void ReplayLaneRunner::run(const ReplayClock& clock, Microseconds round_trip, std::atomic<std::uint64_t>& done) {
  round_trip_ = round_trip.count();
  bool is_first = true;
  for (const std::uint32_t number : lane_) {
    if (!is_first && !clock.is_over()) connect();
    is_first = false;
    run_session(number, clock, done);
  }
  last_end = executions.empty() ? 0 : executions.back().start + executions.back().duration.count();
}

void ReplayLaneRunner::run_session(std::uint32_t number, const ReplayClock& clock, std::atomic<std::uint64_t>& done) {
  const ReplaySession& session = script_.sessions[number];
  balance_ = 0;
  for (std::uint32_t i = 0; i < session.steps.size(); ++i) {
    pause_before(session.steps[i], i == 0, clock);
    if (clock.is_over()) {
      left_out[stop_ ? "the replay was interrupted" : "the time limit struck"] += session.steps.size() - i;
      break;
    }
    run_step(number, i, session.steps[i], clock);
    ++done;
  }
  lane_end_ = session.end;
  if (connection_->in_transaction()) connection_->run("ROLLBACK");
}

/// A session's first statement waits as the log's lane did. Behind it, what one pause by the stamps of the log is too
/// long the next one is too short, so they are added up before they are waited. A round trip is in the logged pauses,
/// and is paid here anyway.
void ReplayLaneRunner::pause_before(const ReplayStep& step, bool is_first, const ReplayClock& clock) {
  const std::int64_t now = clock.now();
  if (plan_.open) {
    clock.sleep_until(scaled(step.start, 1 / plan_.rate));
    return;
  }
  if (is_first) {
    clock.sleep_until(now + scaled(step.start - lane_end_, plan_.think));
    return;
  }
  balance_ = std::max(balance_, -kStampWidth) + scaled(step.pause - round_trip_, plan_.think);
  if (balance_ <= 0) return;
  clock.sleep_until(now + balance_);
  balance_ -= clock.now() - now;
}

void ReplayLaneRunner::run_step(std::uint32_t session, std::uint32_t number, const ReplayStep& step,
                                const ReplayClock& clock) {
  const std::string reason = why_not(step);
  if (!reason.empty()) {
    ++left_out[reason];
    return;
  }
  if (plan_.open) late.push_back(std::max<std::int64_t>(0, clock.now() - scaled(step.start, 1 / plan_.rate)));
  ReplayedExecution execution{.session = session, .step = number, .start = clock.now()};
  const bool bare = !plan_.allow_writes && !script_.texts[step.text].control && !connection_->in_transaction();
  StatementOutcome outcome;
  if (bare) outcome = connection_->run("BEGIN READ ONLY");
  if (!outcome.failed()) {
    execution.start = clock.now();
    outcome = send(step);
  }
  execution.duration = outcome.duration;
  if (stop_ && outcome.failed()) {
    ++left_out["the replay was interrupted"];
    return;
  }
  if (outcome.failed()) execution.error = error_number(outcome);
  executions.push_back(execution);
  if (connection_->is_lost()) return connect();
  if (bare) {
    connection_->run(outcome.failed() ? "ROLLBACK" : "COMMIT");
  } else if (connection_->in_failed_transaction() && !plan_.allow_writes) {
    recover();
  }
}

/// What cannot be sent as things stand in the session.
std::string ReplayLaneRunner::why_not(const ReplayStep& step) const {
  const auto& control = script_.texts[step.text].control;
  if (!control) return connection_->in_failed_transaction() ? kFailedBefore : "";
  const bool open = connection_->in_transaction();
  switch (control->action) {
    case TransactionAction::kBegin:
      return open ? "begins a transaction within another" : "";
    case TransactionAction::kCommit:
    case TransactionAction::kRollback:
      return open ? "" : "ends a transaction whose beginning is not in the log";
    case TransactionAction::kSavepoint:
      if (!open) return "a savepoint outside of a transaction";
      return connection_->in_failed_transaction() ? kFailedBefore : "";
    case TransactionAction::kRelease:
    case TransactionAction::kRollbackTo:
      if (!open || !savepoint_of(control->savepoint)) return "a savepoint that is not there";
      return control->action == TransactionAction::kRelease && connection_->in_failed_transaction() ? kFailedBefore
                                                                                                    : "";
  }
  return {};
}

const std::string* ReplayLaneRunner::savepoint_of(const std::string& logged) const {
  const auto found =
      std::find_if(savepoints_.rbegin(), savepoints_.rend(), [&](const auto& one) { return one.first == logged; });
  return found == savepoints_.rend() ? nullptr : &found->second;
}

StatementOutcome ReplayLaneRunner::send(const ReplayStep& step) {
  const auto& control = script_.texts[step.text].control;
  return control ? send_control(*control) : send_statement(step);
}

StatementOutcome ReplayLaneRunner::send_control(const TransactionCommand& command) {
  std::string name;
  if (command.action == TransactionAction::kSavepoint) {
    name = "assay_" + std::to_string(savepoints_.size());
    savepoints_.emplace_back(command.savepoint, name);
  } else if (const std::string* known = savepoint_of(command.savepoint)) {
    name = *known;
    const auto kept =
        std::find_if(savepoints_.begin(), savepoints_.end(), [&](auto& one) { return one.second == name; });
    savepoints_.erase(command.action == TransactionAction::kRelease ? kept : kept + 1, savepoints_.end());
  } else {
    savepoints_.clear();
  }
  if (command.action == TransactionAction::kBegin) begun_ = command;
  return connection_->run(sql_of(command, name, !plan_.allow_writes));
}

StatementOutcome ReplayLaneRunner::send_statement(const ReplayStep& step) {
  const ReplayText& text = script_.texts[step.text];
  const auto parameters = parse_parameters(script_.parameters[step.parameters]).value_or(ParameterValues());
  const auto known = prepared_.find(step.text);
  if (known != prepared_.end()) return connection_->run_prepared(known->second, parameters);
  const auto declared = types_.find(step.text);
  const ParameterTypes types = declared == types_.end() ? ParameterTypes() : declared->second;
  if (!step.prepared || prepared_.size() >= kMostPrepared) return connection_->run(text.sql, parameters, types);
  const std::string name = "assay_" + std::to_string(prepared_.size());
  StatementOutcome parsed = connection_->prepare(name, text.sql, types);
  if (parsed.failed()) return parsed;
  prepared_.emplace(step.text, name);
  StatementOutcome outcome = connection_->run_prepared(name, parameters);
  outcome.duration += parsed.duration;  // a log's parse counts with the execution behind it
  return outcome;
}

/// Reads go on behind one that failed, where the log's did not fail: in a new transaction of the same kind.
void ReplayLaneRunner::recover() {
  connection_->run("ROLLBACK");
  savepoints_.clear();
  connection_->run(sql_of(begun_, "", true));
  ++begun_again;
}

std::uint32_t ReplayLaneRunner::error_number(const StatementOutcome& outcome) {
  const bool is_full = errors.size() >= Replay::kMostErrors;
  const std::pair<std::string, std::string> key(outcome.state, is_full ? "" : outcome.message);
  return errors.try_emplace(key, static_cast<std::uint32_t>(errors.size() + 1)).first->second;
}

}  // namespace assay
