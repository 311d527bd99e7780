#include "advisors/fragility.h"

#include <algorithm>

namespace assay {

double worst_cost(const PlanNode& plan) {
  if (plan.type == "Nested Loop" && plan.children.size() == 2) {
    const PlanNode& outer = plan.children[0];
    const double repeated = std::max(0.0, plan.total_cost - outer.total_cost);
    return worst_cost(outer) + kRowsUnderestimated * repeated;
  }
  double below = 0, worst_below = 0;
  for (const PlanNode& child : plan.children) {
    below += child.total_cost;
    worst_below += worst_cost(child);
  }
  if (below <= 0) return plan.total_cost;
  // A LIMIT pays a part of what is below it.
  const double scale = std::min(1.0, plan.total_cost / below);
  return plan.total_cost + scale * (worst_below - below);
}

double rows_looked_up(const PlanNode& plan) {
  if (plan.type == "Index Scan") return std::max(0.0, plan.rows);
  const bool loop = plan.type == "Nested Loop" && !plan.children.empty();
  double below = 0, rows = 0;
  for (const PlanNode& child : plan.children) {
    below += child.total_cost;
    rows += rows_looked_up(child);
    if (loop) break;  // what it repeats is bounded by worst_cost()
  }
  return below > 0 ? rows * std::min(1.0, plan.total_cost / below) : 0;
}

}  // namespace assay
