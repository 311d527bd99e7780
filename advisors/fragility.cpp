#include "advisors/fragility.h"

#include <algorithm>
#include <limits>

namespace assay {
namespace {

/// Are rows thrown away below, so that nobody knows how many are read for one that is kept?
bool discards_rows(const PlanNode& plan) {
  const bool filters = std::any_of(plan.details.begin(), plan.details.end(), [](const auto& detail) {
    return detail.first == "Filter" || detail.first == "Join Filter";
  });
  const bool joins = plan.type == "Nested Loop" || plan.type.ends_with("Join");
  return filters || joins || std::any_of(plan.children.begin(), plan.children.end(), discards_rows);
}

/// How many times as far it may read as it is believed to; 1 where it surely stops, or never does.
double reads_on(const PlanNode& plan) {
  if (plan.type == "Merge Join") return std::numeric_limits<double>::infinity();
  return plan.type == "Limit" && discards_rows(plan) ? kRowsUnderestimated : 1;
}

}  // namespace

double worst_cost(const PlanNode& plan, double row_looked_up) {
  if (plan.type == "Nested Loop" && plan.children.size() == 2) {
    const PlanNode& outer = plan.children[0];
    const double repeated = std::max(0.0, plan.total_cost - outer.total_cost);
    return worst_cost(outer, row_looked_up) + kRowsUnderestimated * repeated;
  }
  double below = 0, worst_below = 0, lookups_below = 0;
  for (const PlanNode& child : plan.children) {
    below += child.total_cost;
    worst_below += worst_cost(child, row_looked_up);
    if (child.type == "Index Scan") lookups_below += row_looked_up * child.rows;
  }
  if (below <= 0) return plan.total_cost + (plan.type == "Index Scan" ? row_looked_up * plan.rows : 0);
  const double read = std::min(1.0, plan.total_cost / below);  // a LIMIT pays a part of what is below it
  const double as_far = plan.total_cost + read * (worst_below - below);
  // One error or the other: both at once would condemn every join with a LIMIT.
  return std::max(as_far, std::min(1.0, reads_on(plan) * read) * (below + lookups_below));
}

}  // namespace assay
