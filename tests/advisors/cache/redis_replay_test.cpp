// The sample's log replayed through a real Redis, as the recipe says, against the simulation: class by class.
//
// Redis keeps its own time, so the log's three minutes run compressed: reads, ends of fills and commits at their
// moments divided by the scale, TTLs likewise. When the machine does not keep up with that, it is done again more
// slowly.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <queue>

#include "advisors/cache/cache_advisor.h"
#include "advisors/cache/table_writers.h"
#include "cli/catalog_source.h"
#include "cli/read_inputs.h"
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

class Replay {
 public:
  Replay(const World& world, const CacheAdvice& advice, std::int64_t ttl_us, std::int64_t scale)
      : world_(world), ttl_us_(ttl_us), scale_(scale) {
    const SchemaFacts schema(&world.catalog);
    const TableWriters writers = find_writers(world.workload, world.meanings, schema, "crm", false);
    for (const ClassCaching& item : advice.classes) {
      if (item.cache) cached_[static_cast<std::uint32_t>(item.position)] = &item;
    }
    for (const auto& [table, written] : writers.written) {
      for (const std::int64_t at : written.times)
        push(at, 0, [this, name = table] { redis_.ask({"INCR", "v:" + name}); });
    }
    world.workload.trace.for_each([&](const TraceEvent& event) {
      if (!cached_.contains(event.query) || event.sees_own_state != 0) return;
      const std::int64_t end = event.end.time_since_epoch().count(), start = end - event.duration.count();
      push(start, 2, [this, event, end] { read(event, end); });
    });
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

  void read(const TraceEvent& event, std::int64_t end) {
    const ClassCaching& item = *cached_.at(event.query);
    const std::string user = item.cache->key_by_user ? std::to_string(event.user) : "";
    const std::string key = std::to_string(event.query) + ":" + std::to_string(event.values) + ":" + user;
    std::vector<std::string> words = {"MGET", "ttl:" + key, "versions:" + key};
    for (const std::string& table : item.cacheability.tables) words.push_back("v:" + table);
    const auto answers = redis_.ask(words);
    std::string versions;
    for (std::size_t i = 2; i < answers.size(); ++i) versions += answers[i].value_or("0") + ",";
    Tally& by_ttl = measured_.by_ttl[event.query];
    Tally& by_writes = measured_.by_writes[event.query];
    count(answers[0].has_value(), answers[0] != versions, by_ttl, "ttl:" + key, versions, end);
    count(answers[1] == versions, false, by_writes, "versions:" + key, versions, end);
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

  const World& world_;
  const std::int64_t ttl_us_, scale_;
  RedisServer redis_;
  std::map<std::uint32_t, const ClassCaching*> cached_;
  std::priority_queue<Step, std::vector<Step>, std::greater<>> steps_;
  std::size_t steps_made_ = 0;
  Measured measured_;
};

Measured measured(const World& world, const CacheAdvice& advice, std::int64_t ttl_us) {
  Measured result;
  for (const std::int64_t scale : {20, 10, 5}) {
    result = Replay(world, advice, ttl_us, scale).run();
    if (result.worst_lag < ttl_us / 20) break;
  }
  return result;
}

Tally tally_of(const CachePoint& point) {
  return {point.hits, point.misses,
          static_cast<std::uint64_t>(std::llround(point.stale_share * static_cast<double>(point.hits)))};
}

}  // namespace

TEST_CASE("a real Redis hits as often as was simulated, class by class", "[cache][redis]") {
  constexpr std::int64_t kTtl = 10'000'000;
  const World world = sample();
  const CacheAdvice advice = advise_caches(world.workload, world.meanings, &world.catalog, {.database = "crm"});
  const Measured real = measured(world, advice, kTtl);
  Tally simulated_by_ttl, simulated_by_writes, real_by_ttl, real_by_writes;
  std::size_t compared = 0;
  for (const ClassCaching& item : advice.classes) {
    if (!item.cache) continue;
    const auto entry = std::find_if(item.cache->curve.begin(), item.cache->curve.end(),
                                    [&](const CacheCurveEntry& candidate) { return candidate.by_ttl.ttl_us == kTtl; });
    REQUIRE(entry != item.cache->curve.end());
    const auto by_ttl = real.by_ttl.find(item.position);
    if (by_ttl == real.by_ttl.end()) continue;  // each of its reads sees a state of its own
    const Tally& by_writes = real.by_writes.at(item.position);
    simulated_by_ttl.add(tally_of(entry->by_ttl));
    simulated_by_writes.add(tally_of(entry->by_writes));
    real_by_ttl.add(by_ttl->second);
    real_by_writes.add(by_writes);
    // One read more or less is what the last digit of a few dozen may be.
    const double slack = 0.02 + 1.0 / static_cast<double>(std::max<std::uint64_t>(1, item.cache->reads));
    INFO(item.cache->normalized << ": " << item.cache->reads << " reads");
    CHECK(entry->by_ttl.hit_ratio == Approx(by_ttl->second.hit_ratio()).margin(slack));
    CHECK(entry->by_writes.hit_ratio == Approx(by_writes.hit_ratio()).margin(slack));
    if (entry->by_ttl.hits >= 50) {
      CHECK(entry->by_ttl.stale_share == Approx(by_ttl->second.stale_share()).margin(0.02));
    }
    ++compared;
  }
  CHECK(compared > 60);
  CHECK(simulated_by_ttl.hit_ratio() == Approx(real_by_ttl.hit_ratio()).margin(0.005));
  CHECK(simulated_by_writes.hit_ratio() == Approx(real_by_writes.hit_ratio()).margin(0.005));
  CHECK(simulated_by_ttl.stale_share() == Approx(real_by_ttl.stale_share()).margin(0.01));
  WARN("overall, TTL alone: simulated " << simulated_by_ttl.hit_ratio() << ", Redis " << real_by_ttl.hit_ratio()
                                        << "; with writes: simulated " << simulated_by_writes.hit_ratio() << ", Redis "
                                        << real_by_writes.hit_ratio() << "; stale: " << simulated_by_ttl.stale_share()
                                        << ", Redis " << real_by_ttl.stale_share() << "; worst lag " << real.worst_lag
                                        << " us of the log");
}

}  // namespace assay
