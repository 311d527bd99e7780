#include "cli/app.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <thread>

#include "cli/check_command.h"
#include "cli/command_line_texts.h"
#include "cli/messages.h"
#include "cli/options.h"
#include "cli/report_command.h"
#include "cli/snapshot_command.h"
#include "cli/watch/watch_command.h"

namespace assay {
namespace {

enum ExitStatus { kDone = 0, kFailed = 1, kUsage = 2, kFound = 3 };

// The command line as it was typed; options.h says what it means.
struct RawReportFlags {
  ReportOptions options;
  std::optional<std::string> format, charts, budget, cache_memory, memory, since, until, log_format, zone,
      log_threshold, log_sample_rate;
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

void add_inputs(CLI::App& command, RawReportFlags& raw) {
  command
      .add_option("INPUT", raw.options.inputs,
                  "PostgreSQL logs (stderr, csvlog, jsonlog, syslog; of RDS, Cloud SQL, Azure, CloudNativePG), "
                  "pg_stat_statements as CSV, MySQL's slow logs, .sql files; plain, .gz, .zst, .xz or .bz2: files, "
                  "folders, patterns, or -")
      ->required();
  CLI::Option* catalog = command.add_option("--catalog", raw.options.catalog,
                                            "A snapshot (assay snapshot), or the output of pg_dump --schema-only");
  CLI::Option* server = command.add_option("--database", raw.options.database,
                                           "A server to take the catalog from, in one short read-only transaction");
  catalog->type_name("FILE")->excludes(server);
  server->type_name("URI");
}

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
      "  assay report 'logs/*.csv' --catalog crm.snapshot --since 2026-11-22T08:00 -o report.html --ddl indexes.sql\n");
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

struct RawCheckFlags {
  RawReportFlags reading;
  CheckOptions options;
  std::string format = "text", fail_on = "error";
  std::vector<std::string> rules, budgets;
};

std::string rules_text() {
  std::string text = "Rules:\n";
  for (const CheckRule& rule : check_rules()) {
    text += fmt::format("  {:<22}{:<9}{}\n", rule.id, to_string(rule.level), rule.what);
  }
  return text;
}

CLI::App* add_check_command(CLI::App& app, RawCheckFlags& raw) {
  CLI::App* command = app.add_subcommand("check", "The gate for CI: what this release will do to production");
  add_inputs(*command, raw.reading);
  command
      ->add_option("--schema", raw.options.schema,
                   "pg_dump --schema-only after the migrations; rows and statistics come from --catalog")
      ->type_name("FILE");
  command->add_option("--baseline", raw.options.baseline, "What is known and accepted; the rest is new")
      ->type_name("FILE");
  command->add_option("--write-baseline", raw.options.new_baseline, "Write what there is now as the next baseline")
      ->type_name("FILE");
  command->add_option("--fail-on", raw.fail_on, "Exit with 3 from this level on: error (default), warning, note, never")
      ->check(CLI::IsMember({"error", "warning", "note", "never"}))
      ->type_name("LEVEL");
  command->add_option("--rule", raw.rules, "Another level for a rule: off, note, warning or error; may be repeated")
      ->type_name("RULE=LEVEL");
  command
      ->add_option("--request-budget", raw.budgets,
                   "Most milliseconds for a request of this sqlcommenter route, or controller#action; may be repeated")
      ->type_name("TAG=MS");
  command
      ->add_option("--large-table", raw.options.settings.large_rows,
                   "A table of so many rows is large (default: 10000)")
      ->check(CLI::PositiveNumber)
      ->type_name("ROWS");
  command
      ->add_option("--costlier", raw.options.settings.costlier,
                   "Times the baseline's cost that are too many (default: 2)")
      ->check(CLI::PositiveNumber)
      ->type_name("TIMES");
  command->add_option("--format", raw.format, "text (default), json, sarif, or github: annotations of a workflow")
      ->check(CLI::IsMember({"text", "json", "sarif", "github"}))
      ->type_name("FORMAT");
  command
      ->add_option("-o,--output", raw.reading.options.output, "Where to write the findings (default: standard output)")
      ->type_name("FILE");
  add_input_flags(*command, raw.reading);
  command->footer(rules_text() +
                  "A comment in a statement, -- assay: allow RULE (reason), lifts a rule from it.\n"
                  "Examples:\n"
                  "  assay check test.log --catalog production.snapshot --baseline assay.baseline\n"
                  "  assay check queries/ --schema migrated.sql --catalog production.snapshot --format github\n"
                  "  assay check test.log --request-budget /checkout=50 --rule offset-paging=error\n");
  return command;
}

struct RawWatchFlags {
  WatchOptions options;
  std::string format = "text";
  std::optional<std::string> log_format, zone;
  std::int64_t window = 60, days = 7;
};

CLI::App* add_watch_command(CLI::App& app, RawWatchFlags& raw) {
  CLI::App* command = app.add_subcommand("watch", "Follow logs: figures by the minute, and alerts with their cause");
  command
      ->add_option("LOG", raw.options.logs,
                   "Logs that a server writes to: files, folders, or patterns in quotes, so that new files are found")
      ->required();
  command
      ->add_option("--state", raw.options.state,
                   "Keep the figures, and go on from here after a restart: nothing twice, nothing lost (SQLite)")
      ->type_name("FILE");
  command
      ->add_option("--listen", raw.options.listen,
                   "Serve /metrics for Prometheus and /health here; without a host on 127.0.0.1")
      ->type_name("[HOST:]PORT");
  command->add_option("--format", raw.format, "text (default; on a terminal a screen), or json: a line an event")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT");
  command->add_option("--window", raw.window, "Seconds that figures are added up over (default: 60)")
      ->check(CLI::Range(5, 3600))
      ->type_name("SECONDS");
  command->add_option("--top", raw.options.top, "Query classes that are told one by one (default: 20)")
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  command->add_option("--cores", raw.options.cores, "Processor cores of the server (default: as this machine)")
      ->check(CLI::Range(1, 4096))
      ->type_name("N");
  command->add_option("--retention", raw.days, "Days that --state keeps (default: 7)")
      ->check(CLI::Range(1, 3650))
      ->type_name("DAYS");
  command->add_flag("--from-start", raw.options.from_start, "Begin with what the logs hold already");
  command->add_flag("--once", raw.options.once, "Read what the logs hold, and end");
  command->add_option("--log-format", raw.log_format, "Format of the log, when it is not to be recognised")
      ->check(CLI::IsMember({"stderr", "csvlog", "jsonlog", "syslog", "cloudsql", "azure", "cnpg", "mysql-slow"}))
      ->type_name("FORMAT");
  command
      ->add_option("--log-line-prefix", raw.options.read.log_line_prefix,
                   "The server's log_line_prefix, when it is not to be detected")
      ->type_name("PREFIX");
  command
      ->add_option("--timezone", raw.zone,
                   "Show times at this offset, such as +02:00, and read so those that have none")
      ->type_name("OFFSET");
  command->footer(
      "Examples:\n"
      "  assay watch /var/log/postgresql/postgresql-15-main.log\n"
      "  assay watch '/var/log/postgresql/*.json' --state /var/lib/assay/watch.db --listen 9187\n"
      "  assay watch yesterday.log --once --format json | jq .alert\n");
  return command;
}

WatchOptions meaning_of(RawWatchFlags raw) {
  WatchOptions options = std::move(raw.options);
  options.format = raw.format == "json" ? WatchFormat::kJson : WatchFormat::kText;
  options.window = std::chrono::seconds(raw.window);
  options.retention = std::chrono::hours(24 * raw.days);
  if (raw.log_format) options.read.format = parse_log_format(*raw.log_format);
  if (raw.zone) options.read.zone = parse_zone_option(*raw.zone);
  return options;
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

CheckOptions meaning_of(RawCheckFlags raw) {
  CheckOptions options = std::move(raw.options);
  options.reading = meaning_of(std::move(raw.reading));
  options.format = raw.format == "json"     ? CheckFormat::kJson
                   : raw.format == "sarif"  ? CheckFormat::kSarif
                   : raw.format == "github" ? CheckFormat::kGithub
                                            : CheckFormat::kText;
  options.fail_on = parse_level(raw.fail_on);
  for (const std::string& rule : raw.rules) set_rule(options.settings, rule);
  for (const std::string& budget : raw.budgets) set_budget(options.settings, budget);
  return options;
}

int status_of(CheckStatus status) {
  return status == CheckStatus::kPassed ? kDone : status == CheckStatus::kFailed ? kFound : kFailed;
}

/// Hidden: for those who package the tool, and for the README's line on completions.
CLI::App* add_texts_command(CLI::App& app, std::string& what) {
  CLI::App* command = app.add_subcommand("texts", "Print the completions or the manual page")->group("");
  command->add_option("WHAT", what)->required()->check(CLI::IsMember({"bash", "zsh", "man"}));
  return command;
}

void print_text(const CLI::App& app, const std::string& what) {
  const std::string text = what == "bash"  ? bash_completion(app)
                           : what == "zsh" ? zsh_completion(app)
                                           : manual_page(app);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

/// What every command takes; CLI11 hands it on from there.
void add_general_flags(CLI::App& app, std::string& color) {
  app.set_version_flag("--version", "assay " ASSAY_VERSION);
  app.set_config("--config", "", "Read options from this file: [report] and then name = value, as on the command line")
      ->type_name("FILE");
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.add_option("--color", color,
                 "Colour in messages: auto (default: on a terminal, unless NO_COLOR is set), always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->type_name("WHEN");
}

int parse_and_run(int argc, char** argv) {
  CLI::App app("Assay weighs a database's query log: what each query costs, and what to change.", "assay");
  std::string color = "auto", text;
  add_general_flags(app, color);
  app.require_subcommand(1);
  app.fallthrough();
  RawReportFlags report;
  report.options.read.jobs = std::max(1U, std::thread::hardware_concurrency());
  SnapshotOptions snapshot;
  RawCheckFlags check;
  check.reading.options.read.jobs = report.options.read.jobs;
  CLI::App* report_command = add_report_command(app, report);
  add_snapshot_command(app, snapshot);
  const CLI::App* check_command = add_check_command(app, check);
  RawWatchFlags watch;
  const CLI::App* watch_command = add_watch_command(app, watch);
  const CLI::App* texts_command = add_texts_command(app, text);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? kDone : kUsage;  // CLI11 has statuses of its own, such as 106
  }
  set_color(color == "auto" ? wants_color() : color == "always");
  if (app.got_subcommand(texts_command)) {
    print_text(app, text);
    return kDone;
  }
  if (app.got_subcommand(check_command)) return status_of(run_check(meaning_of(std::move(check))));
  if (app.got_subcommand(watch_command)) {
    run_watch(meaning_of(std::move(watch)));
    return kDone;
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
