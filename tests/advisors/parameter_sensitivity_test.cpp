#include "advisors/parameter_sensitivity.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "advisors/evaluation.h"

namespace assay {
namespace {

PlanNode plan_of(double cost, const std::string& title) {
  PlanNode plan;
  plan.total_cost = cost;
  plan.title = title;
  return plan;
}

JudgedClass class_of(const std::vector<PlanNode>& plans) {
  JudgedClass query;
  for (std::size_t i = 0; i < plans.size(); ++i) query.values.push_back({.value = i, .today = &plans[i]});
  return query;
}

bool sensitive(double rare, const std::string& plan_of_rare, double typical, const std::string& plan_of_typical) {
  const std::vector<PlanNode> plans{plan_of(rare, plan_of_rare), plan_of(typical, plan_of_typical)};
  const auto found = parameter_sensitivities({class_of(plans)});
  REQUIRE(found.size() == 1);
  return found[0].is_sensitive();
}

}  // namespace

TEST_CASE("a class is sensitive when another plan costs half as much again, or the same plan five times as much") {
  CHECK(sensitive(8, "Index Scan", 1000, "Seq Scan"));
  CHECK(sensitive(100, "Index Scan", 150, "Seq Scan"));
  CHECK_FALSE(sensitive(100, "Index Scan", 149, "Seq Scan"));
  CHECK(sensitive(8, "Index Scan", 40, "Index Scan"));
  CHECK_FALSE(sensitive(8, "Index Scan", 39, "Index Scan"));
}

TEST_CASE("of a class of which one value is planned nothing is said") {
  const std::vector<PlanNode> one{plan_of(1, "Scan")}, two{plan_of(1, "Scan"), plan_of(1, "Scan")};
  CHECK(parameter_sensitivities({class_of(one)}).empty());
  CHECK(parameter_sensitivities({class_of(two)}) == std::vector<ParameterSensitivity>{{0, 2, 1, 1, 1}});
}

}  // namespace assay
