// Equality columns, then the ORDER BY: rows come out of the index in the order asked for, so nothing is
// sorted, and a LIMIT stops the scan after that many rows.
#include <algorithm>

#include "advisors/rules/rules.h"

namespace assay {
namespace {

std::string order_text(const std::vector<OrderItem>& order, std::size_t count) {
  std::vector<std::string> items;
  for (std::size_t i = 0; i < count; ++i) items.push_back(order[i].column.name + (order[i].descending ? " DESC" : ""));
  return enumerate(items);
}

// A column fixed by an equality sorts nothing.
std::vector<OrderItem> sorting_items(const TableAccess& access) {
  std::vector<OrderItem> items;
  for (const OrderItem& item : access.order) {
    const bool fixed = std::find(access.equal.begin(), access.equal.end(), item.column.name) != access.equal.end();
    if (!fixed) items.push_back(item);
  }
  return items;
}

ProposedIndex propose(const std::vector<std::string>& equal, const std::vector<OrderItem>& order,
                      const TableAccess& access) {
  ProposedIndex proposal{ascending_keys(equal), equal.size(), {}};
  const std::size_t sorted = std::min(order.size(), kMostKeys - equal.size());
  for (std::size_t i = 0; i < sorted; ++i) {
    proposal.keys.push_back(
        {.column = order[i].column.name, .descending = order[i].descending, .nulls_first = order[i].nulls_first});
  }
  proposal.reason = equality_on(equal, access) + ", then the ORDER BY " + order_text(order, sorted) +
                    (access.limited ? ": read in order until the LIMIT" : ": nothing to sort");
  proposal.stops_at_limit = access.limited;
  return proposal;
}

}  // namespace

std::vector<ProposedIndex> equality_then_sort_rule(const TableAccess& access, const TableFacts& facts) {
  const std::vector<OrderItem> order = sorting_items(access);
  if (access.equal.empty() || order.empty()) return {};
  std::vector<ProposedIndex> proposals;
  const auto equal = most_distinct(access.equal, access, facts, kMostKeys - 1);
  if (equal.size() > 1) proposals.push_back(propose(equal, order, access));
  for (const std::string& column : access.equal) proposals.push_back(propose({column}, order, access));
  return proposals;
}

}  // namespace assay
