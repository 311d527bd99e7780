// A slow query log of MySQL or MariaDB, from the command line to the report.
#include <catch2/catch.hpp>

#include "tests/cli/command.h"

namespace assay::test {
namespace {

std::string sample(const std::string& name) { return std::string(ASSAY_SAMPLES) + "/" + name; }

std::string line_with(const std::string& text, const std::string& part) {
  const auto at = text.find(part);
  if (at == std::string::npos) return {};
  const auto begin = text.rfind('\n', at) + 1;
  return text.substr(begin, text.find('\n', at) - begin);
}

}  // namespace

TEST_CASE("the first screen on MySQL's log speaks of rows, not of PostgreSQL's planner") {
  const auto run = assay({"report", sample("mysql/mysql-8.0-extra.log"), "--quiet"});
  REQUIRE(run.status == 0);
  CHECK(run.err.empty());
  CHECK(run.out.starts_with(
      "# Assay report: slow query log\n\n"
      "**What was read.** 2 executions in 3 query classes, from 2026-11-22T08:01:00+00:00 to 2026-11-22T08:01:40+00:00 "
      "(39.8 s), from 1 input: Q = 0.050/s, 32.0 s of logged time, that is 0.81 statements at work on average. "));
  CHECK(line_with(run.out, "What to look at first")
            .ends_with("is the heaviest class that reads far more than it sends: 912,000 rows an execution, and sends "
                       "none. A missing index shows like that; so does a count or a sum over many rows. Which "
                       "results a cache could keep is judged below; indexes are advised for PostgreSQL only."));
  CHECK(line_with(run.out, "%refund%").find("LIKE '%refund%'") != std::string::npos);
  for (const char* word : {"planner", "log_min_duration", "bind", "catalog"}) {
    CHECK(run.out.find(word) == std::string::npos);
  }
}

TEST_CASE("a database that a slow log tells only when it changes can be filtered for") {
  const auto run =
      assay({"report", sample("mysql/mysql-5.5.log"), "--db", "crm archive", "--format", "json", "--quiet"});
  REQUIRE(run.status == 0);
  CHECK(run.out.find("\"executions\": 1,") != std::string::npos);
  CHECK(run.out.find("SELECT SUM(total) FROM invoices") != std::string::npos);
}

TEST_CASE("a slow log gives one report for any number of workers") {
  const auto log = sample("mariadb/recorded/plain.log.zst");
  const auto one = assay({"report", log, "--jobs", "1", "--quiet"});
  REQUIRE(one.status == 0);
  CHECK(assay({"report", log, "--jobs", "3", "--quiet"}).out == one.out);
}

TEST_CASE("a slow log without a statement says what to set in MySQL") {
  const Folder folder;
  const auto log = folder.write("slow.log",
                                "/usr/sbin/mysqld, Version: 8.0.36 (Source). started with:\n"
                                "Tcp port: 3306  Unix socket: /s\n"
                                "Time                 Id Command    Argument\n");
  const auto run = assay({"report", log});
  CHECK(run.status == 0);
  CHECK(run.err ==
        log +
            ": note: mysql-slow\n"
            "assay: warning: no executed statement was found\n"
            "hint: set slow_query_log = ON and long_query_time = 0 on the server, for a while, to log them\n");
}

}  // namespace assay::test
