#include "analyzer/replay_script.h"

#include <catch2/catch.hpp>
#include <numeric>
#include <random>

#include "tests/analyzer/replay_log.h"

namespace assay {
namespace {

using test::ReplayLog;

/// "sent", "writes" or why it never is.
std::string verdict_on(std::string_view sql) {
  const ReplayText text = replay_text(sql);
  return !text.barred.empty() ? text.barred : text.writes ? "writes" : "sent";
}

std::uint64_t sum_of(const std::map<std::string, std::uint64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0},
                         [](auto sum, const auto& one) { return sum + one.second; });
}

std::vector<std::int64_t> pauses_of(const ReplaySession& session) {
  std::vector<std::int64_t> pauses;
  for (const ReplayStep& step : session.steps) pauses.push_back(step.pause);
  return pauses;
}

}  // namespace

TEST_CASE("only single statements that read are sent as they are") {
  CHECK(verdict_on("SELECT 1") == "sent");
  CHECK(verdict_on("VALUES (1), (2)") == "sent");
  CHECK(verdict_on("WITH x AS (SELECT 1) SELECT * FROM x") == "sent");
  CHECK(verdict_on("SELECT my_function(1)") == "sent");  // the server refuses one that writes
}

TEST_CASE("what changes or locks rows is a write, wherever it hides") {
  for (const char* sql : {"INSERT INTO t VALUES (1)", "UPDATE t SET a = 1", "DELETE FROM t",
                          "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE", "SELECT * FROM t FOR UPDATE",
                          "SELECT * FROM t FOR KEY SHARE", "WITH x AS (DELETE FROM t RETURNING a) SELECT * FROM x",
                          "SELECT * FROM (SELECT * FROM t FOR SHARE) s"}) {
    INFO(sql);
    CHECK(verdict_on(sql) == "writes");
  }
}

TEST_CASE("hostile texts are never sent") {
  const std::string no_kind = "neither SELECT, INSERT, UPDATE, DELETE nor MERGE";
  const std::string not_one = "not parsed as one statement";
  const std::string outside = "calls a function that acts outside of its transaction";
  for (const auto& [sql, reason] : std::vector<std::pair<std::string, std::string>>{
           {"SELECT 1; DROP TABLE t", not_one},
           {"SELECT 1; COMMIT; CREATE TABLE x ()", not_one},
           {"", not_one},
           {"SELEC 1", not_one},
           {std::string("SELECT 1\0; DROP TABLE t", 23), not_one},
           {"COPY t TO PROGRAM 'rm -rf /'", no_kind},
           {"COPY t FROM STDIN", no_kind},
           {"DO $$ BEGIN DELETE FROM t; END $$", no_kind},
           {"CALL p()", no_kind},
           {"SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", no_kind},
           {"SET TRANSACTION READ WRITE", no_kind},
           {"SET statement_timeout = 0", no_kind},
           {"PREPARE TRANSACTION 'x'", no_kind},
           {"DROP TABLE t", no_kind},
           {"TRUNCATE t", no_kind},
           {"CREATE TABLE x AS SELECT 1", no_kind},
           {"SELECT 1 INTO x", no_kind},
           {"EXPLAIN ANALYZE DELETE FROM t", no_kind},
           {"EXECUTE s(1)", no_kind},
           {"LOCK TABLE t", no_kind},
           {"VACUUM t", no_kind},
           {"SELECT pg_terminate_backend(1)", outside},
           {"SELECT pg_catalog.set_config('transaction_read_only', 'off', false)", outside},
           {"WITH x AS (SELECT lo_unlink(1)) SELECT 1", outside},
           {"SELECT * FROM dblink('dbname=x', 'DELETE FROM t') AS t(a int)", outside}}) {
    INFO(sql);
    CHECK(verdict_on(sql) == reason);
  }
}

TEST_CASE("a forged log fills no memory: parameters, databases and sessions are bounded") {
  CHECK(verdict_on("SELECT $4294967295") == "more parameters than a statement can have");
  CHECK(verdict_on("SELECT $99999999999999999999") != "sent");
  ReplayLog log;
  for (int i = 0; i < 1500; ++i) log.run(i + 1, "SELECT 1", "", 1, "db" + std::to_string(i));
  const ReplayScript script = log.script();
  CHECK(script.steps == 1);
  CHECK(script.left_out.at("of another database") == 1499);
}

TEST_CASE("every execution of the log is a step or left out with a reason") {
  std::mt19937 random(7);
  const std::vector<std::string> texts{
      "SELECT 1", "SELECT 1; SELECT 2", "DELETE FROM t", "BEGIN", "COMMIT", "VACUUM", "SELECT $1", "", "ROLLBACK TO x"};
  for (const bool writes : {false, true}) {
    ReplayLog log({.allow_writes = writes});
    for (int i = 0; i < 500; ++i) {
      const std::string parameters = random() % 3 == 0 ? "$1 = 'a'" : random() % 2 == 0 ? "$1 = 'abc..." : "";
      log.run(random() % 5 + 1, texts[random() % texts.size()], parameters, 1, random() % 4 == 0 ? "other" : "db");
    }
    const ReplayScript script = log.script();
    std::uint64_t steps = 0;
    for (const ReplaySession& session : script.sessions) steps += session.steps.size();
    CHECK(script.executions == 500);
    CHECK(steps == script.steps);
    CHECK(script.steps + sum_of(script.left_out) == script.executions);
    CHECK(script.left_out.contains("writes or locks rows") != writes);
    CHECK(script.left_out.contains("of another database"));
  }
}

TEST_CASE("values that were cut or not logged are not guessed") {
  const ReplayScript script = ReplayLog()
                                  .run(1, "SELECT $1::int", "$1 = '1'")
                                  .run(1, "SELECT $1::text", "$1 = 'abc...'")
                                  .run(1, "SELECT $1::text, $2::text", "$1 = 'a'")
                                  .run(1, "SELECT $1::text")
                                  .script();
  CHECK(script.steps == 1);
  CHECK(script.left_out.at("its values were cut by the server") == 1);
  CHECK(script.left_out.at("its values were not logged") == 2);
}

TEST_CASE("the time of what is left out is not waited") {
  const ReplayScript script = ReplayLog()
                                  .run(1, "SELECT 1", "", 5)
                                  .run(1, "SELECT 2", "", 7)
                                  .run(1, "DELETE FROM t", "", 10)
                                  .run(1, "SELECT 3", "", 20)
                                  .script();
  REQUIRE(script.sessions.size() == 1);
  CHECK(pauses_of(script.sessions[0]) == std::vector<std::int64_t>{0, 7000, 30000});
}

TEST_CASE("a database is chosen: the asked one, the server's own, or the busiest") {
  const auto chosen = [](ReplayScriptOptions options) {
    return ReplayLog(std::move(options))
        .run(1, "SELECT 1", "", 1, "a")
        .run(2, "SELECT 1", "", 1, "b")
        .run(2, "SELECT 1", "", 1, "b")
        .script()
        .database;
  };
  CHECK(chosen({}) == "b");
  CHECK(chosen({.preferred_database = "a"}) == "a");
  CHECK(chosen({.preferred_database = "scratch"}) == "b");
}

TEST_CASE("sessions that did not overlap share a lane, and no others do") {
  const ReplayScript script = ReplayLog()
                                  .run(1, "SELECT 1")          // 1 to 2 ms
                                  .run(2, "SELECT 1")          // 1 to 2 ms
                                  .run(3, "SELECT 1", "", 10)  // 10 to 11 ms
                                  .run(1, "SELECT 1", "", 20)  // 22 to 23 ms
                                  .script();
  REQUIRE(script.sessions.size() == 3);
  const std::vector<ReplayLane> lanes = script.lanes();
  REQUIRE(lanes.size() == 2);
  CHECK(lanes[0] == ReplayLane{0});
  CHECK(lanes[1] == ReplayLane{1, 2});
}

TEST_CASE("a process id that is used again behind a disconnection is another session") {
  CHECK(ReplayLog().run(1, "SELECT 1").disconnect(1).run(1, "SELECT 1").script().sessions.size() == 2);
  CHECK(ReplayLog().run(1, "SELECT 1").run(1, "SELECT 1").script().sessions.size() == 1);
}

TEST_CASE("a script takes no more memory than it may") {
  ReplayLog log({.most_bytes = 20'000});
  for (int i = 0; i < 100; ++i) log.run(1, "SELECT " + std::to_string(i));
  const ReplayScript script = log.script();
  CHECK(script.steps > 0);
  CHECK(script.left_out.at("beyond the memory for the replay (--memory)") == 100 - script.steps);
}

}  // namespace assay
