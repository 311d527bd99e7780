#include "advisors/cache/key_groups.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <random>

#include "advisors/cache/cache_simulation.h"

namespace assay {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

/// 4000 keys, the hottest of which is read every other time.
std::vector<CacheRead> some_reads(std::size_t count) {
  std::mt19937_64 random(7);
  std::vector<CacheRead> reads;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t key = random() % 2 == 0 ? 0 : random() % 4000;
    reads.push_back({.key = key * 0x9E3779B97F4A7C15U,
                     .start = static_cast<std::int64_t>(random() % (3600 * kSecond)),
                     .duration = static_cast<std::int64_t>(random() % 20'000)});
  }
  return reads;
}

std::vector<std::uint64_t> counted(const std::vector<CacheRead>& reads) {
  std::vector<std::uint64_t> counts(KeyGroups::kBuckets);
  for (const CacheRead& read : reads) ++counts[KeyGroups::bucket_of(read.key)];
  return counts;
}

CacheSimulation by_groups(const std::vector<CacheRead>& reads, const KeyGroups& groups,
                          const std::vector<std::int64_t>& writes) {
  CacheSimulation sum;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    std::vector<CacheRead> part;
    for (const CacheRead& read : reads) {
      if (groups.group_of(read.key) == static_cast<std::int32_t>(group)) part.push_back(read);
    }
    add_part(simulate_cache(part, writes, usual_ttls()), groups.weight(group), sum);
  }
  return sum;
}

}  // namespace

TEST_CASE("groups of keys give what all keys at once give", "[cache]") {
  const std::vector<CacheRead> reads = some_reads(50'000);
  const std::vector<std::int64_t> writes = {100 * kSecond, 1000 * kSecond, 3000 * kSecond};
  const KeyGroups groups(counted(reads), 6000, 16);
  CHECK(groups.rate() == 1);
  CHECK(groups.size() > 3);
  const CacheSimulation parts = by_groups(reads, groups, writes);
  std::vector<CacheRead> copy = reads;
  const CacheSimulation whole = simulate_cache(copy, writes, usual_ttls());
  CHECK(parts.reads == whole.reads);
  CHECK(parts.keys == whole.keys);
  for (std::size_t i = 0; i < whole.curve.size(); ++i) {
    CHECK(parts.curve[i].by_ttl.hits == whole.curve[i].by_ttl.hits);
    CHECK(parts.curve[i].by_ttl.stale == whole.curve[i].by_ttl.stale);
    CHECK(parts.curve[i].by_writes.hits == whole.curve[i].by_writes.hits);
    CHECK(parts.curve[i].by_writes.misses == whole.curve[i].by_writes.misses);
    CHECK(parts.curve[i].by_ttl.worst_staleness == whole.curve[i].by_ttl.worst_staleness);
    CHECK(parts.curve[i].by_ttl.saved_us == Approx(whole.curve[i].by_ttl.saved_us));
    CHECK(parts.curve[i].by_ttl.most_entries >= whole.curve[i].by_ttl.most_entries);
  }
}

TEST_CASE("no group holds more than fits, but for a bucket that does not", "[cache]") {
  const std::vector<std::uint64_t> counts = counted(some_reads(50'000));
  const KeyGroups groups(counts, 6000, 16);
  std::vector<std::uint64_t> held(groups.size());
  for (std::uint64_t key = 0; key < 4000; ++key) {
    const std::uint64_t hashed = key * 0x9E3779B97F4A7C15U;
    if (groups.group_of(hashed) >= 0)
      held[static_cast<std::size_t>(groups.group_of(hashed))] += counts[KeyGroups::bucket_of(hashed)];
  }
  // Buckets that two keys share are counted twice here.
  CHECK(std::count_if(held.begin(), held.end(), [](std::uint64_t reads) { return reads > 7000; }) == 1);
}

TEST_CASE("where even groups are too many, cold keys are sampled and hot ones are not", "[cache]") {
  const std::vector<CacheRead> reads = some_reads(200'000);
  const KeyGroups groups(counted(reads), 10'000, 12);
  CHECK(groups.rate() <= 0.5);
  CHECK(groups.group_of(0) >= 0);
  CHECK(groups.weight(static_cast<std::size_t>(groups.group_of(0))) == 1);
  const CacheSimulation parts = by_groups(reads, groups, {});
  std::vector<CacheRead> copy = reads;
  const CacheSimulation whole = simulate_cache(copy, {}, usual_ttls());
  CHECK(static_cast<double>(parts.reads) == Approx(static_cast<double>(whole.reads)).epsilon(0.06));
  for (std::size_t i = 0; i < whole.curve.size(); ++i) {
    CHECK(parts.curve[i].by_ttl.hit_ratio() == Approx(whole.curve[i].by_ttl.hit_ratio()).margin(0.02));
  }
}

}  // namespace assay
