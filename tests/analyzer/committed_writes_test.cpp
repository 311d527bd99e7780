#include "analyzer/committed_writes.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "analyzer/transaction_follower.h"

namespace assay {
namespace {

Timestamp at(std::int64_t us) { return Timestamp(Microseconds{us}); }

constexpr std::size_t kWrite = sizeof(CommittedWrite);

/// A class for each text; what they did to each other, as times in ms and names of the writes that became visible.
class Sessions {
 public:
  bool run(std::uint64_t session, const std::string& sql, std::int64_t ms) {
    const auto known = std::find(texts_.begin(), texts_.end(), sql);
    const auto index = static_cast<std::uint32_t>(known - texts_.begin());
    if (known == texts_.end()) texts_.push_back(sql);
    return follower_.add(session, transaction_effect(sql), index, at(ms * 1000), writes_);
  }
  std::vector<std::string> visible() const {
    std::vector<std::string> list;
    for (const CommittedWrite& write : writes_.list()) {
      list.push_back(std::to_string(write.visible.time_since_epoch().count() / 1000) + " " + texts_[write.query]);
    }
    return list;
  }

 private:
  std::vector<std::string> texts_;
  TransactionFollower follower_;
  CommittedWrites writes_;
};

using Visible = std::vector<std::string>;

}  // namespace

TEST_CASE("a write outside of a transaction is visible at its end") {
  Sessions sessions;
  sessions.run(1, "UPDATE t SET a = ?", 5);
  CHECK(sessions.visible() == Visible{"5 UPDATE t SET a = ?"});
}

TEST_CASE("a write is visible when its transaction commits, and never when it rolls back") {
  Sessions sessions;
  sessions.run(1, "BEGIN", 1);
  sessions.run(1, "UPDATE t SET a = ?", 2);
  sessions.run(2, "START TRANSACTION", 3);
  sessions.run(2, "DELETE FROM t", 4);
  CHECK(sessions.visible().empty());
  sessions.run(2, "ROLLBACK", 5);
  sessions.run(1, "COMMIT", 9);
  CHECK(sessions.visible() == Visible{"9 UPDATE t SET a = ?"});
}

TEST_CASE("a read after a write of its own transaction sees a state of its own") {
  Sessions sessions;
  sessions.run(1, "BEGIN", 1);
  CHECK_FALSE(sessions.run(1, "SELECT a FROM t", 2));
  sessions.run(1, "INSERT INTO t VALUES (?)", 3);
  CHECK(sessions.run(1, "SELECT a FROM t", 4));
  CHECK_FALSE(sessions.run(2, "SELECT a FROM t", 4));
  sessions.run(1, "COMMIT", 5);
  CHECK_FALSE(sessions.run(1, "SELECT a FROM t", 6));
}

TEST_CASE("a transaction that keeps its snapshot sees a state of its own") {
  Sessions sessions;
  sessions.run(1, "BEGIN ISOLATION LEVEL REPEATABLE READ", 1);
  CHECK(sessions.run(1, "SELECT a FROM t", 2));
  sessions.run(1, "END", 3);
  sessions.run(1, "BEGIN", 4);
  sessions.run(1, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", 5);
  CHECK(sessions.run(1, "SELECT a FROM t", 6));
}

TEST_CASE("what is begun anew was not committed") {
  Sessions sessions;
  sessions.run(1, "BEGIN", 1);
  sessions.run(1, "UPDATE t SET a = ?", 2);
  sessions.run(1, "BEGIN", 3);  // another backend with the same number, or the same one after an error
  sessions.run(1, "COMMIT", 4);
  CHECK(sessions.visible().empty());
}

TEST_CASE("where the log tells no session every write is visible at its end") {
  Sessions sessions;
  sessions.run(0, "BEGIN", 1);
  sessions.run(0, "UPDATE t SET a = ?", 2);
  CHECK_FALSE(sessions.run(0, "SELECT a FROM t", 3));
  CHECK(sessions.visible() == Visible{"2 UPDATE t SET a = ?"});
}

TEST_CASE("writes of one class within a millisecond are one, the last") {
  CommittedWrites writes;
  writes.add(at(1000), 7);
  writes.add(at(1900), 7);
  writes.add(at(1950), 8);
  writes.add(at(2000), 7);
  REQUIRE(writes.list().size() == 3);
  CHECK(writes.list()[0].visible == at(1900));
}

TEST_CASE("no write is lost where they do not fit: the grain grows") {
  CommittedWrites writes(1000 * kWrite);
  std::mt19937_64 random(5);
  std::vector<CommittedWrite> all;
  std::int64_t now = 0;
  for (int i = 0; i < 50'000; ++i) {
    now += static_cast<std::int64_t>(random() % 4000);
    all.push_back({at(now), static_cast<std::uint32_t>(random() % 5)});
    writes.add(all.back().visible, all.back().query);
  }
  CHECK(writes.list().size() <= 1000);
  CHECK(writes.grain() > CommittedWrites::kFinestGrain);
  // Each one is followed, within the grain, by one that is kept.
  std::vector<std::set<std::int64_t>> kept(5);
  for (const CommittedWrite& write : writes.list()) kept[write.query].insert(write.visible.time_since_epoch().count());
  const bool all_kept = std::all_of(all.begin(), all.end(), [&](const CommittedWrite& write) {
    const std::int64_t us = write.visible.time_since_epoch().count();
    const auto next = kept[write.query].lower_bound(us);
    return next != kept[write.query].end() && *next - us < writes.grain().count();
  });
  CHECK(all_kept);
}

}  // namespace assay
