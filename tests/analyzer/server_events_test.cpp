// Small hand-made logs, and what they add up to. The records come as the readers give them.
#include <catch2/catch.hpp>

#include "analyzer/workload_builder.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

constexpr std::int64_t kStart = 1'795'000'000;  // seconds since 1970

/// A log as it is told, a second after the other unless said otherwise.
class Log {
 public:
  Log& run(std::int64_t process, std::string_view sql, std::int64_t us = 100) {
    LogRecord record = base(RecordKind::kExecution, process);
    record.sql = sql;
    record.shape = shape_hash(sql);
    record.timed = true;
    record.duration = Microseconds(us);
    return add(record);
  }
  Log& say(std::int64_t process, std::string_view message, std::string_view detail = {}, std::string_view context = {},
           std::string_view sql = {}) {
    return tell(RecordKind::kOther, process, "LOG", message, detail, context, sql);
  }
  Log& fail(std::int64_t process, std::string_view message, std::string_view sql = {}, std::string_view detail = {},
            std::string_view severity = "ERROR") {
    return tell(RecordKind::kError, process, severity, message, detail, {}, sql);
  }
  Log& plan(std::int64_t process, std::string_view sql, std::string_view plan, std::int64_t us,
            std::string_view context = {}) {
    LogRecord record = base(RecordKind::kPlan, process);
    record.sql = sql;
    record.shape = shape_hash(sql);
    record.message = plan;
    record.context = context;
    record.timed = true;
    record.duration = Microseconds(us);
    return add(record);
  }
  Log& wait(std::int64_t seconds) {
    now_ += seconds;
    return *this;
  }
  Workload workload() { return builder_.finish({}); }
  ServerEvents events() { return workload().events; }

 private:
  LogRecord base(RecordKind kind, std::int64_t process) {
    LogRecord record;
    record.kind = kind;
    record.process = process;
    record.time = {Timestamp(std::chrono::seconds(now_++)), UtcOffset{0}};
    record.line = ++line_;
    record.user = "web";
    record.database = "crm";
    record.application = "shop";
    record.severity = "LOG";
    return record;
  }
  Log& tell(RecordKind kind, std::int64_t process, std::string_view severity, std::string_view message,
            std::string_view detail, std::string_view context, std::string_view sql) {
    LogRecord record = base(kind, process);
    record.severity = severity;
    record.message = message;
    record.detail = detail;
    record.context = context;
    record.sql = sql;
    record.shape = sql.empty() ? 0 : shape_hash(sql);
    return add(record);
  }
  Log& add(const LogRecord& record) {
    builder_.add(record);
    return *this;
  }

  WorkloadBuilder builder_{WorkloadFilter{}};
  std::int64_t now_ = kStart;
  std::uint64_t line_ = 0;
};

ClassId id(std::string_view sql) { return class_id("crm", shape_hash(sql)); }

constexpr auto kWaits = "process 2 still waiting for ShareLock on transaction 9 after 1000.000 ms";
constexpr auto kAcquires = "process 2 acquired ShareLock on transaction 9 after 3000.000 ms";
constexpr auto kHeldByOne = "Process holding the lock: 1. Wait queue: 2.";
constexpr auto kOnAccounts = "while updating tuple (0,1) in relation \"accounts\"";

}  // namespace

TEST_CASE("a class's id is that of its shape in its database") {
  const auto workload = Log().run(1, "SELECT 1").workload();
  CHECK(workload.classes.at(0).id == id("SELECT 2"));
}

TEST_CASE("a wait is told by two messages, and counts once with its whole time") {
  const auto events =
      Log().say(2, kWaits, kHeldByOne, kOnAccounts, "UPDATE accounts SET a = 1").say(2, kAcquires).events();
  REQUIRE(events.lock_waits.size() == 1);
  const LockWaitGroup& wait = events.lock_waits[0];
  CHECK(wait.class_id == id("UPDATE accounts SET a = 2"));
  CHECK(wait.mode == "ShareLock");
  CHECK(wait.target == "transaction");
  CHECK(wait.relation == "accounts");
  CHECK(wait.seen.count == 1);
  CHECK(wait.granted == 1);
  CHECK(wait.total.count() == 3'000'000);
}

TEST_CASE("the blocker is the holder's write to that table in its open transaction") {
  const auto events = Log()
                          .run(1, "BEGIN")
                          .run(1, "UPDATE accounts SET b = 1 WHERE id = 7")
                          .run(1, "INSERT INTO notes VALUES (1)")
                          .say(2, kWaits, kHeldByOne, kOnAccounts, "UPDATE accounts SET a = 1")
                          .run(1, "COMMIT")
                          .say(2, kAcquires)
                          .events();
  REQUIRE(events.lock_waits.at(0).blockers.size() == 1);
  CHECK(events.lock_waits[0].blockers[0].class_id == id("UPDATE accounts SET b = 1 WHERE id = 7"));
}

TEST_CASE("the blocker is the statement that the holder was running, which ends later") {
  const auto events = Log()
                          .run(1, "SELECT 1")
                          .say(2, kWaits, kHeldByOne, kOnAccounts, "UPDATE accounts SET a = 1")
                          .run(1, "UPDATE accounts SET b = 1", 5'000'000)
                          .say(2, kAcquires)
                          .events();
  REQUIRE(events.lock_waits.at(0).blockers.size() == 1);
  CHECK(events.lock_waits[0].blockers[0].class_id == id("UPDATE accounts SET b = 1"));
}

TEST_CASE("a statement that the holder began after the wait did not block it") {
  const auto events = Log()
                          .say(2, kWaits, kHeldByOne, kOnAccounts, "UPDATE accounts SET a = 1")
                          .wait(5)
                          .run(1, "SELECT 1", 10)
                          .say(2, kAcquires)
                          .events();
  REQUIRE(events.lock_waits.at(0).blockers.size() == 1);
  CHECK(events.lock_waits[0].blockers[0].class_id == 0);
}

TEST_CASE("a wait that ends with an error, or is open at the end, is at least so long") {
  const auto failed = Log()
                          .say(2, kWaits, kHeldByOne, {}, "UPDATE t SET a = 1")
                          .wait(3)
                          .fail(2, "canceling statement due to lock timeout", "UPDATE t SET a = 1")
                          .events();
  CHECK(failed.lock_waits.at(0).granted == 0);
  CHECK(failed.lock_waits[0].total.count() == 5'000'000);  // 1 s told, 4 s until the error
  const auto open = Log().say(2, kWaits, kHeldByOne, {}, "UPDATE t SET a = 1").events();
  CHECK(open.lock_waits.at(0).total.count() == 1'000'000);
}

TEST_CASE("a wait told twice is one wait") {
  const auto events = Log()
                          .say(2, kWaits, kHeldByOne, kOnAccounts, "UPDATE accounts SET a = 1")
                          .say(2, "process 2 still waiting for ShareLock on transaction 9 after 2000.000 ms",
                               kHeldByOne, kOnAccounts, "UPDATE accounts SET a = 1")
                          .say(2, kAcquires)
                          .events();
  REQUIRE(events.lock_waits.size() == 1);
  CHECK(events.lock_waits[0].seen.count == 1);
  CHECK(events.lock_waits[0].blockers.at(0).waits == 1);
}

TEST_CASE("deadlocks are counted by the classes that took part, in any order") {
  constexpr auto kOne =
      "Process 1 waits for ShareLock on transaction 2; blocked by process 3.\n"
      "Process 3 waits for ShareLock on transaction 1; blocked by process 1.\n"
      "Process 1: UPDATE t SET a = 1\nProcess 3: DELETE FROM t WHERE a = 2";
  constexpr auto kOther =
      "Process 3 waits for ShareLock on transaction 5; blocked by process 1.\n"
      "Process 1 waits for ShareLock on transaction 4; blocked by process 3.\n"
      "Process 3: DELETE FROM t WHERE a = 8\nProcess 1: UPDATE t SET a = 9";
  const auto events =
      Log().fail(1, "deadlock detected", "UPDATE t SET a = 1", kOne).fail(3, "deadlock detected", {}, kOther).events();
  REQUIRE(events.deadlocks.size() == 1);
  CHECK(events.deadlocks[0].seen.count == 2);
  REQUIRE(events.deadlocks[0].parties.size() == 2);
  CHECK(events.deadlocks[0].parties[0].class_id == id("UPDATE t SET a = 1"));
  CHECK(events.deadlocks[0].parties[1].query == "DELETE FROM t WHERE a = 2");
}

TEST_CASE("errors are grouped by SQLSTATE and statement, most frequent first") {
  const auto events = Log()
                          .fail(1, "syntax error at or near \"x\"", "SELEC x")
                          .fail(1, "duplicate key value violates unique constraint \"a\"", "INSERT INTO t VALUES (1)")
                          .fail(1, "duplicate key value violates unique constraint \"b\"", "INSERT INTO t VALUES (2)")
                          .events();
  REQUIRE(events.errors.size() == 2);
  CHECK(events.errors[0].sqlstate == "23505");
  CHECK(events.errors[0].class_id == id("INSERT INTO t VALUES (3)"));
  CHECK(events.errors[0].seen.count == 2);
  CHECK(events.errors[0].message == "duplicate key value violates unique constraint \"a\"");
  CHECK(events.errors[0].users == std::set<std::string>{"web"});
  CHECK(events.errors[1].sqlstate == "42601");
}

TEST_CASE("cancelled statements are counted by cause") {
  const auto events = Log()
                          .fail(1, "canceling statement due to statement timeout", "SELECT 1")
                          .fail(1, "canceling statement due to statement timeout", "SELECT 2")
                          .fail(1, "canceling statement due to user request", "SELECT 3")
                          .events();
  REQUIRE(events.cancelled.size() == 2);
  CHECK(events.cancelled[0].cause == CancelCause::kStatementTimeout);
  CHECK(events.cancelled[0].seen.count == 2);
}

TEST_CASE("temporary files are added up by statement") {
  const auto events = Log()
                          .say(1, "temporary file: path \"a\", size 100", {}, {}, "SELECT 1")
                          .say(1, "temporary file: path \"b\", size 300", {}, {}, "SELECT 2")
                          .events();
  REQUIRE(events.temporary_files.size() == 1);
  CHECK(events.temporary_files[0].bytes == 400);
  CHECK(events.temporary_files[0].largest == 300);
}

TEST_CASE("checkpoints are counted by cause and added up") {
  const auto events =
      Log()
          .say(9, "checkpoint starting: time")
          .say(9,
               "checkpoint complete: wrote 10 buffers (0.1%); 0 WAL file(s) added, 0 removed, 1 recycled; write=1.000 "
               "s, sync=0.100 s, total=1.200 s; sync files=1, longest=0.050 s, average=0.050 s; distance=100 kB, "
               "estimate=100 kB")
          .say(9, "checkpoint starting: wal")
          .say(9, "checkpoints are occurring too frequently (3 seconds apart)")
          .events();
  CHECK(events.checkpoints.timed == 1);
  CHECK(events.checkpoints.by_wal == 1);
  CHECK(events.checkpoints.completed.count == 1);
  CHECK(events.checkpoints.total.count() == 1'200'000);
  CHECK(events.checkpoints.too_frequent.count == 1);
}

TEST_CASE("autovacuum is added up by table, cancellations too") {
  const auto events =
      Log()
          .say(9,
               "automatic vacuum of table \"d.s.t\": index scans: 1\ntuples: 5 removed, 6 remain, 7 are dead but "
               "not yet removable\nsystem usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 2.00 s")
          .say(9,
               "automatic analyze of table \"d.s.t\"\nsystem usage: CPU: user: 0.00 s, system: 0.00 s, "
               "elapsed: 1.00 s")
          .events();
  REQUIRE(events.maintenance.size() == 1);
  CHECK(events.maintenance[0].vacuums == 1);
  CHECK(events.maintenance[0].analyzes == 1);
  CHECK(events.maintenance[0].tuples_removed == 5);
  CHECK(events.maintenance[0].most_tuples_dead == 7);
  CHECK(events.maintenance[0].longest.count() == 2'000'000);
}

TEST_CASE("open sessions: those of the log, and those that were open before it") {
  const auto connect = "connection authorized: user=web database=crm application_name=shop";
  const auto events =
      Log()
          .say(1, connect)
          .say(2, connect)
          .say(1, "disconnection: session time: 0:00:02.000 user=web database=crm host=[local]")
          .say(3, connect)
          .say(9, "disconnection: session time: 1:00:00.000 user=web database=crm host=[local]")  // began before
          .events();
  CHECK(events.connections.most_open == 3);  // 9, and two of the others
  CHECK(events.connections.authorized.count == 3);
  CHECK(events.connections.ended.count == 2);
  CHECK(events.connections.longest_session == std::chrono::hours(1));
}

TEST_CASE("a session that was refused after it was authorized is not open") {
  const auto events = Log()
                          .say(1, "connection authorized: user=nobody database=crm")
                          .fail(1, "role \"nobody\" does not exist", {}, {}, "FATAL")
                          .say(2, "connection authorized: user=web database=crm")
                          .events();
  CHECK(events.connections.most_open == 1);
  REQUIRE(events.connections.failures.size() == 1);
  CHECK(events.connections.failures[0].user == "nobody");
}

TEST_CASE("the host of a failed authentication is that of its connection") {
  const auto events = Log()
                          .say(1, "connection received: host=10.0.0.9 port=5")
                          .fail(1, "password authentication failed for user \"x\"", {}, {}, "FATAL")
                          .events();
  CHECK(events.connections.failures.at(0).host == "10.0.0.9");
}

TEST_CASE("no session outlives a crash") {
  const auto connect = "connection authorized: user=web database=crm";
  const auto events =
      Log()
          .say(1, connect)
          .say(2, connect)
          .say(99, "server process (PID 1) was terminated by signal 9: Killed", "Failed process was running: SELECT 1")
          .say(3, connect)
          .events();
  CHECK(events.connections.most_open == 2);
  REQUIRE(events.alarms.size() == 1);
  CHECK(events.alarms[0].statement == "SELECT 1");
  CHECK(events.alarms[0].line == 3);
}

TEST_CASE("changed parameters are kept in the order of the log") {
  const auto events = Log()
                          .say(9, "parameter \"log_min_duration_statement\" changed to \"100\"")
                          .say(9, "parameter \"work_mem\" removed from configuration file, reset to default")
                          .events();
  REQUIRE(events.parameters.size() == 2);
  CHECK(events.parameters[0].name == "log_min_duration_statement");
  CHECK(events.parameters[0].value == "100");
  CHECK(events.parameters[1].line == 2);
}

TEST_CASE("what no section tells of is counted") {
  CHECK(Log().say(9, "started streaming WAL from primary at 0/3000000 on timeline 1").events().other_messages == 1);
}

TEST_CASE("events beyond the bounds are counted, not kept") {
  Log log;
  for (int i = 0; i < 3000; ++i) log.say(9, "automatic analyze of table \"d.s.t" + std::to_string(i) + "\"");
  const auto events = log.events();
  CHECK(events.maintenance.size() == 2000);
  CHECK(events.dropped == 1000);
}

TEST_CASE("a class keeps the plan of its slowest planned execution") {
  const auto workload =
      Log()
          .plan(1, "SELECT 1", "Result  (cost=1)", 10)
          .plan(1, "SELECT 2", "Result  (cost=2)", 30, "PL/pgSQL function f(integer) line 3 at RETURN")
          .plan(1, "SELECT 3", "Result  (cost=3)", 20)
          .run(1, "SELECT 4", 40)
          .workload();
  REQUIRE(workload.classes.size() == 1);
  CHECK(workload.classes[0].plan->text == "Result  (cost=2)");
  CHECK(workload.classes[0].plan->duration.count() == 30);
  CHECK(workload.classes[0].plan->nested_in == "PL/pgSQL function f(integer) line 3 at RETURN");
  CHECK(workload.executions == 1);
  CHECK_FALSE(workload.counted_from_plans);
}

TEST_CASE("a plan that is too long is cut") {
  const auto workload = Log().plan(1, "SELECT 1", std::string(20'000, 'x'), 10).workload();
  CHECK(workload.classes.at(0).plan->text.size() == 16 * 1024);
  CHECK(workload.classes[0].plan->cut);
}

TEST_CASE("where a log holds plans and no duration, the executions are the plans") {
  const auto workload = Log()
                            .fail(1, "division by zero", "SELECT 1/0")
                            .plan(1, "SELECT a", "Result  (cost=1)", 10'000)
                            .plan(1, "SELECT a", "Result  (cost=2)", 30'000)
                            .fail(1, "canceling statement due to user request", "SELECT a")
                            .workload();
  CHECK(workload.counted_from_plans);
  CHECK(workload.executions == 2);
  CHECK(workload.errors == 2);
  CHECK(workload.events.errors.size() == 2);
  REQUIRE(workload.classes.size() == 2);
  CHECK(workload.classes[0].calls == 2);
  CHECK(workload.classes[0].errors == 1);
  CHECK(workload.classes[0].total.count() == 40'000);
  CHECK(workload.classes[0].plan->text == "Result  (cost=2)");
  CHECK(workload.total.count() == 40'000);
}

TEST_CASE("one duration in the log, and plans are no executions") {
  const auto workload = Log().plan(1, "SELECT a", "x", 10).run(1, "SELECT b").plan(1, "SELECT a", "x", 10).workload();
  CHECK(workload.executions == 1);
  CHECK_FALSE(workload.counted_from_plans);
}

TEST_CASE("clients are told apart by user, database, application and host") {
  const auto workload = Log().run(1, "SELECT 1", 500).run(2, "SELECT 1", 700).fail(1, "division by zero").workload();
  REQUIRE(workload.clients.size() == 1);
  CHECK(workload.clients[0].user == "web");
  CHECK(workload.clients[0].executions == 2);
  CHECK(workload.clients[0].errors == 1);
  CHECK(workload.clients[0].total.count() == 1200);
}

TEST_CASE("sessions are followed through the builder") {
  Log log;
  log.run(1, "BEGIN");
  for (int i = 0; i < 12; ++i) log.run(1, "SELECT * FROM lines WHERE id = " + std::to_string(i));
  const auto workload = log.run(1, "COMMIT").workload();
  REQUIRE(workload.patterns.loops.size() == 1);
  CHECK(workload.patterns.loops[0].class_id == id("SELECT * FROM lines WHERE id = 1"));
  CHECK(workload.patterns.transactions == 1);
}

}  // namespace assay
