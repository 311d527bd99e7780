#include "cli/app.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <thread>

#include "cli/messages.h"
#include "cli/options.h"
#include "cli/report_command.h"
#include "cli/snapshot_command.h"

namespace assay {
namespace {

enum ExitStatus { kDone = 0, kFailed = 1, kUsage = 2 };

// The command line as it was typed; options.h says what it means.
struct RawReportFlags {
  ReportOptions options;
  std::string format = "markdown";
  std::optional<std::string> budget, cache_memory, memory, since, until, log_format, zone, log_threshold,
      log_sample_rate;
};

void add_input_flags(CLI::App& command, RawReportFlags& raw) {
  command.add_option("--since", raw.since, "Only records from this time on (ISO 8601)")->type_name("TIME");
  command.add_option("--until", raw.until, "Only records before this time (ISO 8601)")->type_name("TIME");
  command.add_option("--db", raw.options.filter.database, "Only records of this database")->type_name("NAME");
  command.add_option("--user", raw.options.filter.user, "Only records of this user")->type_name("NAME");
  command.add_option("--app", raw.options.filter.application, "Only records of this application")->type_name("NAME");
  command.add_option("--log-format", raw.log_format, "Format of the log, when it is not to be recognised")
      ->check(CLI::IsMember({"stderr", "csvlog", "jsonlog", "syslog", "cloudsql", "azure", "cnpg", "pg_stat_statements",
                             "mysql-slow", "sql"}))
      ->type_name("FORMAT");
  command
      .add_option("--log-line-prefix", raw.options.read.log_line_prefix,
                  "The server's log_line_prefix, when it is not to be detected")
      ->type_name("PREFIX");
  command
      .add_option("--log-threshold", raw.log_threshold,
                  "The server logs only statements that take so long or longer (log_min_duration_statement)")
      ->type_name("DURATION");
  command
      .add_option(
          "--log-sample-rate", raw.log_sample_rate,
          "It logs this share of the statements, with --log-threshold of those below (log_statement_sample_rate)")
      ->type_name("RATE");
  command
      .add_option("--timezone", raw.zone, "Show times at this offset, such as +02:00, and read so those that have none")
      ->type_name("OFFSET");
  command.add_option("--jobs", raw.options.read.jobs, "Workers that read the log; the result does not depend on it")
      ->check(CLI::Range(1, 256))
      ->type_name("N");
  command.add_option("--stats", raw.options.stats, "Also write what the run took, as JSON")->type_name("FILE");
  command
      .add_option("--memory", raw.memory,
                  "Most memory for the trace of executions (default: 1GB); one that does not fit is sampled by a rule")
      ->type_name("SIZE");
  command.add_flag("--quiet", raw.options.quiet,
                   "No progress, no note on what was recognised and no closing line on stderr");
}

CLI::App* add_report_command(CLI::App& app, RawReportFlags& raw) {
  CLI::App* command = app.add_subcommand("report", "Read logs, write a report: what costs most, and what to change");
  command
      ->add_option("INPUT", raw.options.inputs,
                   "PostgreSQL logs (stderr, csvlog, jsonlog, syslog; of RDS, Cloud SQL, Azure, CloudNativePG), "
                   "pg_stat_statements as CSV, MySQL's slow logs, .sql files, saved workloads; plain, .gz, .zst, .xz "
                   "or .bz2: files, "
                   "folders, patterns, or -")
      ->required();
  CLI::Option* catalog = command->add_option("--catalog", raw.options.catalog,
                                             "A snapshot (assay snapshot), or the output of pg_dump --schema-only");
  CLI::Option* server = command->add_option("--database", raw.options.database,
                                            "A server to take the catalog from, in one short read-only transaction");
  catalog->type_name("FILE")->excludes(server);
  server->type_name("URI");
  command
      ->add_flag("--live", raw.options.live,
                 "Plan on that server, which must have HypoPG, in read-only transactions, and not in the shadow")
      ->needs(server);
  command->add_option("--format", raw.format, "markdown (default) or json")
      ->check(CLI::IsMember({"markdown", "json"}))
      ->type_name("FORMAT");
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
  add_input_flags(*command, raw);
  command->footer(
      "Examples:\n"
      "  assay report /var/log/postgresql/postgresql-15-main.log -o report.md\n"
      "  assay report queries/ --catalog schema.sql\n"
      "  assay snapshot postgresql://crm.example/crm -o crm.snapshot\n"
      "  assay report 'logs/*.csv' --catalog crm.snapshot --since 2026-11-22T08:00 -o report.md --ddl indexes.sql\n"
      "  assay report postgresql-08.log --save 08.workload -o 08.md && assay report '*.workload' -o day.md\n");
  return command;
}

CLI::App* add_snapshot_command(CLI::App& app, SnapshotOptions& options) {
  CLI::App* command = app.add_subcommand("snapshot", "Write the schema and statistics of a server to a file, no rows");
  CLI::Option* uri =
      command->add_option("URI", options.uri, "The server: a URI or key=value pairs; passwords come from ~/.pgpass");
  CLI::Option* output = command->add_option("-o,--output", options.output, "The file to write")->type_name("FILE");
  command->add_flag("--redact", options.redact,
                    "Leave out the values of columns that are no numbers, truth values, dates or times, and of\n"
                    "expressions. Of the schema's literals, those that plans may need stay: predicates of indexes,\n"
                    "bounds of partitions, views, enums, functions in SQL; checks and defaults with a string literal\n"
                    "and bodies in PL/pgSQL are left out");
  CLI::Option* print = command->add_flag("--print-sql", options.print_sql,
                                         "Ask no server: print a script for psql, whose output is a catalog too");
  print->excludes(uri)->excludes(output);
  command->footer(
      "Examples:\n"
      "  assay snapshot 'host=crm.example dbname=crm user=reader' -o crm.snapshot\n"
      "  assay snapshot --print-sql > snapshot.sql\n"
      "  psql -X -f snapshot.sql -o crm.snapshot.txt crm\n");
  return command;
}

ReportOptions meaning_of(RawReportFlags raw) {
  ReportOptions options = std::move(raw.options);
  options.format = raw.format == "json" ? ReportFormat::kJson : ReportFormat::kMarkdown;
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

int parse_and_run(int argc, char** argv) {
  CLI::App app("Assay weighs a database's query log: what each query costs, and what to change.", "assay");
  app.set_version_flag("--version", "assay " ASSAY_VERSION);
  app.require_subcommand(1);
  RawReportFlags report;
  report.options.read.jobs = std::max(1U, std::thread::hardware_concurrency());
  SnapshotOptions snapshot;
  CLI::App* report_command = add_report_command(app, report);
  add_snapshot_command(app, snapshot);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? kDone : kUsage;  // CLI11 has statuses of its own, such as 106
  }
  const bool complete =
      app.got_subcommand(report_command) ? run_report(meaning_of(std::move(report))) : run_snapshot(snapshot);
  return complete ? kDone : kFailed;
}

}  // namespace

int run(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write(), not a death without a word
  try {
    return parse_and_run(argc, argv);
  } catch (const UsageError& problem) {
    print_error(problem);
    return kUsage;
  } catch (const Error& problem) {
    print_error(problem);
    return kFailed;
  } catch (const std::bad_alloc&) {
    print_error("out of memory", "read fewer logs at once, or give --jobs 1");
    return kFailed;
  } catch (const std::exception& problem) {
    print_error(std::string("unexpected: ") + problem.what(), "please report it, with the command line");
    return kFailed;
  }
}

}  // namespace assay
