// assay diff on the command line.
#include <CLI/CLI.hpp>
#include <utility>

#include "cli/command_flags.h"

namespace assay {

CLI::App* add_diff_command(CLI::App& app, RawDiffFlags& raw) {
  CLI::App* command = app.add_subcommand("diff", "Compare two workloads: what got slower, faster, new, gone");
  command->add_option("BEFORE", raw.options.before, "A log, a folder, a pattern, or a saved workload")->required();
  command->add_option("AFTER", raw.options.after, "Likewise")->required();
  command->add_option("--format", raw.reading.format, "markdown or json (default: as the output's name ends)")
      ->check(CLI::IsMember({"markdown", "json"}))
      ->type_name("FORMAT");
  command
      ->add_option("-o,--output", raw.reading.options.output,
                   "Where to write the comparison (default: standard output)")
      ->type_name("FILE");
  command->add_flag("--redact", raw.reading.options.redact, "No values of the logs in the comparison");
  add_input_flags(*command, raw.reading);
  command->footer(
      "Examples:\n"
      "  assay diff monday.log tuesday.log\n"
      "  assay diff before-release.workload after-release.workload -o diff.md\n"
      "  assay diff last-week.workload 'logs/postgresql-*.csv' --db crm --format json\n");
  return command;
}

DiffOptions meaning_of(RawDiffFlags raw) {
  DiffOptions options = std::move(raw.options);
  options.reading = meaning_of(std::move(raw.reading));
  if (options.reading.format != ReportFormat::kJson) options.reading.format = ReportFormat::kMarkdown;
  return options;
}

}  // namespace assay
