// min() and max() without GROUP BY: behind the equalities, the first or last entry of an index is the answer
// (planagg.c).
#include "advisors/rules/rules.h"

namespace assay {

std::vector<ProposedIndex> extremes_rule(const TableAccess& access, const TableFacts& facts) {
  std::vector<ProposedIndex> proposals;
  for (const Extreme& extreme : access.extremes) {
    const std::string what =
        std::string(extreme.maximum ? "max(" : "min(") + extreme.column.name + "): one end of the index is the answer";
    const auto equal = most_distinct(access.equal, access, facts, kMostKeys - 1);
    if (!equal.empty()) {
      std::vector<std::string> keys = equal;
      keys.push_back(extreme.column.name);
      proposals.push_back({ascending_keys(keys), equal.size(), equality_on(equal, access) + ", then " + what, true});
    }
    proposals.push_back({ascending_keys({extreme.column.name}), 0, what, true});
  }
  return proposals;
}

}  // namespace assay
