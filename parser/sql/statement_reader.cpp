#include "parser/sql/statement_reader.h"

#include <algorithm>

#include "parser/sql/value_kinds.h"

namespace assay {
namespace {

using SelectList = std::vector<const PgQuery__SelectStmt*>;

/// Does a set operation need a level of its own, or is it a part of the chain around it (a UNION b UNION c)?
bool is_chained(const PgQuery__SelectStmt& select) {
  return select.op != PG_QUERY__SET_OPERATION__SETOP_NONE && select.n_sort_clause == 0 &&
         select.limit_count == nullptr && select.limit_offset == nullptr && select.with_clause == nullptr &&
         select.n_locking_clause == 0;
}

/// The queries that a set operation combines, from the left.
SelectList members(const PgQuery__SelectStmt& select) {
  SelectList waiting = {select.rarg, select.larg};
  SelectList result;
  while (!waiting.empty()) {
    const PgQuery__SelectStmt* next = waiting.back();
    waiting.pop_back();
    if (is_chained(*next)) {
      waiting.insert(waiting.end(), {next->rarg, next->larg});
    } else {
      result.push_back(next);
    }
  }
  return result;
}

bool limits(const Node* count) { return count != nullptr && !is_null_constant(count); }  // LIMIT ALL, LIMIT NULL

/// ORDER BY NULL, GROUP BY $1: nothing to order or group by. An integer is a position in the select list.
bool is_constant(const Node* node) {
  const PgQuery__AConst* constant = as_constant(node);
  if (constant != nullptr && constant->val_case == PG_QUERY__A__CONST__VAL_IVAL) return false;
  while (const PgQuery__TypeCast* cast = as_cast(node)) node = cast->arg;
  return as_constant(node) != nullptr || node->node_case == PG_QUERY__NODE__NODE_PARAM_REF;
}

bool is_distinct_on(const PgQuery__SelectStmt& select) {
  return select.n_distinct_clause > 0 && content(*select.distinct_clause[0]) != nullptr;
}

/// How far conditions from outside get into a query: allpaths.c, subquery_is_pushdown_safe; prepjointree.c,
/// is_simple_subquery. A condition on a column of an aggregating query is one on a GROUP BY column, and may pass.
/// Left out: PARTITION BY columns of window functions and members of UNION ALL, which may pass too.
Reach reach_into(const PgQuery__SelectStmt& select, const QueryBlock& block, bool has_windows) {
  const bool grouping_sets =
      std::any_of(select.group_clause, select.group_clause + select.n_group_clause,
                  [](const Node* item) { return item->node_case == PG_QUERY__NODE__NODE_GROUPING_SET; });
  if (has_windows || block.has_limit || block.has_offset || is_distinct_on(select) || grouping_sets)
    return Reach::kNone;
  const bool stays_apart = select.n_group_clause > 0 || select.having_clause != nullptr || block.aggregates ||
                           block.distinct || select.n_sort_clause > 0 || select.with_clause != nullptr ||
                           select.n_locking_clause > 0;
  return stays_apart ? Reach::kValues : Reach::kAll;
}

}  // namespace

void StatementReader::read(const Node& statement) { any_statement(&statement, nullptr, Purpose::kRows); }

Columns StatementReader::any_statement(const Node* statement, const Scope* parent, Purpose purpose) {
  switch (statement == nullptr ? PG_QUERY__NODE__NODE__NOT_SET : statement->node_case) {
    case PG_QUERY__NODE__NODE_SELECT_STMT:
      return select(*statement->select_stmt, parent, purpose);
    case PG_QUERY__NODE__NODE_INSERT_STMT:
      return insert(*statement->insert_stmt, parent);
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
      return update(*statement->update_stmt, parent);
    case PG_QUERY__NODE__NODE_DELETE_STMT:
      return delete_from(*statement->delete_stmt, parent);
    case PG_QUERY__NODE__NODE_MERGE_STMT:
      return merge(*statement->merge_stmt, parent);
    default:
      return {};
  }
}

/// Copies of copies grow fast (SELECT * FROM x a, x b, over and over), and each column takes about 100 bytes.
bool StatementReader::may_copy(const Columns& columns) const {
  constexpr std::size_t kStepsPerColumn = 50;
  return resolver_.charge(kStepsPerColumn * columns.size());
}

Scope StatementReader::open_block(const Scope* parent) {
  Scope scope;
  scope.parent = parent;
  scope.block = static_cast<int>(statement_.blocks.size());
  scope.depth = parent == nullptr ? 0 : parent->depth + 1;
  statement_.blocks.emplace_back().parent = parent == nullptr ? -1 : parent->block;
  return scope;
}

Columns StatementReader::select(const PgQuery__SelectStmt& select, const Scope* parent, Purpose purpose) {
  Scope scope = open_block(parent);
  const std::size_t outer_ctes = ctes_.size();
  with(select.with_clause, scope);
  block_of(scope).distinct = select.n_distinct_clause > 0;
  block_of(scope).has_limit = limits(select.limit_count);
  block_of(scope).has_offset = limits(select.limit_offset);
  const auto* parameter = as<PgQuery__ParamRef>(select.limit_offset, pg_query__param_ref__descriptor);
  block_of(scope).offset =
      parameter != nullptr ? "$" + std::to_string(parameter->number) : constant_text(select.limit_offset).value_or("");
  statement_.locks_rows = statement_.locks_rows || select.n_locking_clause > 0;
  const bool is_set = select.op != PG_QUERY__SET_OPERATION__SETOP_NONE;
  Columns columns = is_set ? set_operation(select, scope) : simple_select(select, scope, purpose);
  expression(select.limit_count, scope);
  expression(select.limit_offset, scope);
  ctes_.resize(outer_ctes);
  return columns;
}

Columns StatementReader::simple_select(const PgQuery__SelectStmt& select, Scope& scope, Purpose purpose) {
  if (select.n_values_lists > 0) return values(select, scope);
  from_list(select.n_from_clause, select.from_clause, scope);
  conditions(select.where_clause, {scope});
  if (select.n_distinct_clause > 0 && purpose == Purpose::kTable) purpose = Purpose::kRows;
  Columns columns = target_list(select.n_target_list, select.target_list, scope, purpose);
  group_by(select, scope);
  conditions(select.having_clause, {scope});
  expressions(select.n_window_clause, select.window_clause, scope);
  distinct(select, scope);
  order_by(select, scope);
  columns.limit(reach_into(select, block_of(scope), scope.windows));
  return columns;
}

Columns StatementReader::values(const PgQuery__SelectStmt& select, Scope& scope) {
  Columns columns;
  const PgQuery__List* first = as_list(select.values_lists[0]);
  for (std::size_t i = 0; first != nullptr && i < first->n_items; ++i) {
    const std::string name = "column" + std::to_string(i + 1);
    columns.named.push_back({name, {{-1, name}, Reach::kNone}});
  }
  expressions(select.n_values_lists, select.values_lists, scope);
  order_of_set(select, columns, scope);
  return columns;
}

/// The order belongs to the result; the members are blocks below. Columns are named and traced by the first member,
/// but nothing is pushed into it, which would not do for the others.
Columns StatementReader::set_operation(const PgQuery__SelectStmt& select, Scope& scope) {
  Columns columns;
  bool is_first = true;
  for (const PgQuery__SelectStmt* member : members(select)) {
    Columns offered = this->select(*member, &scope, Purpose::kRows);
    if (!is_first) continue;
    is_first = false;
    columns = std::move(offered);
    columns.limit(Reach::kNone);
    resolver_.charge(ctes_.size());
    for (Cte& cte : ctes_) {  // the other members of a recursive CTE's body see what the first one offers
      if (cte.open && as_select(cte.node->ctequery) == &select)
        cte.columns = renamed(columns, cte.node->n_aliascolnames, cte.node->aliascolnames);
    }
  }
  order_of_set(select, columns, scope);
  return columns;
}

Columns StatementReader::insert(const PgQuery__InsertStmt& insert, const Scope* parent) {
  Scope scope = open_block(parent);
  const std::size_t outer_ctes = ctes_.size();
  with(insert.with_clause, scope);
  const int target = relation(*insert.relation, true, nullptr);
  for (std::size_t i = 0; i < insert.n_cols; ++i) written(target, as_target(insert.cols[i])->name);
  any_statement(insert.select_stmt, &scope, Purpose::kRows);
  push_item(relation_item(target), insert.relation->alias, scope);
  if (insert.on_conflict_clause != nullptr) on_conflict(*insert.on_conflict_clause, target, scope);
  Columns columns = target_list(insert.n_returning_list, insert.returning_list, scope, Purpose::kRows);
  ctes_.resize(outer_ctes);
  columns.limit(Reach::kNone);
  return columns;
}

/// The row that is in the way is found through a unique index, so what is asked of it here narrows nothing.
void StatementReader::on_conflict(const PgQuery__OnConflictClause& clause, int target, Scope& scope) {
  statement_.on_conflict = true;
  if (clause.infer != nullptr) {
    for (std::size_t i = 0; i < clause.infer->n_index_elems; ++i) {
      const PgQuery__IndexElem& element = *clause.infer->index_elems[i]->index_elem;
      if (*element.name != '\0') read_source({{target, element.name}});
      expression(element.expr, scope);
    }
    expression(clause.infer->where_clause, scope);
  }
  FromItem excluded{.name = "excluded", .schema = {}, .columns = {}, .aliased = true, .qualified_only = true};
  excluded.columns.more = true;
  scope.items.push_back(std::move(excluded));
  assignments(clause.n_target_list, clause.target_list, target, scope);
  expression(clause.where_clause, scope);
  scope.items.pop_back();
}

Columns StatementReader::update(const PgQuery__UpdateStmt& update, const Scope* parent) {
  Scope scope = open_block(parent);
  const std::size_t outer_ctes = ctes_.size();
  with(update.with_clause, scope);
  const int target = this->target(*update.relation, scope);
  from_list(update.n_from_clause, update.from_clause, scope);
  conditions(update.where_clause, {scope});
  assignments(update.n_target_list, update.target_list, target, scope);
  Columns columns = target_list(update.n_returning_list, update.returning_list, scope, Purpose::kRows);
  ctes_.resize(outer_ctes);
  columns.limit(Reach::kNone);
  return columns;
}

Columns StatementReader::delete_from(const PgQuery__DeleteStmt& remove, const Scope* parent) {
  Scope scope = open_block(parent);
  const std::size_t outer_ctes = ctes_.size();
  with(remove.with_clause, scope);
  target(*remove.relation, scope);
  from_list(remove.n_using_clause, remove.using_clause, scope);
  conditions(remove.where_clause, {scope});
  Columns columns = target_list(remove.n_returning_list, remove.returning_list, scope, Purpose::kRows);
  ctes_.resize(outer_ctes);
  columns.limit(Reach::kNone);
  return columns;
}

Columns StatementReader::merge(const PgQuery__MergeStmt& merge, const Scope* parent) {
  Scope scope = open_block(parent);
  const std::size_t outer_ctes = ctes_.size();
  with(merge.with_clause, scope);
  const int target = this->target(*merge.relation, scope);
  from_item(merge.source_relation, scope);
  conditions(merge.join_condition, {scope});
  for (std::size_t i = 0; i < merge.n_merge_when_clauses; ++i) {
    merge_when(*merge.merge_when_clauses[i]->merge_when_clause, target, scope);
  }
  ctes_.resize(outer_ctes);
  return {};
}

void StatementReader::merge_when(const PgQuery__MergeWhenClause& clause, int target, Scope& scope) {
  expression(clause.condition, scope);
  assignments(clause.n_target_list, clause.target_list, target, scope);
  expressions(clause.n_values, clause.values, scope);
}

// Lists -----------------------------------------------------------------------------------------

Columns StatementReader::target_list(std::size_t count, Node* const* targets, Scope& scope, Purpose purpose) {
  Columns columns;
  for (std::size_t i = 0; i < count; ++i) {
    const PgQuery__ResTarget& target = *as_target(targets[i]);
    const PgQuery__ColumnRef* reference = as_column(target.val);
    if (reference != nullptr && column_name(target.val).empty()) {
      columns.add(star(*reference, scope, purpose));
      continue;
    }
    const std::string name = *target.name != '\0' ? std::string(target.name) : column_name(target.val);
    const Operand value = operand(target.val, scope);
    const bool is_column = value.plain && !value.local.empty();
    columns.named.push_back({name, is_column ? value.local.front() : Source{{-1, name}, Reach::kNone}});
  }
  return columns;
}

/// What `*` or `name.*` offers. Its columns are read here, or only where an outer query picks some of them.
Columns StatementReader::star(const PgQuery__ColumnRef& reference, const Scope& scope, Purpose purpose) {
  Columns columns;
  if (reference.n_fields > 1) {
    const std::vector<std::string> path = path_of(reference);
    const Scope* at = &scope;
    while (at != nullptr && resolver_.find_item(path, *at) == nullptr) at = at->parent;
    const FromItem* item = at == nullptr ? nullptr : resolver_.find_item(path, *at);
    if (item != nullptr && may_copy(item->columns)) columns = item->columns;
  } else {
    for (const FromItem& item : scope.items) {
      if (!item.qualified_only && may_copy(item.columns)) columns.add(item.columns);
    }
  }
  if (purpose == Purpose::kRows) all_columns(columns);
  return columns;
}

void StatementReader::written(int relation, const std::string& column) {
  if (columns_written_.emplace(relation, column).second) statement_.columns_written.push_back({relation, column});
}

/// SET a = …, and MERGE's INSERT (a, …), whose names stand without values.
void StatementReader::assignments(std::size_t count, Node* const* targets, int relation, Scope& scope) {
  for (std::size_t i = 0; i < count; ++i) {
    const PgQuery__ResTarget& target = *as_target(targets[i]);
    written(relation, target.name);
    expressions(target.n_indirection, target.indirection, scope);
    const auto* part = as<PgQuery__MultiAssignRef>(target.val, pg_query__multi_assign_ref__descriptor);
    if (part == nullptr) {
      expression(target.val, scope);
    } else if (part->colno == 1) {  // (a, b) = (…) repeats its right side for each column
      expression(part->source, scope);
    }
  }
}

/// The expression of the select list that an item of ORDER BY or GROUP BY means: `2`, or a name that is an alias. ORDER
/// BY prefers the alias, GROUP BY the input column (parse_clause.c, findTargetlistEntrySQL92). Otherwise the item
/// itself.
Node* StatementReader::referenced_target(Node* node, const PgQuery__SelectStmt& select, const Scope& scope,
                                         bool prefers_input) {
  if (!resolver_.charge(select.n_target_list)) return node;
  const PgQuery__AConst* constant = as_constant(node);
  if (constant != nullptr && constant->val_case == PG_QUERY__A__CONST__VAL_IVAL) {
    const auto position = static_cast<std::size_t>(constant->ival->ival);
    if (position == 0 || position > select.n_target_list) return node;
    const auto is_star = [](const Node* item) { return column_name(as_target(item)->val).empty(); };
    if (std::any_of(select.target_list, select.target_list + position, is_star)) return node;
    return as_target(select.target_list[position - 1])->val;
  }
  const PgQuery__ColumnRef* column = as_column(node);
  if (column == nullptr || column->n_fields != 1) return node;
  const std::string name = column_name(node);
  for (std::size_t i = 0; i < select.n_target_list; ++i) {
    const PgQuery__ResTarget& target = *as_target(select.target_list[i]);
    if (name != target.name) continue;
    if (prefers_input && resolver_.is_input_column(name, scope)) return node;
    return target.val;
  }
  return node;
}

void StatementReader::group_by(const PgQuery__SelectStmt& select, Scope& scope) {
  for (std::size_t i = 0; i < select.n_group_clause; ++i) grouping(select.group_clause[i], select, scope);
}

void StatementReader::grouping(Node* item, const PgQuery__SelectStmt& select, Scope& scope) {
  if (const auto* set = as<PgQuery__GroupingSet>(item, pg_query__grouping_set__descriptor)) {
    for (std::size_t i = 0; i < set->n_content; ++i) grouping(set->content[i], select, scope);
    return;
  }
  if (const PgQuery__RowExpr* row = as_row(item)) {
    for (std::size_t i = 0; i < row->n_args; ++i) grouping(row->args[i], select, scope);
    return;
  }
  Node* node = referenced_target(item, select, scope, true);
  if (is_constant(node)) return;
  if (node == item) expression(node, scope);  // else read with the select list
  const std::optional<ColumnUse> column = base_column(node, scope);
  block_of(scope).group.push_back(column ? *column : ColumnUse{-1, expression_text(*node, scope)});
}

/// DISTINCT ON (…) follows ORDER BY's rules for names.
void StatementReader::distinct(const PgQuery__SelectStmt& select, Scope& scope) {
  if (select.n_distinct_clause == 0) return;
  std::vector<Node*> items;
  if (is_distinct_on(select)) {
    for (std::size_t i = 0; i < select.n_distinct_clause; ++i) {
      Node* item = select.distinct_clause[i];
      items.push_back(referenced_target(item, select, scope, false));
      if (items.back() == item) expression(item, scope);
    }
  } else {
    for (std::size_t i = 0; i < select.n_target_list; ++i) items.push_back(as_target(select.target_list[i])->val);
  }
  std::vector<ColumnUse> columns;
  for (const Node* item : items) {
    const std::optional<ColumnUse> column = base_column(item, scope);
    if (!column) return;  // an expression, or t.*
    columns.push_back(*column);
  }
  block_of(scope).distinct_columns = std::move(columns);
}

namespace {

OrderItem order_direction(const PgQuery__SortBy& sort) {
  OrderItem item;
  const bool by_operator = sort.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_USING;
  item.descending = sort.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC ||
                    (by_operator && last_name(sort.n_use_op, sort.use_op).starts_with('>'));
  const bool stated = sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST ||
                      sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST;
  item.nulls_first = stated ? sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST : item.descending;
  return item;
}

}  // namespace

void StatementReader::order_by(const PgQuery__SelectStmt& select, Scope& scope) {
  for (std::size_t i = 0; i < select.n_sort_clause; ++i) {
    const PgQuery__SortBy& sort = *select.sort_clause[i]->sort_by;
    Node* node = referenced_target(sort.node, select, scope, false);
    if (is_constant(node)) continue;
    if (node == sort.node) expression(node, scope);
    OrderItem item = order_direction(sort);
    const std::optional<ColumnUse> column = base_column(node, scope);
    if (column) {
      item.column = *column;
    } else {
      item.expression = expression_text(*node, scope);
    }
    block_of(scope).order.push_back(std::move(item));
  }
}

/// Of a set operation or VALUES only output columns can be ordered by, and no index has those.
void StatementReader::order_of_set(const PgQuery__SelectStmt& select, const Columns& columns, Scope& scope) {
  for (std::size_t i = 0; i < select.n_sort_clause; ++i) {
    const PgQuery__SortBy& sort = *select.sort_clause[i]->sort_by;
    OrderItem item = order_direction(sort);
    item.expression = column_name(sort.node);
    const PgQuery__AConst* constant = as_constant(sort.node);
    if (constant != nullptr && constant->val_case == PG_QUERY__A__CONST__VAL_IVAL) {
      const auto position = static_cast<std::size_t>(constant->ival->ival);
      const bool exists = columns.open.empty() && position > 0 && position <= columns.named.size();
      item.expression = exists ? columns.named[position - 1].name : std::to_string(constant->ival->ival);
    }
    block_of(scope).order.push_back(std::move(item));
  }
}

/// The column of this level that `node` is, when an index of its relation can give its order.
std::optional<ColumnUse> StatementReader::base_column(const Node* node, const Scope& scope) const {
  const PgQuery__ColumnRef* reference = as_column(node);
  if (reference == nullptr) return std::nullopt;
  const Resolution resolution = resolver_.resolve(path_of(*reference), scope);
  const bool is_column = resolution.owner == &scope && resolution.source.column.relation >= 0;
  if (!is_column || resolution.source.reach != Reach::kAll) return std::nullopt;
  return resolution.source.column;
}

/// SQL of an expression in the words of the base relations.
std::string StatementReader::expression_text(Node& node, const Scope& scope) const {
  const auto rename = [&](const PgQuery__ColumnRef& reference) {
    std::vector<std::string> path = path_of(reference);
    const Resolution resolution = resolver_.resolve(path, scope);
    return resolution.source.column.relation < 0 ? path.back() : resolution.source.column.name;
  };
  std::string text = resolver_.exhausted() ? std::string() : expression_sql(node, rename).value_or("");
  resolver_.charge(text.size());  // `ORDER BY x, x, x …` can repeat a long one
  return text;
}

}  // namespace assay
