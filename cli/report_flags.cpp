// assay report on the command line.
#include <CLI/CLI.hpp>
#include <utility>

#include "cli/command_flags.h"

namespace assay {

CLI::App* add_report_command(CLI::App& app, RawReportFlags& raw) {
  CLI::App* command = app.add_subcommand("report", "Read logs, write a report: what costs most, and what to change");
  add_inputs(*command, raw);
  command
      ->add_flag("--live", raw.options.live,
                 "Plan on that server, which must have HypoPG, in read-only transactions, and not in the shadow")
      ->needs(command->get_option("--database"));
  command
      ->add_option(
          "--format", raw.format,
          "markdown, html, json, or csv: the query classes (default: as the output's name ends, else markdown)")
      ->check(CLI::IsMember({"markdown", "html", "json", "csv"}))
      ->type_name("FORMAT");
  command
      ->add_option(
          "--charts", raw.charts,
          "In markdown: mermaid, which GitHub and GitLab draw (default in a file), or text (default elsewhere)")
      ->check(CLI::IsMember({"mermaid", "text"}))
      ->type_name("STYLE");
  command->add_option("-o,--output", raw.options.output, "Where to write the report (default: standard output)")
      ->type_name("FILE");
  command->add_option("--ddl", raw.options.ddl, "Also write the DDL to FILE, and what takes it back to FILE.rollback")
      ->type_name("FILE");
  command
      ->add_option(
          "--save", raw.options.save,
          "Also save the workload, to be read again as INPUT; many of them are merged as one run over their logs")
      ->type_name("FILE");
  command->add_flag("--redact", raw.options.redact,
                    "No values of the log in the report and in what is saved: literals become parameters, logged\n"
                    "parameters, plans and comments are left out. Names stay, and hashes of values");
  command->add_option("--budget", raw.budget, "Most disk space for new indexes, such as 2GB (default: no limit)")
      ->type_name("SIZE");
  command
      ->add_option("--time-limit", raw.options.calls_limit,
                   "Most questions to the planner, so that the same limit gives the same report (default: no limit)")
      ->check(CLI::PositiveNumber)
      ->type_name("CALLS");
  command->add_option("--cores", raw.options.cores, "Processor cores of the server, for the forecast of throughput")
      ->check(CLI::Range(1, 4096))
      ->type_name("N");
  command->add_option("--cache-memory", raw.cache_memory, "Most memory for kept results, such as 2GB (default: 256MB)")
      ->type_name("SIZE");
  command
      ->add_option("--target-p95", raw.options.target_p95,
                   "How many replicas answer 95 % of the statements within MS milliseconds")
      ->check(CLI::PositiveNumber)
      ->type_name("MS");
  command
      ->add_option("--target-throughput", raw.options.target_throughput,
                   "How many replicas can bear N statements a second")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  add_input_flags(*command, raw);
  command->footer(
      "Examples:\n"
      "  assay report /var/log/postgresql/postgresql-15-main.log -o report.md\n"
      "  assay report queries/ --catalog schema.sql\n"
      "  assay snapshot postgresql://crm.example/crm -o crm.snapshot\n"
      "  assay report 'logs/*.csv' --catalog crm.snapshot --since 2026-11-22T08:00 -o report.html --ddl indexes.sql\n"
      "  assay report postgresql-08.log --save 08.workload -o 08.md\n"
      "  assay report '*.workload' -o day.md\n");
  return command;
}

ReportOptions meaning_of(RawReportFlags raw) {
  ReportOptions options = std::move(raw.options);
  options.format = report_format(raw.format, options.output);
  options.charts = chart_style(raw.charts, options.output.has_value());
  if (raw.zone) options.read.zone = parse_zone_option(*raw.zone);
  if (raw.budget) options.budget_bytes = parse_size(*raw.budget);
  if (raw.cache_memory) options.cache_memory_bytes = parse_size(*raw.cache_memory);
  if (raw.memory) options.trace_bytes = static_cast<std::size_t>(parse_size(*raw.memory));
  if (raw.since) options.filter.since = parse_time_option(*raw.since, options.read.zone);
  if (raw.until) options.filter.until = parse_time_option(*raw.until, options.read.zone);
  options.logging = parse_logging_options(raw.log_threshold, raw.log_sample_rate);
  if (raw.log_format) options.read.format = parse_log_format(*raw.log_format);
  return options;
}

}  // namespace assay
