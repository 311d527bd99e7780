// Replays against a real server: what is sent, what the server may do, and that the accounts balance.
#include "connectors/replay.h"

#include <catch2/catch.hpp>
#include <numeric>
#include <thread>

#include "analyzer/workload_builder.h"
#include "parser/base/error.h"
#include "tests/analyzer/replay_log.h"
#include "tests/connectors/real_server.h"

namespace assay {
namespace {

using test::ReplayLog;

class ReplayServer {
 public:
  ReplayServer() {
    server_.run({"CREATE TABLE t (id int PRIMARY KEY, tags text[], note text)",
                 "INSERT INTO t SELECT i, ARRAY['a' || i % 3, 'b'], CASE WHEN i % 2 = 0 THEN 'n' || i END "
                 "FROM generate_series(1, 100) i",
                 "CREATE TABLE seen (value text)",
                 "CREATE FUNCTION remember(v text) RETURNS text LANGUAGE sql AS "
                 "'INSERT INTO seen VALUES (v) RETURNING value'"});
  }

  Replay run(ReplayScript script, ReplayPlan plan = {}) {
    script_ = std::move(script);
    plan.uri = server_.cluster().conninfo("postgres");
    const StopFlag stop{false};
    return run_replay(script_, plan, stop);
  }

  std::string contents() {
    return server_.value("SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY id), '')) FROM t") + " " +
           server_.value("SELECT count(*) FROM seen");
  }

  const ReplayScript& script() const { return script_; }
  RealServer& server() { return server_; }

 private:
  RealServer server_;
  ReplayScript script_;
};

/// "state×count", by state.
std::string states_of(const Replay& replay) {
  std::map<std::string, int> counts;
  for (const ReplayedExecution& execution : replay.executions) {
    if (execution.error > 0) ++counts[replay.errors[execution.error - 1].state];
  }
  std::string text;
  for (const auto& [state, count] : counts) text += state + "×" + std::to_string(count) + " ";
  return text;
}

std::uint64_t left_out_of(const ReplayScript& script, const Replay& replay) {
  std::uint64_t sum = 0;
  for (const auto* counts : {&script.left_out, &replay.left_out}) {
    for (const auto& [reason, count] : *counts) sum += count;
  }
  return sum;
}

}  // namespace

TEST_CASE("a log full of writes and hostile texts changes nothing, and is accounted for") {
  ReplayServer server;
  const std::string before = server.contents();
  ReplayLog log;
  for (int process = 1; process <= 3; ++process) {
    for (const char* sql :
         {"SELECT count(*) FROM t",
          "DELETE FROM t",
          "SELECT remember('x')",
          "BEGIN",
          "UPDATE t SET note = 'x'",
          "SELECT remember('y')",
          "SELECT 1; COMMIT; DELETE FROM t",
          "COMMIT",
          "SELECT * FROM t FOR UPDATE",
          "SELECT query_to_xml('SELECT set_config(''default_transaction_read_only'', ''off'', false)', true, true, '')",
          "SELECT query_to_xml('SELECT set_config(''transaction_read_only'', ''off'', false)', true, true, '')",
          "SELECT remember('z')",
          "BEGIN READ WRITE",
          "SELECT remember('z')",
          "SELECT 1",
          "COMMIT",
          "TRUNCATE t",
          "DO 'BEGIN DELETE FROM t; END'",
          "COPY t FROM PROGRAM 'true'",
          "WITH x AS (DELETE FROM t RETURNING id) SELECT * FROM x",
          "DROP TABLE t",
          "SELECT nextval('s')"}) {
      log.run(process, sql);
    }
  }
  const Replay replay = server.run(log.script());
  CHECK(server.contents() == before);
  CHECK(replay.executions.size() + left_out_of(server.script(), replay) == server.script().executions);
  CHECK(server.script().executions == 66);
  // Four calls of remember() a session, and one change of a transaction that is under way; there is no sequence s.
  CHECK(states_of(replay) == "25001×3 25006×12 42P01×3 ");
  CHECK(replay.begun_again == 6);
  CHECK(replay.as_superuser);
}

TEST_CASE("values arrive as what the statement makes of them: NULLs, arrays, quotes, any type") {
  ReplayServer server;
  ReplayLog log({.allow_writes = true});
  const std::string insert =
      "INSERT INTO seen SELECT concat_ws('|', t.id + $1::int, t.tags, $2, $3::timestamptz AT TIME ZONE 'UTC', "
      "$4::numeric) FROM t WHERE t.id = $5 AND t.tags && $6 AND $7 IS NULL IS NOT DISTINCT FROM $8::bool";
  log.run(1, insert,
          "$1 = '7', $2 = 'it''s, $9 = ''x''', $3 = '2026-01-01 00:00:00+00', $4 = '1.50', $5 = '3', $6 = "
          "'{a0,\"z,z\"}', $7 = NULL, $8 = 't'");
  log.prepared();
  log.run(1, "INSERT INTO seen SELECT note FROM t WHERE id = $1", "$1 = '4'");
  log.run(1, "INSERT INTO seen SELECT note FROM t WHERE id = $1", "$1 = '6'");
  log.run(1, "INSERT INTO seen VALUES ($1)", "$1 = NULL");
  const Replay replay = server.run(log.script(), {.allow_writes = true});
  INFO(states_of(replay));
  for (const ReplayError& error : replay.errors) UNSCOPED_INFO(error.message);
  CHECK(replay.succeeded() == 4);
  CHECK(server.server().column("SELECT value FROM seen ORDER BY value NULLS LAST") ==
        std::vector<std::string>{"10|{a0,b}|it's, $9 = 'x'|2026-01-01 00:00:00|1.50", "n4", "n6", "NULL"});
}

TEST_CASE("a statement with a name is parsed once a session") {
  ReplayServer server;
  ReplayLog log;
  log.prepared();
  for (int i = 0; i < 5; ++i) {
    log.run(1, "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE $1", "$1 = 'assay%'");
  }
  ReplayScript script = log.script();
  const Replay replay = server.run(std::move(script));
  CHECK(replay.succeeded() == 5);
}

TEST_CASE("transactions are kept together: one that was rolled back leaves nothing, savepoints do as they did") {
  ReplayServer server;
  ReplayLog log({.allow_writes = true});
  for (const char* sql : {"BEGIN", "INSERT INTO seen VALUES ('rolled back')", "ROLLBACK", "BEGIN",
                          "INSERT INTO seen VALUES ('kept')", "SAVEPOINT \"a b\"", "INSERT INTO seen VALUES ('undone')",
                          "ROLLBACK TO \"a b\"", "RELEASE \"a b\"", "INSERT INTO seen VALUES ('kept too')", "COMMIT",
                          "BEGIN", "INSERT INTO t VALUES (1)", "INSERT INTO seen VALUES ('behind a failure')", "COMMIT",
                          "INSERT INTO seen VALUES ('alone')", "BEGIN", "INSERT INTO seen VALUES ('open')"}) {
    log.run(1, sql);
  }
  const Replay replay = server.run(log.script(), {.allow_writes = true});
  CHECK(server.server().column("SELECT value FROM seen ORDER BY value") ==
        std::vector<std::string>{"alone", "kept", "kept too"});
  CHECK(states_of(replay) == "23505×1 ");
  CHECK(replay.left_out == std::map<std::string, std::uint64_t>{{"its transaction had failed before", 1}});
  CHECK(replay.executions.size() + left_out_of(server.script(), replay) == server.script().executions);
}

TEST_CASE("isolation levels are those of the log, and reads of one transaction see one state") {
  ReplayServer server;
  ReplayLog log({.allow_writes = true});
  log.run(1, "BEGIN ISOLATION LEVEL REPEATABLE READ")
      .run(1, "INSERT INTO seen VALUES (current_setting('transaction_isolation'))")
      .run(1, "COMMIT");
  server.run(log.script(), {.allow_writes = true});
  CHECK(server.server().value("SELECT value FROM seen") == "repeatable read");
}

TEST_CASE("a closed replay waits as the log did, scaled, and an open one keeps the log's times") {
  ReplayServer server;
  const auto elapsed_ms = [&](const ReplayPlan& plan) {
    ReplayLog log;
    for (int i = 0; i < 4; ++i) log.run(1, "SELECT 1", "", 100);
    return static_cast<double>(server.run(log.script(), plan).elapsed.count()) / 1e3;
  };
  // Lower bounds only: a busy machine may take longer.
  CHECK(elapsed_ms({}) > 290);
  CHECK(elapsed_ms({.think = 2}) > 590);
  CHECK(elapsed_ms({.open = true}) > 300);
  CHECK(elapsed_ms({.open = true, .rate = 0.5}) > 600);
}

TEST_CASE("a statement that takes too long ends by the timeout, and a replay by its limit") {
  ReplayServer server;
  const Replay slow = server.run(ReplayLog().run(1, "SELECT pg_sleep(60)").run(1, "SELECT 1").script(),
                                 {.statement_timeout = std::chrono::milliseconds(100)});
  CHECK(states_of(slow) == "57014×1 ");
  CHECK(slow.succeeded() == 1);
  const Replay cut = server.run(ReplayLog().run(1, "SELECT 1").run(1, "SELECT 1", "", 60'000).script(),
                                {.time_limit = std::chrono::milliseconds(200)});
  CHECK(cut.succeeded() == 1);
  CHECK(cut.left_out == std::map<std::string, std::uint64_t>{{"the time limit struck", 1}});
}

TEST_CASE("a stop ends a running statement soon") {
  ReplayServer server;
  const ReplayScript script = ReplayLog().run(1, "SELECT pg_sleep(60)").run(2, "SELECT 1").script();
  StopFlag stop{false};
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    stop = true;
  });
  const Replay replay = run_replay(script, {.uri = server.server().cluster().conninfo("postgres")}, stop);
  CHECK(replay.interrupted);
  CHECK(replay.elapsed < std::chrono::seconds(30));
  CHECK(replay.left_out == std::map<std::string, std::uint64_t>{{"the replay was interrupted", 1}});
}

TEST_CASE("a session whose connection is ended goes on with a new one") {
  ReplayServer server;
  server.server().run(
      {"CREATE FUNCTION leave() RETURNS int LANGUAGE plpgsql AS "
       "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN 1; END'"});
  const Replay replay = server.run(ReplayLog().run(1, "SELECT leave()").run(1, "SELECT 1").script());
  CHECK(states_of(replay) == "57P01×1 ");
  CHECK(replay.succeeded() == 1);
}

TEST_CASE("processor time of a server on this machine is told") {
  ReplayServer server;
  const Replay replay =
      server.run(ReplayLog().run(1, "SELECT count(*) FROM generate_series(1, 3000000) a WHERE a % 7 = 3").script());
  REQUIRE(replay.server_seconds);
  CHECK(*replay.server_seconds > 0.05);
}

TEST_CASE("a replay is a workload like the log's: the same classes, with errors, and its own times") {
  ReplayServer server;
  ReplayLog log;
  log.run(1, "SELECT note FROM t WHERE id = $1", "$1 = '4'").run(1, "SELECT note FROM t WHERE id = 5");
  log.run(2, "SELECT 1 / 0").run(2, "BEGIN").run(2, "COMMIT");
  const Replay replay = server.run(log.script());
  WorkloadBuilder builder({});
  tell_replay(server.script(), replay, [&](const LogRecord& record) { builder.add(record); });
  const Workload workload = builder.finish({});
  CHECK(workload.executions == 4);
  CHECK(workload.errors == 1);
  CHECK(workload.sessions == 2);
  for (const QueryClass& query : workload.classes) CHECK(query.database == "db");
  CHECK(std::any_of(workload.classes.begin(), workload.classes.end(), [](const QueryClass& query) {
    return query.id == class_id("db", shape_hash("SELECT note FROM t WHERE id = 7")) && query.calls == 2;
  }));
}

TEST_CASE("a replay needs a server, and an address without a password") {
  const StopFlag stop{false};
  const ReplayScript script = ReplayLog().run(1, "SELECT 1").script();
  CHECK_THROWS_WITH(run_replay(script, {.uri = "postgresql://u:secret@localhost/x"}, stop),
                    Catch::Contains("password") && !Catch::Contains("secret"));
  CHECK_THROWS_AS(run_replay(script, {.uri = "host=/nowhere dbname=x"}, stop), Error);
  CHECK_THROWS_AS(run_replay(script, {.uri = "nonsense"}, stop), Error);
}

}  // namespace assay
