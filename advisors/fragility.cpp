#include "advisors/fragility.h"

#include <algorithm>
#include <limits>
#include <string_view>

namespace assay {
namespace {

/// cpu_index_tuple_cost + cpu_tuple_cost + cpu_operator_cost: no row that a filter sees costs less.
constexpr double kLeastRowCost = 0.005 + 0.01 + 0.0025;

bool has_detail(const PlanNode& plan, std::string_view name) {
  return std::any_of(plan.details.begin(), plan.details.end(),
                     [&](const auto& detail) { return detail.first == name; });
}

/// Rows of the table that an index scan looks up. EXPLAIN does not tell those that its filter throws away; a walk over
/// the whole index sees at most as many as its cost pays for.
double rows_visited(const PlanNode& scan) {
  const bool is_walk = has_detail(scan, "Filter") && !has_detail(scan, "Index Cond");
  return is_walk ? std::max(scan.rows, (scan.total_cost - scan.startup_cost) / kLeastRowCost) : scan.rows;
}

/// Are rows thrown away below, so that nobody knows how many are read for one that is kept?
bool discards_rows(const PlanNode& plan) {
  const bool filters = has_detail(plan, "Filter") || has_detail(plan, "Join Filter");
  const bool joins = plan.type == "Nested Loop" || plan.type.ends_with("Join");
  return filters || joins || std::any_of(plan.children.begin(), plan.children.end(), discards_rows);
}

/// How many times as far it may read as it is believed to; 1 where it surely stops, or never does.
double reads_on(const PlanNode& plan) {
  if (plan.type == "Merge Join") return std::numeric_limits<double>::infinity();
  return plan.type == "Limit" && discards_rows(plan) ? kRowsUnderestimated : 1;
}

/// Rows looked up one by one on the way to the plan's rows; what a nested loop repeats is not among them.
double lookups(const PlanNode& plan) {
  if (plan.type == "Index Scan") return rows_visited(plan);
  if (plan.type == "Nested Loop" && !plan.children.empty()) return lookups(plan.children.front());
  double sum = 0;
  for (const PlanNode& child : plan.children) sum += lookups(child);
  return sum;
}

}  // namespace

double worst_cost(const PlanNode& plan, double row_looked_up) {
  if (plan.type == "Nested Loop" && plan.children.size() == 2) {
    const PlanNode& outer = plan.children[0];
    const double repeated = std::max(0.0, plan.total_cost - outer.total_cost);
    return worst_cost(outer, row_looked_up) + kRowsUnderestimated * repeated;
  }
  double below = 0, worst_below = 0;
  for (const PlanNode& child : plan.children) {
    below += child.total_cost;
    worst_below += worst_cost(child, row_looked_up);
  }
  if (below <= 0) return plan.total_cost + (plan.type == "Index Scan" ? row_looked_up * rows_visited(plan) : 0);
  const double read = std::min(1.0, plan.total_cost / below);  // a LIMIT pays a part of what is below it
  const double as_far = plan.total_cost + read * (worst_below - below);
  // One error or the other: both at once would condemn every join with a LIMIT.
  return std::max(as_far, std::min(1.0, reads_on(plan) * read) * (below + row_looked_up * lookups(plan)));
}

}  // namespace assay
