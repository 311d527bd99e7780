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
  if (plan.type == "Index Scan") return plan.total_cost + kRowLookedUp * std::max(0.0, plan.rows);
  if (below <= 0) return plan.total_cost;
  // A LIMIT pays a part of what is below it.
  const double scale = std::min(1.0, plan.total_cost / below);
  return plan.total_cost + scale * (worst_below - below);
}

}  // namespace assay
