#include "advisors/replica/safe_share.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

#include "tests/advisors/replica/replica_world.h"

namespace assay {
namespace {

constexpr const char* kSchema = R"(
  CREATE TABLE a (id int PRIMARY KEY, v int);
  CREATE TABLE b (id int PRIMARY KEY, v int);
  CREATE TABLE c (id int, a int REFERENCES a ON DELETE CASCADE);
  CREATE TABLE noted (id int);
  CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO noted VALUES (1); RETURN NULL; END';
  CREATE TRIGGER t AFTER UPDATE ON b FOR EACH ROW EXECUTE FUNCTION note();
  CREATE VIEW both_of AS SELECT a.id FROM a JOIN b ON a.id = b.id;
)";

const std::string kBegin = "BEGIN", kCommit = "COMMIT", kRollback = "ROLLBACK";
const std::string kReadA = "SELECT v FROM a WHERE id = 1", kReadB = "SELECT v FROM b WHERE id = 1";
const std::string kWriteA = "INSERT INTO a VALUES (1, 1)", kWriteB = "UPDATE b SET v = 1 WHERE id = 1";

SafeShare share_of_log(const std::vector<LoggedStatement>& log) {
  const ReplicaWorld world = replica_world(kSchema, log);
  REQUIRE(why_no_safe_share(world.workload).empty());
  return safe_share(world.workload, world.routings);
}

/// How many of the reads are safe, by lag.
std::vector<std::uint64_t> safe(const std::vector<LoggedStatement>& log) {
  const SafeShare share = share_of_log(log);
  return {share.reads.safe.begin(), share.reads.safe.end()};
}

using Counts = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("a read is safe so long after its session's write to the same table", "[replica]") {
  CHECK(safe({{kReadA, 10}}) == Counts{1, 1, 1, 1, 1, 1});
  CHECK(safe({{kWriteA, 10}, {kReadA, 60}}) == Counts{1, 1, 0, 0, 0, 0});
  CHECK(safe({{kWriteA, 10}, {kReadA, 20}}) == Counts{1, 1, 0, 0, 0, 0});        // exactly the lag
  CHECK(safe({{kWriteA, 10}, {kReadA, 20, 1, 1}}) == Counts{1, 0, 0, 0, 0, 0});  // it began a µs before that
  CHECK(safe({{kWriteA, 10}, {kReadA, 3010}}) == Counts{1, 1, 1, 1, 1, 0});
  CHECK(safe({{kWriteA, 10}, {kReadB, 11}}) == Counts{1, 1, 1, 1, 1, 1});                    // another table
  CHECK(safe({{kWriteA, 10, 1}, {kReadA, 11, 2}}) == Counts{1, 1, 1, 1, 1, 1});              // another session
  CHECK(safe({{kWriteA, 10}, {"SELECT id FROM both_of", 11}}) == Counts{1, 0, 0, 0, 0, 0});  // through a view
}

TEST_CASE("what a write sets off counts as written", "[replica]") {
  CHECK(safe({{kWriteB, 10}, {"SELECT id FROM noted", 11}}) == Counts{1, 0, 0, 0, 0, 0});
  CHECK(safe({{"DELETE FROM a WHERE id = 1", 10}, {"SELECT id FROM c", 11}}) == Counts{1, 0, 0, 0, 0, 0});
  CHECK(safe({{"ALTER TABLE a ADD more int", 10}, {kReadA, 11}}) == Counts{1, 0, 0, 0, 0, 0});
  CHECK(safe({{"DO $$ BEGIN NULL; END $$", 10}, {kReadA, 11}}) == Counts{1, 0, 0, 0, 0, 0});
}

TEST_CASE("transactions are kept whole, and what was rolled back is no write", "[replica]") {
  const std::string random = "SELECT random()";
  CHECK(safe({{kBegin, 1}, {kReadA, 2}, {kReadB, 3}, {kCommit, 4}}) == Counts{2, 2, 2, 2, 2, 2});
  CHECK(safe({{kBegin, 1}, {kReadA, 2}, {random, 3}, {kCommit, 4}}) == Counts{0, 0, 0, 0, 0, 0});
  CHECK(safe({{kBegin, 1}, {kReadA, 2}, {kWriteB, 3}, {kCommit, 4}}) == Counts{0, 0, 0, 0, 0, 0});
  CHECK(safe({{kBegin, 1}, {kWriteA, 2}, {kRollback, 3}, {kReadA, 4}}) == Counts{1, 1, 1, 1, 1, 1});
  CHECK(safe({{kBegin, 1}, {kWriteA, 2}, {kCommit, 500}, {kReadA, 600}}) == Counts{1, 1, 1, 0, 0, 0});
  // One read too soon keeps the other at home.
  CHECK(safe({{kWriteA, 0}, {kBegin, 5}, {kReadA, 6}, {kReadA, 2000}, {kCommit, 2001}}) == Counts{2, 0, 0, 0, 0, 0});
  // A snapshot is taken with the first statement.
  const std::string repeatable = "BEGIN ISOLATION LEVEL REPEATABLE READ";
  CHECK(safe({{kWriteA, 0}, {repeatable, 1}, {kReadB, 2}, {kReadA, 2000}, {kCommit, 2001}}) ==
        Counts{2, 0, 0, 0, 0, 0});
  CHECK(safe({{kWriteA, 0}, {kBegin, 1}, {kReadB, 2}, {kReadA, 2000}, {kCommit, 2001}}) == Counts{2, 2, 2, 2, 0, 0});
}

TEST_CASE("a session that may be SERIALIZABLE from now on stays", "[replica]") {
  CHECK(safe({{kReadA, 1},
              {"SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE", 2},
              {kReadA, 3},
              {kReadA, 4, 2}}) == Counts{2, 2, 2, 2, 2, 2});
}

TEST_CASE("of more sessions than are followed, no read counts as safe", "[replica]") {
  std::vector<LoggedStatement> log;
  for (std::int64_t session = 1; session <= 66'000; ++session) log.push_back({kBegin, session / 100, session});
  log.push_back({kReadA, 700, 1});
  log.push_back({kReadA, 700, 90'000});
  CHECK(safe(log) == Counts{1, 1, 1, 1, 1, 1});
}

TEST_CASE("shares are told by class and by application", "[replica]") {
  const std::vector<LoggedStatement> log = {
      {kWriteA, 10, 1, 0, "web"}, {kReadA, 20, 1, 0, "web"}, {kReadB, 30, 1, 0, "web"}, {kReadA, 40, 2, 0, "reports"}};
  const ReplicaWorld world = replica_world(kSchema, log);
  const SafeShare share = safe_share(world.workload, world.routings);
  REQUIRE(share.applications.size() == 2);
  CHECK(share.applications[0].application == "web");
  CHECK(share.applications[0].reads.share(5) == 0.5);
  CHECK(share.applications[1].reads.share(5) == 1);
  CHECK(share.classes[world.position(kReadA)].share(5) == 0.5);
  CHECK(share.classes[world.position(kReadB)].share(5) == 1);
  CHECK(share.classes[world.position(kWriteA)].executions == 0);
}

TEST_CASE("a log that cannot tell is refused", "[replica]") {
  const ReplicaWorld nameless = replica_world(kSchema, {{kReadA, 10, 0}});
  CHECK(why_no_safe_share(nameless.workload).starts_with("the log does not tell sessions"));
  CHECK_FALSE(why_no_safe_share(Workload{}).empty());
  ReplicaWorld sampled = replica_world(kSchema, {{kReadA, 10}});
  Trace small(2 * sizeof(TraceEvent));
  for (std::uint64_t i = 0; i < 64; ++i) {
    small.add({.duration = Microseconds{1}, .session = 1}, i * 0x9E3779B97F4A7C15U);
  }
  REQUIRE(small.rate() < 1);
  sampled.workload.trace = std::move(small);
  CHECK(why_no_safe_share(sampled.workload).starts_with("the trace of executions is a sample"));
}

namespace {

/// What each statement of the random logs reads and writes, told by hand.
struct Known {
  std::set<char> reads, writes;
  bool may_go = true, is_read = true;
};

const std::map<std::string, Known>& known_statements() {
  static const std::map<std::string, Known> known = {
      {kReadA, {{'a'}, {}}},
      {kReadB, {{'b'}, {}}},
      {"SELECT id FROM both_of", {{'a', 'b'}, {}}},
      {"SELECT id FROM noted", {{'n'}, {}}},
      {"SELECT id FROM c", {{'c'}, {}}},
      {"SELECT random()", {{}, {}, false}},
      {"SELECT v FROM a FOR UPDATE", {{'a'}, {}, false, false}},
      {kWriteA, {{}, {'a'}, false, false}},
      {kWriteB, {{}, {'b', 'n'}, false, false}},
      {"DELETE FROM a WHERE id = 1", {{}, {'a', 'c'}, false, false}},
      {"DO $$ BEGIN NULL; END $$", {{}, {'a', 'b', 'c', 'n'}, false, false}},
  };
  return known;
}

std::vector<LoggedStatement> random_log(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::string> texts;
  for (const auto& [sql, what] : known_statements()) texts.push_back(sql);
  std::vector<LoggedStatement> log;
  std::map<std::int64_t, bool> open;
  std::int64_t now = 0;
  for (int i = 0; i < 120; ++i) {
    constexpr std::int64_t kSteps[] = {0, 1, 5, 40, 300, 2500};
    now += kSteps[random() % 6];
    const std::int64_t session = 1 + random() % 3;
    const auto dice = random() % 10;
    std::string sql = texts[random() % texts.size()];
    if (!open[session] && dice < 2) {
      sql = kBegin;
      open[session] = true;
    } else if (open[session] && dice < 3) {
      sql = dice == 0 ? kRollback : kCommit;
      open[session] = false;
    }
    log.push_back({sql, now, session, 0, "app"});
  }
  return log;
}

/// Session by session, each read against every write before it.
Counts replayed_by_hand(const std::vector<LoggedStatement>& log) {
  Counts counts(kReplicaLags.size(), 0);
  for (std::int64_t session = 1; session <= 3; ++session) {
    std::vector<std::vector<LoggedStatement>> units;  // transactions, or statements alone
    bool open = false;
    for (const LoggedStatement& one : log) {
      if (one.session != session) continue;
      if (!open || one.sql == kBegin) units.emplace_back();
      open = one.sql == kBegin || (open && one.sql != kCommit && one.sql != kRollback);
      units.back().push_back(one);
    }
    for (std::size_t lag = 0; lag < kReplicaLags.size(); ++lag) {
      for (std::size_t i = 0; i < units.size(); ++i) {
        bool safe = true;
        std::uint64_t reads = 0;
        for (const LoggedStatement& one : units[i]) {
          const auto found = known_statements().find(one.sql);
          if (found == known_statements().end()) continue;
          safe = safe && found->second.may_go;
          reads += found->second.is_read ? 1 : 0;
          for (std::size_t before = 0; before < i; ++before) {
            const LoggedStatement& last = units[before].back();
            if (last.sql == kRollback) continue;
            if (units[before].front().sql == kBegin && last.sql != kCommit) continue;  // never ended
            for (const LoggedStatement& other : units[before]) {
              const auto writer = known_statements().find(other.sql);
              if (writer == known_statements().end()) continue;
              for (const char table : writer->second.writes) {
                const bool depends = found->second.reads.contains(table);
                if (depends && (one.end_ms - last.end_ms) * 1000 < kReplicaLags[lag]) safe = false;
              }
            }
          }
        }
        if (safe) counts[lag] += reads;
      }
    }
  }
  return counts;
}

}  // namespace

TEST_CASE("the safe share is that of a replay by hand, on logs by chance", "[replica]") {
  Counts all(kReplicaLags.size(), 0);
  for (unsigned seed = 1; seed <= 200; ++seed) {
    const auto log = random_log(seed);
    INFO("seed " << seed);
    const Counts by_hand = replayed_by_hand(log);
    REQUIRE(safe(log) == by_hand);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] += by_hand[i];
  }
  for (std::size_t i = 1; i < all.size(); ++i) CHECK(all[i] < all[i - 1]);  // the lags tell, and nothing is trivial
  CHECK(all.back() > 0);
}

}  // namespace assay
