// The index advisor: Workload + Catalog + CostModel -> which B-trees to create, and what each is worth.
//
// With a cost model, candidates are planned by it and chosen by logged time saved. Without one, candidates are
// named but not weighed: no cost, no size, no gain, evidence "none".
// Advice is for one database; classes of others, and classes that nothing could plan, are named as unjudged.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "advisors/recommendation.h"
#include "analyzer/catalog.h"
#include "analyzer/meaning.h"
#include "analyzer/workload.h"

namespace assay {

struct IndexAdvisorOptions {
  std::string database;                                               ///< whose classes are judged
  std::optional<std::int64_t> budget_bytes;                           ///< nothing: no limit
  std::optional<std::uint64_t> calls_limit;                           ///< most what-if calls; nothing: no limit
  std::function<void(std::size_t done, std::size_t total)> progress;  ///< classes planned; may be empty
  /// What each class's logged time is multiplied by, where the model plans another design than the log's; none: by 1.
  const std::vector<double>* time_factors = nullptr;
};

/// `meanings` as from understand(workload, catalog). `model` may be null, `catalog` only together with it.
Advice advise_indexes(const Workload& workload, const std::vector<ClassMeaning>& meanings, const Catalog* catalog,
                      CostModel* model, const IndexAdvisorOptions& options);

/// The database that advice is for: the catalog's where the log names it, else the one with the most logged time.
std::string judged_database(const Workload& workload, const Catalog* catalog);

}  // namespace assay
