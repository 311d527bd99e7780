#include "tests/parser/log/log_text.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

namespace assay::test {
namespace {

std::string time_of(std::size_t index) {
  return fmt::format("2026-11-22 {:02}:{:02}:{:02}.125 UTC", 10 + index / 3600, index / 60 % 60, index % 60);
}

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

std::string with_tabs(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\n\t") : std::string(1, c);
  return out;
}

std::string csv_text(std::string_view text) {
  if (text.empty()) return {};
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string milliseconds(Microseconds duration) {
  return fmt::format("{}.{:03}ms", duration.count() / 1000, duration.count() % 1000);
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const auto part : parts) {
    if (part.empty()) continue;
    if (!out.empty()) out += ' ';
    out += part;
  }
  return out;
}

}  // namespace

Event log(int process, std::string message, std::string detail) {
  return {process, "LOG", std::move(message), std::move(detail)};
}

Event error(int process, std::string message, std::string statement) {
  return {process, "ERROR", std::move(message), {}, std::move(statement), "42601"};
}

std::string as_stderr(const std::vector<Event>& events) {
  std::string out;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Event& e = events[i];
    const auto session = e.user.empty() ? "" : fmt::format("{}@{}/{} ", e.user, e.database, e.application);
    const auto prefix = fmt::format("{} [{}] {}", time_of(i), e.process, session);
    out += prefix + e.severity + ":  " + with_tabs(e.message) + "\n";
    if (!e.detail.empty()) out += prefix + "DETAIL:  " + with_tabs(e.detail) + "\n";
    if (!e.statement.empty()) out += prefix + "STATEMENT:  " + with_tabs(e.statement) + "\n";
  }
  return out;
}

std::string as_csv(const std::vector<Event>& events) {
  std::string out;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Event& e = events[i];
    out += fmt::format(
        "{},{},{},{},\"[local]\",6b0355eb.{:x},1,\"SELECT\",2026-11-22 09:00:00 UTC,3/4,0,{},{},{},{},,,,,{},,,\"{}\","
        "\"client backend\",,0\n",
        time_of(i), csv_text(e.user), csv_text(e.database), e.process, e.process, e.severity,
        e.sqlstate.empty() ? "00000" : e.sqlstate, csv_text(e.message), csv_text(e.detail), csv_text(e.statement),
        e.application);
  }
  return out;
}

std::string as_json(const std::vector<Event>& events) {
  std::string out;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Event& e = events[i];
    out += fmt::format("{{\"timestamp\":\"{}\"", time_of(i));
    const auto add = [&](std::string_view key, std::string_view text) {
      if (!text.empty()) out += fmt::format(",\"{}\":{}", key, json_text(text));
    };
    add("user", e.user);
    add("dbname", e.database);
    out += fmt::format(",\"pid\":{},\"line_num\":1", e.process);
    add("error_severity", e.severity);
    add("state_code", e.sqlstate);
    add("message", e.message);
    add("detail", e.detail);
    add("statement", e.statement);
    add("application_name", e.application);
    out += ",\"backend_type\":\"client backend\",\"query_id\":0}\n";
  }
  return out;
}

std::string told(const LogRecord& record) {
  const auto who = record.user.empty() ? std::string() : fmt::format("{}@{}", record.user, record.database);
  const auto parameters = record.parameters.empty() ? std::string() : fmt::format("[{}]", record.parameters);
  const auto time = record.timed ? milliseconds(record.duration) : "untimed";
  const auto about = record.sql.empty() ? std::string() : fmt::format("| {}", record.sql);
  switch (record.kind) {
    case RecordKind::kExecution:
      return joined({who, time, record.sql, parameters});
    case RecordKind::kUnfinished:
      return joined({"unfinished", time, record.sql});
    case RecordKind::kError:
      return joined({"error", first_line(record.message), about});
    case RecordKind::kPlan:
      return joined({"plan", record.sql});
    case RecordKind::kLockWait:
      return joined({"lock", first_line(record.message), about});
    case RecordKind::kTemporaryFile:
      return joined({"temp", first_line(record.message), about});
    case RecordKind::kSummary:
      return joined({"summary", fmt::format("{} calls", record.summary->calls), record.sql});
    case RecordKind::kConnection:
    case RecordKind::kDisconnection:
    case RecordKind::kOther:
      return joined({"other", record.severity, first_line(record.message), about});
  }
  return {};
}

Reading read_text(std::string_view text, const ReadOptions& options, const ReadLimits& limits) {
  const TemporaryFile file(text);
  Reading reading;
  reading.account = read_log(
      file.path(), options, limits,
      [&](const LogRecord& record) {
        reading.records.push_back(told(record));
        reading.lines.push_back(record.line);
      },
      reading.diagnostics);
  return reading;
}

std::vector<std::string> executions(std::string_view text) {
  auto records = read_text(text).records;
  records.erase(std::remove_if(records.begin(), records.end(), [](const auto& r) { return r.starts_with("other"); }),
                records.end());
  return records;
}

std::vector<std::string> executions(const std::vector<Event>& events) {
  const auto from_stderr = executions(as_stderr(events));
  CHECK(executions(as_csv(events)) == from_stderr);
  CHECK(executions(as_json(events)) == from_stderr);
  return from_stderr;
}

void check_account(const InputAccount& account, std::string_view text) {
  std::uint64_t skipped = 0;
  for (const auto& skip : account.skipped) skipped += skip.count;
  const auto newlines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  CHECK(account.lines == newlines + (text.empty() || text.back() == '\n' ? 0 : 1));
  CHECK(account.lines == account.record_lines + account.continuation_lines + skipped);
}

TemporaryFile::TemporaryFile(std::string_view content) {
  const char* folder = std::getenv("TMPDIR");
  path_ = std::string(folder != nullptr ? folder : "/tmp") + "/assay-test-XXXXXX";
  const int descriptor = mkstemp(path_.data());
  REQUIRE(descriptor >= 0);
  close(descriptor);
  std::ofstream(path_, std::ios::binary) << content;
}

TemporaryFile::~TemporaryFile() { unlink(path_.c_str()); }

}  // namespace assay::test
