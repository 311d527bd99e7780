// The command line as values: raw flags become meaning here, and nowhere else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/censoring.h"
#include "analyzer/workload_builder.h"
#include "cli/chart.h"
#include "parser/base/error.h"
#include "parser/log/reader.h"

namespace assay {

/// Wrong use of the command line: exit status 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

enum class ReportFormat { kMarkdown, kJson, kHtml, kCsv };

struct ReportOptions {
  std::vector<std::string> inputs;      ///< files, folders, globs, "-"
  std::optional<std::string> catalog;   ///< a snapshot or a schema dump
  std::optional<std::string> database;  ///< URI or conninfo of a server
  bool live = false;                    ///< plan on that server, with HypoPG
  ReportFormat format = ReportFormat::kMarkdown;
  ChartStyle charts = ChartStyle::kText;  ///< in markdown
  std::optional<std::string> output;      ///< stdout when absent
  std::optional<std::string> ddl;
  std::optional<std::string> save;  ///< where to save the workload
  bool redact = false;              ///< no values of the log in the report and in what is saved
  std::optional<std::int64_t> budget_bytes;
  std::optional<std::uint64_t> calls_limit;  ///< most what-if calls
  std::optional<std::size_t> cores;          ///< of the server
  std::optional<std::int64_t> cache_memory_bytes;
  double target_p95 = 0, target_throughput = 0;  ///< ms; statements a second; 0: none
  std::size_t trace_bytes = Trace::kDefaultBytes;
  WorkloadFilter filter;
  ReadOptions read;
  LoggingSettings logging;           ///< of the server, as far as the user states them
  std::optional<std::string> stats;  ///< where to write what the run took
  bool quiet = false;
};

struct SnapshotOptions {
  std::string uri;     ///< empty with print_sql
  std::string output;  ///< empty with print_sql, whose script goes to stdout
  bool redact = false;
  bool print_sql = false;
};

/// "512MB", "2GB", "1048576": units of 1,024, as in PostgreSQL's settings. Throws UsageError.
std::int64_t parse_size(std::string_view text);

/// --log-threshold and --log-sample-rate in the server's own settings: executions of the threshold and more are all
/// logged, of those below (of all without a threshold) that share. Throws UsageError.
LoggingSettings parse_logging_options(const std::optional<std::string>& threshold,
                                      const std::optional<std::string>& sample_rate);

/// Of --format, or where that is absent by how the output's name ends.
ReportFormat report_format(const std::optional<std::string>& format, const std::optional<std::string>& output);

/// Of --charts; where that is absent Mermaid in a file, where it is drawn, and text on standard output.
ChartStyle chart_style(const std::optional<std::string>& charts, bool to_file);

/// ISO 8601; without an offset in `zone`, or in the log's own. Throws UsageError.
TimeBound parse_time_option(std::string_view text, std::optional<UtcOffset> zone);

/// "90s", "10min": longer than nothing. Throws UsageError.
Microseconds parse_duration_option(const std::string& text);

/// An offset ("+02:00") or an unambiguous abbreviation ("CET"). Throws UsageError.
UtcOffset parse_zone_option(std::string_view text);

}  // namespace assay
