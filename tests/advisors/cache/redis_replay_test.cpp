// Logs replayed through a real Redis, as the recipe says, against the simulation: class by class. The sample's, and one
// of another kind that a small generator wrote, which itself knows who wrote what when, and which reads see a state of
// their own: so neither the simulator nor the finding of writers is held against itself.
//
// Redis keeps its own time, so the log runs compressed: reads, ends of fills and commits at their moments divided by
// the scale, TTLs likewise. When the machine does not keep up with that, it is done again more slowly.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <deque>
#include <map>
#include <queue>
#include <random>
#include <set>

#include "advisors/cache/cache_advisor.h"
#include "advisors/cache/table_writers.h"
#include "analyzer/catalog_from_ddl.h"
#include "analyzer/workload_builder.h"
#include "cli/catalog_source.h"
#include "cli/read_inputs.h"
#include "parser/sql/shape.h"
#include "tests/advisors/cache/redis_server.h"

namespace assay {
namespace {

using Clock = std::chrono::steady_clock;

struct World {
  Catalog catalog;
  Workload workload;
  std::vector<ClassMeaning> meanings;
};

World sample() {
  World world{.catalog = catalog_of_file(std::string(ASSAY_SAMPLES) + "/crm/recorded/crm.snapshot"),
              .workload = {},
              .meanings = {}};
  Diagnostics problems;
  ReportOptions options;
  options.quiet = true;
  const Inputs inputs = expand_inputs({std::string(ASSAY_SAMPLES) + "/crm/recorded/crm.log.zst"}, problems);
  world.workload = read_inputs(inputs, options, &world.catalog).workload;
  world.meanings = understand(world.workload, &world.catalog);
  return world;
}

struct Tally {
  std::uint64_t hits = 0, misses = 0, stale = 0;

  double hit_ratio() const {
    return static_cast<double>(hits) / static_cast<double>(std::max<std::uint64_t>(1, hits + misses));
  }
  double stale_share() const {
    return static_cast<double>(stale) / static_cast<double>(std::max<std::uint64_t>(1, hits));
  }
  void add(const Tally& other) {
    hits += other.hits;
    misses += other.misses;
    stale += other.stale;
  }
};

struct Measured {
  std::map<std::size_t, Tally> by_ttl, by_writes;  // by class
  std::int64_t worst_lag = 0;                      // µs of the log's time
};

/// What is to be done at a moment of the log: a fill's end stores, a commit raises versions, a read asks.
struct Step {
  std::int64_t at = 0;
  int order = 0;  // at one moment: writes, then fills, then reads
  std::size_t number = 0;
  std::function<void()> act;

  bool operator>(const Step& other) const {
    return std::tie(at, order, number) > std::tie(other.at, other.order, other.number);
  }
};

/// What a real application would have asked and written. Times in µs.
struct Read {
  std::size_t position = 0;  // of its class
  std::string key;
  std::set<std::string> tables;
  std::int64_t start = 0, end = 0;
};
struct Commit {
  std::int64_t at = 0;
  std::string table;
};
struct Story {
  std::vector<Read> reads;  // of cached classes, without those that see a state of their own
  std::vector<Commit> commits;
};

/// The trace's, with the writers that were found.
Story story_of(const World& world, const CacheAdvice& advice) {
  Story story;
  const SchemaFacts schema(&world.catalog);
  const TableWriters writers = find_writers(world.workload, world.meanings, schema, {"crm"});
  std::map<std::uint32_t, const ClassCaching*> cached;
  for (const ClassCaching& item : advice.classes) {
    if (item.cache) cached[static_cast<std::uint32_t>(item.position)] = &item;
  }
  for (const auto& [table, written] : writers.written) {
    for (const std::int64_t at : written.times) story.commits.push_back({at, table});
  }
  world.workload.trace.for_each([&](const TraceEvent& event) {
    if (!cached.contains(event.query) || event.sees_own_state != 0) return;
    const ClassCaching& item = *cached.at(event.query);
    const std::string user = item.cache->key_by_user ? std::to_string(event.user) : "";
    const std::int64_t end = event.end.time_since_epoch().count();
    story.reads.push_back({event.query, std::to_string(event.query) + ":" + std::to_string(event.values) + ":" + user,
                           item.cacheability.tables, end - event.duration.count(), end});
  });
  return story;
}

class Replay {
 public:
  Replay(const Story& story, std::int64_t ttl_us, std::int64_t scale) : ttl_us_(ttl_us), scale_(scale) {
    for (const Commit& commit : story.commits) {
      push(commit.at, 0, [this, &commit] { redis_.ask({"INCR", "v:" + commit.table}); });
    }
    for (const Read& one : story.reads) {
      push(one.start, 2, [this, &one] { read(one); });
    }
  }

  Measured run() {
    const std::int64_t first = steps_.top().at;
    const Clock::time_point begin = Clock::now();
    while (!steps_.empty()) {
      const Step step = steps_.top();
      steps_.pop();
      const Clock::time_point due = begin + std::chrono::microseconds((step.at - first) / scale_);
      std::this_thread::sleep_until(due);
      const auto lag = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - due).count();
      measured_.worst_lag = std::max(measured_.worst_lag, lag * scale_);
      step.act();
    }
    return measured_;
  }

 private:
  void push(std::int64_t at, int order, std::function<void()> act) {
    steps_.push({at, order, steps_made_++, std::move(act)});
  }

  void read(const Read& one) {
    std::vector<std::string> words = {"MGET", "ttl:" + one.key, "versions:" + one.key};
    for (const std::string& table : one.tables) words.push_back("v:" + table);
    const auto answers = redis_.ask(words);
    std::string versions;
    for (std::size_t i = 2; i < answers.size(); ++i) versions += answers[i].value_or("0") + ",";
    count(answers[0].has_value(), answers[0] != versions, measured_.by_ttl[one.position], "ttl:" + one.key, versions,
          one.end);
    count(answers[1] == versions, false, measured_.by_writes[one.position], "versions:" + one.key, versions, one.end);
  }

  /// A miss asks the database; its answer is stored when that has come, with the versions from before.
  void count(bool hit, bool stale, Tally& tally, const std::string& key, const std::string& versions,
             std::int64_t end) {
    if (hit) {
      ++tally.hits;
      if (stale) ++tally.stale;
      return;
    }
    ++tally.misses;
    push(end, 1, [this, key, versions] {
      redis_.ask({"SET", key, versions, "PX", std::to_string(std::max<std::int64_t>(1, ttl_us_ / scale_ / 1000))});
    });
  }

  const std::int64_t ttl_us_, scale_;
  RedisServer redis_;
  std::priority_queue<Step, std::vector<Step>, std::greater<>> steps_;
  std::size_t steps_made_ = 0;
  Measured measured_;
};

Measured measured(const Story& story, std::int64_t ttl_us) {
  Measured result;
  for (const std::int64_t scale : {20, 10, 5}) {
    result = Replay(story, ttl_us, scale).run();
    if (result.worst_lag < ttl_us / 20) break;
  }
  return result;
}

Tally tally_of(const CachePoint& point) {
  return {point.hits, point.misses,
          static_cast<std::uint64_t>(std::llround(point.stale_share * static_cast<double>(point.hits)))};
}

/// What a machine too busy to keep the pace of the story may be wrong by: late by a tenth of the TTL, a tenth of the
/// entries live in other moments than they should.
double lateness(const Measured& real, std::int64_t ttl_us) {
  const double share = static_cast<double>(real.worst_lag) / static_cast<double>(ttl_us);
  return share < 0.05 ? 0 : share;
}

/// Class by class and overall; returns how many classes were compared.
std::size_t compare(const CacheAdvice& advice, const Measured& real, std::int64_t ttl_us) {
  Tally simulated_by_ttl, simulated_by_writes, real_by_ttl, real_by_writes;
  std::size_t compared = 0;
  const double late = lateness(real, ttl_us);
  for (const ClassCaching& item : advice.classes) {
    if (!item.cache) continue;
    const auto entry =
        std::find_if(item.cache->curve.begin(), item.cache->curve.end(),
                     [&](const CacheCurveEntry& candidate) { return candidate.by_ttl.ttl_us == ttl_us; });
    REQUIRE(entry != item.cache->curve.end());
    const auto by_ttl = real.by_ttl.find(item.position);
    if (by_ttl == real.by_ttl.end()) continue;  // each of its reads sees a state of its own
    const Tally& by_writes = real.by_writes.at(item.position);
    simulated_by_ttl.add(tally_of(entry->by_ttl));
    simulated_by_writes.add(tally_of(entry->by_writes));
    real_by_ttl.add(by_ttl->second);
    real_by_writes.add(by_writes);
    // One read more or less is what the last digit of a few dozen may be.
    const double slack = 0.02 + late + 1.0 / static_cast<double>(std::max<std::uint64_t>(1, item.cache->reads));
    INFO(item.cache->normalized << ": " << item.cache->reads << " reads");
    CHECK(entry->by_ttl.hits + entry->by_ttl.misses == by_ttl->second.hits + by_ttl->second.misses);
    CHECK(entry->by_ttl.hit_ratio == Approx(by_ttl->second.hit_ratio()).margin(slack));
    CHECK(entry->by_writes.hit_ratio == Approx(by_writes.hit_ratio()).margin(slack));
    if (entry->by_ttl.hits >= 50) {
      CHECK(entry->by_ttl.stale_share == Approx(by_ttl->second.stale_share()).margin(0.02 + late));
    }
    ++compared;
  }
  CHECK(simulated_by_ttl.hit_ratio() == Approx(real_by_ttl.hit_ratio()).margin(0.005 + late));
  CHECK(simulated_by_writes.hit_ratio() == Approx(real_by_writes.hit_ratio()).margin(0.005 + late));
  CHECK(simulated_by_ttl.stale_share() == Approx(real_by_ttl.stale_share()).margin(0.01 + late));
  WARN("overall, TTL alone: simulated " << simulated_by_ttl.hit_ratio() << ", Redis " << real_by_ttl.hit_ratio()
                                        << "; with writes: simulated " << simulated_by_writes.hit_ratio() << ", Redis "
                                        << real_by_writes.hit_ratio() << "; stale: " << simulated_by_ttl.stale_share()
                                        << ", Redis " << real_by_ttl.stale_share() << "; worst lag " << real.worst_lag
                                        << " us of the log");
  return compared;
}

/// How a shop is used.
struct Mix {
  unsigned seed = 20'261'124;
  std::size_t keys = 400;
  double exponent = 1.1;  ///< of the keys' popularity, Zipf's law
  int sessions = 12;
  double writes = 0.01;      ///< share of transactions among what a session does
  double pause_us = 80'000;  ///< between two things, on average
  double read_us = 4000;     ///< that a read takes, on average
  std::int64_t ttl_us = 10'000'000;
};

/// A shop: sessions that read by keys of a Zipf law, and sometimes write in a transaction, whose reads then see it.
class Shop {
 public:
  explicit Shop(const Mix& mix) : mix_(mix), random_(mix.seed) {
    for (std::size_t i = 1; i <= mix_.keys; ++i)
      weights_.push_back(1 / std::pow(static_cast<double>(i), mix_.exponent));
    zipf_ = std::discrete_distribution<std::size_t>(weights_.begin(), weights_.end());
    for (int session = 0; session < mix_.sessions; ++session) run(session);
  }

  World world() {
    Diagnostics problems;
    World world{.catalog = catalog_from_ddl("CREATE TABLE goods (id int PRIMARY KEY, name text, price int);"
                                            "CREATE TABLE stock (id int PRIMARY KEY, pieces int);"
                                            "CREATE TABLE carts (id int PRIMARY KEY, buyer int, good int);",
                                            "schema.sql", problems),
                .workload = {},
                .meanings = {}};
    std::stable_sort(records_.begin(), records_.end(),
                     [](const LogRecord& a, const LogRecord& b) { return a.time.utc < b.time.utc; });
    WorkloadBuilder builder({});
    for (const LogRecord& record : records_) builder.add(record);
    world.workload = builder.finish({});
    world.meanings = understand(world.workload, &world.catalog);
    return world;
  }

  /// With the classes' positions in that workload.
  Story story(const Workload& workload) const {
    Story story{.reads = {}, .commits = commits_};
    for (std::size_t i = 0; i < reads_.size(); ++i) {
      story.reads.push_back(reads_[i]);
      const auto same = std::find_if(workload.classes.begin(), workload.classes.end(), [&](const QueryClass& query) {
        return shape_hash(query.samples.front().sql) == shapes_[i];
      });
      story.reads.back().position = static_cast<std::size_t>(same - workload.classes.begin());
    }
    return story;
  }

 private:
  static constexpr std::int64_t kEnd = 90'000'000;

  double uniform() { return std::uniform_real_distribution<>(0, 1)(random_); }
  std::int64_t about(double mean) { return 1 + std::llround(std::exponential_distribution<>(1 / mean)(random_)); }

  void run(int session) {
    std::int64_t now = about(50'000);
    while (now < kEnd) {
      now = uniform() < mix_.writes ? transaction(session, now) : read(session, now, false);
      now += about(mix_.pause_us);
    }
  }

  std::int64_t read(int session, std::int64_t now, bool sees_own) {
    const std::size_t key = zipf_(random_), kind = static_cast<std::size_t>(uniform() * 4);
    const std::string id = std::to_string(key);
    const std::vector<std::pair<std::string, std::set<std::string>>> kinds = {
        {"SELECT name, price FROM goods WHERE id = " + id, {"public.goods"}},
        {"SELECT pieces FROM stock WHERE id = " + id, {"public.stock"}},
        {"SELECT g.name, s.pieces FROM goods g JOIN stock s ON s.id = g.id WHERE g.id = " + id,
         {"public.goods", "public.stock"}},
        {"SELECT count(*) FROM carts WHERE good = " + id, {"public.carts"}}};
    const auto& [sql, tables] = kinds[kind];
    const std::int64_t end = now + about(mix_.read_us);
    log(session, end, end - now, sql, key + 1);
    if (!sees_own) {
      reads_.push_back({0, std::to_string(kind) + ":" + id, tables, now, end});
      shapes_.push_back(shape_hash(sql));
    }
    return end;
  }

  /// Seldom goods, more often stock, mostly carts; one in five is taken back.
  std::int64_t transaction(int session, std::int64_t now) {
    const double what = uniform();
    const std::string table = what < 0.05 ? "goods" : what < 0.3 ? "stock" : "carts";
    const std::size_t key = zipf_(random_);
    log(session, now += about(200), 100, "BEGIN", 1);
    if (uniform() < 0.5) now = read(session, now, false) + about(1000);
    const std::string column = table == "goods" ? "price" : table == "stock" ? "pieces" : "buyer";
    const std::int64_t begun = now;
    log(session, now += about(3000), 0, "UPDATE " + table + " SET " + column + " = 1 WHERE id = " + std::to_string(key),
        key + 1);
    records_.back().duration = Microseconds{now - begun};
    if (uniform() < 0.5) now = read(session, now + about(1000), true) + about(1000);
    const bool keeps = uniform() < 0.8;
    log(session, now += about(2000), 0, keeps ? "COMMIT" : "ROLLBACK", 1);
    if (keeps) commits_.push_back({now, "public." + table});
    return now;
  }

  void log(int session, std::int64_t end, std::int64_t duration, const std::string& sql, std::uint64_t values) {
    LogRecord record{.kind = RecordKind::kExecution};
    record.timed = true;
    record.time.utc = Timestamp(Microseconds{end});
    record.duration = Microseconds{duration};
    record.process = 100 + session;
    record.user = "shop";
    record.database = "shop";
    record.sql = texts_.emplace_back(sql);
    record.shape = shape_hash(sql);
    record.values = values;
    records_.push_back(std::move(record));
  }

  const Mix mix_;
  std::mt19937 random_;
  std::vector<double> weights_;
  std::discrete_distribution<std::size_t> zipf_;
  std::deque<std::string> texts_;  // that the records point into
  std::vector<LogRecord> records_;
  std::vector<Read> reads_;
  std::vector<std::uint64_t> shapes_;  // of the reads
  std::vector<Commit> commits_;
};

}  // namespace

TEST_CASE("a real Redis hits as often as was simulated, class by class", "[cache][redis]") {
  constexpr std::int64_t kTtl = 10'000'000;
  const World world = sample();
  const CacheAdvice advice = advise_caches(world.workload, world.meanings, &world.catalog, {.database = "crm"});
  CHECK(compare(advice, measured(story_of(world, advice), kTtl), kTtl) > 60);
}

TEST_CASE("a real Redis hits as often as was simulated in a shop that knows its own writes", "[cache][redis]") {
  const Mix mix = GENERATE(
      Mix{}, Mix{.seed = 1, .keys = 3000, .exponent = 0.7, .writes = 0.1, .pause_us = 40'000, .ttl_us = 30'000'000},
      Mix{.seed = 2,
          .keys = 30,
          .exponent = 1.5,
          .sessions = 30,
          .writes = 0.003,
          .read_us = 60'000,
          .ttl_us = 3'000'000});
  const std::int64_t ttl = mix.ttl_us;
  Shop shop(mix);
  const World world = shop.world();
  const CacheAdvice advice = advise_caches(world.workload, world.meanings, &world.catalog, {.database = "shop"});
  CHECK(compare(advice, measured(shop.story(world.workload), ttl), ttl) == 4);
}

}  // namespace assay
