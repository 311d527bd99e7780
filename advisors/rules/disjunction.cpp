// An OR of which every branch narrows the table: one index a branch, whose bitmaps are put together. They pay
// together only, since with one of them missing the whole table is read. What else is compared for equality can
// stand in front of each.
#include <algorithm>

#include "advisors/rules/rules.h"

namespace assay {
namespace {

/// Equality columns, then one range.
std::vector<std::string> keys_of(const TableAccess& branch, const TableFacts& facts) {
  std::vector<std::string> fixed = branch.equal;
  fixed.insert(fixed.end(), branch.in.begin(), branch.in.end());
  fixed.insert(fixed.end(), branch.null.begin(), branch.null.end());
  std::vector<std::string> keys = most_distinct(std::move(fixed), branch, facts, kMostKeys - 1);
  if (!branch.ranges.empty()) keys.push_back(branch.ranges.front());
  return keys;
}

}  // namespace

std::vector<ProposedIndex> disjunction_rule(const TableAccess& access, const TableFacts& facts) {
  std::vector<ProposedIndex> proposals;
  const auto in_front = most_distinct(access.equal, access, facts, 1);
  for (const std::vector<TableAccess>& branches : access.disjunctions) {
    for (const TableAccess& branch : branches) {
      const std::vector<std::string> keys = keys_of(branch, facts);
      if (keys.empty()) continue;  // a pattern, an expression: the rules below
      const std::size_t equal = keys.size() - (branch.ranges.empty() ? 0 : 1);
      const std::string reason = "a branch of an OR, as one of several bitmaps: " + enumerate(keys);
      if (!in_front.empty() && std::find(keys.begin(), keys.end(), in_front.front()) == keys.end()) {
        std::vector<std::string> all = in_front;
        all.insert(all.end(), keys.begin(), keys.end());
        proposals.push_back({ascending_keys(all), equal + 1, reason + ", behind " + in_front.front()});
      }
      proposals.push_back({ascending_keys(keys), equal, reason});
    }
    for (const TableAccess& branch : branches) {
      for (const CandidateRule rule : {expression_rule, prefix_pattern_rule, trigram_rule, json_rule, array_rule}) {
        for (ProposedIndex& proposal : rule(branch, facts)) {
          proposal.reason = "a branch of an OR, as one of several bitmaps: " + proposal.reason;
          proposals.push_back(std::move(proposal));
        }
      }
    }
  }
  return proposals;
}

}  // namespace assay
