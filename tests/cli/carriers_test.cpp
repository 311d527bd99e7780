// Inputs other than a plain log: what is told of them, what the report leaves out, and how it ends.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/cli/command.h"
#include "tests/cli/packed.h"

namespace assay {
namespace {

using test::assay;
using test::Folder;
using test::gzipped;
using test::Outcome;

constexpr auto kSyslog =
    "2026-11-22T20:51:55.020123+01:00 h postgres[1]: [5-1] user=web,db=crm LOG:  duration: 1.000 ms  statement: SELECT "
    "1\n";
constexpr auto kStatements =
    "userid,dbid,query,calls,total_exec_time,min_exec_time,max_exec_time,stddev_exec_time,rows\n"
    "10,5,SELECT $1,4,10,1,5,0.5,7\n";

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("what was recognised is told, unless it is to be quiet") {
  const auto packed = gzipped(kSyslog);
  CHECK(holds(assay({"report", "-"}, packed).err,
              "-: note: syslog, log_line_prefix 'user=%u,db=%d ', gzip, times at +01:00\n"));
  CHECK(!holds(assay({"report", "-", "--quiet"}, packed).err, "note: syslog"));
}

TEST_CASE("a damaged file is reported up to the damage, and fails") {
  std::string text;
  for (int i = 0; i < 30'000; ++i) {
    text += kSyslog;
    text.insert(text.size() - 1, std::to_string(i * 2654435761U));
  }
  auto packed = gzipped(text);
  packed.resize(packed.size() / 2);
  const Outcome outcome = assay({"report", "-"}, packed);
  CHECK(outcome.status == 1);
  CHECK(holds(outcome.err, "error: the gzip data is damaged at byte " + std::to_string(packed.size()) +
                               ": unexpected end of file; the log was read up to this line\n"));
  CHECK(holds(outcome.out, "## The heaviest query classes"));
}

TEST_CASE("a report on SQL files has no times") {
  const Outcome outcome = assay({"report", "-"}, "SELECT 1;\nSELECT * FROM t WHERE a = 1;\n");
  CHECK(outcome.status == 0);
  CHECK(!holds(outcome.out, "1970"));
  CHECK(!holds(outcome.out, "## Load over time"));
  CHECK(holds(outcome.out,
              "**What was read.** 2 executions in 2 query classes, from 1 input; durations are not told, so "
              "shares are shares of the executions. When it ran is not told: there are no rates, and "
              "savings are totals. "));
  CHECK(holds(outcome.out, "| 1 | – | 50.0 % | – | – | – | 0 |"));
}

TEST_CASE("a report on pg_stat_statements has no percentiles") {
  const Outcome markdown = assay({"report", "-"}, kStatements);
  CHECK(markdown.status == 0);
  CHECK(!holds(markdown.out, "1970"));
  CHECK(holds(markdown.out, "| 4 | 10.0 ms | 100.0 % | 2.50 ms | – | 5.00 ms | 0 |"));
  CHECK(holds(markdown.out,
              "min 1.00 ms, max 5.00 ms, percentiles are not told, standard deviation 0.50 ms, 7 rows in "
              "all.\n"));
  const Outcome json = assay({"report", "-", "--format", "json"}, kStatements);
  CHECK(holds(json.out, "\"rows\": 7"));
  CHECK(!holds(json.out, "p95_ms"));
  CHECK(!holds(json.out, "\"first\""));
}

TEST_CASE("a folder of queries is its .sql files, at any depth") {
  const Folder folder;
  std::filesystem::create_directories(folder.path("queries/users/.git"));
  folder.write("queries/README.md", "read me");
  folder.write("queries/users/one.sql", "SELECT 1;");
  folder.write("queries/two.sql.gz", gzipped("SELECT 2;"));
  folder.write("queries/users/.git/three.sql", "SELECT 3;");
  const Outcome outcome = assay({"report", folder.path("queries")});
  CHECK(outcome.status == 0);
  CHECK(holds(outcome.out, "2 executions in 1 query class, from 2 inputs"));
  CHECK(holds(outcome.err, folder.path("queries") + ": note: its .sql files are read, and no others\n"));
}

TEST_CASE("a folder of logs is the files right in it") {
  const Folder folder;
  std::filesystem::create_directories(folder.path("logs/old"));
  folder.write("logs/a.log", kSyslog);
  folder.write("logs/old/b.log", kSyslog);
  CHECK(holds(assay({"report", folder.path("logs")}).out, "from 1 input: Q = "));
}

TEST_CASE("sums beside a log that tells most of their time are left out, in either order") {
  const Folder folder;
  const std::string log = folder.write("a.log", kSyslog), sums = folder.write("b.csv", kStatements);
  for (const auto& [one, other] : {std::pair(log, sums), std::pair(sums, log)}) {
    const Outcome outcome = assay({"report", one, other, "-o", folder.path("report.md")});
    CHECK(outcome.status == 0);
    CHECK(holds(outcome.err,
                sums + ": warning: left out: sums up statements that logs tell: 100 % of its time is of their "
                       "classes\nhint: report on pg_stat_statements by itself\n"));
    const std::string report = test::read_file(folder.path("report.md"));
    CHECK(holds(report, "from 2 inputs (1 of them left out: told by another): Q = 1,000/s"));
    CHECK(holds(report, "b.csv`: left out, since it sums up statements that logs tell"));
  }
}

TEST_CASE("sums beside a log that tells little of their time are counted, and that both may count the same is told") {
  const Folder folder;
  const std::string sums = std::string(kStatements) + "10,5,SELECT $1 FROM other,4,11,1,5,0.5,7\n";
  const Outcome outcome = assay({"report", folder.write("a.log", kSyslog), folder.write("b.csv", sums)});
  CHECK(outcome.status == 0);
  CHECK(holds(outcome.err, "b.csv: warning: sums are added to what logs tell, where the same executions may stand\n"));
  CHECK(holds(outcome.out, "9 executions in "));
}

TEST_CASE("sums of a database that the log does not tell of are counted") {
  const Folder folder;
  const std::string sums = "dbname,query,calls,total_exec_time\nother,SELECT $1,4,10\n";
  const Outcome outcome = assay({"report", folder.write("a.log", kSyslog), folder.write("b.csv", sums)});
  CHECK(holds(outcome.out, "5 executions in 2 query classes"));
}

}  // namespace assay
