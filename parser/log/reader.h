// Reads one log: bytes -> LogRecords, with an account of every line.
//
// The format, the log_line_prefix and the compression are recognised by content; ReadOptions overrules.
// Blocks of the file are taken apart by several workers and put together in the order of the file, so the
// records, their order and the account are the same for any number of workers.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/base/diagnostic.h"
#include "parser/log/record.h"

namespace assay {

enum class LogFormat {
  kPostgresStderr,
  kPostgresCsv,
  kPostgresJson,
  kPostgresSyslog,
  kCloudSql,        ///< Google Cloud Logging's JSON around lines of stderr
  kAzure,           ///< Azure Monitor's JSON around messages
  kCloudNativePg,   ///< CloudNativePG's JSON around the fields of csvlog
  kStatStatements,  ///< pg_stat_statements, exported as CSV
  kMysqlSlow,       ///< slow query log of MySQL, MariaDB and Percona Server
  kSqlText,         ///< a file of SQL statements
};

/// "stderr", "csvlog", "jsonlog" (the words of PostgreSQL's log_destination), "syslog", "cloudsql", "azure", "cnpg",
/// "pg_stat_statements", "mysql-slow", "sql": used on the command line, in messages and in JSON.
std::string_view to_string(LogFormat format);
std::optional<LogFormat> parse_log_format(std::string_view name);

struct ReadOptions {
  std::optional<LogFormat> format;             ///< recognised by content when absent
  std::optional<std::string> log_line_prefix;  ///< PostgreSQL's notation; detected when absent
  std::optional<UtcOffset> zone;               ///< of times whose zone the log leaves open
  unsigned jobs = 1;
  std::string rest;              ///< front_rest() of the next piece of this log: taken in if the last record needs it
  std::uint64_t taken_rest = 0;  ///< bytes at the front of this piece's text that the piece before took in
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;  ///< in bytes of the file; may be empty
};

struct SkippedLines {
  std::string reason;
  std::uint64_t count = 0;
  std::uint64_t first_line = 0;  ///< counted from 1
  std::string hint;              ///< what to do about it
  bool is_loss = true;           ///< false: none of the lines was of a record, such as another program's
};

/// What became of every line: lines = record_lines + continuation_lines + Σ skipped.count.
struct InputAccount {
  std::string path;
  std::string format;           ///< to_string(LogFormat)
  std::string log_line_prefix;  ///< of lines of stderr, whatever carries them: as given or detected
  std::string compression;      ///< "gzip", "zstd", "xz", "bzip2", or empty
  std::uint64_t bytes = 0;      ///< of the file as it lies there, compressed or not
  std::uint64_t lines = 0;
  std::uint64_t record_lines = 0;
  std::uint64_t continuation_lines = 0;
  std::uint64_t records = 0;  ///< LogRecords told: fewer than record lines, since parse, bind and execute are one
  std::uint64_t executions = 0;
  std::vector<SkippedLines> skipped;    ///< by reason, in the order of first_line
  std::uint64_t inside_procedures = 0;  ///< thereof statements whose time was taken off a CALL (procedure_time.h)
  bool took_rest = false;               ///< the lines of ReadOptions::rest are counted here
  bool cut_short = false;               ///< reading failed behind these lines, or the file is damaged there

  // What counting once found (analyzer/counted_once.h):
  std::uint32_t server = 0;       ///< as LogRecord::server
  std::uint64_t told_before = 0;  ///< records that an input read earlier tells too; not in `executions`
  std::string same_run_as;        ///< that input; empty for none
  bool left_out = false;          ///< nothing of it was counted
  std::string left_out_why;       ///< "holds sums …", where that is not that it tells the same run

  std::uint64_t skipped_lines() const { return lines - record_lines - continuation_lines; }
};

using RecordSink = std::function<void(const LogRecord&)>;

/// Reads the log at `path`, calling `sink` once a record on the calling thread. Malformed lines are counted
/// and told in `diagnostics` (a few of each reason), and never stop the run.
/// Throws Error: a file that cannot be opened, read or decompressed, or in which no format is recognised. Where that
/// happens behind lines whose records were told, the account is of those, `cut_short`, and the error is in
/// `diagnostics`. An empty file is no error: an account of zero lines, and a warning.
InputAccount read_log(const std::string& path, const ReadOptions& options, const RecordSink& sink,
                      Diagnostics& diagnostics);

/// What stands at the front of the log at `path` before its first record and may be the rest of one that was cut in
/// two. Empty where there is nothing, where it is over 1 MB, and where the log cannot be read.
std::string front_rest(const std::string& path, const ReadOptions& options);

}  // namespace assay
