// How often the recommended caches hit when they share one memory that evicts the least recently used: the curve over
// its size, in one pass over the trace, by stack distances.
//
// A read counts as a hit where the entry is young enough (and, where its cache heeds writes, not outdated) and no more
// was touched since than the memory holds. That eviction makes some entries younger is left out: so it is the least.
// Of more reads than kMostCurveReads the keys are sampled by their hash (Waldspurger et al., SHARDS, FAST 2015).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "advisors/cache/table_writers.h"
#include "advisors/recommendation.h"
#include "analyzer/workload.h"

namespace assay {

inline constexpr std::size_t kMostCurveReads = 500'000;

struct CacheMemoryPoint {
  std::int64_t bytes = 0;
  double hit_ratio = 0;  ///< at the least
};

/// Of the caches among `recommendations` whose results' size is known. The sizes are `all_bytes`, what all entries
/// take, and its halves; empty where nothing is known.
std::vector<CacheMemoryPoint> memory_curve(const std::vector<Recommendation>& recommendations, const Workload& workload,
                                           const TableWriters& writers, std::int64_t all_bytes,
                                           std::size_t most_reads = kMostCurveReads);

}  // namespace assay
