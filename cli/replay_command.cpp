#include "cli/replay_command.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <filesystem>

#include "cli/inputs.h"
#include "cli/interruption.h"
#include "cli/messages.h"
#include "cli/replay_output.h"
#include "cli/report.h"
#include "connectors/postgres.h"

namespace assay {
namespace {

void warn(const std::string& message, const std::string& hint) {
  print(Diagnostic{.file = "assay", .severity = Severity::kWarning, .message = message, .hint = hint});
}

void check(const ReplayOptions& options) {
  if (holds_password(options.server)) {
    throw UsageError("the server's address holds a password, which other users of this machine can see",
                     "put it into ~/.pgpass (mode 0600), or name such a file in PGPASSFILE");
  }
  if (options.open && options.think != 1) {
    throw UsageError("--think is for a closed replay: with --open, the log says when", "give --rate");
  }
  if (!options.open && options.rate != 1) {
    throw UsageError("--rate is for an open replay: in a closed one, the server sets the rate",
                     "give --open too, or --think");
  }
  std::error_code ignored;
  for (const std::string& input : options.reading.inputs) {
    if (std::filesystem::equivalent(input, options.output, ignored)) {
      throw UsageError(options.output + ": would replace what is replayed", "choose another name for it");
    }
  }
}

std::string database_of(const std::string& server) {
  const StopFlag never{false};
  ReplayConnection connection(server, "", never);
  return connection.value("SELECT pg_catalog.current_database()");
}

Replay run(const ReplayScript& script, const ReplayOptions& options) {
  Progress progress("replaying", !options.reading.quiet);
  ReplayPlan plan{.uri = options.server,
                  .allow_writes = options.allow_writes,
                  .open = options.open,
                  .think = options.think,
                  .rate = options.rate,
                  .time_limit = options.time_limit,
                  .statement_timeout = options.statement_timeout};
  plan.progress = [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total, false); };
  return run_replay(script, plan, Interruption::flag());
}

void warn_of(const ReplayInput& input, const Replay& replay) {
  if (replay.as_superuser) {
    warn("the replay ran as a superuser, whom a function called by the log may use for anything",
         "give a role that may only read what the log reads");
  }
  if (input.logs.workload.is_sampled() || !input.logs.workload.censoring.periods.empty()) {
    warn("the log does not hold all executions, so the replay is a part of the load", "");
  }
  if (replay.interrupted) warn("interrupted: what was measured until then is written", "");
}

}  // namespace

ReplayInput read_for_replay(const ReportOptions& reading, bool allow_writes, const std::string& preferred_database) {
  Diagnostics problems;
  const Inputs inputs = expand_inputs(reading.inputs, problems);
  for (const Diagnostic& problem : problems) print(problem);
  ReplayScriptBuilder builder({.allow_writes = allow_writes,
                               .database = reading.filter.database,
                               .preferred_database = preferred_database,
                               .most_bytes = reading.trace_bytes});
  ReplayInput input{
      .logs = read_inputs(inputs, reading, nullptr, {}, [&](const LogRecord& record) { builder.add(record); }),
      .script = builder.finish()};
  if (input.logs.workload.inputs.empty()) throw Error("no input could be read", "nothing was replayed");
  if (is_mysql(input.logs.workload)) throw Error("MySQL's logs cannot be replayed", "give a log of PostgreSQL's");
  if (input.script.steps > 0) return input;
  std::string reasons;
  for (const auto& [reason, count] : input.script.left_out) {
    reasons += fmt::format("{}{} × {}", reasons.empty() ? ": " : ", ", count, reason);
  }
  throw Error("nothing in the log can be replayed" + reasons,
              input.script.left_out.contains("writes or locks rows")
                  ? "--allow-writes runs the writes too: not on a server whose data are needed"
                  : "a replay needs a log of single executions: log_min_duration_statement = 0");
}

bool run_replay_command(const ReplayOptions& options) {
  check(options);
  const Interruption interruption;
  const ReplayInput input = read_for_replay(options.reading, options.allow_writes, database_of(options.server));
  ReplayOutput output(options, input.logs.others_left_out);
  Replay replay = run(input.script, options);
  if (options.redact) redact_errors(replay);
  const Workload measured = output.write(input.script, replay);
  warn_of(input, replay);
  fmt::print("{}", replay_summary(input, replay, measured, options));
  if (std::fflush(stdout) != 0) throw Error("standard output cannot be written", "is the disk full?");
  return input.logs.all_read && !replay.interrupted;
}

}  // namespace assay
