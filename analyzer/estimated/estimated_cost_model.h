// The built-in model: what PostgreSQL's planner would say, from statistics alone and without a server.
//
// It follows PostgreSQL 15's own formulas, each cited where it stands: selectivity.h, access_path.h, sort_cost.h,
// join_path.h, grouping.h. Paths of one table are exact; joins, parallel plans and groups are good enough to rank
// designs. It serves where no server programs are at hand. What it does not understand it says, as Unplannable, and never
// guesses: own functions, views, partitioned tables, window functions, recursion, operators of jsonb, arrays and full text.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "analyzer/catalog.h"
#include "analyzer/cost_model.h"

namespace assay {

class EstimatedCostModel : public CostModel {
 public:
  /// `catalog` must outlive the model.
  explicit EstimatedCostModel(const Catalog& catalog);
  ~EstimatedCostModel() override;

  Evidence evidence() const override { return Evidence::kEstimated; }
  std::vector<std::string> remarks() const override;
  PlanAnswer plan(const PlannableQuery& query, const PhysicalDesign& design) override;

  /// Only what it costs, planner's units, without the tree; nothing where it cannot be judged.
  std::optional<double> cost(const PlannableQuery& query, const PhysicalDesign& design);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay
