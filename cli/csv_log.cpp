#include "cli/csv_log.h"

#include <fmt/format.h>

#include <array>
#include <ctime>
#include <string_view>

namespace assay {
namespace {

/// csvlog's columns, of which the others stay empty: postgresql.org/docs/15/runtime-config-logging.html
enum Column {
  kTime,
  kUser,
  kDatabase,
  kProcess,
  kSession = 5,
  kLine,
  kSeverity = 11,
  kState,
  kMessage,
  kDetail,
  kQuery = 19,
  kApplication = 22,
  kBackend,
  kColumns = 26
};

std::string time_of(Timestamp time) {
  const std::int64_t us = time.time_since_epoch().count();
  const std::time_t seconds = us / 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03} UTC", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, us / 1000 % 1000);
}

std::string quoted(std::string_view text) {
  std::string value = "\"";
  for (const char c : text) {
    if (c == '"') value += '"';
    value += c;
  }
  return value + "\"";
}

std::string message_of(const LogRecord& record) {
  if (record.kind == RecordKind::kError) return std::string(record.message);
  const std::int64_t us = record.duration.count();
  const std::string_view what = record.protocol == Protocol::kSimple ? "statement"
                                : record.prepared                    ? "execute s"
                                                                     : "execute <unnamed>";
  return fmt::format("duration: {}.{:03} ms  {}: {}", us / 1000, us % 1000, what, record.sql);
}

}  // namespace

void append_csv_log(std::string& log, const LogRecord& record) {
  std::array<std::string, kColumns> columns;
  columns[kTime] = time_of(record.time.utc);
  columns[kUser] = quoted(record.user);
  columns[kDatabase] = quoted(record.database);
  columns[kProcess] = std::to_string(record.process);
  columns[kSession] = record.session;
  columns[kLine] = "1";
  columns[kSeverity] = record.severity;
  columns[kState] = record.sqlstate;
  columns[kMessage] = quoted(message_of(record));
  if (!record.parameters.empty()) columns[kDetail] = quoted("parameters: " + std::string(record.parameters));
  if (record.kind == RecordKind::kError) columns[kQuery] = quoted(record.sql);
  columns[kApplication] = quoted(record.application);
  columns[kBackend] = quoted("client backend");
  for (std::size_t i = 0; i < columns.size(); ++i) log += (i > 0 ? "," : "") + columns[i];
  log += '\n';
}

}  // namespace assay
