// What advisors answer: structures to create, with reasons and evidence, and what could not be judged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "advisors/parameter_sensitivity.h"
#include "analyzer/cost_model.h"
#include "parser/sql/index_definition.h"

namespace assay {

/// A class that a recommendation serves, with that recommendation alone in place.
struct ServedQuery {
  std::size_t position = 0;                         ///< in Workload::classes
  double cost_before = 0, cost_after = 0;           ///< planner's units, an execution, mean over the sampled values
  std::optional<PlanNode> plan_before, plan_after;  ///< for the first sampled value; only of the heaviest
};

/// Rows written a second, from the log, on the table of an index.
struct WriteLoad {
  double inserts = 0;             ///< executed INSERTs a second
  double updates_of_columns = 0;  ///< executed UPDATEs a second that set a column of the index
  double deletes = 0;
  double price_ms_per_s = 0;  ///< what maintaining the index costs them, at the most
};

struct Recommendation {
  std::string id;  ///< "I1": the first index
  std::string database;
  IndexDefinition index;
  std::int64_t size_bytes = 0;  ///< 0: not known
  Evidence evidence = Evidence::kNone;
  std::vector<std::string> ddl, rollback;  ///< one statement each, with semicolon
  std::vector<std::string> reasons;
  std::vector<std::string> redundant;  ///< existing indexes that it would make superfluous
  std::vector<ServedQuery> queries;    ///< heaviest saving first
  double gain_ms_per_s = 0;  ///< logged time saved a second, less the writers' price, given the ones before it
  WriteLoad writes;
};

/// Cost of one class today and under all recommendations together; planner's units, an execution.
struct ClassCost {
  std::size_t position = 0;
  double before = 0, after = 0;
};

struct Unjudged {
  std::size_t position = 0;  ///< in Workload::classes
  std::string reason;
};

struct SelectionSummary {
  std::optional<std::int64_t> budget_bytes;
  std::int64_t used_bytes = 0;
  double objective_before = 0, objective_after = 0;        ///< ms of logged time per second, writers' price included
  double planned_cost_before = 0, planned_cost_after = 0;  ///< Σ calls × cost
  std::uint64_t whatif_calls = 0, cache_hits = 0;
};

struct Advice {
  Evidence evidence = Evidence::kNone;
  std::vector<Recommendation> recommendations;  ///< best first
  std::vector<ClassCost> costs;                 ///< of the planned classes, in the workload's order
  std::vector<ParameterSensitivity> sensitivities;  ///< of classes planned with several values; likewise
  std::vector<Unjudged> unjudged;               ///< in the workload's order
  std::optional<SelectionSummary> selection;    ///< nothing without a cost model
  std::vector<std::string> remarks;             ///< how far it can be trusted, one sentence each
};

}  // namespace assay
