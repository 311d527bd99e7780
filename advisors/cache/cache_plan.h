// Which results to keep in a given memory: by saved database time per byte, the best first.
//
// A class comes with one point for each TTL; a shorter one takes less memory and saves less. What does not fit with its
// best TTL is tried with shorter ones. Classes whose results' size is not known come last and count as nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "advisors/cache/cache_query.h"

namespace assay {

/// A cache that saves less is not worth its upkeep: 1 ms a second is a thousandth of a core.
inline constexpr double kLeastSavedMsPerS = 1;
/// … nor is one that seldom hits.
inline constexpr double kLeastHitRatio = 0.1;
/// Fewer hits say nothing of the next day.
inline constexpr std::uint64_t kLeastHits = 10;
/// No TTL alone is recommended that gives more stale answers than fresh ones, as far as the writes are known.
inline constexpr double kMostStale = 0.5;

/// How a class's curve is to be read: which regime, and which TTL.
struct CacheChoice {
  bool heeds_writes = true;
  std::size_t point = 0;  ///< in the curve
};

/// The TTL from which on a longer one adds little. `writes_known`: the regime that heeds writes can be had. A TTL alone
/// is chosen up to a minute only (the owner may bear more: the curve tells), and, where writes are known, only where
/// heeding them would lose much of it: then up to ten seconds.
CacheChoice choose_point(const std::vector<CacheCurveEntry>& curve, bool writes_known);

/// Sets each one's `chosen`; returns the positions in `caches` of those that fit and pay, best first.
std::vector<std::size_t> plan_caches(std::vector<CacheQuery>& caches, std::int64_t memory_bytes);

}  // namespace assay
