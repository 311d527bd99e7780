// Lock waits and deadlocks, in the words of proc.c, deadlock.c and lmgr.c.
#include "parser/log/lock_message.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <catch2/catch.hpp>

namespace assay {
namespace {

constexpr std::string_view kEvents[] = {"waits", "acquired", "failed", "not obtained", "avoided", "detected"};

/// "1 waits ShareLock on transaction 99 after 1000123 us, held by [4], queue [1, 2], relation x".
std::string told(std::string_view message, std::string_view detail = {}, std::string_view context = {}) {
  const auto lock = parse_lock_message(message, detail, context);
  if (!lock) return "no lock";
  std::string text = fmt::format("{} {} {} on {} after {} us", lock->process, kEvents[static_cast<int>(lock->event)],
                                 lock->mode, lock->target, lock->waited.count());
  if (!lock->holders.empty()) text += fmt::format(", held by {}, queue {}", lock->holders, lock->queue);
  if (!lock->relation.empty()) text += fmt::format(", relation {}", lock->relation);
  return text;
}

std::string told_deadlock(std::string_view detail) {
  std::string text;
  for (const auto& edge : parse_deadlock(detail)) {
    text += fmt::format("{} < {} {} on {}: {}\n", edge.process, edge.blocker, edge.mode, edge.target, edge.query);
  }
  return text;
}

}  // namespace

TEST_CASE("a lock wait tells process, mode, target and time") {
  CHECK(told("process 123 still waiting for ShareLock on transaction 99 after 1000.123 ms") ==
        "123 waits ShareLock on transaction 99 after 1000123 us");
  CHECK(told("process 1 acquired AccessShareLock on relation 16384 of database 5 after 0.007 ms") ==
        "1 acquired AccessShareLock on relation 16384 of database 5 after 7 us");
  CHECK(told("process 1 acquired ExclusiveLock on tuple (0,1) of relation 16384 of database 5 after 2000.000 ms") ==
        "1 acquired ExclusiveLock on tuple (0,1) of relation 16384 of database 5 after 2000000 us");
  CHECK(told("process 1 failed to acquire ShareLock on virtual transaction 3/17 after 5.001 ms") ==
        "1 failed ShareLock on virtual transaction 3/17 after 5001 us");
  CHECK(told("process 1 avoided deadlock for ShareLock on transaction 7 by rearranging queue order after 10.000 ms") ==
        "1 avoided ShareLock on transaction 7 after 10000 us");
  CHECK(told("process 1 detected deadlock while waiting for ShareLock on transaction 7 after 100.112 ms") ==
        "1 detected ShareLock on transaction 7 after 100112 us");
}

TEST_CASE("where the statement stands behind the time, as in stderr, it is not read") {
  CHECK(
      told(
          "process 1 still waiting for AccessShareLock on relation 5 of database 6 after 100.180 ms at character 22") ==
      "1 waits AccessShareLock on relation 5 of database 6 after 100180 us");
}

TEST_CASE("PostgreSQL 18 tells locks that were not obtained at once") {
  CHECK(told("process 12 could not obtain AccessExclusiveLock on relation 16384 of database 5",
             "Process holding the lock: 7. Wait queue: .") ==
        "12 not obtained AccessExclusiveLock on relation 16384 of database 5 after 0 us, held by [7], queue []");
}

TEST_CASE("the detail tells holders and queue, in the singular and the plural") {
  constexpr auto kMessage = "process 1 still waiting for ShareLock on transaction 9 after 1.000 ms";
  CHECK(told(kMessage, "Process holding the lock: 456. Wait queue: 123, 789.") ==
        "1 waits ShareLock on transaction 9 after 1000 us, held by [456], queue [123, 789]");
  CHECK(told(kMessage, "Processes holding the lock: 4, 5. Wait queue: 1.") ==
        "1 waits ShareLock on transaction 9 after 1000 us, held by [4, 5], queue [1]");
}

TEST_CASE("the context names the relation") {
  CHECK(relation_of_context("while updating tuple (0,1) in relation \"x\"") == "x");
  CHECK(relation_of_context("while locking tuple (4,71) in relation \"two words\"") == "two words");
  CHECK(relation_of_context("while inserting index tuple (0,3) in relation \"x_pkey\"\nSQL statement \"INSERT\"") ==
        "x_pkey");
  CHECK(relation_of_context("SQL statement \"x in relation \"y\"\"\nwhile deleting tuple (1,2) in relation \"z\"") ==
        "z");
  CHECK(relation_of_context("PL/pgSQL function f() line 3 at PERFORM").empty());
  CHECK(relation_of_context("").empty());
}

TEST_CASE("a target has a kind, and may have a relation") {
  CHECK(lock_target_kind("transaction 7") == "transaction");
  CHECK(lock_target_kind("virtual transaction 3/17") == "virtual transaction");
  CHECK(lock_target_kind("tuple (0,1) of relation 16384 of database 5") == "tuple");
  CHECK(lock_target_kind("extension of relation 16384 of database 5") == "extension of relation");
  CHECK(lock_target_kind("advisory lock [5,0,42,1]") == "advisory lock");
  CHECK(lock_target_kind("something new 5") == "other lock");
  CHECK(relation_of_target("tuple (0,1) of relation 16384 of database 5") == 16384);
  CHECK(relation_of_target("transaction 7") == std::nullopt);
}

TEST_CASE("other messages are no lock waits") {
  for (const auto message :
       {"", "process", "process x still waiting for A on b after 1 ms", "process 1 waits for ShareLock",
        "process 1 still waiting for ShareLock on transaction 7", "process 1 acquired ShareLock after 7.000 ms",
        "process 99999999999999999999 acquired A on b after 1 ms", "process 1 acquired A on b after x ms"}) {
    CHECK(told(message) == "no lock");
  }
}

TEST_CASE("a deadlock tells who waits for whom, and what they ran") {
  CHECK(told_deadlock("Process 1 waits for ShareLock on transaction 20; blocked by process 3.\n"
                      "Process 3 waits for ShareLock on transaction 10; blocked by process 1.\n"
                      "Process 1: UPDATE a\nSET b = 1\n"
                      "Process 3: UPDATE a SET b = 2") ==
        "1 < 3 ShareLock on transaction 20: UPDATE a\nSET b = 1\n"
        "3 < 1 ShareLock on transaction 10: UPDATE a SET b = 2\n");
}

TEST_CASE("a query that looks like the next one's beginning does not take its place") {
  CHECK(told_deadlock("Process 1 waits for A on b; blocked by process 2.\n"
                      "Process 2 waits for A on c; blocked by process 1.\n"
                      "Process 1: SELECT '\nProcess 7: x'\n"
                      "Process 2: SELECT 2") == "1 < 2 A on b: SELECT '\nProcess 7: x'\n2 < 1 A on c: SELECT 2\n");
}

TEST_CASE("a deadlock's detail that is cut keeps what is there") {
  CHECK(told_deadlock("Process 1 waits for A on b; blocked by process 2.\nProcess 2 waits for A on") ==
        "1 < 2 A on b: \n");
  CHECK(told_deadlock("Key (id)=(1) already exists.").empty());
  CHECK(told_deadlock("").empty());
}

}  // namespace assay
