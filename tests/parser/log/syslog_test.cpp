// syslog: headers, chunks, escapes, other programs' lines, times without a year, and blocks that may be cut anywhere.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "parser/log/syslog_line.h"
#include "tests/parser/log/syslog_text.h"

using namespace assay;
using namespace assay::test;

namespace {

using Records = std::vector<std::string>;

Records records_of(std::string_view text, const ReadOptions& options = {}) {
  const auto reading = read_text(text, options);
  check_account(reading.account, text);
  return reading.records;
}

std::string unescaped(std::string text) { return std::string(unescape_syslog_in_place(text)); }

/// A run with everything that splitting has to do with.
std::vector<Event> random_run(unsigned seed, std::size_t size) {
  std::mt19937 random(seed);
  std::vector<Event> run;
  for (std::size_t i = 0; i < size; ++i) {
    std::string sql = fmt::format("SELECT {}", i);
    for (auto words = random() % 6; words > 0; --words) {
      switch (random() % 4) {
        case 0:
          sql += "\n  FROM t" + std::to_string(random() % 9);
          break;
        case 1:
          sql += " '" + std::string(random() % 1500, 'x') + "'";
          break;
        case 2:
          for (auto letters = random() % 700; letters > 0; --letters) sql += "ä";
          break;
        default:
          for (auto numbers = random() % 400; numbers > 0; --numbers) sql += fmt::format(", {}", numbers);
      }
    }
    const int process = static_cast<int>(100 + random() % 7);
    if (random() % 10 == 0) {
      run.push_back(error(process, "failed", sql));
    } else {
      run.push_back(log(process, fmt::format("duration: {}.125 ms  execute <unnamed>: {}", i % 50, sql),
                        random() % 2 == 0 ? "parameters: $1 = 'a\nb'" : ""));
    }
  }
  return run;
}

}  // namespace

TEST_CASE("syslog's ways to begin a line") {
  const std::string text = "[5-1] user=web,db=crm LOG:  duration: 1.250 ms  statement: SELECT 1\n";
  const Records expected{"web@crm 1.250ms SELECT 1"};
  CHECK(records_of("Nov 22 20:51:55 host postgres[123]: " + text) == expected);
  CHECK(records_of("Nov  2 20:51:55.020 host postgres[123]: " + text) == expected);
  CHECK(records_of("<134>Nov 22 20:51:55 host postgresql@15-main[123]: " + text) == expected);
  CHECK(records_of("2026-11-22T20:51:55.020123+01:00 host postgres[123]: " + text) == expected);
  CHECK(records_of("2026-11-22T20:51:55+0100 host postgres[123]: " + text) == expected);
  CHECK(records_of("<134>1 2026-11-22T20:51:55.020Z host postgres 123 - - " + text) == expected);
  CHECK(records_of("<134>1 2026-11-22T20:51:55.020Z host postgres 123 - [a b=\"]\\\"\"][c] \xEF\xBB\xBF" + text) ==
        expected);
}

TEST_CASE("chunks of one message are put together") {
  CHECK(records_of("Nov 22 20:51:55 h postgres[1]: [5-1] user=web,db=crm LOG:  duration: 1.000 ms  execute q: SELECT\n"
                   "Nov 22 20:51:55 h postgres[1]: [5-2]  cut_before_a_blank, cut_in_\n"
                   "Nov 22 20:51:55 h postgres[1]: [5-3] a_word\n"
                   "Nov 22 20:51:55 h postgres[1]: [5-4] #011FROM t\n"
                   "Nov 22 20:51:55 h postgres[1]: [5-5] user=web,db=crm DETAIL:  parameters: $1 = 'x\n"
                   "Nov 22 20:51:55 h postgres[1]: [5-6] #011y'\n") ==
        Records{"web@crm 1.000ms SELECT cut_before_a_blank, cut_in_a_word\nFROM t [$1 = 'x\ny']"});
}

TEST_CASE("what syslog writes in place of a character is resolved, and a number sign stays one") {
  CHECK(unescaped("#011a#012b#177") == "\ta\nb\x7F");
  CHECK(unescaped("it#303#244 #360#237#230#200") == "itä \xF0\x9F\x98\x80");
  CHECK(unescaped("ticket #212 and #099, #1, #") == "ticket #212 and #099, #1, #");
  CHECK(unescaped("#303#011") == "#303\t");
}

TEST_CASE("lines of other programs are skipped with a reason") {
  const auto reading = read_text(
      "Nov 22 20:51:55 h sshd[9]: Accepted publickey for dba\n"
      "Nov 22 20:51:55 h postgres[1]: [5-1] user=web,db=crm LOG:  duration: 1.000 ms  statement: SELECT 1\n"
      "Nov 22 20:51:56 h kernel: eth0 is up\n"
      "Nov 22 20:51:57 h last message repeated 3 times\n"
      "Nov 22 20:51:57 h postgres[1]: message repeated 2 times: [ [5-1] LOG:  x]\n"
      "Nov 22 20:51:57 h postgres[1]: [9-2] #011FROM t\n");
  CHECK(reading.records == Records{"web@crm 1.000ms SELECT 1"});
  const auto& skipped = reading.account.skipped;
  REQUIRE(skipped.size() == 3);
  CHECK(skipped[0].reason == "line of another program");
  CHECK(skipped[0].count == 2);
  CHECK(skipped[1].reason == "repeated messages that syslog left out");
  CHECK(skipped[1].count == 2);
  CHECK(skipped[2].reason == "a part of a message whose beginning is missing");
}

TEST_CASE("what a service writes to stderr comes without chunk numbers") {
  CHECK(records_of("2026-11-22T20:51:55+0100 h postgres[7]: 2026-11-22 20:51:55.123 CET [8] LOG:  duration: 1.000 ms  "
                   "statement: SELECT 1\n"
                   "2026-11-22T20:51:55+0100 h postgres[7]: \tFROM t\n") == Records{"1.000ms SELECT 1\nFROM t"});
}

TEST_CASE("the time is that of log_line_prefix, or syslog's") {
  const auto time_of = [](std::string_view text) {
    const TemporaryFile file(text);
    Diagnostics diagnostics;
    std::string time;
    read_log(
        file.path(), {}, [&](const LogRecord& r) { time = to_iso8601(r.time); }, diagnostics);
    return time;
  };
  CHECK(time_of("Nov 22 20:51:55 h postgres[1]: [5-1] 2025-12-31 23:59:59.125 CET [1] LOG:  x\n") ==
        "2025-12-31T23:59:59.125000+01:00");
  CHECK(time_of("2026-11-22T20:51:55.5-03:00 h postgres[1]: [5-1] LOG:  x\n") == "2026-11-22T20:51:55.500000-03:00");
}

TEST_CASE("a year that is not told is that of the twelve months from the beginning on") {
  const auto first = parse_iso8601("2025-11-20T10:00:00Z", UtcOffset{0})->utc;
  const auto time_of = [&](std::string_view stamp) { return to_iso8601(*syslog_time(stamp, first, UtcOffset{60})); };
  CHECK(time_of("Nov 20 10:00:00") == "2025-11-20T10:00:00+01:00");
  CHECK(time_of("Nov 19 23:59:59") == "2025-11-19T23:59:59+01:00");
  CHECK(time_of("Dec 31 23:59:59.5") == "2025-12-31T23:59:59.500000+01:00");
  CHECK(time_of("Jan  1 00:00:00") == "2026-01-01T00:00:00+01:00");
}

TEST_CASE("a log without years begins in the last year that is not after the file's date") {
  const auto year_of = [](std::string_view stamp, std::string_view file_date) {
    const TemporaryFile file(fmt::format("{} h postgres[1]: [5-1] LOG:  x\n", stamp));
    const auto date = parse_iso8601(file_date, UtcOffset{0})->utc.time_since_epoch();
    const timespec time{std::chrono::duration_cast<std::chrono::seconds>(date).count(), 0};
    const timespec times[] = {time, time};
    utimensat(AT_FDCWD, file.path().c_str(), times, 0);
    Diagnostics diagnostics;
    std::string year;
    read_log(
        file.path(), {}, [&](const LogRecord& r) { year = to_iso8601(r.time).substr(0, 4); }, diagnostics);
    REQUIRE(!diagnostics.empty());
    CHECK(diagnostics[0].message ==
          fmt::format("syslog's time stamps tell neither year nor zone: taken to begin in {}, in UTC", year));
    return year;
  };
  CHECK(year_of("Nov 22 20:51:55", "2026-11-22T20:52:00Z") == "2026");
  CHECK(year_of("Nov 23 20:51:55", "2026-11-22T20:52:00Z") == "2026");
  CHECK(year_of("Dec 31 20:51:55", "2026-01-02T00:00:00Z") == "2025");
  CHECK(year_of("Jan  1 20:51:55", "2026-01-02T00:00:00Z") == "2026");
}

TEST_CASE("syslog tells what stderr tells, however the daemon writes it") {
  const auto run = random_run(1, 300);
  const auto expected = read_text(as_stderr(run)).records;
  for (const auto kind : {SyslogStyle::Header::kRfc3164, SyslogStyle::Header::kIso, SyslogStyle::Header::kRfc5424}) {
    for (const bool numbers : {true, false}) {
      for (const bool split : {true, false}) {
        CAPTURE(static_cast<int>(kind), numbers, split);
        CHECK(records_of(as_syslog(run, {numbers, split, true, kind})) == expected);
      }
    }
  }
  CHECK(records_of(as_syslog(run, {.escapes = false})) == expected);
}

TEST_CASE("mixed messages are told apart, for any number of workers and size of block") {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    const auto run = random_run(seed, 2500);
    const auto text = as_mixed_syslog(run, 5, seed);
    const auto whole = read_text(text);
    check_account(whole.account, text);
    CHECK(whole.records == read_text(as_stderr(run)).records);
    for (const std::size_t block : {200U, 30'000U, 200'000U}) {
      ReadOptions options;
      options.jobs = 4;
      ReadLimits limits;
      limits.block = block;
      const auto pieces = read_text(text, options, limits);
      CAPTURE(seed, block);
      CHECK(pieces.records == whole.records);
      CHECK(pieces.lines == whole.lines);
      CHECK(pieces.account.continuation_lines == whole.account.continuation_lines);
      check_account(pieces.account, text);
    }
  }
}

TEST_CASE("a damaged syslog keeps its account balanced") {
  const auto text = as_mixed_syslog(random_run(4, 400), 4, 4);
  std::mt19937 random(5);
  for (int round = 0; round < 60; ++round) {
    auto damaged = text.substr(random() % text.size());
    damaged.resize(std::min<std::size_t>(damaged.size(), 20'000));
    for (int i = 0; i < 20; ++i) damaged[random() % damaged.size()] = static_cast<char>(random());
    ReadOptions options;
    options.format = LogFormat::kPostgresSyslog;
    options.log_line_prefix = "user=%u,db=%d,app=%a,client=%h ";
    ReadLimits limits;
    const auto whole = read_text(damaged, options, limits);
    check_account(whole.account, damaged);
    limits.block = 500;
    options.jobs = 3;
    const auto pieces = read_text(damaged, options, limits);
    CHECK(pieces.records == whole.records);
    CHECK(pieces.lines == whole.lines);
  }
}

TEST_CASE("messages that never stop to overlap are cut at the limit of a record") {
  std::string text;
  for (int i = 0; i < 3000; ++i) {
    text += fmt::format("Nov 22 20:51:55 h postgres[{}]: [5-1] LOG:  duration: 1.000 ms  statement: SELECT\n", i);
    if (i > 0) text += fmt::format("Nov 22 20:51:55 h postgres[{}]: [5-2] #011FROM t\n", i - 1);
  }
  ReadLimits limits;
  limits.block = 1000;
  limits.max_record = 100'000;
  const auto reading = read_text(text, {}, limits);
  check_account(reading.account, text);
  CHECK(reading.account.executions == 3000);
}
