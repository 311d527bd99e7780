// assay watch on the command line.
#include <CLI/CLI.hpp>

#include "cli/command_flags.h"

namespace assay {

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

}  // namespace assay
