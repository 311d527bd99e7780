#include "advisors/parameter_sensitivity.h"

#include <catch2/catch.hpp>
#include <map>

namespace assay {
namespace {

/// Plans a text as it is told to: a cost and the title of its only node.
class ToldModel : public CostModel {
 public:
  std::map<std::string, std::pair<double, std::string>> told;

  Evidence evidence() const override { return Evidence::kPlanned; }
  std::vector<std::string> remarks() const override { return {}; }
  PlanAnswer plan(const PlannableQuery& query, const PhysicalDesign&) override {
    const auto found = told.find(query.sql);
    if (found == told.end()) return Unplannable{"not told"};
    PlanNode plan;
    plan.total_cost = found->second.first;
    plan.title = found->second.second;
    return plan;
  }
};

ClassMeaning class_of(const std::vector<std::string>& texts) {
  ClassMeaning meaning;
  for (const std::string& text : texts) meaning.plannable.push_back({{text, {}, {}}, 1});
  return meaning;
}

bool sensitive(double rare, const std::string& plan_of_rare, double typical, const std::string& plan_of_typical) {
  ToldModel model;
  model.told = {{"rare", {rare, plan_of_rare}}, {"typical", {typical, plan_of_typical}}};
  CachedCostModel cache(model);
  const auto found = parameter_sensitivities({0}, {class_of({"rare", "typical"})}, cache);
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

TEST_CASE("of a class of which one value is planned, or none, nothing is said") {
  ToldModel model;
  model.told = {{"a", {1, "Scan"}}};
  CachedCostModel cache(model);
  CHECK(parameter_sensitivities({0, 1}, {class_of({"a"}), class_of({"x", "y"})}, cache).empty());
  CHECK(parameter_sensitivities({1}, {class_of({"a"}), class_of({"a", "a"})}, cache) ==
        std::vector<ParameterSensitivity>{{1, 2, 1, 1, 1}});
}

}  // namespace assay
