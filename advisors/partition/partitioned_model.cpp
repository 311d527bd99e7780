#include "advisors/partition/partitioned_model.h"

#include <utility>

namespace assay {

PartitionedModel::PartitionedModel(CostModel& model, std::vector<HypotheticalPartitioning> partitionings)
    : model_(model), partitionings_(std::move(partitionings)) {
  for (const HypotheticalPartitioning& what : partitionings_) {
    for (const HypotheticalPartition& partition : what.partitions) tables_[partition.name] = what.table;
  }
}

PlanAnswer PartitionedModel::plan(const PlannableQuery& query, const PhysicalDesign& design) {
  return plan_all({{&query, &design}}).front();
}

std::vector<PlanAnswer> PartitionedModel::plan_all(const std::vector<WhatIfQuestion>& questions) {
  std::vector<PhysicalDesign> designs;
  designs.reserve(questions.size());
  for (const WhatIfQuestion& question : questions) {
    designs.push_back(*question.design);
    auto& all = designs.back().partitionings;
    all.insert(all.end(), partitionings_.begin(), partitionings_.end());
  }
  std::vector<WhatIfQuestion> asked;
  for (std::size_t i = 0; i < questions.size(); ++i) asked.push_back({questions[i].query, &designs[i]});
  std::vector<PlanAnswer> answers = model_.plan_all(asked);
  for (PlanAnswer& answer : answers) {
    if (auto* plan = std::get_if<PlanNode>(&answer)) name_tables(*plan);
  }
  return answers;
}

void PartitionedModel::name_tables(PlanNode& plan) const {
  const auto found = tables_.find(plan.relation);
  if (found != tables_.end()) plan.relation = found->second;
  for (PlanNode& child : plan.children) name_tables(child);
}

}  // namespace assay
