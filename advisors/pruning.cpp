#include "advisors/pruning.h"

#include <algorithm>
#include <map>
#include <set>

namespace assay {
namespace {

void peel(std::size_t position, std::vector<std::size_t> offered, const AskUse& ask, std::set<std::size_t>& used) {
  for (int i = 0; i < kMostPeels && !offered.empty(); ++i) {
    const PlansUse answer = ask(position, offered);
    if (!answer.gains || answer.candidates.empty()) return;
    used.insert(answer.candidates.begin(), answer.candidates.end());
    std::erase_if(offered, [&](std::size_t candidate) {
      return std::find(answer.candidates.begin(), answer.candidates.end(), candidate) != answer.candidates.end();
    });
  }
}

}  // namespace

std::vector<std::size_t> used_candidates(const std::vector<const Candidate*>& candidates, const AskUse& ask) {
  std::map<std::size_t, std::vector<std::size_t>> by_class;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    for (const std::size_t position : candidates[i]->classes) by_class[position].push_back(i);
  }
  std::set<std::size_t> used;
  for (const auto& [position, own] : by_class) {
    peel(position, own, ask, used);
    std::vector<std::size_t> plain = own;
    std::erase_if(plain, [&](std::size_t candidate) {
      const IndexDefinition& index = candidates[candidate]->definition;
      return !index.include.empty() || !index.predicate.empty();
    });
    if (plain.size() < own.size()) peel(position, plain, ask, used);
  }
  return {used.begin(), used.end()};
}

}  // namespace assay
