// The advisor's questions to the planner: which candidates exist, of which class and value, how many may still be
// asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "advisors/candidates.h"
#include "advisors/recommendation.h"
#include "advisors/selection_problem.h"
#include "analyzer/cached_cost_model.h"

namespace assay {

/// A candidate with its size and what it costs the writers.
struct WeighedCandidate {
  Candidate candidate;
  HypotheticalIndex index;
  WriteLoad writes;
};

struct Question {
  std::size_t position = 0;  ///< in Workload::classes
  std::size_t value = 0;     ///< in ClassMeaning::plannable
  Configuration design = {};
  bool generic = false;  ///< for any value
  std::vector<IndexName> dropped = {};
};

class WhatIf {
 public:
  WhatIf(const std::vector<ClassMeaning>& meanings, CachedCostModel& model, std::optional<std::uint64_t> limit)
      : meanings_(meanings), model_(model), limit_(limit) {}

  /// They must outlive this object, or the next offer.
  void offer(const std::vector<WeighedCandidate>& candidates);

  /// In their order; nullptr where the limit of calls, `spared` of them kept back, struck first.
  std::vector<const PlanAnswer*> ask(const std::vector<Question>& questions, std::uint64_t spared = 0);

  /// Which of the offered candidates the plan uses.
  Configuration used_by(const PlanNode& plan) const;

  bool limit_struck() const { return struck_; }
  const CachedCostModel& model() const { return model_; }

 private:
  const std::vector<ClassMeaning>& meanings_;
  CachedCostModel& model_;
  std::optional<std::uint64_t> limit_;
  const std::vector<WeighedCandidate>* candidates_ = nullptr;
  std::unordered_map<std::string, std::size_t> by_name_;
  bool struck_ = false;
};

}  // namespace assay
