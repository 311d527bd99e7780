#include "advisors/rules/table_access.h"

#include <algorithm>

namespace assay {
namespace {

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

bool stands_in(const QueryBlock& block, int relation) {
  return std::find(block.relations.begin(), block.relations.end(), relation) != block.relations.end();
}

// Within its block a column of an outer block is a constant: the block runs once for each of its values.
void add_join_side(TableAccess& access, const ColumnUse& own, const ColumnUse& other, const QueryBlock& block) {
  const bool outer_value = stands_in(block, own.relation) && !stands_in(block, other.relation) && block.correlated;
  add_once(outer_value ? access.equal : access.joined, own.name);
}

void add_predicate(std::vector<TableAccess>& accesses, const Predicate& predicate, const Statement& statement) {
  if (!predicate.conjunct || predicate.volatile_value) return;
  const auto access_of = [&](const ColumnUse& column) -> TableAccess* {
    return column.relation < 0 ? nullptr : &accesses[static_cast<std::size_t>(column.relation)];
  };
  TableAccess* access = access_of(predicate.column);
  switch (predicate.kind) {
    case PredicateKind::kEqual:
      if (access) add_once(access->equal, predicate.column.name);
      break;
    case PredicateKind::kIsNull:
      if (access) add_once(access->null, predicate.column.name);
      break;
    case PredicateKind::kIn:
      if (access) add_once(access->in, predicate.column.name);
      break;
    case PredicateKind::kRange:
      if (access) add_once(access->ranges, predicate.column.name);
      break;
    case PredicateKind::kJoin: {
      if (predicate.operation != "=") break;
      const QueryBlock& block = statement.blocks[static_cast<std::size_t>(predicate.block)];
      if (access) add_join_side(*access, predicate.column, predicate.other, block);
      if (TableAccess* other = access_of(predicate.other)) {
        add_join_side(*other, predicate.other, predicate.column, block);
      }
      break;
    }
    default:
      break;
  }
}

void add_order(std::vector<TableAccess>& accesses, const QueryBlock& block) {
  if (block.order.empty() || block.order.front().column.relation < 0) return;
  TableAccess& access = accesses[static_cast<std::size_t>(block.order.front().column.relation)];
  for (const OrderItem& item : block.order) {
    if (item.column.relation != access.relation || !item.expression.empty()) break;
    access.order.push_back(item);
  }
  access.limited = block.has_limit;
}

bool asks_for_something(const TableAccess& access) {
  return !access.equal.empty() || !access.null.empty() || !access.joined.empty() || !access.in.empty() ||
         !access.ranges.empty() || !access.order.empty();
}

}  // namespace

std::vector<TableAccess> table_accesses(const Statement& statement) {
  std::vector<TableAccess> accesses(statement.relations.size());
  for (std::size_t i = 0; i < accesses.size(); ++i) accesses[i].relation = static_cast<int>(i);
  for (const Predicate& predicate : statement.predicates) add_predicate(accesses, predicate, statement);
  for (const QueryBlock& block : statement.blocks) {
    // Grouping sorts or hashes its own way: the ORDER BY then applies to groups, not to rows.
    if (block.group.empty() && !block.aggregates) add_order(accesses, block);
  }
  std::erase_if(accesses, [](const TableAccess& access) { return !asks_for_something(access); });
  return accesses;
}

}  // namespace assay
