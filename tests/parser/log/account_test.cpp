// Every line is accounted for, whatever the input; and the outcome does not depend on workers or blocks.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "tests/parser/log/log_text.h"

using namespace assay;
using namespace assay::test;

namespace {

std::vector<Event> small_run() {
  Event background = log(9, "checkpoint starting: time");
  background.user = background.database = background.application = "";
  Event file = log(2, "temporary file: path \"x\", size 1");
  file.statement = "SELECT \"b\"\nORDER BY 1";
  return {log(1, "connection received: host=[local]"),
          log(1, "duration: 12.345 ms  statement: SELECT 'a\n\tb'\nFROM t -- x"),
          background,
          log(1, "duration: 0.100 ms  parse s1: SELECT $1"),
          log(1, "duration: 0.010 ms  bind s1: SELECT $1", "parameters: $1 = 'two\nlines'"),
          file,
          log(1, "duration: 1.000 ms  execute s1: SELECT $1", "parameters: $1 = 'two\nlines'"),
          log(2, "statement: SELECT \"b\"\nORDER BY 1"),
          error(1, "syntax error at or near \"x\"", "SELECT\n2026-11-22 10:00:00.125 UTC [1] LOG:  x"),
          log(2, "duration: 7.000 ms"),
          log(1, "disconnection: session time: 0:00:00.191 user=web")};
}

struct Format {
  LogFormat format;
  std::string text;
};

std::vector<Format> small_logs() {
  const auto run = small_run();
  return {{LogFormat::kPostgresStderr, as_stderr(run)},
          {LogFormat::kPostgresCsv, as_csv(run)},
          {LogFormat::kPostgresJson, as_json(run)}};
}

ReadOptions options_for(LogFormat format) {
  ReadOptions options;
  options.format = format;
  if (format == LogFormat::kPostgresStderr) options.log_line_prefix = kPrefix;
  return options;
}

constexpr ReadLimits kTinyBlocks{4096, 64, 64U << 20U};
constexpr ReadLimits kSmallBlocks{4096, 16'384, 64U << 20U};  // larger than any of these logs

/// All that reading tells, as one text.
std::string everything(const Reading& reading) {
  std::string out;
  for (std::size_t i = 0; i < reading.records.size(); ++i) {
    out += std::to_string(reading.lines[i]) + " " + reading.records[i] + "\n";
  }
  for (const auto& diagnostic : reading.diagnostics) {
    Diagnostic without_file = diagnostic;
    without_file.file = "log";
    out += to_string(without_file);
  }
  const auto& a = reading.account;
  out += a.format + " " + a.log_line_prefix;
  for (const auto n : {a.bytes, a.lines, a.record_lines, a.continuation_lines, a.records, a.executions})
    out += " " + std::to_string(n);
  for (const auto& skip : a.skipped) {
    out += "\n" + skip.reason + " " + std::to_string(skip.count) + " " + std::to_string(skip.first_line);
  }
  return out;
}

void check_any_text(std::string_view text, LogFormat format) {
  const auto whole = read_text(text, options_for(format), kSmallBlocks);
  check_account(whole.account, text);
  CHECK(everything(read_text(text, options_for(format), kTinyBlocks)) == everything(whole));
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("record lines, continuation lines") {
  const auto logs = small_logs();
  const auto counts = [](const Format& log) {
    const auto account = read_text(log.text).account;
    return std::vector{account.lines, account.record_lines, account.continuation_lines, account.records,
                       account.executions};
  };
  CHECK(counts(logs[0]) == std::vector<std::uint64_t>{22, 11, 11, 8, 3});
  CHECK(counts(logs[1]) == std::vector<std::uint64_t>{18, 11, 7, 8, 3});
  CHECK(counts(logs[2]) == std::vector<std::uint64_t>{11, 11, 0, 8, 3});
}

TEST_CASE("the format is recognised by content, and the account names it") {
  const auto logs = small_logs();
  CHECK(read_text(logs[0].text).account.format == "stderr");
  CHECK(read_text(logs[0].text).account.log_line_prefix == kPrefix);
  CHECK(read_text(logs[1].text).account.format == "csvlog");
  CHECK(read_text(logs[2].text).account.format == "jsonlog");
}

TEST_CASE("the account balances for a log cut at every byte, from either end") {
  for (const auto& [format, text] : small_logs()) {
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
      check_any_text(std::string_view(text).substr(0, cut), format);
      check_any_text(std::string_view(text).substr(cut), format);
    }
  }
}

TEST_CASE("what was read before a cut is what the whole log has there") {
  for (const auto& [format, text] : small_logs()) {
    const auto whole = executions(text);
    for (std::size_t cut = text.size() / 2; cut < text.size(); ++cut) {
      auto front = read_text(std::string_view(text).substr(0, cut), options_for(format), kSmallBlocks).records;
      std::erase_if(front, [](const auto& r) { return r.starts_with("other"); });
      REQUIRE(!front.empty());
      CHECK(front.front() == whole.front());
    }
  }
}

TEST_CASE("the account balances for shuffled lines") {
  std::mt19937 random(1);
  for (const auto& [format, text] : small_logs()) {
    for (int round = 0; round < 40; ++round) {
      std::vector<std::string> lines;
      for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
        lines.push_back(text.substr(at, text.find('\n', at) + 1 - at));
      }
      for (std::size_t i = lines.size() - 1; i > 0; --i) std::swap(lines[i], lines[random() % (i + 1)]);
      std::string shuffled;
      for (const auto& line : lines) shuffled += line;
      check_any_text(shuffled, format);
    }
  }
}

TEST_CASE("the account balances for damaged and random bytes") {
  std::mt19937 random(2);
  constexpr std::string_view kBytes("\0\r\n\t\",{}\\:x2\xFF@", 14);
  for (const auto& [format, text] : small_logs()) {
    for (int round = 0; round < 300; ++round) {
      std::string damaged = text;
      for (int i = 0; i < 1 + round % 8; ++i) damaged[random() % damaged.size()] = kBytes[random() % kBytes.size()];
      const auto reading = read_text(damaged, options_for(format), kSmallBlocks);
      check_account(reading.account, damaged);
      std::string noise(random() % 2000, ' ');
      for (char& c : noise) c = static_cast<char>(round % 2 == 0 ? random() % 256 : kBytes[random() % kBytes.size()]);
      check_account(read_text(noise, options_for(format), kSmallBlocks).account, noise);
    }
  }
}

TEST_CASE("carriage returns that a transfer added are no part of the texts") {
  for (const auto& [format, text] : small_logs()) {
    std::string returns = text;
    replace_all(returns, "\n", "\r\n");
    const auto reading = read_text(returns);
    check_account(reading.account, returns);
    CHECK(reading.records == read_text(text).records);
    CHECK(reading.diagnostics.size() == read_text(text).diagnostics.size());
  }
}

TEST_CASE("carriage returns of a client are kept, the same in each format") {
  CHECK(executions({log(1, "duration: 1.000 ms  statement: SELECT\r\n\t1\r\n")}) ==
        std::vector<std::string>{"web@crm 1.000ms SELECT\r\n\t1\r\n"});
}

TEST_CASE("bytes that are not UTF-8, and zero bytes, are kept") {
  const std::string sql("SELECT '\xE4\xFF'\0;", 14);
  CHECK(executions({log(1, "duration: 1.000 ms  statement: " + sql)}) ==
        std::vector<std::string>{"web@crm 1.000ms " + sql});
}

TEST_CASE("the outcome is the same for any number of workers and size of block") {
  for (const auto& [format, small] : small_logs()) {
    std::string text;
    for (int i = 0; i < 30; ++i) text += i % 7 == 3 ? "damage\n" + small : small;
    const auto expected = everything(read_text(text, options_for(format), {4096, 1U << 20U, 64U << 20U}));
    for (const unsigned jobs : {1U, 2U, 5U}) {
      for (const std::size_t block : {1U, 100U, 3000U, 100'000U}) {
        auto options = options_for(format);
        options.jobs = jobs;
        CHECK(everything(read_text(text, options, {4096, block, 64U << 20U})) == expected);
      }
    }
  }
}

TEST_CASE("a record over the limit is skipped with its lines, and reading goes on") {
  for (const auto& [format, small] : small_logs()) {
    const std::vector giant{
        log(1, "duration: 1.000 ms  statement: SELECT\n'" + std::string(20'000, 'x') + "'\nFROM t")};
    const std::string middle = format == LogFormat::kPostgresStderr ? as_stderr(giant)
                               : format == LogFormat::kPostgresCsv  ? as_csv(giant)
                                                                    : as_json(giant);
    const std::string text = small + middle + middle + small;
    for (const std::size_t block : {512U, 5000U, 1'000'000U}) {
      const auto reading = read_text(text, options_for(format), {4096, block, 10'000});
      check_account(reading.account, text);
      REQUIRE(reading.account.skipped.size() == 1);
      CHECK(reading.account.skipped[0].reason == "a record over the limit of 64 MB");
      CHECK(reading.account.records == 2 * read_text(small).account.records);
    }
  }
}

TEST_CASE("a line of 50 MB") {
  const std::vector<Event> giant{log(1, "duration: 1.000 ms  statement: SELECT '" + std::string(50'000'000, 'x') + "'"),
                                 log(1, "duration: 2.000 ms  statement: SELECT 2")};
  for (const auto& text : {as_stderr(giant), as_csv(giant), as_json(giant)}) {
    const auto reading = read_text(text);
    check_account(reading.account, text);
    CHECK(reading.account.executions == 2);
  }
}

TEST_CASE("details belong to the last record of their process, not to the line before") {
  CHECK(executions("2026-11-22 10:00:00.000 UTC [1] LOG:  duration: 1.000 ms  execute a: SELECT $1\n"
                   "2026-11-22 10:00:00.000 UTC [2] LOG:  duration: 2.000 ms  execute b: SELECT $1,\n"
                   "\t$2\n"
                   "2026-11-22 10:00:00.000 UTC [1] DETAIL:  parameters: $1 = 'one,\n"
                   "\tmore'\n"
                   "2026-11-22 10:00:00.000 UTC [2] DETAIL:  parameters: $1 = 'two'\n") ==
        std::vector<std::string>{"1.000ms SELECT $1 [$1 = 'one,\nmore']", "2.000ms SELECT $1,\n$2 [$1 = 'two']"});
}

TEST_CASE("continuation lines need no tab, and may look like time stamps") {
  CHECK(executions("2026-11-22 10:00:00.000 UTC [1] LOG:  duration: 1.000 ms  statement: SELECT 1,\n"
                   "2 AS n,\n"
                   "2026-11-22 10:00:00.000 UTC [1] x\n"
                   "\n"
                   "\tFROM t\n") ==
        std::vector<std::string>{"1.000ms SELECT 1,\n2 AS n,\n2026-11-22 10:00:00.000 UTC [1] x\n\nFROM t"});
}

TEST_CASE("verbose errors carry their SQLSTATE in the message") {
  std::vector<std::string> codes;
  const TemporaryFile file(
      "2026-11-22 10:00:00.000 UTC [1] ERROR:  42601: syntax error\n"
      "2026-11-22 10:00:00.000 UTC [1] LOCATION:  scanner_yyerror, scan.l:1188\n"
      "2026-11-22 10:00:00.000 UTC [1] STATEMENT:  SELEC\n");
  Diagnostics diagnostics;
  read_log(
      file.path(), {}, [&](const LogRecord& r) { codes.push_back(std::string(r.sqlstate) + " " + told(r)); },
      diagnostics);
  CHECK(codes == std::vector<std::string>{"42601 error syntax error | SELEC"});
}
