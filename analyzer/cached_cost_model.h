// Asks a CostModel each question once, and not at all where the answer follows from an earlier one.
//
// A plan found under a design is the plan under every smaller design that still holds the structures it uses:
// taking away what was not chosen leaves the choice as it was (atomic configurations; Papadomanolakis, Dash,
// Ailamaki: "Efficient use of the query optimizer for automated physical design", VLDB 2007).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "analyzer/cost_model.h"

namespace assay {

class CachedCostModel {
 public:
  explicit CachedCostModel(CostModel& model) : model_(model) {}

  /// As CostModel::plan, for designs that only create indexes. The answer lives as long as this object.
  const PlanAnswer& plan(const PlannableQuery& query, const std::vector<const HypotheticalIndex*>& created);

  const CostModel& model() const { return model_; }
  std::uint64_t calls() const { return calls_; }  ///< what-if calls asked of the model
  std::uint64_t hits() const { return hits_; }    ///< answered from earlier ones

 private:
  using Names = std::vector<std::string>;  // sorted
  struct Known {
    Names design;
    Names used;
    std::unique_ptr<PlanAnswer> answer;
  };

  static const Known* find(const std::vector<Known>& known, const Names& design);

  CostModel& model_;
  std::unordered_map<std::string, std::vector<Known>> known_;  // by text and values
  std::uint64_t calls_ = 0, hits_ = 0;
};

}  // namespace assay
