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

bool has_key(const IndexDefinition& index, const std::string& column) {
  return std::any_of(index.keys.begin(), index.keys.end(), [&](const IndexKey& key) { return key.column == column; });
}

/// Some of the keys of `larger`, the first of them in front: may do as well, and is smaller.
bool is_narrower(const IndexDefinition& index, const IndexDefinition& larger) {
  return index.method == larger.method && index.table == larger.table && index.schema == larger.schema &&
         index.include.empty() && index.predicate == larger.predicate && index.keys.size() < larger.keys.size() &&
         index.keys.front().column == larger.keys.front().column && !index.keys.front().column.empty() &&
         std::all_of(index.keys.begin(), index.keys.end(),
                     [&](const IndexKey& key) { return has_key(larger, key.column); });
}

void add_narrower(const std::vector<const Candidate*>& candidates, const std::vector<std::size_t>& own,
                  std::set<std::size_t>& used) {
  std::vector<std::size_t> narrower;
  for (const std::size_t candidate : own) {
    const bool any = std::any_of(own.begin(), own.end(), [&](std::size_t other) {
      return used.contains(other) && is_narrower(candidates[candidate]->definition, candidates[other]->definition);
    });
    if (any) narrower.push_back(candidate);
  }
  used.insert(narrower.begin(), narrower.end());
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
    add_narrower(candidates, own, used);
  }
  return {used.begin(), used.end()};
}

}  // namespace assay
