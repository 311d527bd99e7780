// A range of a column that grows with the table, such as a log's time: the least and the largest value of each 128
// pages say which to read. A thousandth of a B-tree's size, and hardly any cost to writers.
#include <cmath>

#include "advisors/rules/rules.h"

namespace assay {

std::vector<ProposedIndex> brin_rule(const TableAccess& access, const TableFacts& facts) {
  constexpr double kInOrder = 0.97;              // of correlation; below, ranges of pages overlap too much
  constexpr std::int64_t kManyPages = 16 * 128;  // 16 MB: below, a few page ranges are the whole table
  if (!facts.table() || facts.table()->pages < kManyPages) return {};
  std::vector<ProposedIndex> proposals;
  for (const std::string& column : access.ranges) {
    const ColumnStatistics* known = facts.statistics(column);
    if (!known || !known->correlation || std::fabs(*known->correlation) < kInOrder) continue;
    proposals.push_back({.keys = {{.column = column}},
                         .reason = "range of " + column +
                                   ", in whose order the rows lie: BRIN is tiny, and reads the "
                                   "pages of that range only",
                         .method = "brin"});
  }
  return proposals;
}

}  // namespace assay
