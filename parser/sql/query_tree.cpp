#include "parser/sql/query_tree.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "parser/sql/syntax_tree.h"
#include "parser/sql/type_name.h"
#include "parser/sql/value_kinds.h"

namespace assay {
namespace {

using Kind = ExpressionKind;

Expression read(const Node* node);
QueryTree read_select(const PgQuery__SelectStmt& select);
QueryTree read_statement(const Node& node);

Expression made(Kind kind, std::string name = {}, std::vector<Expression> arguments = {}) {
  Expression expression;
  expression.kind = kind;
  expression.name = std::move(name);
  expression.arguments = std::move(arguments);
  return expression;
}

std::vector<Expression> read_all(std::size_t count, Node* const* nodes) {
  std::vector<Expression> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(read(nodes[i]));
  return all;
}

std::shared_ptr<const QueryTree> subquery(const Node* node) {
  if (node == nullptr) return nullptr;
  return std::make_shared<const QueryTree>(read_statement(*node));
}

Expression read_column(const PgQuery__ColumnRef& reference) {
  const std::vector<std::string> path = path_of(reference);
  Expression column = made(path.empty() || path.back().empty() ? Kind::kStar : Kind::kColumn);
  if (!path.empty()) column.name = path.back();
  if (path.size() > 1) column.qualifier = path[path.size() - 2];
  return column;
}

Expression read_constant(const Node* node) {
  Expression constant = made(Kind::kConstant);
  const auto text = constant_text(node);
  constant.is_null = !text;
  constant.name = text.value_or("");
  switch (as_constant(node)->val_case) {
    case PG_QUERY__A__CONST__VAL_IVAL:
      constant.type = "integer";
      break;
    case PG_QUERY__A__CONST__VAL_FVAL:  // an integer too large for four bytes, too
      constant.type = constant.name.find_first_of(".eE") == std::string::npos ? "bigint" : "numeric";
      break;
    case PG_QUERY__A__CONST__VAL_BOOLVAL:
      constant.type = "boolean";
      break;
    default:
      break;
  }
  return constant;
}

Expression negate(Expression expression) { return made(Kind::kNot, {}, {std::move(expression)}); }

Expression comparison(const std::string& name, Expression left, Expression right) {
  return made(Kind::kOperator, name, {std::move(left), std::move(right)});
}

/// Some forms write an operand out several times. One that is large stays untold, so that nesting them cannot make a
/// tree much larger than its text.
Expression repeatable(Expression operand) {
  constexpr std::size_t kLargest = 64;
  std::size_t left = kLargest;
  const std::function<bool(const Expression&)> fits = [&](const Expression& expression) {
    return expression.query == nullptr && left-- > 0 &&
           std::all_of(expression.arguments.begin(), expression.arguments.end(), fits);
  };
  return fits(operand) ? std::move(operand) : made(Kind::kOpaque, "a large expression in BETWEEN or CASE");
}

Expression read_between(const PgQuery__AExpr& operation, bool negated) {
  const PgQuery__List* bounds = as_list(operation.rexpr);
  if (bounds == nullptr || bounds->n_items != 2) return made(Kind::kOpaque, "BETWEEN");
  const Expression side = repeatable(read(operation.lexpr));
  if (negated) {
    return made(Kind::kOr, {},
                {comparison("<", side, read(bounds->items[0])), comparison(">", side, read(bounds->items[1]))});
  }
  return made(Kind::kAnd, {},
              {comparison(">=", side, read(bounds->items[0])), comparison("<=", side, read(bounds->items[1]))});
}

Expression read_in(const PgQuery__AExpr& operation) {
  const bool negated = operator_of(operation) == "<>";
  const PgQuery__List* list = as_list(operation.rexpr);
  if (list == nullptr) return made(Kind::kOpaque, "IN");
  const std::string name = negated ? "<>" : "=";
  if (list->n_items == 1) return comparison(name, read(operation.lexpr), read(list->items[0]));
  Expression in = made(negated ? Kind::kAllOf : Kind::kAnyOf, name, {read(operation.lexpr)});
  for (std::size_t i = 0; i < list->n_items; ++i) in.arguments.push_back(read(list->items[i]));
  return in;
}

Expression read_array_comparison(const PgQuery__AExpr& operation, Kind kind) {
  Expression of = made(kind, operator_of(operation), {read(operation.lexpr)});
  Expression array = read(operation.rexpr);
  if (array.kind == Kind::kArray) {
    for (Expression& element : array.arguments) of.arguments.push_back(std::move(element));
  } else {
    of.is_array = true;
    of.arguments.push_back(std::move(array));
  }
  return of;
}

Expression read_operation(const PgQuery__AExpr& operation) {
  const std::string name = operator_of(operation);
  switch (operation.kind) {
    case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
      return read_in(operation);
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
      return read_array_comparison(operation, Kind::kAnyOf);
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL:
      return read_array_comparison(operation, Kind::kAllOf);
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
      return read_between(operation, false);
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
      return read_between(operation, true);
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP:
    case PG_QUERY__A__EXPR__KIND__AEXPR_LIKE:
    case PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE: {
      Expression made_of = made(Kind::kOperator, name);
      if (operation.lexpr != nullptr) made_of.arguments.push_back(read(operation.lexpr));
      made_of.arguments.push_back(read(operation.rexpr));
      return made_of;
    }
    case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT: {
      Expression distinct = comparison("=", read(operation.lexpr), read(operation.rexpr));
      distinct.distinct = true;
      return operation.kind == PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT ? negate(std::move(distinct)) : distinct;
    }
    case PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF:
      return made(Kind::kFunction, "nullif", {read(operation.lexpr), read(operation.rexpr)});
    default:
      return made(Kind::kOpaque, name);
  }
}

Expression read_function(const PgQuery__FuncCall& call) {
  std::string name = function_name(call);
  if (name.starts_with("pg_catalog.")) name.erase(0, 11);
  const Kind kind = call.over != nullptr ? Kind::kWindow : is_aggregate(call) ? Kind::kAggregate : Kind::kFunction;
  Expression function = made(kind, std::move(name), read_all(call.n_args, call.args));
  function.distinct = call.agg_distinct != 0;
  if (call.agg_filter != nullptr) function.arguments.push_back(read(call.agg_filter));
  for (std::size_t i = 0; i < call.n_agg_order; ++i) {
    const auto* by = as<PgQuery__SortBy>(call.agg_order[i], pg_query__sort_by__descriptor);
    if (by != nullptr) function.arguments.push_back(read(by->node));
  }
  return function;
}

Expression read_boolean(const PgQuery__BoolExpr& boolean) {
  const Kind kind = boolean.boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR  ? Kind::kAnd
                    : boolean.boolop == PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR ? Kind::kOr
                                                                          : Kind::kNot;
  Expression expression = made(kind);
  for (std::size_t i = 0; i < boolean.n_args; ++i) {
    Expression argument = read(boolean.args[i]);
    if (kind == Kind::kNot || argument.kind != kind) {
      expression.arguments.push_back(std::move(argument));
    } else {  // flat, as prepqual.c has it
      std::move(argument.arguments.begin(), argument.arguments.end(), std::back_inserter(expression.arguments));
    }
  }
  return expression;
}

Expression read_boolean_test(const PgQuery__BooleanTest& test) {
  Expression expression = made(Kind::kBooleanTest, {}, {read(test.arg)});
  const auto is = [&](PgQuery__BoolTestType one, PgQuery__BoolTestType negated, const char* name) {
    if (test.booltesttype != one && test.booltesttype != negated) return;
    expression.name = name;
    expression.negated = test.booltesttype == negated;
  };
  is(PG_QUERY__BOOL_TEST_TYPE__IS_TRUE, PG_QUERY__BOOL_TEST_TYPE__IS_NOT_TRUE, "TRUE");
  is(PG_QUERY__BOOL_TEST_TYPE__IS_FALSE, PG_QUERY__BOOL_TEST_TYPE__IS_NOT_FALSE, "FALSE");
  is(PG_QUERY__BOOL_TEST_TYPE__IS_UNKNOWN, PG_QUERY__BOOL_TEST_TYPE__IS_NOT_UNKNOWN, "UNKNOWN");
  return expression;
}

Expression read_sublink(const PgQuery__SubLink& link) {
  Expression expression = made(Kind::kOpaque, "a subquery of this kind");
  expression.query = subquery(link.subselect);
  const std::string name = link.n_oper_name == 0 ? "=" : last_name(link.n_oper_name, link.oper_name);
  switch (link.sub_link_type) {
    case PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK:
      expression.kind = Kind::kExists;
      break;
    case PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK:
    case PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK:
      expression.kind = Kind::kScalarQuery;
      break;
    case PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK:
      expression.kind = Kind::kInQuery;
      expression.arguments.push_back(read(link.testexpr));
      break;
    default:
      break;
  }
  if (expression.kind != Kind::kOpaque) expression.name = name;
  return expression;
}

Expression read_case(const PgQuery__CaseExpr& choice) {
  Expression expression = made(Kind::kChoice, "case");
  const std::optional<Expression> compared =
      choice.arg == nullptr ? std::nullopt : std::optional(repeatable(read(choice.arg)));
  for (std::size_t i = 0; i < choice.n_args; ++i) {
    const auto* when = as<PgQuery__CaseWhen>(choice.args[i], pg_query__case_when__descriptor);
    if (when == nullptr) continue;
    Expression condition = read(when->expr);
    if (compared) condition = comparison("=", *compared, std::move(condition));
    expression.arguments.push_back(std::move(condition));
    expression.arguments.push_back(read(when->result));
  }
  if (choice.defresult != nullptr) expression.arguments.push_back(read(choice.defresult));
  return expression;
}

Expression read_cast(const PgQuery__TypeCast& cast) {
  Expression expression = made(Kind::kCast, {}, {read(cast.arg)});
  if (cast.type_name != nullptr) expression.type = type_text(*cast.type_name);
  return expression;
}

Expression read_null_test(const PgQuery__NullTest& test) {
  Expression expression = made(Kind::kNullTest, {}, {read(test.arg)});
  expression.negated = test.nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NOT_NULL;
  return expression;
}

Expression read_parameter(const PgQuery__ParamRef& reference) {
  Expression expression = made(Kind::kParameter);
  expression.number = reference.number;
  return expression;
}

Expression read(const Node* node) {
  if (node == nullptr) return made(Kind::kOpaque, "nothing");
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_COLUMN_REF:
      return read_column(*node->column_ref);
    case PG_QUERY__NODE__NODE_A_CONST:
      return read_constant(node);
    case PG_QUERY__NODE__NODE_PARAM_REF:
      return read_parameter(*node->param_ref);
    case PG_QUERY__NODE__NODE_A_EXPR:
      return read_operation(*node->a_expr);
    case PG_QUERY__NODE__NODE_BOOL_EXPR:
      return read_boolean(*node->bool_expr);
    case PG_QUERY__NODE__NODE_NULL_TEST:
      return read_null_test(*node->null_test);
    case PG_QUERY__NODE__NODE_BOOLEAN_TEST:
      return read_boolean_test(*node->boolean_test);
    case PG_QUERY__NODE__NODE_FUNC_CALL:
      return read_function(*node->func_call);
    case PG_QUERY__NODE__NODE_TYPE_CAST:
      return read_cast(*node->type_cast);
    case PG_QUERY__NODE__NODE_CASE_EXPR:
      return read_case(*node->case_expr);
    case PG_QUERY__NODE__NODE_COALESCE_EXPR:
      return made(Kind::kChoice, "coalesce", read_all(node->coalesce_expr->n_args, node->coalesce_expr->args));
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
      return made(Kind::kFunction, node->min_max_expr->op == PG_QUERY__MIN_MAX_OP__IS_GREATEST ? "greatest" : "least",
                  read_all(node->min_max_expr->n_args, node->min_max_expr->args));
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
      return made(Kind::kValueFunction, std::string(value_function_name(node->sqlvalue_function->op)));
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
      return made(Kind::kArray, {}, read_all(node->a_array_expr->n_elements, node->a_array_expr->elements));
    case PG_QUERY__NODE__NODE_ROW_EXPR:
      return made(Kind::kRow, {}, read_all(node->row_expr->n_args, node->row_expr->args));
    case PG_QUERY__NODE__NODE_COLLATE_CLAUSE:
      return read(node->collate_clause->arg);
    case PG_QUERY__NODE__NODE_SUB_LINK:
      return read_sublink(*node->sub_link);
    default:
      return made(Kind::kOpaque, "an expression of another kind");
  }
}

// FROM ------------------------------------------------------------------------------------------

std::vector<std::string> names(std::size_t count, Node* const* nodes) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(string_of(nodes[i]));
  return all;
}

FromNode relation(const PgQuery__RangeVar& variable) {
  FromNode node;
  node.kind = FromNode::Kind::kRelation;
  node.schema = variable.schemaname;
  node.name = variable.relname;
  if (variable.alias != nullptr) {
    node.alias = variable.alias->aliasname;
    node.column_aliases = names(variable.alias->n_colnames, variable.alias->colnames);
  }
  return node;
}

FromNode read_from(const Node* node);

FromNode read_join(const PgQuery__JoinExpr& join) {
  FromNode node;
  node.kind = FromNode::Kind::kJoin;
  node.sides = {read_from(join.larg), read_from(join.rarg)};
  switch (join.jointype) {
    case PG_QUERY__JOIN_TYPE__JOIN_LEFT:
      node.join = JoinKind::kLeft;
      break;
    case PG_QUERY__JOIN_TYPE__JOIN_RIGHT:
      node.join = JoinKind::kRight;
      break;
    case PG_QUERY__JOIN_TYPE__JOIN_FULL:
      node.join = JoinKind::kFull;
      break;
    default:
      break;
  }
  if (join.quals != nullptr) node.on = read(join.quals);
  node.using_columns = names(join.n_using_clause, join.using_clause);
  node.natural = join.is_natural != 0;
  if (join.alias != nullptr) node.kind = FromNode::Kind::kOpaque;
  return node;
}

FromNode read_from(const Node* node) {
  FromNode from;
  if (node == nullptr) return from;
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_RANGE_VAR:
      return relation(*node->range_var);
    case PG_QUERY__NODE__NODE_JOIN_EXPR:
      return read_join(*node->join_expr);
    case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
      from.kind = FromNode::Kind::kSubquery;
      from.lateral = node->range_subselect->lateral != 0;
      from.query = subquery(node->range_subselect->subquery);
      if (node->range_subselect->alias != nullptr) {
        from.alias = node->range_subselect->alias->aliasname;
        from.column_aliases = names(node->range_subselect->alias->n_colnames, node->range_subselect->alias->colnames);
      }
      return from;
    default:
      from.name = "a function or another source in FROM";
      return from;
  }
}

std::vector<FromNode> read_from_list(std::size_t count, Node* const* nodes) {
  std::vector<FromNode> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(read_from(nodes[i]));
  return all;
}

// Clauses ---------------------------------------------------------------------------------------

std::vector<TargetItem> read_targets(std::size_t count, Node* const* nodes) {
  std::vector<TargetItem> all;
  for (std::size_t i = 0; i < count; ++i) {
    const PgQuery__ResTarget* target = as_target(nodes[i]);
    if (target == nullptr) continue;
    const bool named = target->name != nullptr && *target->name != '\0';
    all.push_back({read(target->val), named ? std::string(target->name) : column_name(target->val)});
  }
  return all;
}

std::vector<SortItem> read_order(std::size_t count, Node* const* nodes) {
  std::vector<SortItem> all;
  for (std::size_t i = 0; i < count; ++i) {
    const auto* by = as<PgQuery__SortBy>(nodes[i], pg_query__sort_by__descriptor);
    if (by == nullptr) continue;
    SortItem item{read(by->node), by->sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC, false};
    item.nulls_first = by->sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST ||
                       (by->sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT && item.descending);
    all.push_back(std::move(item));
  }
  return all;
}

void read_with(const PgQuery__WithClause* with, QueryTree& query) {
  if (with == nullptr) return;
  for (std::size_t i = 0; i < with->n_ctes; ++i) {
    const auto* cte = as<PgQuery__CommonTableExpr>(with->ctes[i], pg_query__common_table_expr__descriptor);
    if (cte == nullptr) continue;
    CommonTable table{cte->ctename, subquery(cte->ctequery), with->recursive != 0, std::nullopt,
                      names(cte->n_aliascolnames, cte->aliascolnames)};
    if (cte->ctematerialized == PG_QUERY__CTEMATERIALIZE__CTEMaterializeAlways) table.materialized = true;
    if (cte->ctematerialized == PG_QUERY__CTEMATERIALIZE__CTEMaterializeNever) table.materialized = false;
    query.with.push_back(std::move(table));
  }
}

std::optional<Expression> optional(const Node* node) {
  if (node == nullptr) return std::nullopt;
  return read(node);
}

SetOperation operation_of(const PgQuery__SelectStmt& select) {
  switch (select.op) {
    case PG_QUERY__SET_OPERATION__SETOP_UNION:
      return select.all != 0 ? SetOperation::kUnionAll : SetOperation::kUnion;
    case PG_QUERY__SET_OPERATION__SETOP_INTERSECT:
      return SetOperation::kIntersect;
    case PG_QUERY__SET_OPERATION__SETOP_EXCEPT:
      return SetOperation::kExcept;
    default:
      return SetOperation::kNone;
  }
}

void read_group(const PgQuery__SelectStmt& select, QueryTree& query) {
  for (std::size_t i = 0; i < select.n_group_clause; ++i) {
    if (select.group_clause[i]->node_case == PG_QUERY__NODE__NODE_GROUPING_SET) query.opaque = "grouping sets";
  }
  query.group = read_all(select.n_group_clause, select.group_clause);
}

void read_distinct(const PgQuery__SelectStmt& select, QueryTree& query) {
  query.distinct = select.n_distinct_clause > 0;
  if (query.distinct && content(*select.distinct_clause[0]) != nullptr) query.opaque = "DISTINCT ON";
}

QueryTree read_select(const PgQuery__SelectStmt& select) {
  QueryTree query;
  read_with(select.with_clause, query);
  query.operation = operation_of(select);
  if (query.operation != SetOperation::kNone) {
    query.members = {read_select(*select.larg), read_select(*select.rarg)};
  }
  query.value_rows = static_cast<double>(select.n_values_lists);
  query.targets = read_targets(select.n_target_list, select.target_list);
  query.from = read_from_list(select.n_from_clause, select.from_clause);
  query.where = optional(select.where_clause);
  query.having = optional(select.having_clause);
  query.order = read_order(select.n_sort_clause, select.sort_clause);
  if (select.limit_count != nullptr && !is_null_constant(select.limit_count)) query.limit = read(select.limit_count);
  query.offset = optional(select.limit_offset);
  query.locks_rows = select.n_locking_clause > 0;
  read_group(select, query);
  read_distinct(select, query);
  return query;
}

QueryTree read_update(const PgQuery__UpdateStmt& update) {
  QueryTree query;
  query.kind = StatementKind::kUpdate;
  read_with(update.with_clause, query);
  query.from = read_from_list(update.n_from_clause, update.from_clause);
  query.from.insert(query.from.begin(), relation(*update.relation));
  query.where = optional(update.where_clause);
  query.assignments = read_targets(update.n_target_list, update.target_list);
  query.targets = read_targets(update.n_returning_list, update.returning_list);
  return query;
}

QueryTree read_delete(const PgQuery__DeleteStmt& remove) {
  QueryTree query;
  query.kind = StatementKind::kDelete;
  read_with(remove.with_clause, query);
  query.from = read_from_list(remove.n_using_clause, remove.using_clause);
  query.from.insert(query.from.begin(), relation(*remove.relation));
  query.where = optional(remove.where_clause);
  query.targets = read_targets(remove.n_returning_list, remove.returning_list);
  return query;
}

QueryTree read_insert(const PgQuery__InsertStmt& insert) {
  QueryTree query;
  query.kind = StatementKind::kInsert;
  read_with(insert.with_clause, query);
  query.from = {relation(*insert.relation)};
  query.on_conflict = insert.on_conflict_clause != nullptr;
  if (const PgQuery__SelectStmt* source = as_select(insert.select_stmt)) query.members = {read_select(*source)};
  return query;
}

QueryTree read_statement(const Node& node) {
  switch (node.node_case) {
    case PG_QUERY__NODE__NODE_SELECT_STMT:
      return read_select(*node.select_stmt);
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
      return read_update(*node.update_stmt);
    case PG_QUERY__NODE__NODE_DELETE_STMT:
      return read_delete(*node.delete_stmt);
    case PG_QUERY__NODE__NODE_INSERT_STMT:
      return read_insert(*node.insert_stmt);
    default: {
      QueryTree other;
      other.kind = StatementKind::kUtility;
      other.opaque = "a statement that is no SELECT, INSERT, UPDATE or DELETE";
      return other;
    }
  }
}

}  // namespace

ParsedQuery parse_query(std::string_view sql) {
  const ParsedSyntax parsed = parse_syntax(sql);
  if (parsed.tree == nullptr) return {std::nullopt, parsed.problem};
  if (parsed.tree->n_stmts != 1) return {std::nullopt, "not exactly one statement"};
  QueryTree query = read_statement(*parsed.tree->stmts[0]->stmt);
  if (query.kind == StatementKind::kUtility) return {std::nullopt, query.opaque};
  return {std::move(query), {}};
}

std::optional<Expression> parse_expression(std::string_view sql) {
  ParsedQuery parsed = parse_query("SELECT " + std::string(sql));
  if (!parsed.query || parsed.query->targets.size() != 1 || !parsed.query->from.empty()) return std::nullopt;
  return std::move(parsed.query->targets.front().expression);
}

}  // namespace assay
