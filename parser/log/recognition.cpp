#include "parser/log/recognition.h"

#include <fmt/format.h>

#include <algorithm>

#include "parser/base/error.h"
#include "parser/log/carriers.h"
#include "parser/log/mysql_slow.h"
#include "parser/log/prefix.h"
#include "parser/log/stat_statements.h"
#include "parser/log/syslog_line.h"

namespace assay {
namespace {

constexpr std::string_view kFormatHint =
    "assay reads PostgreSQL's logs, what carries them (syslog, clouds), pg_stat_statements as CSV, slow query logs of "
    "MySQL "
    "and MariaDB, and SQL; state --log-format, and --log-line-prefix as the server's settings have it";

/// Calls `use` with each line, without its newline, until that returns false.
template <typename Use>
void for_each_line(std::string_view text, Use use) {
  for (std::size_t at = 0; at < text.size();) {
    const auto end = line_end(text, at);
    if (!use(text.substr(at, end - at))) return;
    at = end + 1;
  }
}

struct LineCounts {
  std::size_t json = 0, csv = 0, labelled = 0, slow = 0;
  std::size_t syslog = 0;  ///< of the labelled ones
};

/// Whether a label stands in the line, behind whatever prefix.
bool holds_label(std::string_view line) {
  for (auto colon = line.find(":  "); colon != std::string_view::npos; colon = line.find(":  ", colon + 1)) {
    std::size_t begin = colon;
    while (begin > 0 && line[begin - 1] >= '0' && line[begin - 1] <= 'Z' && line[begin - 1] != ':') --begin;
    if (find_label(line.substr(begin)) != nullptr) return true;
  }
  return false;
}

LineCounts count_kinds(std::string_view sample) {
  LineCounts counts;
  for_each_line(sample, [&](std::string_view line) {
    if (starts_json_record(line)) {
      ++counts.json;
    } else if (starts_csv_record(line)) {
      ++counts.csv;
    } else if (is_slow_log_line(line)) {
      ++counts.slow;
    } else if (holds_label(line.substr(0, 4096))) {
      ++counts.labelled;
      counts.syslog += parse_syslog_line(line) ? 1 : 0;
    }
    return true;
  });
  return counts;
}

std::optional<LogFormat> recognise_format(std::string_view sample) {
  if (const auto cloud = recognise_cloud(sample)) return cloud;
  if (stat_statements_header(sample)) return LogFormat::kStatStatements;
  const LineCounts counts = count_kinds(sample);
  const auto most = std::max({counts.json, counts.csv, counts.labelled, counts.slow});
  if (most == 0) return is_sql_text(sample) ? std::optional(LogFormat::kSqlText) : std::nullopt;
  if (counts.slow == most) return LogFormat::kMysqlSlow;
  if (counts.json == most) return LogFormat::kPostgresJson;
  if (counts.csv == most) return LogFormat::kPostgresCsv;
  return counts.syslog * 2 > counts.labelled ? LogFormat::kPostgresSyslog : LogFormat::kPostgresStderr;
}

/// More than a few bytes that no text has.
bool is_binary(std::string_view sample) {
  sample = sample.substr(0, 65536);
  std::size_t strange = 0;
  for (const char c : sample) {
    const auto byte = static_cast<unsigned char>(c);
    strange += byte < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\x1b' ? 1 : 0;
  }
  return strange * 50 > sample.size();
}

/// Every line of the sample ends with a carriage return, as after a transfer from or to Windows.
bool has_carriage_returns(std::string_view sample) {
  std::size_t lines = 0, returns = 0;
  for (auto newline = sample.find('\n'); newline != std::string_view::npos; newline = sample.find('\n', newline + 1)) {
    ++lines;
    returns += newline > 0 && sample[newline - 1] == '\r' ? 1 : 0;
  }
  return lines > 0 && lines == returns;
}

struct Translation {
  std::string_view duration;  ///< what stands before the number in "duration: 1.234 ms"
  std::string_view language;
};

// As PostgreSQL's message catalogues have them, those of some versions only.
constexpr Translation kTranslations[] = {
    {"Dauer: ", "German"},
    {"durée : ", "French"},
    {"duración: ", "Spanish"},
    {"durata: ", "Italian"},
    {"продолжительность: ", "Russian"},
    {"тривалість: ", "Ukrainian"},
    {"期間: ", "Japanese"},
    {"耗时: ", "Chinese"},
    {"持續時間: ", "Chinese"},
    {"실행시간: ", "Korean"},
    {"varaktighet ", "Swedish"},
    {"ხანგრძლივობა: ", "Georgian"},
    {"duração: ", "Portuguese"},
    {"czas trwania: ", "Polish"},
    {"süre: ", "Turkish"},
    {"trvání: ", "Czech"},
    {"doba trvání: ", "Czech"},
};

/// `word` with a number behind it, at the front of a message: behind a label, a quote, or a blank.
bool holds_duration(std::string_view sample, std::string_view word) {
  for (auto at = sample.find(word); at != std::string_view::npos; at = sample.find(word, at + 1)) {
    const std::size_t behind = at + word.size();
    const bool at_front = at == 0 || sample[at - 1] == ' ' || sample[at - 1] == '"';
    if (at_front && behind < sample.size() && sample[behind] >= '0' && sample[behind] <= '9') return true;
  }
  return false;
}

std::string missing_format_message(const std::string& path, std::string_view sample) {
  if (is_binary(sample)) return fmt::format("{}: is a binary file, not a log", path);
  return fmt::format("{}: no log format that assay knows", path);
}

/// The stated prefix, or the one that the lines of stderr agree on. On Azure the messages may stand without one.
std::string prefix_of(const std::string& path, std::string_view sample, LogFormat format, const ReadOptions& options) {
  if (options.log_line_prefix) return *options.log_line_prefix;
  const auto prefix = carries_stderr(format) ? detect_prefix(carried_lines(format, sample)) : detect_prefix(sample);
  if (prefix || format == LogFormat::kAzure) return prefix.value_or("");
  throw Error(fmt::format("{}: log_line_prefix cannot be told from the log", path),
              "state it as SHOW log_line_prefix prints it: --log-line-prefix '%m [%p] '");
}

std::string columns_of(const std::string& path, std::string_view sample) {
  if (const auto header = stat_statements_header(sample)) return *header;
  throw Error(fmt::format("{}: the first line does not name the columns of pg_stat_statements", path),
              "export with a header: \\copy (SELECT * FROM pg_stat_statements) TO 'statements.csv' CSV HEADER");
}

}  // namespace

std::string_view foreign_language(std::string_view sample) {
  if (holds_duration(sample, "duration: ")) return {};
  for (const auto& [duration, language] : kTranslations) {
    if (holds_duration(sample, duration)) return language;
  }
  return {};
}

LogDialect recognise(const std::string& path, std::string_view sample, const ReadOptions& options) {
  LogDialect dialect;
  dialect.zone = options.zone;
  dialect.crlf = has_carriage_returns(sample);
  auto format = options.format;
  if (!format) format = recognise_format(sample);
  const auto language = format == LogFormat::kMysqlSlow ? std::string_view() : foreign_language(sample);
  if (!language.empty()) {
    throw Error(fmt::format("{}: the server wrote this log in {}", path, language),
                "set lc_messages = 'C' in postgresql.conf, reload, and record the log again");
  }
  if (!format && options.log_line_prefix) format = LogFormat::kPostgresStderr;
  if (!format) throw Error(missing_format_message(path, sample), std::string(kFormatHint));
  dialect.format = *format;
  if (*format == LogFormat::kMysqlSlow && !dialect.zone) dialect.zone = slow_log_zone(sample);
  if (*format == LogFormat::kPostgresSyslog) {
    dialect.first_time = deduced_first_time(path, sample, options.zone.value_or(UtcOffset{0}));
  }
  if (*format == LogFormat::kStatStatements) dialect.header = columns_of(path, sample);
  if (*format == LogFormat::kPostgresStderr || carries_stderr(*format)) {
    dialect.log_line_prefix = prefix_of(path, sample, *format, options);
  }
  return dialect;
}

}  // namespace assay
