// Loops and idle transactions in small hand-made sessions.
#include <catch2/catch.hpp>

#include "analyzer/session_patterns_builder.h"

namespace assay {
namespace {

using Role = TransactionRole;
constexpr ClassIndex kBeginClass = 0, kCommitClass = 1, kParent = 2, kChild = 3, kWriter = 4, kOther = 5;
const std::vector<ClassId> kIds = {100, 101, 102, 103, 104, 105};

/// One session's statements, each some microseconds long, one after the other.
class Script {
 public:
  explicit Script(SessionPatternsBuilder& builder, std::int64_t process = 7) : builder_(builder), process_(process) {}

  Script& run(ClassIndex index, Role role, std::uint64_t values = 0, std::int64_t us = 100) {
    now_ += us;
    builder_.add({.process = process_,
                  .class_index = index,
                  .role = role,
                  .timed = timed,
                  .end = Timestamp(Microseconds(now_)),
                  .duration = Microseconds(us),
                  .values = values});
    return *this;
  }
  Script& begin() { return run(kBeginClass, Role::kBegin); }
  Script& commit() { return run(kCommitClass, Role::kEnd); }
  Script& wait(std::int64_t us) {
    now_ += us;
    return *this;
  }
  Script& loop(std::uint64_t repeats, ClassIndex index = kChild, Role role = Role::kRead) {
    for (std::uint64_t i = 1; i <= repeats; ++i) run(index, role, i);
    return *this;
  }
  Timestamp now() const { return Timestamp(Microseconds(now_)); }
  bool timed = true;

 private:
  SessionPatternsBuilder& builder_;
  std::int64_t process_;
  std::int64_t now_ = 1'000'000'000;
};

}  // namespace

TEST_CASE("the role of a statement is told by its words") {
  CHECK(role_of("BEGIN") == Role::kBegin);
  CHECK(role_of("START TRANSACTION ISOLATION LEVEL REPEATABLE READ") == Role::kBegin);
  CHECK(role_of("COMMIT") == Role::kEnd);
  CHECK(role_of("end") == Role::kEnd);
  CHECK(role_of("ROLLBACK") == Role::kEnd);
  CHECK(role_of("ABORT") == Role::kEnd);
  CHECK(role_of("PREPARE TRANSACTION ?") == Role::kEnd);
  CHECK(role_of("COMMIT PREPARED ?") == Role::kOther);
  CHECK(role_of("COMMIT AND CHAIN") == Role::kBegin);
  CHECK(role_of("COMMIT AND NO CHAIN") == Role::kEnd);
  CHECK(role_of("SAVEPOINT a") == Role::kOther);
  CHECK(role_of("ROLLBACK TO SAVEPOINT a") == Role::kOther);
  CHECK(role_of("RELEASE SAVEPOINT a") == Role::kOther);
  CHECK(role_of("SET search_path TO a") == Role::kOther);
  CHECK(role_of("SELECT * FROM t WHERE id = ?") == Role::kRead);
  CHECK(role_of("(SELECT ?) UNION (SELECT ?)") == Role::kRead);
  CHECK(role_of("SELECT * FROM t FOR UPDATE") == Role::kWrite);
  CHECK(role_of("SELECT * FROM t FOR NO KEY UPDATE SKIP LOCKED") == Role::kWrite);
  CHECK(role_of("SELECT substring(a FOR ?) FROM t") == Role::kRead);
  CHECK(role_of("WITH x AS (SELECT ?) SELECT * FROM x") == Role::kRead);
  CHECK(role_of("WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x") == Role::kWrite);
  CHECK(role_of("INSERT INTO t VALUES (?)") == Role::kWrite);
  CHECK(role_of("LOCK TABLE t") == Role::kWrite);
  CHECK(role_of("COPY t FROM STDIN") == Role::kWrite);
  CHECK(role_of("COPY t TO STDOUT") == Role::kOther);
  CHECK(role_of("") == Role::kOther);
}

TEST_CASE("a text of several statements has the role that it leaves behind") {
  CHECK(role_of("BEGIN; UPDATE t SET a = ?") == Role::kBegin);
  CHECK(role_of("BEGIN; UPDATE t SET a = ?; COMMIT") == Role::kOther);
  CHECK(role_of("UPDATE t SET a = ?; COMMIT") == Role::kEnd);
  CHECK(role_of("SELECT ?;") == Role::kRead);
}

TEST_CASE("one statement again and again in a transaction is a loop, with the statement before it") {
  SessionPatternsBuilder builder;
  Script(builder)
      .begin()
      .run(kParent, Role::kRead, 9)
      .loop(25)
      .commit()
      .wait(5'000)
      .begin()
      .run(kParent, Role::kRead, 8)
      .loop(15)
      .commit();
  const auto loops = builder.finish(kIds).loops;
  REQUIRE(loops.size() == 1);
  CHECK(loops[0].class_id == 103);
  CHECK(loops[0].before == 102);
  CHECK(loops[0].runs == 2);
  CHECK(loops[0].runs_in_transaction == 2);
  CHECK(loops[0].repeats == 40);
  CHECK(loops[0].most == 25);
  CHECK(loops[0].median == 15);
  CHECK(loops[0].time.count() == 4000);
  CHECK(loops[0].most_saved.count() == 2400 + 1400);
  CHECK(loops[0].values_known);
}

TEST_CASE("a loop may have a body of several statements, each of them in the loop") {
  SessionPatternsBuilder builder;
  Script script(builder);
  for (std::uint64_t i = 1; i <= 12; ++i) script.run(kChild, Role::kRead, i).run(kParent, Role::kRead, i);
  const auto loops = builder.finish(kIds).loops;
  REQUIRE(loops.size() == 2);
  CHECK(loops[0].repeats == 12);
  CHECK(loops[1].repeats == 12);
}

TEST_CASE("fewer repeats than the least are no loop, and a pause ends one outside of a transaction") {
  SessionPatternsBuilder builder;
  Script(builder).loop(9).wait(50'000).loop(9);
  CHECK(builder.finish(kIds).loops.empty());
}

TEST_CASE("a pause within a transaction does not end a loop") {
  SessionPatternsBuilder builder;
  Script(builder).begin().loop(6).wait(50'000).loop(6).commit();
  CHECK(builder.finish(kIds).loops.size() == 1);
}

TEST_CASE("loops do not reach over transactions or sessions") {
  SessionPatternsBuilder builder;
  Script script(builder);
  for (int i = 0; i < 20; ++i) script.begin().loop(1).commit();
  Script other(builder, 8);
  other.loop(9);
  builder.leave(8);
  other.loop(9);
  CHECK(builder.finish(kIds).loops.empty());
}

TEST_CASE("the same values again and again are no N+1 loop") {
  SessionPatternsBuilder builder;
  Script script(builder);
  for (int i = 0; i < 30; ++i) script.run(kChild, Role::kRead, 42);
  const auto loops = builder.finish(kIds).loops;
  REQUIRE(loops.size() == 1);
  CHECK(loops[0].runs == 0);
  CHECK(loops[0].same_values_repeats == 30);
}

TEST_CASE("where values are not known, it says so") {
  SessionPatternsBuilder builder;
  Script script(builder);
  for (int i = 0; i < 30; ++i) script.run(kChild, Role::kRead);
  const auto loops = builder.finish(kIds).loops;
  REQUIRE(loops.size() == 1);
  CHECK(loops[0].runs == 1);
  CHECK_FALSE(loops[0].values_known);
}

TEST_CASE("classes that share a place in the table are told apart") {
  SessionPatternsBuilder builder;
  Script script(builder);
  script.loop(12, kChild).loop(12, kChild + 8).loop(3, kChild);
  const auto patterns = builder.finish({0, 1, 2, 103, 4, 5, 6, 7, 8, 9, 10, 111});
  REQUIRE(patterns.loops.size() == 2);
  CHECK(patterns.loops[0].repeats == 12);
  CHECK(patterns.loops[1].repeats == 12);
}

TEST_CASE("gaps in a transaction are idle time, by the statement before them") {
  SessionPatternsBuilder builder;
  Script(builder).begin().run(kParent, Role::kRead).wait(300'000).run(kWriter, Role::kWrite).wait(500'000).commit();
  const auto patterns = builder.finish(kIds);
  CHECK(patterns.evidence == IdleEvidence::kSeen);
  CHECK(patterns.transactions == 1);
  CHECK(patterns.transaction_idle.count() == 800'000);
  CHECK(patterns.transaction_time.count() == 800'400);
  REQUIRE(patterns.idle.size() == 2);
  CHECK(patterns.idle[0].class_id == 104);
  CHECK(patterns.idle[0].total.count() == 500'000);
  CHECK(patterns.idle[0].total_after_write.count() == 500'000);
  CHECK(patterns.idle[1].class_id == 102);
  CHECK(patterns.idle[1].total_after_write.count() == 0);
}

TEST_CASE("gaps between transactions are nobody's idle time") {
  SessionPatternsBuilder builder;
  Script(builder).begin().commit().wait(9'000'000).begin().commit();
  CHECK(builder.finish(kIds).idle.empty());
}

TEST_CASE("time spent on fetches and failed statements is not idle") {
  SessionPatternsBuilder builder;
  Script script(builder);
  script.begin().run(kParent, Role::kRead).wait(400'000);
  builder.busy_until(7, script.now());
  script.wait(100'000).commit();
  const auto patterns = builder.finish(kIds);
  REQUIRE(patterns.idle.size() == 1);
  CHECK(patterns.idle[0].total.count() == 100'000);
}

TEST_CASE("a session that the server ended while idle in transaction was idle until then") {
  SessionPatternsBuilder builder;
  Script script(builder);
  script.begin().run(kWriter, Role::kWrite);
  script.wait(300'000);
  builder.terminate(7, script.now());
  const auto patterns = builder.finish(kIds);
  REQUIRE(patterns.idle.size() == 1);
  CHECK(patterns.idle[0].total_after_write.count() == 300'000);
}

TEST_CASE("a log with a threshold does not tell idle time") {
  SessionPatternsBuilder builder;
  Script script(builder);
  for (int i = 0; i < 5; ++i)
    script.run(kBeginClass, Role::kBegin, 0, 2'000).wait(500'000).run(kCommitClass, Role::kEnd, 0, 2'000);
  const auto patterns = builder.finish(kIds);
  CHECK(patterns.evidence == IdleEvidence::kIncomplete);
  CHECK(patterns.idle.empty());
}

TEST_CASE("a sampled log, where BEGIN stands without its COMMIT, does not tell idle time") {
  SessionPatternsBuilder builder;
  Script script(builder);
  for (int i = 0; i < 5; ++i) script.begin().run(kParent, Role::kRead).wait(500'000).run(kParent, Role::kRead);
  CHECK(builder.finish(kIds).evidence == IdleEvidence::kIncomplete);
}

TEST_CASE("a log without durations or without transactions does not tell idle time") {
  SessionPatternsBuilder builder;
  Script script(builder);
  script.timed = false;
  script.begin().wait(500'000).commit();
  CHECK(builder.finish(kIds).evidence == IdleEvidence::kNoDurations);
  SessionPatternsBuilder without;
  Script(without).run(kParent, Role::kRead);
  CHECK(without.finish(kIds).evidence == IdleEvidence::kNoTransactions);
}

TEST_CASE("what a process holds is what its open transaction wrote, newest first") {
  SessionPatternsBuilder builder;
  Script script(builder);
  script.run(kWriter, Role::kWrite);
  CHECK(builder.held_by(7).count == 0);
  script.begin()
      .run(kOther, Role::kWrite)
      .run(kParent, Role::kRead)
      .run(kWriter, Role::kWrite)
      .run(kWriter, Role::kWrite);
  const HeldLocks held = builder.held_by(7);
  REQUIRE(held.count == 2);
  CHECK(held.writes[0] == kWriter);
  CHECK(held.writes[1] == kOther);
  script.commit();
  CHECK(builder.held_by(7).count == 0);
  CHECK(builder.held_by(99).count == 0);
}

TEST_CASE("more sessions than are kept push out the one that was silent for longest") {
  SessionPatternsBuilder builder;
  // All in one place of the table.
  for (std::int64_t process = 1; process <= 40; ++process) Script(builder, process * 2048).loop(10);
  const auto loops = builder.finish(kIds).loops;
  REQUIRE(loops.size() == 1);
  CHECK(loops[0].runs == 40);
}

TEST_CASE("a log without process numbers tells nothing of sessions") {
  SessionPatternsBuilder builder;
  Script(builder, 0).begin().loop(50).wait(500'000).commit();
  const auto patterns = builder.finish(kIds);
  CHECK(patterns.loops.empty());
  CHECK(patterns.transactions == 0);
}

TEST_CASE("a clock that is turned back begins anew, and forged times do not overflow") {
  SessionPatternsBuilder builder;
  Script(builder).begin();
  Script(builder).begin().wait(300'000).commit();
  builder.add({.process = 7,
               .class_index = kChild,
               .role = Role::kRead,
               .end = Timestamp(Microseconds(0)),
               .duration = Microseconds(std::numeric_limits<std::int64_t>::max() / 2)});
  CHECK(builder.finish(kIds).transactions >= 1);
}

}  // namespace assay
