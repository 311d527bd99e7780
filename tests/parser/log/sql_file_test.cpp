// Files of SQL: where statements end, what is none, and that every line is accounted for.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <random>

#include "parser/base/error.h"
#include "tests/parser/log/log_text.h"

using namespace assay;
using namespace assay::test;

namespace {

using Records = std::vector<std::string>;

/// The statements of a file.
Records statements_of(std::string_view text) {
  const auto reading = read_text(text);
  CHECK(reading.account.format == "sql");
  check_account(reading.account, text);
  Records statements;
  for (const auto& record : reading.records) {
    CHECK(record.starts_with("untimed "));
    statements.push_back(record.substr(std::string_view("untimed ").size()));
  }
  return statements;
}

std::string skipped_of(std::string_view text) {
  std::string skipped;
  for (const SkippedLines& lines : read_text(text).account.skipped) {
    skipped += fmt::format("{}: {} from {}\n", lines.reason, lines.count, lines.first_line);
  }
  return skipped;
}

}  // namespace

TEST_CASE("a file of SQL is its statements, without times") {
  CHECK(statements_of("-- users\nSELECT 1; SELECT 2;\n\nUPDATE t\nSET a = 1; /* x */ DELETE\nFROM t") ==
        Records{"SELECT 1", "SELECT 2", "UPDATE t\nSET a = 1", "DELETE\nFROM t"});
}

TEST_CASE("a semicolon within a statement does not end it") {
  CHECK(statements_of("SELECT ';', $$;$$, \";\" -- ;\n, /* ; */ 1;\nSELECT 2;\n").size() == 2);
  CHECK(statements_of("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;\nSELECT 3;\n").size() ==
        2);
}

TEST_CASE("placeholders of libraries break no statement") {
  CHECK(statements_of("SELECT ?, :name, :'name', %s, %(name)s, {{ name }}, @p1, #{x}, ${y};\nSELECT 2;\n") ==
        Records{"SELECT ?, :name, :'name', %s, %(name)s, {{ name }}, @p1, #{x}, ${y}", "SELECT 2"});
}

TEST_CASE("psql's commands and data of a COPY are skipped with a reason") {
  const std::string text =
      "\\set x 1\n"
      "SELECT 1;\n"
      "COPY t FROM stdin;\n"
      "1\tSELECT 2;\n"
      "2\t'\n"
      "\\.\n"
      "SELECT 3 \\gexec\n"
      "\\copy t from 'x'\n";
  CHECK(statements_of(text) == Records{"SELECT 1", "COPY t FROM stdin", "SELECT 3"});
  CHECK(skipped_of(text) == "a command of psql: 2 from 1\ndata of a COPY: 3 from 4\n");
}

TEST_CASE("what is no SQL is no file of SQL") {
  for (const std::string_view text :
       {"hello\nworld\n", "Update: the server is down\n", "With, or without\n", "# x\n"}) {
    CHECK_THROWS_AS(read_text(text), Error);
  }
  CHECK(statements_of("(SELECT 1) UNION SELECT 2").size() == 1);
  CHECK(statements_of("\\c crm\n\\d\nWITH a AS (SELECT 1) SELECT * FROM a").size() == 1);
}

TEST_CASE("a file of SQL is the same for any size of block, and cut anywhere its account balances") {
  static const std::vector<std::string> kPieces{"SELECT 1;\n",
                                                "SELECT '\n;\n';\n",
                                                "-- it's\n",
                                                "\n",
                                                "COPY t FROM stdin;\n1;'\n$$\n\\.\n",
                                                "\\d t\n",
                                                "SELECT 1; SELECT $$\n;$$;\n",
                                                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1;\nEND;\n",
                                                "SELECT 1 \\g\n",
                                                "/* /* ; */\n */ SELECT 2; -- x\n"};
  std::mt19937 random(1);
  std::string text = "SELECT 0;\n";
  for (int i = 0; i < 600; ++i) text += kPieces[random() % kPieces.size()];
  const auto whole = read_text(text);
  check_account(whole.account, text);
  for (const std::size_t block : {10U, 100U, 1000U}) {
    ReadOptions options;
    options.jobs = 3;
    ReadLimits limits;
    limits.block = block;
    const auto pieces = read_text(text, options, limits);
    CHECK(pieces.records == whole.records);
    CHECK(pieces.lines == whole.lines);
    CHECK(pieces.account.record_lines == whole.account.record_lines);
    check_account(pieces.account, text);
  }
  for (int i = 0; i < 200; ++i) {
    const auto cut = text.substr(random() % text.size(), random() % 300);
    ReadOptions options;
    options.format = LogFormat::kSqlText;
    if (!cut.empty()) check_account(read_text(cut, options).account, cut);
  }
}
