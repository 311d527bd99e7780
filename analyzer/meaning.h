// What the classes of a Workload mean: each class's Statement, read once from one of its samples, and the
// texts and values with which a cost model can be asked about it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analyzer/catalog.h"
#include "analyzer/cost_model.h"
#include "analyzer/workload.h"
#include "parser/sql/statement.h"

namespace assay {

/// A text and values to plan, and how many of the class's sampled executions it stands for.
struct WeightedQuery {
  PlannableQuery query;
  double weight = 1;
};

struct ClassMeaning {
  std::optional<Statement> statement;  ///< nothing: `problem` says why
  std::string problem;
  std::optional<std::string> fingerprint;  ///< libpg_query's
  /// At most kMostPlanned, most frequent first: typical values, rare ones where there is room, and the values of the
  /// slowest execution, which are often the extreme ones. Empty when not explainable.
  std::vector<WeightedQuery> plannable;
};

/// Different values of one class that are planned; more say little more and cost a what-if call each.
inline constexpr std::size_t kMostPlanned = 4;

/// One ClassMeaning for each of the workload's classes, in their order. Without a catalog, columns that only a
/// catalog can tell apart stay unresolved.
std::vector<ClassMeaning> understand(const Workload& workload, const Catalog* catalog);

/// Answers from the catalog, through an index of its tables; the catalog must outlive it.
ColumnOracle column_oracle(const Catalog& catalog);

}  // namespace assay
