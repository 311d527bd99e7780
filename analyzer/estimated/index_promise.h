// Could this index pay for this query at all? Asked of the built-in model, before the real planner is.
//
// The index's scans count at a fraction of their cost, 1/safety. Where the model would not use it even then, the real
// planner would have to see it more than `safety` times cheaper to use it: hopeless. What the model cannot judge is
// kUnknown, and should be asked of the planner. docs/fidelity.md tells how often a useful index was discarded.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "analyzer/estimated/estimated_cost_model.h"

namespace assay {

enum class Promise { kHopeless, kPossible, kUnknown };

class IndexPromise {
 public:
  static constexpr double kSafety = 2;

  /// `model` must outlive this. `safety` >= 1: how much too dear the model may take an index to be.
  explicit IndexPromise(EstimatedCostModel& model, double safety = kSafety) : model_(model), safety_(safety) {}

  /// Of `index` on top of what the catalog has, for this query. Microseconds.
  Promise of(const PlannableQuery& query, const HypotheticalIndex& index);

 private:
  std::optional<double> cost_today(const PlannableQuery& query);

  EstimatedCostModel& model_;
  double safety_;
  std::unordered_map<std::string, std::optional<double>> today_;  // by text and values
};

}  // namespace assay
