// pg_stat_statements exported as CSV: the columns of all versions, quotes, damage.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "parser/base/error.h"
#include "tests/parser/log/log_text.h"

using namespace assay;
using namespace assay::test;

namespace {

using Records = std::vector<std::string>;

/// "user@database calls total µs [min max mean stddev rows] query" of each row.
Records rows_of(std::string_view text, const ReadLimits& limits = {}) {
  const TemporaryFile file(text);
  Records rows;
  Diagnostics diagnostics;
  const auto account = read_log(
      file.path(), {}, limits,
      [&](const LogRecord& r) {
        REQUIRE(r.kind == RecordKind::kSummary);
        CHECK(!r.timed);
        CHECK(r.time.utc == Timestamp{});
        const auto& s = *r.summary;
        rows.push_back(fmt::format("{}@{} {} {} [{} {} {} {} {}] {}", r.user, r.database, s.calls, s.total.count(),
                                   s.min_ms, s.max_ms, s.mean_ms, s.stddev_ms, s.rows, r.sql));
      },
      diagnostics);
  CHECK(account.format == "pg_stat_statements");
  check_account(account, text);
  return rows;
}

}  // namespace

TEST_CASE("pg_stat_statements of 9.6 to 12") {
  CHECK(rows_of("userid,dbid,queryid,query,calls,total_time,min_time,max_time,mean_time,stddev_time,rows,temp_blks\n"
                "10,16384,-3,SELECT $1,4,10.0015,1,5,2.5,0.5,7,0\n") ==
        Records{"10@16384 4 10002 [1 5 2.5 0.5 7] SELECT $1"});
}

TEST_CASE("pg_stat_statements of 13 to 17 tells the planning apart, which a logged duration holds too") {
  CHECK(rows_of("userid,dbid,toplevel,queryid,query,plans,total_plan_time,min_plan_time,calls,total_exec_time,"
                "min_exec_time,max_exec_time,mean_exec_time,stddev_exec_time,rows\n"
                "10,16384,t,3,SELECT $1,4,2.5,0.1,4,10,1,5,2.5,0.5,7\n") ==
        Records{"10@16384 4 12500 [1 5 2.5 0.5 7] SELECT $1"});
}

TEST_CASE("columns in any order, with names joined in, and only those that are needed") {
  CHECK(rows_of("total_exec_time,query,datname,rolname,calls,userid,dbid\n1.5,SELECT $1,crm,web,2,10,5\n") ==
        Records{"web@crm 2 1500 [-1 -1 -1 -1 -1] SELECT $1"});
  CHECK(rows_of("Query,Calls,Total_Time\nSELECT $1,2,1.5\n") == Records{"@ 2 1500 [-1 -1 -1 -1 -1] SELECT $1"});
}

TEST_CASE("a statement with newlines, commas and quotes") {
  const std::string text =
      "calls,query,total_time\r\n"
      "2,\"SELECT \"\"a\"\", '\n"
      "x'\",1\r\n"
      "3,<insufficient privilege>,1\r\n";
  CHECK(rows_of(text) ==
        Records{"@ 2 1000 [-1 -1 -1 -1 -1] SELECT \"a\", '\nx'", "@ 3 1000 [-1 -1 -1 -1 -1] <insufficient privilege>"});
}

TEST_CASE("a row that is damaged is skipped with its place") {
  const std::string text = "calls,query,total_time\n2,SELECT $1,x\n2,\"SELECT\n2,3\n4,SELECT $2,1\n5,a\"b,2\n";
  const auto reading = read_text(text);
  check_account(reading.account, text);
  CHECK(reading.records == Records{"summary 4 calls SELECT $2"});
  REQUIRE(!reading.diagnostics.empty());
  CHECK(reading.diagnostics[0].message == "line skipped: not a row of pg_stat_statements");
  CHECK(reading.diagnostics[0].line == 2);
}

TEST_CASE("rows are the same for any size of block") {
  std::string text = "calls,query,total_time\n";
  for (int i = 0; i < 500; ++i) text += fmt::format("{},\"SELECT\n'\"\"{}\"\",\n1'\",{}\n", i + 1, i, i);
  const auto whole = rows_of(text);
  CHECK(whole.size() == 500);
  for (const std::size_t block : {10U, 100U, 3000U}) {
    ReadLimits limits;
    limits.block = block;
    CHECK(rows_of(text, limits) == whole);
  }
}

TEST_CASE("a file without the columns' names cannot be read when it is said to be pg_stat_statements") {
  ReadOptions options;
  options.format = LogFormat::kStatStatements;
  CHECK_THROWS_WITH(read_text("1,SELECT 1,2\n", options),
                    Catch::EndsWith("the first line does not name the columns of pg_stat_statements"));
}
