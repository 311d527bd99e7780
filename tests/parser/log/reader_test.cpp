// What reading says: of files that cannot be read, and of lines that cannot.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "parser/base/error.h"
#include "tests/parser/log/log_text.h"

using namespace assay;
using namespace assay::test;

namespace {

/// "message; hint" of the Error, the path written as FILE.
std::string failure(const std::string& path, const ReadOptions& options = {}) {
  Diagnostics diagnostics;
  try {
    read_log(
        path, options, [](const LogRecord&) {}, diagnostics);
  } catch (const Error& error) {
    std::string text = std::string(error.what()) + "; " + error.hint();
    for (auto at = text.find(path); at != std::string::npos; at = text.find(path))
      text.replace(at, path.size(), "FILE");
    return text;
  }
  return "no error";
}

std::string failure_of(std::string_view content, const ReadOptions& options = {}) {
  const TemporaryFile file(content);
  return failure(file.path(), options);
}

/// All diagnostics of a text, the file's name written as FILE.
std::string diagnostics_of(std::string_view text, const ReadOptions& options = {}) {
  std::string out;
  for (auto diagnostic : read_text(text, options).diagnostics) {
    diagnostic.file = "FILE";
    out += to_string(diagnostic);
  }
  return out;
}

const std::vector<Event> kRun{log(1, "duration: 1.000 ms  statement: SELECT 1"),
                              log(1, "duration: 2.000 ms  statement: SELECT 2")};
constexpr std::string_view kFormats =
    "assay reads PostgreSQL's logs, what carries them (syslog, clouds), pg_stat_statements as CSV, slow query logs of "
    "MySQL "
    "and MariaDB, and SQL; state --log-format, and --log-line-prefix as the server's settings have it";

std::string with_prefix(std::string_view prefix, std::string_view message) {
  return fmt::format("{}LOG:  {}\n", prefix, message);
}

}  // namespace

TEST_CASE("files that cannot be read") {
  CHECK(failure("/does/not/exist.log") ==
        "FILE: cannot be opened: No such file or directory; check the name of the file");
  CHECK(failure("/tmp") == "FILE: is a folder, not a log; name the files in it");
}

TEST_CASE("files that are no log") {
  std::string binary;
  for (int i = 0; i < 1000; ++i) binary += static_cast<char>(i * 7);
  CHECK(failure_of(binary) == fmt::format("FILE: is a binary file, not a log; {}", kFormats));
  CHECK(failure_of("hello\nworld\n") == fmt::format("FILE: no log format that assay knows; {}", kFormats));
}

TEST_CASE("a log in another language is named, with the setting to change") {
  CHECK(
      failure_of("2026-11-22 10:00:00.000 UTC [1] LOG:  Dauer: 0.500 ms  Anweisung: SELECT 1\n") ==
      "FILE: the server wrote this log in German; set lc_messages = 'C' in postgresql.conf, reload, and record the log "
      "again");
}

TEST_CASE("an empty log is no error") {
  const auto reading = read_text("");
  check_account(reading.account, "");
  CHECK(reading.account.lines == 0);
  CHECK(diagnostics_of("") ==
        "FILE: warning: the log is empty\n"
        "hint: log_min_duration_statement = 0 makes the server log every statement\n");
}

TEST_CASE("a log without damage says nothing") {
  for (const auto& text : {as_stderr(kRun), as_csv(kRun), as_json(kRun)}) CHECK(diagnostics_of(text) == "");
}

TEST_CASE("a pipe is read like a file") {
  const TemporaryFile place("");
  const std::string path = place.path() + ".pipe";
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  const auto text = as_csv(kRun);
  const int child = fork();
  if (child == 0) {
    FILE* pipe = fopen(path.c_str(), "w");
    fwrite(text.data(), 1, text.size(), pipe);
    fclose(pipe);
    _exit(0);
  }
  Diagnostics diagnostics;
  const auto account = read_log(
      path, {}, [](const LogRecord&) {}, diagnostics);
  unlink(path.c_str());
  CHECK(account.executions == 2);
  CHECK(account.bytes == text.size());
}

TEST_CASE("a corrupt csvlog record is skipped with its place, and reading goes on") {
  const auto text = as_csv(kRun);
  CHECK(diagnostics_of(text + "2026-11-22 10:00:09.125 UTC,\"a\"b\nmore\n" + text) ==
        "FILE:3: warning: 2 lines skipped: not a csvlog record\n"
        "    2026-11-22 10:00:09.125 UTC,\"a\"b\n"
        "                                   ^\n"
        "hint: the record is damaged; reading went on at the next one\n");
}

TEST_CASE("an open quote does not swallow the records behind it") {
  auto run = kRun;
  for (int i = 0; i < 20; ++i) run.push_back(kRun[0]);
  auto text = as_csv(run);
  const auto second = text.find('\n') + 1;
  text.erase(text.find("\",,,", second), 1);
  const auto reading = read_text(text);
  CHECK(reading.account.executions == run.size() - 1);
  check_account(reading.account, text);
}

TEST_CASE("a statement that quotes a csvlog is one statement") {
  const std::string quoted = "INSERT INTO log VALUES ('\n" + as_csv(kRun) + "')";
  CHECK(executions({log(1, "duration: 1.000 ms  statement: " + quoted)}) == std::vector{"web@crm 1.000ms " + quoted});
}

TEST_CASE("csvlog of older servers has fewer columns") {
  auto text = as_csv({kRun[0]});
  const auto backend = text.find(",\"client backend\"");
  CHECK(executions(text.substr(0, backend) + "\n") == std::vector<std::string>{"web@crm 1.000ms SELECT 1"});
  CHECK(executions(text.substr(0, backend) + ",\"client backend\"\n") ==
        std::vector<std::string>{"web@crm 1.000ms SELECT 1"});
}

TEST_CASE("a corrupt jsonlog record is skipped with its place") {
  const auto text = as_json(kRun);
  CHECK(diagnostics_of(text + "{\"timestamp\":\"x\",\"pid\":}\n" + text) ==
        "FILE:3: warning: line skipped: not a jsonlog record\n"
        "    {\"timestamp\":\"x\",\"pid\":}\n"
        "hint: the record is damaged; reading went on at the next line\n");
}

TEST_CASE("a last record that is cut off") {
  const auto csv = as_csv(kRun);
  CHECK(diagnostics_of(csv + csv.substr(0, 60)) ==
        "FILE:3: warning: line skipped: the last record is cut off\n    " + csv.substr(0, 60) +
            "\nhint: the server was still writing, or the copy is not complete\n");
  const auto json = as_json(kRun);
  CHECK(diagnostics_of(json + json.substr(0, 40))
            .starts_with("FILE:3: warning: line skipped: the last record is cut off\n"));
  const auto plain = as_stderr(kRun);
  CHECK(diagnostics_of(plain + plain.substr(0, 30))
            .starts_with("FILE:3: warning: line skipped: the last record is cut off\n"));
}

TEST_CASE("a file that starts within a record") {
  const auto text = as_stderr(kRun);
  CHECK(
      diagnostics_of("\tFROM t\n\tWHERE a\n" + text) ==
      "FILE:1: warning: 2 lines skipped: the file starts in the middle of a record\n"
      "    \\tFROM t\n"
      "hint: a rotation or a split cut it in two; to have it whole, give the file before it too, in the same folder\n");
  CHECK(diagnostics_of("FROM t\",,,,,,,,,\"psql\"\n" + as_csv(kRun))
            .starts_with("FILE:1: warning: line skipped: the file starts"));
}

TEST_CASE("a detail without its record is skipped") {
  CHECK(diagnostics_of(as_stderr(kRun) +
                       "2026-11-22 10:00:09.125 UTC [77] web@crm/shop DETAIL:  parameters: $1 = '1'\n") ==
        "FILE:3: warning: line skipped: DETAIL or STATEMENT without its record\n"
        "    parameters: $1 = '1'\n"
        "hint: two servers may write this file; give each its own log\n");
}

TEST_CASE("three diagnostics of a reason, then how many more") {
  std::string text = as_json(kRun);
  for (int i = 0; i < 7; ++i) text += "damage\n";
  const auto diagnostics = read_text(text).diagnostics;
  REQUIRE(diagnostics.size() == 4);
  CHECK(diagnostics[2].line == 5);
  CHECK(diagnostics[3].message == "4 more lines skipped: not a jsonlog record");
}

TEST_CASE("what the prefix leaves out and that costs something is told once") {
  const std::string no_process =
      "note: log_line_prefix has no %p: lines of one process cannot be put together\n"
      "hint: add %p to log_line_prefix\n";
  const std::string no_time =
      "note: log_line_prefix has no %m: nothing can be said of times and rates\n"
      "hint: add %m to log_line_prefix\n";
  const std::string no_database =
      "note: log_line_prefix has no %d: databases cannot be told apart\n"
      "hint: add %q%u@%d to log_line_prefix\n";
  CHECK(diagnostics_of(with_prefix("", "x") + with_prefix("", "y")) ==
        "FILE: " + no_process + "FILE: " + no_time + "FILE: " + no_database);
  CHECK(diagnostics_of(with_prefix("2026-11-22 10:00:00.000 UTC [1] ", "x")) == "FILE: " + no_database);
}

TEST_CASE("a prefix that is stated and wrong is told, with the one that fits") {
  ReadOptions options;
  options.log_line_prefix = "%t %u ";
  const auto diagnostics = read_text(as_stderr(kRun), options).diagnostics;
  REQUIRE(diagnostics.size() == 2);
  CHECK(diagnostics[0].message == "2 lines skipped: the file starts in the middle of a record");
  CHECK(diagnostics[1].message == "no line begins with log_line_prefix '%t %u '");
  CHECK(diagnostics[1].hint == "the log looks like --log-line-prefix '%m [%p] %q%u@%d/%a '");
}

TEST_CASE("times carry the log's zone, and a zone that is not known is told once") {
  const auto time_of = [](std::string_view zone, std::optional<UtcOffset> stated, Diagnostics& diagnostics) {
    const TemporaryFile file(with_prefix(fmt::format("2026-11-22 10:00:00.125 {} [1] u@d/a ", zone), "x"));
    ReadOptions options;
    options.zone = stated;
    std::string time;
    read_log(
        file.path(), options, [&](const LogRecord& r) { time = to_iso8601(r.time); }, diagnostics);
    return time;
  };
  Diagnostics diagnostics;
  CHECK(time_of("CET", std::nullopt, diagnostics) == "2026-11-22T10:00:00.125000+01:00");
  CHECK(time_of("-0330", UtcOffset{60}, diagnostics) == "2026-11-22T10:00:00.125000-03:30");
  CHECK(time_of("IST", UtcOffset{330}, diagnostics) == "2026-11-22T10:00:00.125000+05:30");
  CHECK(diagnostics.empty());
  CHECK(time_of("IST", std::nullopt, diagnostics) == "2026-11-22T10:00:00.125000+00:00");
  REQUIRE(diagnostics.size() == 1);
  CHECK(diagnostics[0].message == "time zone IST is not known or not unique: its times are taken as UTC");
}

TEST_CASE("progress ends at the size of the file") {
  const auto text = as_csv(kRun);
  const TemporaryFile file(text);
  std::uint64_t last = 0, whole = 0;
  ReadOptions options;
  options.progress = [&](std::uint64_t done, std::uint64_t total) { last = done, whole = total; };
  Diagnostics diagnostics;
  read_log(
      file.path(), options, [](const LogRecord&) {}, diagnostics);
  CHECK(last == text.size());
  CHECK(whole == text.size());
}

TEST_CASE("formats have names") {
  for (const std::string_view name : {"stderr", "csvlog", "jsonlog", "syslog", "cloudsql", "azure", "cnpg",
                                      "pg_stat_statements", "mysql-slow", "sql"}) {
    const auto format = parse_log_format(name);
    REQUIRE(format);
    CHECK(to_string(*format) == name);
  }
  CHECK(parse_log_format("eventlog") == std::nullopt);
}

TEST_CASE("a byte order mark at the front is no part of the log") {
  for (const auto& text : {as_stderr({log(1, "duration: 1.000 ms  statement: SELECT 1")}),
                           as_csv({log(1, "duration: 1.000 ms  statement: SELECT 1")}),
                           as_json({log(1, "duration: 1.000 ms  statement: SELECT 1")})}) {
    CHECK(read_text("\xEF\xBB\xBF" + text).records == read_text(text).records);
    CHECK(read_text("\xEF\xBB\xBF" + text).account.skipped_lines() == 0);
  }
}

TEST_CASE("UTF-16 is refused, and said how to convert") {
  for (const std::string mark : {"\xFF\xFE", "\xFE\xFF"}) {
    CHECK_THROWS_WITH(read_text(mark + std::string("2\0000\0", 4)), Catch::Contains("is UTF-16"));
  }
}
