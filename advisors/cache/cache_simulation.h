// What a cache of one class's results would have done: the trace replayed, not guessed.
//
// Reads of one class; each key by itself, since without a limit of memory entries do not touch each other. For every
// time to live (TTL) of a list at once, under two regimes:
// - by TTL alone: an entry is given until its TTL is over, whatever was written. An answer is stale when something was
//   written to its tables after its fill began; how stale: the time since the first such write.
// - by TTL and writes: an entry is not given when anything was written after its fill began, and none is then stale.
//   That is what a version beside the value does (cache_recipe.h). Deleting keys after the commit does not: a fill that
//   was under way stores what is outdated already.
// An entry is there from the end of its fill, for its TTL from then on; the next fill replaces it. A read that meets
// none is a miss and fills; so do further ones while a fill is under way, unless misses are coalesced: then they wait.
// Reads that see a state of their own (TransactionFollower) go to the database and fill nothing.
//
// O(n log n) for sorting, O(n · TTLs) for the rest. Leaves out: memory that is too small (stack_distance.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "parser/base/time.h"

namespace assay {

/// One execution of a cacheable class. Times are µs since 1970.
struct CacheRead {
  std::uint64_t key = 0;  ///< hash of the values, and of whatever else the key must hold
  std::int64_t start = 0;
  std::int64_t duration = 0;
  bool bypasses = false;  ///< goes to the database, and fills nothing
};

/// Counts of one TTL under one regime. Hits and misses add up to the reads that ask the cache.
struct CacheOutcome {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;          ///< cold ones included
  std::uint64_t coalesced = 0;       ///< of the misses: those that could wait for a fill under way
  std::uint64_t stale = 0;           ///< of the hits
  std::int64_t worst_staleness = 0;  ///< µs
  double total_staleness = 0;        ///< µs, over the stale hits
  double saved_us = 0;               ///< logged time of the hits
  std::uint64_t most_entries = 0;    ///< kept at one time, outdated ones until their TTL is over included
  double hit_ratio() const;          ///< hits / (hits + misses); 0 without any
};

struct CacheCurvePoint {
  std::int64_t ttl = 0;    ///< µs
  CacheOutcome by_ttl;     ///< TTL alone
  CacheOutcome by_writes;  ///< TTL and writes
};

struct CacheSimulation {
  std::uint64_t reads = 0;     ///< all
  std::uint64_t bypassed = 0;  ///< thereof those that see a state of their own
  /// Different ones that ask the cache. The first read of each is a miss whatever the TTL (a cold one), and says more
  /// of the log's length than of the cache.
  std::uint64_t keys = 0;
  std::vector<CacheCurvePoint> curve;  ///< by ascending TTL
};

/// Adds what a part of the keys gave, each of which stands for `weight` of them; curves of the same TTLs. Entries add
/// up to what there is at one time at the most.
void add_part(const CacheSimulation& part, double weight, CacheSimulation& sum);

/// `reads` in any order: they are sorted in place, and those that bypass leave. `writes`: when the tables that they
/// depend on changed, ascending; a fill that begins in that moment sees the change. `ttls`: ascending, at most
/// kMostTtls.
CacheSimulation simulate_cache(std::vector<CacheRead>& reads, const std::vector<std::int64_t>& writes,
                               const std::vector<std::int64_t>& ttls);

inline constexpr std::size_t kMostTtls = 16;

/// Twelve, from 1 s to a day, nearly even in their logarithms, round for people.
std::vector<std::int64_t> usual_ttls();

}  // namespace assay
