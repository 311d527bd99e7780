// Columns compared with a column of another relation: for each row of the other side, a nested loop looks up the
// matching rows here. Alone, and together with the columns that the statement compares with values.
#include <algorithm>

#include "advisors/rules/rules.h"

namespace assay {

std::vector<ProposedIndex> join_rule(const TableAccess& access, const TableFacts& facts) {
  std::vector<ProposedIndex> proposals;
  for (const std::string& joined : access.joined) {
    std::vector<std::string> others = access.equal;
    std::erase(others, joined);
    others = most_distinct(std::move(others), access, facts, 1);
    if (!others.empty()) {
      const std::vector<std::string> both = {joined, others.front()};
      proposals.push_back({ascending_keys(both), 2, "join on " + joined + " with " + equality_on(others, access)});
    }
    proposals.push_back({ascending_keys({joined}), 1, "join on " + joined});
  }
  return proposals;
}

}  // namespace assay
