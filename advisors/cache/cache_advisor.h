// The cache advisor: Workload + Catalog -> which results to keep, for how long, how stale they get, what it saves.
//
// Every SELECT class gets a verdict (cacheability.h). Those that may be kept are replayed (cache_simulation.h) with the
// writes of the same log (table_writers.h). Where every write to their tables is known, a cache that heeds them gives
// no stale answer; where something may write unseen, only a TTL bounds the staleness. Of those that pay, as many are
// chosen as fit into the memory, by saved database time per byte (cache_plan.h).
// Caches are weighed on the demand that is left after the recommended indexes: what an index saves, no cache saves
// again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "advisors/cache/cacheability.h"
#include "advisors/cache/memory_curve.h"
#include "advisors/recommendation.h"
#include "analyzer/catalog.h"
#include "analyzer/cost_model.h"
#include "analyzer/meaning.h"
#include "analyzer/physical_design.h"
#include "analyzer/workload.h"

namespace assay {

struct CacheAdvisorOptions {
  static constexpr std::int64_t kDefaultMemory = std::int64_t{256} << 20U;

  std::string database;                        ///< whose classes are judged
  SqlDialect dialect = SqlDialect::kPostgres;  ///< theirs; for kMysql `meanings` come from understand_mysql
  std::int64_t memory_bytes = kDefaultMemory;
  CostModel* model = nullptr;  ///< tells sizes of results; may be null
  /// Demand of one execution of a class, in ms of database time, with the recommended indexes in place.
  /// First asked for when all is simulated, so it may wait for what is measured meanwhile.
  std::function<double(std::size_t position)> demand_ms;
  /// Of one class simulated at once, at most: some 32 bytes each.
  std::uint64_t most_reads_at_once = 2'000'000;
  std::string incomplete;        ///< why the log does not hold all executions; then nothing is simulated
  bool others_left_out = false;  ///< records of other users or applications were filtered out
};

struct ClassCaching {
  std::size_t position = 0;  ///< in Workload::classes
  Cacheability cacheability;
  std::optional<CacheQuery> cache;  ///< what a cache would have done; only where it may be kept as it stands
};

/// A table that an application could hold as a whole.
struct ReferenceTable {
  std::string table;
  std::int64_t bytes = 0;
  double rows = 0;
  std::vector<std::size_t> classes;  ///< that read it and nothing else
  std::uint64_t calls = 0;           ///< theirs
  double demand_ms_per_s = 0;        ///< theirs
};

struct CacheAdvice {
  std::string refusal;                           ///< why nothing was simulated; empty when it was
  std::vector<ClassCaching> classes;             ///< SELECTs and what was not understood, in the workload's order
  std::vector<Recommendation> recommendations;   ///< of kind cache_query, best first
  std::vector<ReferenceTable> reference_tables;  ///< most read first
  std::vector<CacheMemoryPoint> memory_curve;    ///< of the recommended ones together
  std::int64_t memory_budget = 0, memory_used = 0;
  bool saves_service = false;        ///< for the caller to set: demand_ms was service demand, without any waiting
  std::vector<CacheRecipe> recipes;  ///< for all of them together
  std::vector<std::string> remarks;
};

/// `meanings` as from understand(workload, catalog); `catalog` may be null.
CacheAdvice advise_caches(const Workload& workload, const std::vector<ClassMeaning>& meanings, const Catalog* catalog,
                          const CacheAdvisorOptions& options);

}  // namespace assay
