#include "advisors/cache/cache_simulation.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <random>

namespace assay {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

/// The slow twin: no sorting by key, no galloping, every fill ever made is looked at for every read.
CacheOutcome simulate_slowly(std::vector<CacheRead> reads, const std::vector<std::int64_t>& writes, std::int64_t ttl,
                             bool heeds_writes) {
  struct Fill {
    std::int64_t start, end;
  };
  std::stable_sort(reads.begin(), reads.end(), [](const CacheRead& a, const CacheRead& b) {
    return std::tie(a.start, a.key, a.duration, a.bypasses) < std::tie(b.start, b.key, b.duration, b.bypasses);
  });
  CacheOutcome outcome;
  std::map<std::uint64_t, std::vector<Fill>> fills;
  for (const CacheRead& read : reads) {
    if (read.bypasses) continue;
    const Fill* entry = nullptr;
    bool under_way = false;
    const auto outdated = [&](const Fill& fill) {
      return std::any_of(writes.begin(), writes.end(),
                         [&](std::int64_t write) { return write > fill.start && write <= read.start; });
    };
    for (const Fill& fill : fills[read.key]) {
      if (fill.end <= read.start && (entry == nullptr || fill.end >= entry->end)) entry = &fill;
      if (fill.end > read.start && !(heeds_writes && outdated(fill))) under_way = true;
    }
    const bool given = entry != nullptr && read.start <= entry->end + ttl && !(heeds_writes && outdated(*entry));
    if (!given) {
      ++outcome.misses;
      if (under_way) ++outcome.coalesced;
      fills[read.key].push_back({read.start, read.start + read.duration});
      continue;
    }
    ++outcome.hits;
    outcome.saved_us += static_cast<double>(read.duration);
    if (!outdated(*entry)) continue;
    ++outcome.stale;
    const auto first = std::find_if(writes.begin(), writes.end(), [&](std::int64_t w) { return w > entry->start; });
    outcome.worst_staleness = std::max(outcome.worst_staleness, read.start - *first);
    outcome.total_staleness += static_cast<double>(read.start - *first);
  }
  return outcome;
}

void check_same(const CacheOutcome& fast, const CacheOutcome& slow) {
  CHECK(fast.hits == slow.hits);
  CHECK(fast.misses == slow.misses);
  CHECK(fast.coalesced == slow.coalesced);
  CHECK(fast.stale == slow.stale);
  CHECK(fast.worst_staleness == slow.worst_staleness);
  CHECK(fast.total_staleness == slow.total_staleness);
  CHECK(fast.saved_us == slow.saved_us);
}

CacheSimulation simulated(std::vector<CacheRead> reads, const std::vector<std::int64_t>& writes,
                          const std::vector<std::int64_t>& ttls) {
  return simulate_cache(reads, writes, ttls);
}

/// Reads of one key that take no time, at these seconds.
std::vector<CacheRead> reads_at(std::initializer_list<double> seconds) {
  std::vector<CacheRead> reads;
  for (const double at : seconds) reads.push_back({.key = 1, .start = static_cast<std::int64_t>(at * kSecond)});
  return reads;
}

}  // namespace

TEST_CASE("the fast simulator agrees with the slow one on random traces", "[cache]") {
  std::mt19937_64 random(20261124);
  for (int round = 0; round < 400; ++round) {
    const auto below = [&](std::int64_t n) {
      return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n));
    };
    const std::int64_t span = 1 + below(200), keys = 1 + below(6), longest = 1 + below(20);
    std::vector<CacheRead> reads;
    for (std::int64_t i = below(120); i >= 0; --i) {
      reads.push_back({static_cast<std::uint64_t>(below(keys)), below(span), below(longest), below(8) == 0});
    }
    std::vector<std::int64_t> writes;
    for (std::int64_t i = below(15); i > 0; --i) writes.push_back(below(span + 10));
    std::sort(writes.begin(), writes.end());
    const std::vector<std::int64_t> ttls = {0, 1, 5, 17, 60, 1000};
    const CacheSimulation simulation = simulated(reads, writes, ttls);
    INFO("round " << round);
    REQUIRE(simulation.curve.size() == ttls.size());
    for (const CacheCurvePoint& point : simulation.curve) {
      check_same(point.by_ttl, simulate_slowly(reads, writes, point.ttl, false));
      check_same(point.by_writes, simulate_slowly(reads, writes, point.ttl, true));
      CHECK(point.by_writes.stale == 0);
      CHECK(point.by_ttl.hits + point.by_ttl.misses + simulation.bypassed == simulation.reads);
      CHECK(point.by_ttl.most_entries <= static_cast<std::uint64_t>(keys));
    }
  }
}

TEST_CASE("Poisson reads and writes give the closed formula's hit ratio", "[cache]") {
  // h = λE[L] / (1 + λE[L]), E[L] = (1 − e^(−μT))/μ: reads λ a key, writes μ, TTL T. Fills take no time.
  struct Rates {
    double reads, writes, ttl;  // a second; seconds
  };
  for (const Rates& rates : {Rates{2, 0.1, 5}, {0.5, 0.5, 10}, {1, 0.01, 1}, {5, 2, 60}, {0.1, 0.001, 600}}) {
    std::mt19937_64 random(7);
    std::exponential_distribution<double> until_read(rates.reads), until_write(rates.writes);
    const double span = 200'000 / rates.reads;
    std::vector<CacheRead> reads;
    for (double at = until_read(random); at < span; at += until_read(random)) {
      reads.push_back({.key = 1, .start = static_cast<std::int64_t>(at * kSecond)});
    }
    std::vector<std::int64_t> writes;
    for (double at = until_write(random); at < span; at += until_write(random)) {
      writes.push_back(static_cast<std::int64_t>(at * kSecond));
    }
    const auto ttl = static_cast<std::int64_t>(rates.ttl * kSecond);
    const CacheCurvePoint point = simulated(std::move(reads), writes, {ttl}).curve.at(0);
    const double life = (1 - std::exp(-rates.writes * rates.ttl)) / rates.writes;
    CHECK(point.by_writes.hit_ratio() == Approx(rates.reads * life / (1 + rates.reads * life)).margin(0.01));
    CHECK(point.by_ttl.hit_ratio() == Approx(rates.reads * rates.ttl / (1 + rates.reads * rates.ttl)).margin(0.01));
    // An answer of age a is stale with 1 − e^(−μa), and ages are even over [0, T].
    const double fresh = (1 - std::exp(-rates.writes * rates.ttl)) / (rates.writes * rates.ttl);
    const double stale = static_cast<double>(point.by_ttl.stale) / static_cast<double>(point.by_ttl.hits);
    CHECK(stale == Approx(1 - fresh).margin(0.02));
  }
}

TEST_CASE("an entry lives for its TTL from the end of its fill", "[cache]") {
  std::vector<CacheRead> reads = reads_at({0, 11.9, 12.1});
  reads[0].duration = 2 * kSecond;
  const CacheSimulation simulation = simulated(reads, {}, {10 * kSecond});
  CHECK(simulation.curve[0].by_ttl.hits == 1);
  CHECK(simulation.curve[0].by_ttl.misses == 2);
}

TEST_CASE("a write during a fill makes the fill worthless", "[cache]") {
  std::vector<CacheRead> reads = reads_at({0, 5});
  reads[0].duration = 2 * kSecond;
  CHECK(simulated(reads, {1 * kSecond}, {60 * kSecond}).curve[0].by_writes.hits == 0);
  CHECK(simulated(reads, {1 * kSecond}, {60 * kSecond}).curve[0].by_ttl.stale == 1);
  CHECK(simulated(reads, {1 * kSecond}, {60 * kSecond}).curve[0].by_ttl.worst_staleness == 4 * kSecond);
}

TEST_CASE("misses while a fill is under way can wait for it", "[cache]") {
  std::vector<CacheRead> reads = reads_at({0, 1, 1.5, 3});
  for (CacheRead& read : reads) read.duration = 2 * kSecond;
  const CacheOutcome outcome = simulated(reads, {}, {60 * kSecond}).curve[0].by_ttl;
  CHECK(outcome.hits == 1);
  CHECK(outcome.misses == 3);
  CHECK(outcome.coalesced == 2);
}

TEST_CASE("a read that sees a state of its own neither asks the cache nor fills it", "[cache]") {
  std::vector<CacheRead> reads = reads_at({0, 1, 2});
  reads[0].bypasses = true;
  const CacheSimulation simulation = simulated(reads, {}, {60 * kSecond});
  CHECK(simulation.bypassed == 1);
  CHECK(simulation.curve[0].by_ttl.misses == 1);
  CHECK(simulation.curve[0].by_ttl.hits == 1);
}

TEST_CASE("as many entries are kept as keys are alive at one time", "[cache]") {
  std::vector<CacheRead> reads;
  for (std::int64_t i = 0; i < 1000; ++i) reads.push_back({.key = static_cast<std::uint64_t>(i), .start = i * kSecond});
  const CacheSimulation simulation = simulated(reads, {}, {10 * kSecond, 5000 * kSecond});
  CHECK(simulation.curve[0].by_ttl.most_entries <= 13);
  CHECK(simulation.curve[0].by_ttl.most_entries >= 10);
  CHECK(simulation.curve[1].by_ttl.most_entries == 1000);
}

TEST_CASE("a trace without reads has an empty outcome", "[cache]") {
  const CacheSimulation simulation = simulated({}, {1, 2}, usual_ttls());
  CHECK(simulation.keys == 0);
  CHECK(simulation.curve.size() == 12);
  CHECK(simulation.curve[3].by_ttl.hit_ratio() == 0);
}

}  // namespace assay
