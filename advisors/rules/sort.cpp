// ORDER BY with a LIMIT and nothing that narrows: the first rows in order, straight from the index. Without a
// LIMIT, reading a whole table through an index is dearer than sorting it, so nothing is proposed.
#include <algorithm>

#include "advisors/rules/rules.h"

namespace assay {

std::vector<ProposedIndex> sort_rule(const TableAccess& access, const TableFacts&) {
  if (!access.limited) return {};
  ProposedIndex proposal;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(access.order.size(), kMostKeys); ++i) {
    const OrderItem& item = access.order[i];
    proposal.keys.push_back(
        {.column = item.column.name, .descending = item.descending, .nulls_first = item.nulls_first});
    names.push_back(item.column.name + (item.descending ? " DESC" : ""));
  }
  proposal.reason = "the ORDER BY " + enumerate(names) + ": read in order until the LIMIT";
  proposal.stops_at_limit = true;
  return {proposal};
}

}  // namespace assay
