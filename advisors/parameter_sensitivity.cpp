#include "advisors/parameter_sensitivity.h"

#include <algorithm>
#include <set>
#include <string>

namespace assay {
namespace {

/// What a plan does, whatever it costs: the titles of its nodes, with relations and indexes, nested as they are.
std::string shape_of(const PlanNode& plan) {
  std::string shape = "(" + plan.title;
  for (const PlanNode& child : plan.children) shape += shape_of(child);
  return shape + ")";
}

}  // namespace

bool ParameterSensitivity::is_sensitive() const {
  constexpr double kOtherPlan = 1.5, kSamePlan = 5;
  return highest_cost >= lowest_cost * (plans > 1 ? kOtherPlan : kSamePlan);
}

std::vector<ParameterSensitivity> parameter_sensitivities(const std::vector<std::size_t>& planned,
                                                          const std::vector<ClassMeaning>& meanings,
                                                          CachedCostModel& model) {
  std::vector<ParameterSensitivity> all;
  for (const std::size_t position : planned) {
    ParameterSensitivity one{.position = position};
    std::set<std::string> shapes;
    for (const WeightedQuery& query : meanings[position].plannable) {
      const auto* plan = std::get_if<PlanNode>(&model.plan(query.query, DesignView{}));
      if (!plan) continue;
      one.lowest_cost = one.values == 0 ? plan->total_cost : std::min(one.lowest_cost, plan->total_cost);
      one.highest_cost = std::max(one.highest_cost, plan->total_cost);
      one.values += 1;
      shapes.insert(shape_of(*plan));
    }
    one.plans = shapes.size();
    if (one.values > 1) all.push_back(one);
  }
  return all;
}

}  // namespace assay
