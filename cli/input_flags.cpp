// What several commands take: which inputs, which records of them, and how they are read.
#include <CLI/CLI.hpp>
#include <utility>

#include "cli/command_flags.h"

namespace assay {

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

void add_inputs(CLI::App& command, RawReportFlags& raw) {
  command
      .add_option("INPUT", raw.options.inputs,
                  "PostgreSQL logs (stderr, csvlog, jsonlog, syslog; of RDS, Cloud SQL, Azure, CloudNativePG), "
                  "pg_stat_statements as CSV, MySQL's slow logs, .sql files, saved workloads; plain, .gz, .zst, .xz or "
                  ".bz2: files, folders, patterns, or -")
      ->required();
  CLI::Option* catalog = command.add_option("--catalog", raw.options.catalog,
                                            "A snapshot (assay snapshot), or the output of pg_dump --schema-only");
  CLI::Option* server = command.add_option("--database", raw.options.database,
                                           "A server to take the catalog from, in one short read-only transaction");
  catalog->type_name("FILE")->excludes(server);
  server->type_name("URI");
}

}  // namespace assay
