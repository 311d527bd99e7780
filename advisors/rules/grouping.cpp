// GROUP BY and DISTINCT: rows that come in the order of the groups need neither sort nor hash table. Pays where
// equalities narrow before, where a LIMIT ends it early, or where the index holds all that is read (covering.cpp).
#include <algorithm>

#include "advisors/rules/rules.h"

namespace assay {

std::vector<ProposedIndex> grouping_rule(const TableAccess& access, const TableFacts& facts) {
  if (access.grouped.empty()) return {};
  std::vector<std::string> groups;
  for (const std::string& column : access.grouped) {
    if (std::find(access.equal.begin(), access.equal.end(), column) == access.equal.end()) groups.push_back(column);
  }
  if (groups.empty() || groups.size() > kMostKeys) return {};
  const std::string what = std::string(access.distinct ? "the DISTINCT " : "the GROUP BY ") + enumerate(groups);
  std::vector<ProposedIndex> proposals;
  const auto equal = most_distinct(access.equal, access, facts, kMostKeys - 1);
  if (!equal.empty()) {
    std::vector<std::string> keys = equal;
    keys.insert(keys.end(), groups.begin(), groups.end());
    proposals.push_back({ascending_keys(keys), equal.size(),
                         equality_on(equal, access) + ", then " + what + ": rows come in the order of their groups"});
  }
  // Alone it is a guess that only a planner can judge.
  if (facts.statistics(groups.front()) == nullptr) return proposals;
  proposals.push_back({ascending_keys(groups), 0, what + ": rows come in the order of their groups"});
  return proposals;
}

}  // namespace assay
