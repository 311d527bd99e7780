// What advisors answer: what to change, with reasons and evidence, and what could not be judged.
//
// A Recommendation is the same for all advisors, but for its Change: one alternative a kind of recommendation, with
// what only that kind has to tell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "advisors/cache/cache_query.h"
#include "advisors/parameter_sensitivity.h"
#include "advisors/partition/partition_table.h"
#include "advisors/replica/add_replica.h"
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
  double hot_updates_lost = 0;  ///< of those updates, a second, that are HOT today and then no longer
  double price_ms_per_s = 0;    ///< what maintaining the index costs them (maintenance.h)
  std::vector<std::pair<std::size_t, double>> by_class = {};  ///< thereof: the writer's position, ms per second
};

/// What making the index takes (index_steps.h).
struct BuildEffort {
  double seconds = 0;
  double pages_read = 0;  ///< of the table, both passes
  double rows_sorted = 0;
};

struct CreateIndex {
  static constexpr std::string_view kKind = "create_index";

  IndexDefinition index;
  std::vector<std::string> redundant;  ///< existing indexes that it would make superfluous
  WriteLoad writes;
  BuildEffort build = {};
  bool partitioned = false;               ///< its table is: the DDL goes partition by partition
  std::string after = {};                 ///< id of the partitioning that has to be carried out first; may be empty
  double marginal_ms_per_s = 0;           ///< what the whole set saves less without it
  std::vector<std::size_t> fragile = {};  ///< classes whose plans with it are worse than today's if the rows at the
                                          ///< foot of a nested loop are ten times as many; their gain is not counted
};

enum class DropReason { kUnused, kDuplicate, kPrefix, kSuperseded, kInvalid };

/// An existing index that is not worth its keep.
struct DropIndex {
  static constexpr std::string_view kKind = "drop_index";

  IndexDefinition index;
  DropReason why = DropReason::kUnused;
  std::string instead;                    ///< the index that serves what it serves; empty for an unused one
  std::string after;                      ///< id of the recommendation that has to be carried out first; may be empty
  std::optional<std::int64_t> scans;      ///< since the statistics were reset
  std::optional<double> statistics_days;  ///< their age when the catalog was read
  WriteLoad writes;                       ///< what keeping it costs
};

/// What is to be done. Each alternative says its kKind, the name of the kind in the JSON report.
using Change = std::variant<CreateIndex, DropIndex, CacheQuery, PartitionTable, AddReplica>;

struct Recommendation {
  std::string id;  ///< "I1": the first index; "C1": the first cache; "P1": the first partitioned table; "A1": a server
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

/// A class that the recommended design makes slower.
struct Regression {
  std::size_t position = 0;
  double cost_before = 0, cost_after = 0;  ///< planner's units, an execution
  double price_ms_per_s = 0;               ///< already taken off the gains
  bool generic = false;                    ///< only with the plan that is made for any value; its share is not known
  bool writes = false;                     ///< it keeps the new indexes; no plan shows it
  std::vector<std::string> indexes;        ///< new ones that its plan uses, or that it keeps
};

/// A foreign key whose referencing rows are looked for without an index when a referenced one is deleted.
struct BareForeignKey {
  std::string table, referenced_table;  ///< with their schemas
  std::vector<std::string> columns;
  double rows = 0;           ///< of the referencing table
  double deletes_per_s = 0;  ///< of referenced rows, from the log
  std::string ddl;
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
  double lower_bound = 0;  ///< ms per second: no set of the candidates gets below, as far as costs were asked for
  double gap = 0;          ///< 0 to 1, of objective_after
  std::size_t candidates = 0;
  std::optional<std::uint64_t> calls_limit;
  bool limit_struck = false;  ///< fewer questions were asked than wanted
};

struct Advice {
  Evidence evidence = Evidence::kNone;
  std::vector<Recommendation> recommendations;      ///< best first
  std::vector<CreateStatistics> statistics;         ///< in the workload's order
  std::vector<Rewrite> rewrites;                    ///< in the workload's order
  std::vector<ClassCost> costs;                     ///< of the planned classes, in the workload's order
  std::vector<ParameterSensitivity> sensitivities;  ///< of classes planned with several values; likewise
  std::vector<Unjudged> unjudged;                   ///< in the workload's order
  std::optional<SelectionSummary> selection;        ///< nothing without a cost model
  std::vector<Regression> regressions;              ///< dearest first
  std::vector<BareForeignKey> bare_foreign_keys;
  std::size_t unused_but_young = 0;  ///< indexes without a scan, by statistics that are too young or of unknown age
  std::vector<std::string> remarks;  ///< how far it can be trusted, one sentence each
};

/// How many recommendations are of that kind.
template <typename Kind>
std::size_t count_of(const Advice& advice) {
  std::size_t count = 0;
  for (const Recommendation& item : advice.recommendations) count += std::holds_alternative<Kind>(item.change) ? 1 : 0;
  return count;
}

}  // namespace assay
