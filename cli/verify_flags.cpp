// assay verify on the command line.
#include <CLI/CLI.hpp>
#include <utility>

#include "cli/command_flags.h"

namespace assay {

CLI::App* add_verify_command(CLI::App& app, RawVerifyFlags& raw) {
  CLI::App* command = app.add_subcommand(
      "verify", "Try a report's indexes out on a scratch server, and hold what they bring against the forecast");
  command->add_option("REPORT", raw.options.report, "A report: assay report --format json");
  command->add_option("INPUT", raw.replay.input.options.inputs, "The logs that it was made from");
  command
      ->add_option("--scratch", raw.options.scratch,
                   "A server that may be loaded: a URI or key=value pairs. Databases are made there, and dropped again")
      ->type_name("URI");
  CLI::Option* source = command->add_option("--template", raw.options.template_database,
                                            "A database of that server to copy; nobody may be connected to it");
  CLI::Option* dump = command->add_option("--dump", raw.options.dump,
                                          "A dump by pg_dump to restore there. A dump is code: it runs as that role");
  source->type_name("DB")->excludes(dump);
  dump->type_name("FILE");
  command->add_option("-o,--output", raw.replay.options.output, "Where to write the report with what was measured")
      ->type_name("FILE");
  command->add_option("--rounds", raw.options.rounds, "Replays of each design, in turns (default: 3)")
      ->check(CLI::Range(1, 100))
      ->type_name("N");
  add_pace_flags(*command, raw.replay);
  command->add_flag("--history", raw.options.show_history, "Only show how far past forecasts were off");
  command->add_flag("--no-history", raw.options.no_history, "Do not keep the outcome");
  command
      ->add_option("--history-file", raw.options.history_file,
                   "Where outcomes are kept (default: $XDG_STATE_HOME/assay/history.sqlite)")
      ->type_name("FILE");
  add_input_flags(*command, raw.replay.input);
  command->footer(
      "Examples:\n"
      "  assay verify report.json crm.log.zst --scratch postgresql://tester@scratch.example/postgres --template crm "
      "\\\n"
      "      -o verified.json\n"
      "  assay verify report.json crm.log.zst --scratch host=/tmp --dump crm.dump --think 0 -o verified.json\n"
      "  assay verify --history\n");
  return command;
}

VerifyOptions meaning_of(RawVerifyFlags raw) {
  VerifyOptions options = std::move(raw.options);
  options.replay = meaning_of(std::move(raw.replay));
  return options;
}

}  // namespace assay
