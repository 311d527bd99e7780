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

SpecialCondition special_condition(const Predicate& predicate) {
  return {.kind = predicate.kind,
          .column = predicate.column.name,
          .expression = predicate.expression,
          .operation = predicate.comparison.empty() ? predicate.operation : predicate.comparison,
          .value = predicate.value};
}

/// What one relation is asked by a predicate that compares with values.
void add_condition(TableAccess& access, const Predicate& predicate) {
  switch (predicate.kind) {
    case PredicateKind::kEqual:
      return add_once(access.equal, predicate.column.name);
    case PredicateKind::kIsNull:
      return add_once(access.null, predicate.column.name);
    case PredicateKind::kIn:
      return add_once(access.in, predicate.column.name);
    case PredicateKind::kRange:
      return add_once(access.ranges, predicate.column.name);
    case PredicateKind::kLikePrefix:
    case PredicateKind::kLikeInfix:
    case PredicateKind::kLikeParameter:
    case PredicateKind::kJson:
    case PredicateKind::kArray:
    case PredicateKind::kFullText:
    case PredicateKind::kFunction:
      return access.special.push_back(special_condition(predicate));
    default:
      return;
  }
}

void add_constant(TableAccess& access, const Predicate& predicate, std::size_t position) {
  const bool tests_null = predicate.kind == PredicateKind::kIsNull || predicate.kind == PredicateKind::kIsNotNull;
  const bool is_constant = predicate.kind == PredicateKind::kEqual && !predicate.value.empty();
  if (!predicate.expression.empty() || (!tests_null && !is_constant)) return;
  access.constants.push_back({predicate.kind, predicate.column.name, predicate.value, position});
}

class Reading {
 public:
  explicit Reading(const Statement& statement) : statement_(statement), accesses_(statement.relations.size()) {
    for (std::size_t i = 0; i < accesses_.size(); ++i) accesses_[i].relation = static_cast<int>(i);
  }

  std::vector<TableAccess> run() {
    for (std::size_t i = 0; i < statement_.predicates.size(); ++i) add_predicate(statement_.predicates[i], i);
    for (std::size_t i = 0; i < statement_.disjunctions.size(); ++i) add_disjunction(static_cast<int>(i));
    for (const QueryBlock& block : statement_.blocks) add_block(block);
    add_columns_read();
    std::erase_if(accesses_, [](const TableAccess& access) {
      return !asks_for_something(access) && (access.reads_all || access.read.empty());
    });
    return std::move(accesses_);
  }

 private:
  TableAccess* access_of(const ColumnUse& column) {
    return column.relation < 0 ? nullptr : &accesses_[static_cast<std::size_t>(column.relation)];
  }

  void add_predicate(const Predicate& predicate, std::size_t position) {
    if (!predicate.conjunct || predicate.volatile_value) return;
    TableAccess* access = access_of(predicate.column);
    if (predicate.kind == PredicateKind::kJoin) return add_join(access, predicate);
    if (access == nullptr) return;
    add_condition(*access, predicate);
    add_constant(*access, predicate, position);
  }

  void add_join(TableAccess* access, const Predicate& predicate) {
    if (predicate.operation != "=") return;
    const QueryBlock& block = statement_.blocks[static_cast<std::size_t>(predicate.block)];
    if (access) add_join_side(*access, predicate.column, predicate.other, block);
    if (TableAccess* other = access_of(predicate.other)) {
      add_join_side(*other, predicate.other, predicate.column, block);
    }
  }

  /// A relation is served by an OR only when each branch narrows it: else the whole table is read anyway.
  void add_disjunction(int number) {
    const auto count = static_cast<std::size_t>(statement_.disjunctions[static_cast<std::size_t>(number)].branches);
    for (TableAccess& access : accesses_) {
      std::vector<TableAccess> branches(count);
      for (TableAccess& branch : branches) branch.relation = access.relation;
      for (const Predicate& predicate : statement_.predicates) {
        const bool belongs = predicate.disjunction == number && predicate.column.relation == access.relation;
        if (belongs && !predicate.volatile_value) {
          add_condition(branches[static_cast<std::size_t>(predicate.branch)], predicate);
        }
      }
      if (std::all_of(branches.begin(), branches.end(), asks_for_something)) {
        access.disjunctions.push_back(std::move(branches));
      }
    }
  }

  // Grouping sorts or hashes its own way: the ORDER BY then applies to groups, not to rows.
  void add_block(const QueryBlock& block) {
    if (block.group.empty() && !block.aggregates) add_order(block);
    add_grouping(block.distinct ? block.distinct_columns : block.group, block.distinct);
    if (block.group.empty() && block.relations.size() == 1) add_extremes(block);
  }

  void add_order(const QueryBlock& block) {
    if (block.order.empty()) return;
    TableAccess* access = access_of(block.order.front().column);
    if (access == nullptr) return;
    for (const OrderItem& item : block.order) {
      if (item.column.relation != access->relation || !item.expression.empty()) break;
      access->order.push_back(item);
    }
    access->limited = block.has_limit;
  }

  void add_grouping(const std::vector<ColumnUse>& columns, bool distinct) {
    if (columns.empty() || columns.front().relation < 0) return;
    TableAccess& access = *access_of(columns.front());
    const bool alike = std::all_of(columns.begin(), columns.end(),
                                   [&](const ColumnUse& column) { return column.relation == access.relation; });
    if (!alike) return;
    for (const ColumnUse& column : columns) add_once(access.grouped, column.name);
    access.distinct = distinct;
  }

  void add_extremes(const QueryBlock& block) {
    for (const Extreme& extreme : block.extremes) access_of(extreme.column)->extremes.push_back(extreme);
  }

  // An index-only scan needs each column in the index; a row to be changed or locked has to be visited.
  void add_columns_read() {
    for (TableAccess& access : accesses_) {
      const RelationUse& relation = statement_.relations[static_cast<std::size_t>(access.relation)];
      access.reads_all = relation.written || relation.all_columns || statement_.locks_rows;
    }
    if (statement_.unresolved_columns > 0) {
      for (TableAccess& access : accesses_) access.reads_all = true;
    }
    for (const ColumnUse& column : statement_.columns_read) {
      if (TableAccess* access = access_of(column)) add_once(access->read, column.name);
    }
  }

  const Statement& statement_;
  std::vector<TableAccess> accesses_;
};

}  // namespace

bool asks_for_something(const TableAccess& access) {
  return !access.equal.empty() || !access.null.empty() || !access.joined.empty() || !access.in.empty() ||
         !access.ranges.empty() || !access.order.empty() || !access.grouped.empty() || !access.extremes.empty() ||
         !access.special.empty() || !access.disjunctions.empty();
}

std::vector<TableAccess> table_accesses(const Statement& statement) { return Reading(statement).run(); }

}  // namespace assay
