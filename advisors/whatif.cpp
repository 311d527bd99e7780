#include "advisors/whatif.h"

#include <algorithm>
#include <deque>

namespace assay {

std::vector<const PlanAnswer*> WhatIf::ask(const std::vector<Question>& questions, std::uint64_t spared) {
  std::vector<const PlanAnswer*> answers(questions.size(), nullptr);
  std::deque<PlannableQuery> generic;  // a text without values is planned for any
  std::size_t next = 0;
  while (next < questions.size()) {
    std::size_t count = questions.size() - next;
    if (limit_) {
      const std::uint64_t taken = model_.calls() + spared;
      if (taken >= *limit_) {
        struck_ = true;
        return answers;
      }
      count = std::min<std::uint64_t>(count, *limit_ - taken);
    }
    std::vector<CachedQuestion> batch;
    for (std::size_t i = next; i < next + count; ++i) {
      const Question& question = questions[i];
      const PlannableQuery* query = &meanings_[question.position].plannable[question.value].query;
      if (question.generic) query = &generic.emplace_back(PlannableQuery{query->sql, {}, query->ran_at});
      DesignView design{.dropped = question.dropped};
      for (const std::size_t candidate : question.design) design.created.push_back(&(*candidates_)[candidate].index);
      batch.push_back({query, std::move(design)});
    }
    const std::vector<const PlanAnswer*> given = model_.plan_all(batch);
    std::copy(given.begin(), given.end(), answers.begin() + static_cast<std::ptrdiff_t>(next));
    next += count;
  }
  return answers;
}

void WhatIf::offer(const std::vector<WeighedCandidate>& candidates) {
  candidates_ = &candidates;
  by_name_.clear();
  for (std::size_t i = 0; i < candidates.size(); ++i) by_name_.emplace(candidates[i].candidate.definition.name, i);
}

Configuration WhatIf::used_by(const PlanNode& plan) const {
  Configuration used;
  for (const std::string& name : used_indexes(plan)) {
    const auto found = by_name_.find(name);
    if (found != by_name_.end()) used.push_back(found->second);
  }
  std::sort(used.begin(), used.end());
  return used;
}

}  // namespace assay
