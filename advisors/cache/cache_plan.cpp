#include "advisors/cache/cache_plan.h"

#include <algorithm>
#include <limits>

namespace assay {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kLongestTtlAlone = 60 * kSecond;
constexpr std::int64_t kLongestTtlInstead = 10 * kSecond;
constexpr double kNearlyAll = 0.95;
constexpr double kMuch = 0.7;  // of what a TTL alone would save

const CachePoint& point_of(const CacheCurveEntry& entry, bool heeds_writes) {
  return heeds_writes ? entry.by_writes : entry.by_ttl;
}

/// The shortest TTL that hits nearly as often as any that may be chosen: up to `longest`, not too stale.
std::size_t knee(const std::vector<CacheCurveEntry>& curve, bool heeds_writes, std::int64_t longest) {
  const auto hits = [&](std::size_t i) { return static_cast<double>(point_of(curve[i], heeds_writes).hits); };
  const auto allowed = [&](std::size_t i) {
    const CachePoint& point = point_of(curve[i], heeds_writes);
    return point.ttl_us <= longest && point.stale_share <= kMostStale;
  };
  double most = 0;
  for (std::size_t i = 0; i < curve.size(); ++i) most = allowed(i) ? std::max(most, hits(i)) : most;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    if (allowed(i) && hits(i) >= kNearlyAll * most) return i;
  }
  return 0;
}

bool pays(const CachePoint& point) {
  return point.saved_ms_per_s >= kLeastSavedMsPerS && point.hit_ratio >= kLeastHitRatio && point.hits >= kLeastHits &&
         point.stale_share <= kMostStale;
}

double saved_per_byte(const CacheQuery& cache) {
  if (!cache.chosen.memory_bytes) return -1;
  return cache.chosen.saved_ms_per_s / static_cast<double>(std::max<std::int64_t>(1, *cache.chosen.memory_bytes));
}

/// The longest TTL up to the chosen one that fits and pays.
bool make_fit(CacheQuery& cache, std::int64_t room) {
  if (!cache.chosen.memory_bytes || *cache.chosen.memory_bytes <= room) return true;
  for (auto entry = cache.curve.rbegin(); entry != cache.curve.rend(); ++entry) {
    const CachePoint& shorter = point_of(*entry, cache.heeds_writes);
    if (shorter.ttl_us >= cache.chosen.ttl_us || !pays(shorter) || *shorter.memory_bytes > room) continue;
    cache.chosen = shorter;
    return true;
  }
  return false;
}

}  // namespace

CacheChoice choose_point(const std::vector<CacheCurveEntry>& curve, bool writes_known) {
  if (!writes_known) return {false, knee(curve, false, kLongestTtlAlone)};
  const CacheChoice heeding{true, knee(curve, true, std::numeric_limits<std::int64_t>::max())};
  const CacheChoice brief{false, knee(curve, false, kLongestTtlInstead)};
  const CachePoint& alone = curve[brief.point].by_ttl;
  const auto hits = static_cast<double>(curve[heeding.point].by_writes.hits);
  return hits >= kMuch * static_cast<double>(alone.hits) || alone.stale_share > kMostStale ? heeding : brief;
}

std::vector<std::size_t> plan_caches(std::vector<CacheQuery>& caches, std::int64_t memory_bytes) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < caches.size(); ++i) {
    if (pays(caches[i].chosen)) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const double left = saved_per_byte(caches[a]), right = saved_per_byte(caches[b]);
    return left != right ? left > right : caches[a].chosen.saved_ms_per_s > caches[b].chosen.saved_ms_per_s;
  });
  std::int64_t room = memory_bytes;
  std::vector<std::size_t> taken;
  for (const std::size_t i : order) {
    if (!make_fit(caches[i], room)) continue;
    room -= caches[i].chosen.memory_bytes.value_or(0);
    taken.push_back(i);
  }
  std::stable_sort(taken.begin(), taken.end(), [&](std::size_t a, std::size_t b) {
    return caches[a].chosen.saved_ms_per_s > caches[b].chosen.saved_ms_per_s;
  });
  return taken;
}

}  // namespace assay
