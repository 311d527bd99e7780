// assay replay on the command line.
#include <CLI/CLI.hpp>
#include <utility>

#include "cli/command_flags.h"

namespace assay {

void add_pace_flags(CLI::App& command, RawReplayFlags& raw) {
  command.add_option("--think", raw.options.think, "Pauses between a session's statements, times this (default: 1)")
      ->check(CLI::Range(0.0, 1000.0))
      ->type_name("SCALE");
  command.add_option("--duration", raw.duration, "Begin no statement after this, such as 90s or 10min")
      ->type_name("DURATION");
  command.add_option("--statement-timeout", raw.statement_timeout, "Longest statement (default: 60s)")
      ->type_name("DURATION");
}

CLI::App* add_replay_command(CLI::App& app, RawReplayFlags& raw) {
  CLI::App* command =
      app.add_subcommand("replay", "Run a logged workload against a server and measure it: reads only, unless allowed");
  command
      ->add_option("INPUT", raw.input.options.inputs,
                   "PostgreSQL logs, as for report, that tell single executions with their values")
      ->required();
  command
      ->add_option("--database", raw.options.server,
                   "The server to run it on: a URI or key=value pairs; passwords come from ~/.pgpass")
      ->required()
      ->type_name("URI");
  command
      ->add_option(
          "-o,--output", raw.options.output,
          "Where to write what was measured: a saved workload, for report and diff; a csvlog if it ends in .csv")
      ->required()
      ->type_name("FILE");
  command->add_flag("--allow-writes", raw.options.allow_writes,
                    "Run the log's INSERT, UPDATE, DELETE, MERGE and locking reads too. They change the data");
  command->add_flag("--redact", raw.options.redact,
                    "No values of the log in what is written and shown; they are sent to the server all the same");
  command->add_flag("--open", raw.options.open,
                    "Send statements at their logged times, however long the server takes, not after pauses");
  command->add_option("--rate", raw.options.rate, "With --open: so many times the logged rate (default: 1)")
      ->check(CLI::Range(0.001, 1000.0))
      ->type_name("SCALE");
  add_pace_flags(*command, raw);
  add_input_flags(*command, raw.input);
  command->footer(
      "Sent are single SELECT, INSERT, UPDATE, DELETE and MERGE statements, and the log's transactions. Everything\n"
      "runs in READ ONLY transactions unless --allow-writes; what is left out is counted with its reason.\n"
      "Examples:\n"
      "  assay replay crm.log.zst --database postgresql://reader@staging.example/crm -o before.workload\n"
      "  assay replay crm.log.zst --database postgresql://reader@staging.example/crm -o after.workload\n"
      "  assay diff before.workload after.workload\n"
      "  assay report after.workload --catalog staging.snapshot -o staging.md\n"
      "  assay replay crm.log.zst --database 'host=/tmp dbname=copy' --allow-writes --think 0 -o saturated.csv\n");
  return command;
}

ReplayOptions meaning_of(RawReplayFlags raw) {
  ReplayOptions options = std::move(raw.options);
  options.reading = meaning_of(std::move(raw.input));
  if (raw.duration) options.time_limit = parse_duration_option(*raw.duration);
  if (raw.statement_timeout) options.statement_timeout = parse_duration_option(*raw.statement_timeout);
  return options;
}

}  // namespace assay
