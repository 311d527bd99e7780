// A CostModel for which some tables are partitioned already: what the index advisor asks when a partitioning has been
// recommended, so that indexes are planned on the twin, and those that the partitioning makes superfluous are not
// recommended again.
//
// In its plans a partition bears the name of its table, as the catalog knows it; the lines that are shown keep theirs.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "analyzer/cost_model.h"

namespace assay {

class PartitionedModel : public CostModel {
 public:
  /// `model` must outlive this object.
  PartitionedModel(CostModel& model, std::vector<HypotheticalPartitioning> partitionings);

  Evidence evidence() const override { return model_.evidence(); }
  std::vector<std::string> remarks() const override { return model_.remarks(); }
  PlanAnswer plan(const PlannableQuery& query, const PhysicalDesign& design) override;
  std::vector<PlanAnswer> plan_all(const std::vector<WhatIfQuestion>& questions) override;

 private:
  void name_tables(PlanNode& plan) const;

  CostModel& model_;
  std::vector<HypotheticalPartitioning> partitionings_;
  std::unordered_map<std::string, std::string> tables_;  ///< by partition
};

}  // namespace assay
