#include "advisors/parameter_sensitivity.h"

#include <algorithm>
#include <set>
#include <string>

#include "advisors/evaluation.h"

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

std::vector<ParameterSensitivity> parameter_sensitivities(const std::vector<JudgedClass>& classes) {
  std::vector<ParameterSensitivity> all;
  for (const JudgedClass& query : classes) {
    if (query.values.size() < 2) continue;
    ParameterSensitivity one{.position = query.position, .values = query.values.size()};
    std::set<std::string> shapes;
    one.lowest_cost = one.highest_cost = query.values.front().today->total_cost;
    for (const JudgedValue& value : query.values) {
      one.lowest_cost = std::min(one.lowest_cost, value.today->total_cost);
      one.highest_cost = std::max(one.highest_cost, value.today->total_cost);
      shapes.insert(shape_of(*value.today));
    }
    one.plans = shapes.size();
    all.push_back(one);
  }
  return all;
}

}  // namespace assay
