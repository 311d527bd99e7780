// Equality columns, then one range: the matching entries lie next to each other in the index. A second range
// could only filter what the first one reads, so each range is proposed by itself.
#include <algorithm>

#include "advisors/rules/rules.h"

namespace assay {

std::vector<ProposedIndex> equality_then_range_rule(const TableAccess& access, const TableFacts& facts) {
  std::vector<ProposedIndex> proposals;
  std::vector<std::string> fixed = access.equal;
  fixed.insert(fixed.end(), access.in.begin(), access.in.end());
  for (const std::string& range : access.ranges) {
    for (std::size_t width = std::min(fixed.size(), kMostKeys - 1); width >= 1; --width) {
      std::vector<std::string> columns = most_distinct(fixed, access, facts, width);
      const std::string reason = equality_on(columns, access) + ", then the range of " + range;
      columns.push_back(range);
      proposals.push_back({ascending_keys(columns), width, reason});
    }
    proposals.push_back({ascending_keys({range}), 0, "range of " + range});
  }
  return proposals;
}

}  // namespace assay
