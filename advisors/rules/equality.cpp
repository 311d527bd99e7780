// Columns compared with a value: each alone, the most distinct ones together. An IN list counts as an equality here,
// since nothing behind it needs an order.
#include <algorithm>

#include "advisors/rules/rules.h"

namespace assay {

std::vector<ProposedIndex> equality_rule(const TableAccess& access, const TableFacts& facts) {
  std::vector<std::string> columns = access.equal;
  columns.insert(columns.end(), access.in.begin(), access.in.end());
  const std::size_t all = columns.size();
  columns = most_distinct(std::move(columns), access, facts, all);
  std::vector<ProposedIndex> proposals;
  for (std::size_t width = std::min(columns.size(), kMostKeys); width >= 2; --width) {
    const std::vector<std::string> chosen(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(width));
    proposals.push_back({ascending_keys(chosen), width, equality_on(chosen, access)});
  }
  for (const std::string& column : columns) {
    proposals.push_back({ascending_keys({column}), 1, equality_on({column}, access)});
  }
  return proposals;
}

}  // namespace assay
