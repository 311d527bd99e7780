#include "cli/verify_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "cli/interruption.h"
#include "cli/messages.h"
#include "cli/replay_command.h"
#include "cli/whole_file.h"
#include "connectors/postgres.h"
#include "connectors/trial.h"

namespace assay {
namespace {

void check(const VerifyOptions& options) {
  if (options.report.empty() || options.replay.reading.inputs.empty() || options.scratch.empty() ||
      options.replay.output.empty()) {
    throw UsageError("a report, its log, a scratch server and a file to write are needed",
                     "assay verify REPORT.json LOG --scratch URI --template DB -o NEW.json, or --history");
  }
  if (options.template_database.has_value() == options.dump.has_value()) {
    throw UsageError("what the databases are made from is needed: --template DB or --dump FILE");
  }
  if (holds_password(options.scratch)) {
    throw UsageError("the server's address holds a password, which other users of this machine can see",
                     "put it into ~/.pgpass (mode 0600), or name such a file in PGPASSFILE");
  }
  std::error_code ignored;
  for (const std::string& input : options.replay.reading.inputs) {
    if (std::filesystem::equivalent(input, options.replay.output, ignored))
      throw UsageError(options.replay.output + ": would replace what is read", "choose another name for it");
  }
}

void note(const std::string& what, const VerifyOptions& options) {
  if (options.replay.reading.quiet) return;
  print(Diagnostic{.file = "assay", .severity = Severity::kNote, .message = what});
}

Trial try_out(const ReplayScript& script, const ForecastedReport& report, const VerifyOptions& options) {
  ScratchServer server(options.scratch, Interruption::flag());
  for (const std::string& other : server.others()) {
    note("there is a database " + other + " already: of another run, or left behind by one that was killed", options);
  }
  TrialPlan plan{.template_database = options.template_database, .dump = options.dump.value_or("")};
  plan.rounds = options.rounds;
  plan.replay.think = options.replay.think;
  plan.replay.time_limit = options.replay.time_limit;
  plan.replay.statement_timeout = options.replay.statement_timeout;
  plan.note = [&](const std::string& what) { note(what, options); };
  for (const TriedChange& change : report.tried) {
    plan.ddl.insert(plan.ddl.end(), change.ddl.begin(), change.ddl.end());
    if (!change.created.empty()) plan.created.push_back(change.created);
  }
  Progress progress("replaying", !options.replay.reading.quiet);
  plan.replay.progress = [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total, false); };
  return run_trial(script, server, plan, Interruption::flag());
}

ReplayRound round_of(const ReplayScript& script, const Replay& replay) {
  ReplayRound round{.throughput = replay.throughput(),
                    .executions = replay.executions.size(),
                    .server_seconds = replay.server_seconds};
  for (const ReplayedExecution& execution : replay.executions) {
    if (execution.error > 0) continue;
    const ReplayStep& step = script.sessions[execution.session].steps[execution.step];
    ClassSum& sum = round.classes[class_id(script.database, script.texts[step.text].shape)];
    ++sum.calls;
    sum.total += execution.duration;
  }
  return round;
}

std::vector<ReplayRound> rounds_of(const ReplayScript& script, const std::vector<Replay>& replays) {
  std::vector<ReplayRound> rounds;
  for (const Replay& replay : replays) rounds.push_back(round_of(script, replay));
  return rounds;
}

void count_errors(const std::vector<Replay>& replays, std::uint64_t FailedStatements::*side, VerifyOutcome& outcome) {
  for (const Replay& replay : replays) {
    for (const ReplayedExecution& execution : replay.executions) {
      if (execution.error == 0) continue;
      const ReplayError& error = replay.errors[execution.error - 1];
      FailedStatements& failed = outcome.errors[error.state];
      if (failed.message.empty()) failed.message = error.message;
      ++(failed.*side);
    }
  }
}

std::string without_schema(const std::string& table) { return table.substr(table.rfind('.') + 1); }

bool touches(const TriedChange& change, const std::set<std::string>& tables) {
  return std::any_of(tables.begin(), tables.end(), [&](const std::string& table) {
    return std::any_of(change.tables.begin(), change.tables.end(),
                       [&](const std::string& other) { return without_schema(other) == without_schema(table); });
  });
}

SlowerClass slower_class(const std::string& id, const ForecastedReport& report) {
  SlowerClass slower{.id = id};
  for (const TriedChange& change : report.tried) {
    if (change.queries.contains(id)) slower.changes.push_back(change.id);
  }
  const auto tables = report.tables.find(id);
  for (const TriedChange& change : report.tried) {
    if (change.queries.contains(id) || tables == report.tables.end()) continue;
    if (touches(change, tables->second)) slower.changes.push_back(change.id);
  }
  return slower;
}

/// Those that read and write no table of any change. A class without a table is none of them: COMMIT waits for writers.
std::set<ClassId> untouched_classes(const ReplayInput& input, const ForecastedReport& report) {
  std::set<ClassId> untouched;
  for (const QueryClass& query : input.logs.workload.classes) {
    const auto tables = report.tables.find(class_name(query.id));
    if (tables == report.tables.end() || tables->second.empty()) continue;
    const bool is_touched = std::any_of(report.tried.begin(), report.tried.end(),
                                        [&](const TriedChange& change) { return touches(change, tables->second); });
    if (!is_touched) untouched.insert(query.id);
  }
  return untouched;
}

VerifyOutcome outcome_of(const ReplayInput& input, const Trial& trial, const ForecastedReport& report) {
  VerifyOutcome outcome{.effect =
                            measure_effect(rounds_of(input.script, trial.before), rounds_of(input.script, trial.after),
                                           untouched_classes(input, report))};
  for (const TriedChange& change : report.tried) {
    if (change.created.empty()) continue;
    const auto scans = trial.scans.find(change.created);
    outcome.scans[change.id] = scans == trial.scans.end() ? 0 : scans->second;
    if (outcome.scans[change.id] == 0) outcome.unused.push_back(change.id);
  }
  for (const ClassEffect& effect : outcome.effect.classes) {
    if (effect.verdict == EffectVerdict::kSlower) outcome.slower.push_back(slower_class(class_name(effect.id), report));
  }
  count_errors(trial.before, &FailedStatements::before, outcome);
  count_errors(trial.after, &FailedStatements::after, outcome);
  outcome.executions = input.script.executions;
  outcome.left_out = input.script.left_out;
  for (const auto& [reason, count] : trial.before.front().left_out) outcome.left_out[reason] += count;
  return outcome;
}

std::optional<std::filesystem::path> history_of(const VerifyOptions& options) {
  if (options.history_file) return *options.history_file;
  return history_path();
}

void remember(const ForecastedReport& report, const VerifyOutcome& outcome, Timestamp begun,
              const VerifyOptions& options) {
  const auto path = history_of(options);
  if (options.no_history || !report.forecast || !path) return;
  const Measured& ratio = outcome.effect.throughput_ratio;
  add_to_history(*path, {.time = to_iso8601({begun, {}}),
                         .version = ASSAY_VERSION,
                         .database = report.database,
                         .evidence = report.evidence,
                         .forecast = report.forecast->throughput_ratio,
                         .low = report.forecast->low,
                         .high = report.forecast->high,
                         .measured = ratio.value,
                         .forecast_rate = report.forecast->throughput,
                         .measured_rate = outcome.effect.throughput_after.value,
                         .noise = ratio.value > 0 ? (ratio.high - ratio.low) / ratio.value : 0});
}

void say(const std::string& text) {
  fmt::print("{}", text);
  if (std::fflush(stdout) != 0) throw Error("standard output cannot be written", "is the disk full?");
}

bool show_history(const VerifyOptions& options) {
  const auto path = history_of(options);
  if (!path) throw Error("no place for a history is known", "set XDG_STATE_HOME or HOME, or give --history-file");
  say(history_summary(read_history(*path)));
  return true;
}

}  // namespace

bool run_verify(const VerifyOptions& options) {
  if (options.show_history) return show_history(options);
  check(options);
  const Interruption interruption;
  ForecastedReport report = read_forecasted_report(options.report, options.replay.think);
  const ReplayInput input = read_for_replay(options.replay.reading, true, report.database);
  if (!report.database.empty() && !input.script.database.empty() && input.script.database != report.database) {
    throw Error(
        "the report is on database " + report.database + ", the log's statements are of " + input.script.database,
        "give the log that the report was made from");
  }
  const Trial trial = try_out(input.script, report, options);
  if (trial.before.front().as_superuser) {
    print(
        Diagnostic{.file = "assay",
                   .severity = Severity::kWarning,
                   .message = "the log ran as a superuser of the scratch server, whom a function may use for anything",
                   .hint = "give a role with CREATEDB that owns the template"});
  }
  const VerifyOutcome outcome = outcome_of(input, trial, report);
  write_whole_file(options.replay.output, with_measured(report, outcome));
  say(verify_summary(report, outcome));
  remember(report, outcome, trial.before.front().begun, options);
  return input.logs.all_read;
}

}  // namespace assay
