// What advisors answer: what to change, with reasons and evidence, and what could not be judged.
//
// A Recommendation is the same for all advisors, but for its Change: one alternative a kind of recommendation, with
// what only that kind has to tell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "advisors/cache/cache_query.h"
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

struct CreateIndex {
  static constexpr std::string_view kKind = "create_index";

  IndexDefinition index;
  std::vector<std::string> redundant;  ///< existing indexes that it would make superfluous
  WriteLoad writes;
};

/// What is to be done. Each alternative says its kKind, the name of the kind in the JSON report.
using Change = std::variant<CreateIndex, CacheQuery>;

struct Recommendation {
  std::string id;  ///< "I1": the first index; "C1": the first cache
  std::string database;
  std::string table;  ///< with its schema; empty where it is about no single one
  Change change;
  std::int64_t size_bytes = 0;  ///< 0: not known
  Evidence evidence = Evidence::kNone;
  std::vector<std::string> ddl, rollback;  ///< one statement each, with semicolon
  std::vector<std::string> reasons;
  std::vector<ServedQuery> queries;  ///< heaviest saving first
  double gain_ms_per_s = 0;          ///< logged time saved a second, less the writers' price, given the ones before it
};

std::string_view kind_of(const Recommendation& recommendation);

/// What the change is about, for a heading: "public.orders (customer_id)".
std::string title_of(const Recommendation& recommendation);

/// Cost of one class today and under all recommendations together; planner's units, an execution.
struct ClassCost {
  std::size_t position = 0;
  double before = 0, after = 0;
};

struct Unjudged {
  std::size_t position = 0;  ///< in Workload::classes
  std::string reason;
};

/// A query to write otherwise: a hint, for which nothing was planned.
struct Rewrite {
  static constexpr std::string_view kKind = "rewrite_query";

  std::string id;            ///< "R1": of the heaviest class
  std::string rule;          ///< "not-in-subquery": which of the rules in rewrites/ found it
  std::size_t position = 0;  ///< in Workload::classes
  std::string reason;
  std::string sql;  ///< the rewritten text; empty where none is surely the same
};

/// Statistics on several columns together: advice for which nothing was planned.
struct CreateStatistics {
  static constexpr std::string_view kKind = "create_statistics";

  std::string id;     ///< "S1": of the heaviest class
  std::string table;  ///< with its schema
  std::vector<std::string> columns;
  std::size_t position = 0;  ///< in Workload::classes: whose plan showed it
  std::string reason;
  std::vector<std::string> ddl, rollback;  ///< one statement each, with semicolon
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
  std::vector<CreateStatistics> statistics;     ///< in the workload's order
  std::vector<Rewrite> rewrites;                ///< in the workload's order
  std::vector<ClassCost> costs;                 ///< of the planned classes, in the workload's order
  std::vector<ParameterSensitivity> sensitivities;  ///< of classes planned with several values; likewise
  std::vector<Unjudged> unjudged;               ///< in the workload's order
  std::optional<SelectionSummary> selection;    ///< nothing without a cost model
  std::vector<std::string> remarks;             ///< how far it can be trusted, one sentence each
};

}  // namespace assay
