// Slow logs of any kind, cut, damaged and shuffled: every line is accounted for, and blocks and workers change nothing.
// What a record inherits from the one before (database, time) is a part of what is compared.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "tests/parser/log/log_text.h"

using namespace assay;
using namespace assay::test;

namespace {

constexpr std::string_view kQuery = "# Query_time: 0.001500  Lock_time: 0.000010  Rows_sent: 2  Rows_examined: 30\n";

/// Records that tell little and inherit much, a banner, and statements that quote others.
std::string small_log() {
  const std::string who = "# User@Host: web[web] @ localhost []\n";
  const std::string plain = who + std::string(kQuery);
  return "/usr/sbin/mysqld, Version: 5.5.62-log (Source). started with:\nTcp port: 3306  Unix socket: /s\n"
         "Time                 Id Command    Argument\n"
         "# Time: 261122 10:01:02\n" +
         plain + "use crm;\nSET timestamp=1795338062;\nSELECT 'it''s',\n1;\n" + plain + "SELECT 2;\n" + who +
         "# Thread_id: 4  Schema:   QC_hit: No\n" + std::string(kQuery) + "SELECT 3;\n" + plain +
         "use shop;\nINSERT INTO a VALUES ('x;\n" + plain + "SELECT ''b'';\n'), (2);\n" +
         "# Time: 2026-11-22T09:01:05.125Z\n" + plain + "# administrator command: Quit;\n" + std::string(kQuery) +
         "SELECT 'never ended;\n" + plain + "SELECT \"5\" /* it's */;\n";
}

ReadOptions slow() {
  ReadOptions options;
  options.format = LogFormat::kMysqlSlow;
  options.zone = UtcOffset(60);
  return options;
}

/// All that reading tells, as one text.
std::string everything(std::string_view text, const ReadOptions& options, const ReadLimits& limits) {
  const TemporaryFile file(text);
  Diagnostics diagnostics;
  std::string out;
  const auto account = read_log(
      file.path(), options, limits,
      [&](const LogRecord& r) {
        out +=
            fmt::format("{} {} {} {} {} {}\n", r.line, to_iso8601(r.time), r.host, r.rows_examined, r.shape, told(r));
      },
      diagnostics);
  check_account(account, text);
  for (auto& diagnostic : diagnostics) {
    diagnostic.file = "log";
    out += to_string(diagnostic);
  }
  return out + fmt::format("{} {} {}", account.lines, account.record_lines, account.executions);
}

void check_any_text(const std::string& text) {
  const auto whole = everything(text, slow(), {4096, 1U << 20U, 64U << 20U});
  for (const std::size_t block : {1U, 300U}) CHECK(everything(text, slow(), {4096, block, 64U << 20U}) == whole);
}

}  // namespace

TEST_CASE("slow log: the small log of these tests, as it should be read") {
  CHECK(read_text(small_log(), slow()).records ==
        std::vector<std::string>{
            "other /usr/sbin/mysqld, Version: 5.5.62-log (Source). started with:", "web@crm 1.500ms SELECT 'it''s',\n1",
            "web@crm 1.500ms SELECT 2", "web@ 1.500ms SELECT 3",
            "web@shop 1.500ms INSERT INTO a VALUES ('x;\n# User@Host: web[web] @ localhost []\n" + std::string(kQuery) +
                "SELECT ''b'';\n'), (2)",
            "web@shop 1.500ms administrator command: Quit", "1.500ms SELECT 'never ended",
            "web@shop 1.500ms SELECT \"5\" /* it's */"});
}

TEST_CASE("slow log: cut at every byte, from either end") {
  const auto text = small_log();
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    check_any_text(text.substr(0, cut));
    check_any_text(text.substr(cut));
  }
}

TEST_CASE("slow log: shuffled lines") {
  std::mt19937 random(1);
  const auto text = small_log() + small_log();
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    lines.push_back(text.substr(at, text.find('\n', at) + 1 - at));
  }
  for (int round = 0; round < 100; ++round) {
    for (std::size_t i = lines.size() - 1; i > 0; --i) std::swap(lines[i], lines[random() % (i + 1)]);
    std::string shuffled;
    for (const auto& line : lines) shuffled += line;
    check_any_text(shuffled);
  }
}

TEST_CASE("slow log: damaged and random bytes") {
  std::mt19937 random(2);
  using namespace std::string_view_literals;  // with a zero byte
  constexpr std::string_view kBytes = "\0\r\n\t'\"\\#;/*`-: x2\xFF"sv;
  for (int round = 0; round < 300; ++round) {
    std::string damaged = small_log();
    for (int i = 0; i < 1 + round % 8; ++i) damaged[random() % damaged.size()] = kBytes[random() % kBytes.size()];
    check_any_text(damaged);
    std::string noise(random() % 2000, ' ');
    for (char& c : noise) c = kBytes[random() % kBytes.size()];
    check_any_text(noise);
  }
}

TEST_CASE("slow log: carriage returns that a transfer added are no part of the texts") {
  std::string returns;
  for (const char c : small_log()) returns += c == '\n' ? std::string("\r\n") : std::string(1, c);
  check_any_text(returns);
  CHECK(read_text(returns, slow()).records == read_text(small_log(), slow()).records);
}

TEST_CASE("slow log: any number of workers and any size of block") {
  std::string text;
  for (int i = 0; i < 30; ++i) text += i % 7 == 3 ? "damage\n" + small_log() : small_log();
  const auto expected = everything(text, slow(), {4096, 1U << 20U, 64U << 20U});
  for (const unsigned jobs : {1U, 2U, 5U}) {
    for (const std::size_t block : {1U, 100U, 3000U, 100'000U}) {
      auto options = slow();
      options.jobs = jobs;
      CHECK(everything(text, options, {4096, block, 64U << 20U}) == expected);
    }
  }
}

TEST_CASE("slow log: a literal over the limit of quotations, records in it or not") {
  const std::string header = "# User@Host: web[web] @ localhost []\n" + std::string(kQuery);
  const std::string text = header + "SELECT '" + std::string(3'000'000, 'x') + "';\n" + header + "SELECT 'y" +
                           std::string(2'000'000, '\n') + ";\n" + small_log();
  const auto expected = everything(text, slow(), {4096, 64U << 20U, 64U << 20U});
  for (const std::size_t block : {4096U, 1'000'000U}) {
    CHECK(everything(text, slow(), {4096, block, 64U << 20U}) == expected);
  }
}

TEST_CASE("slow log: a record over the limit is skipped with its lines, and reading goes on") {
  const std::string giant = "# User@Host: web[web] @ localhost []\n" + std::string(kQuery) + "SELECT\n'" +
                            std::string(20'000, 'x') + "'\nFROM t;\n";
  const std::string text = small_log() + giant + giant + small_log();
  for (const std::size_t block : {512U, 5000U, 1'000'000U}) {
    const auto reading = read_text(text, slow(), {4096, block, 10'000});
    check_account(reading.account, text);
    REQUIRE(reading.account.skipped.size() == 1);
    CHECK(reading.account.skipped[0].reason == "a record over the limit of 64 MB");
    CHECK(reading.account.records == 2 * read_text(small_log(), slow()).account.records);
  }
}
