// Expressions, and the predicates in WHERE, ON and HAVING.
#include <algorithm>

#include "parser/sql/statement_reader.h"
#include "parser/sql/value_kinds.h"

namespace assay {

// Expressions: what they read and call ------------------------------------------------------------

void StatementReader::expression(const Node* node, Scope& scope) {
  const ProtobufCMessage* message = node == nullptr ? nullptr : content(*node);
  if (message != nullptr) visit(*message, scope);
}

void StatementReader::expressions(std::size_t count, Node* const* nodes, Scope& scope) {
  for (std::size_t i = 0; i < count; ++i) expression(nodes[i], scope);
}

void StatementReader::visit(const ProtobufCMessage& message, Scope& scope) {
  if (const auto* reference = as<PgQuery__ColumnRef>(message, pg_query__column_ref__descriptor)) {
    return column(*reference, scope);
  }
  if (const auto* link = as<PgQuery__SubLink>(message, pg_query__sub_link__descriptor)) {
    const bool exists = link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK;
    expression(link->testexpr, scope);
    any_statement(link->subselect, &scope, exists ? Purpose::kExistence : Purpose::kRows);
    ++opaque_parts_;
    return;
  }
  if (const auto* call = as<PgQuery__FuncCall>(message, pg_query__func_call__descriptor)) function(*call, scope);
  if (const auto* value = as<PgQuery__SQLValueFunction>(message, pg_query__sqlvalue_function__descriptor)) {
    called(std::string(value_function_name(value->op)));
  }
  if (message.descriptor == &pg_query__param_ref__descriptor) ++opaque_parts_;
  for_each_child(message, [&](const ProtobufCMessage& child) { visit(child, scope); });
}

void StatementReader::function(const PgQuery__FuncCall& call, Scope& scope) {
  const std::string name = function_name(call);
  called(name);
  if (is_volatile(name)) ++volatile_calls_;
  if (is_aggregate(call)) aggregate(call, name, scope);
}

void StatementReader::aggregate(const PgQuery__FuncCall& call, const std::string& name, Scope& scope) {
  QueryBlock& block = block_of(scope);
  block.aggregates = true;
  scope.windows = scope.windows || call.over != nullptr;
  ++opaque_parts_;
  const bool is_extreme = (name == "min" || name == "max") && call.n_args == 1 && call.over == nullptr &&
                          call.agg_filter == nullptr && call.n_agg_order == 0;
  const std::optional<ColumnUse> column = is_extreme ? base_column(call.args[0], scope) : std::nullopt;
  scope.mixed_aggregates = scope.mixed_aggregates || !column;
  if (scope.mixed_aggregates) {
    block.extremes.clear();
  } else {
    block.extremes.push_back({*column, name == "max"});
  }
}

void StatementReader::called(const std::string& function) {
  if (function != "like_escape" && function != "similar_to_escape" && functions_.insert(function).second) {
    statement_.functions.push_back(function);
  }
}

void StatementReader::column(const PgQuery__ColumnRef& reference, const Scope& scope) {
  const std::vector<std::string> path = path_of(reference);
  if (path.back().empty()) {  // count(t.*)
    star(reference, scope, Purpose::kRows);
    return;
  }
  read_column(resolver_.resolve(path, scope), scope);
}

void StatementReader::read_column(const Resolution& resolution, const Scope& scope) {
  if (resolution.whole_row != nullptr) all_columns(resolution.whole_row->columns);
  if (!resolution.source.told) ++statement_.unresolved_columns;
  read_source(resolution.source);
  const int depth = resolution.owner == nullptr ? scope.depth : resolution.owner->depth;
  reads_.push_back({resolution.source, depth});
  for (const Scope* at = &scope; resolution.owner != nullptr && at->depth > depth; at = at->parent) {
    block_of(*at).correlated = true;
  }
}

void StatementReader::read_source(const Source& source) {
  const ColumnUse& column = source.column;
  if (column.relation >= 0 && columns_read_.emplace(column.relation, column.name).second) {
    statement_.columns_read.push_back(column);
  }
}

void StatementReader::all_columns(const Columns& columns) {
  for (const OpenRelation& open : columns.open) statement_.relations[open.relation].all_columns = true;
}

// Operands ----------------------------------------------------------------------------------------

StatementReader::Operand StatementReader::operand(Node* node, Scope& scope) {
  Operand operand;
  operand.node = node;
  operand.plain = as_column(node) != nullptr;
  const std::size_t first_read = reads_.size();
  const int opaque_before = opaque_parts_, volatile_before = volatile_calls_;
  expression(node, scope);
  for (std::size_t i = first_read; i < reads_.size(); ++i) {
    const ColumnRead& read = reads_[i];
    if (read.depth == scope.depth) operand.local.push_back(read.source);
    if (read.depth < scope.depth) operand.outer.push_back(read.source);
  }
  operand.opaque = opaque_parts_ != opaque_before;
  operand.is_volatile = volatile_calls_ != volatile_before;
  operand.plain = operand.plain && operand.local.size() + operand.outer.size() == 1;  // not `t.*`
  return operand;
}

StatementReader::Operand StatementReader::operand_of(const Source& source) {
  Operand operand;
  operand.local = {source};
  operand.plain = true;
  return operand;
}

/// SQL of the expression for an index, when it is one over columns of a single relation, whose reach suffices.
std::optional<std::string> StatementReader::index_expression(const Operand& operand, Reach needed,
                                                             const Scope& scope) const {
  if (operand.plain || operand.opaque || operand.is_volatile || operand.local.empty() || !operand.outer.empty()) {
    return std::nullopt;
  }
  const int relation = operand.local.front().column.relation;
  const bool usable = std::all_of(operand.local.begin(), operand.local.end(), [&](const Source& source) {
    return source.column.relation == relation && source.reach >= needed;
  });
  if (relation < 0 || !usable) return std::nullopt;
  std::string text = expression_text(*operand.node, scope);
  if (text.empty()) return std::nullopt;
  return text;
}

// Conditions ----------------------------------------------------------------------------------------

void StatementReader::add(Predicate predicate, Place place) {
  predicate.block = place.scope.block;
  predicate.conjunct = place.conjunct;
  predicate.disjunction = place.disjunction;
  predicate.branch = place.branch;
  statement_.predicates.push_back(std::move(predicate));
}

void StatementReader::conditions(Node* node, Place place, bool negated) {
  if (node == nullptr) return;
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_BOOL_EXPR:
      return boolean(*node->bool_expr, place, negated);
    case PG_QUERY__NODE__NODE_A_EXPR:
      if (node->a_expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF) return truth(node, place, negated);
      return comparison(*node->a_expr, place, negated);
    case PG_QUERY__NODE__NODE_NULL_TEST:
      return null_test(*node->null_test, place, negated);
    case PG_QUERY__NODE__NODE_BOOLEAN_TEST:
      return boolean_test(*node->boolean_test, place, negated);
    case PG_QUERY__NODE__NODE_SUB_LINK:
      return sublink_condition(*node->sub_link, place, negated);
    default:
      return truth(node, place, negated);
  }
}

/// AND keeps its members apart; below OR, or a NOT around several, none of them narrows the result by itself.
void StatementReader::boolean(const PgQuery__BoolExpr& expression, Place place, bool negated) {
  if (expression.boolop == PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR) return conditions(expression.args[0], place, !negated);
  const bool is_or = expression.boolop == PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR;
  if (is_or && !negated && place.conjunct) return disjunction(expression, place);
  if (is_or || negated) place.stop_narrowing();
  for (std::size_t i = 0; i < expression.n_args; ++i) conditions(expression.args[i], place);
}

namespace {

/// The branches of an OR; those of an OR right below it are its own.
std::vector<Node*> branches_of(const PgQuery__BoolExpr& expression) {
  std::vector<Node*> branches;
  for (std::size_t i = 0; i < expression.n_args; ++i) {
    Node* branch = expression.args[i];
    const bool is_or = branch->node_case == PG_QUERY__NODE__NODE_BOOL_EXPR &&
                       branch->bool_expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR;
    const std::vector<Node*> more = is_or ? branches_of(*branch->bool_expr) : std::vector<Node*>{branch};
    branches.insert(branches.end(), more.begin(), more.end());
  }
  return branches;
}

}  // namespace

/// An OR narrows as a whole; what stands in a branch does so within it, not deeper.
void StatementReader::disjunction(const PgQuery__BoolExpr& expression, Place place) {
  const std::vector<Node*> branches = branches_of(expression);
  const int number = static_cast<int>(statement_.disjunctions.size());
  statement_.disjunctions.push_back({place.scope.block, static_cast<int>(branches.size())});
  for (std::size_t i = 0; i < branches.size(); ++i) {
    conditions(branches[i], {place.scope, false, number, static_cast<int>(i)});
  }
}

/// What one side says when the other is taken for a value.
///
/// A column that comes through a LIMIT, a set operation and so on is not one to index: kOther, of no relation. So is
/// a column that a query computes. The other side may hold columns of other relations, but none of the same.
Predicate StatementReader::one_sided(PredicateKind kind, const std::string& operation, const Operand& side,
                                     const Operand& other, const Scope& scope) const {
  Predicate predicate;
  predicate.operation = operation;
  predicate.value = constant_text(other.node).value_or("");
  predicate.value_type = type_of_value(other.node);
  predicate.volatile_value = other.is_volatile;
  if (side.local.empty()) return predicate;
  const Reach needed = other.local.empty() ? Reach::kValues : Reach::kAll;
  const auto first =
      std::find_if(side.local.begin(), side.local.end(), [&](const Source& source) { return source.reach >= needed; });
  if (first == side.local.end() || (first->told && first->column.relation < 0)) return predicate;
  predicate.column = first->column;
  const bool same_relation = std::any_of(other.local.begin(), other.local.end(), [&](const Source& source) {
    return first->column.relation >= 0 && source.column.relation == first->column.relation;
  });
  if (same_relation || is_null_constant(other.node) || kind == PredicateKind::kNotEqual) {
    predicate.kind = kind == PredicateKind::kNotEqual ? kind : PredicateKind::kOther;
    return predicate;
  }
  if (side.plain) {
    predicate.kind = kind;
    return predicate;
  }
  const std::optional<std::string> expression = index_expression(side, needed, scope);
  if (!expression || kind == PredicateKind::kOther) return predicate;
  predicate.expression = *expression;
  const bool asks_inside =
      kind == PredicateKind::kJson || kind == PredicateKind::kArray || kind == PredicateKind::kFullText;
  const std::string access = json_access(side.node);
  predicate.kind = asks_inside ? kind : access.empty() ? PredicateKind::kFunction : PredicateKind::kJson;
  if (asks_inside || access.empty()) return predicate;
  predicate.comparison = operation;
  predicate.operation = access;
  return predicate;
}

namespace {

bool is_usable(const Predicate& predicate) {
  return predicate.kind != PredicateKind::kOther && !predicate.column.name.empty();
}

bool is_expression(const Predicate& predicate) {
  return predicate.kind == PredicateKind::kFunction || predicate.kind == PredicateKind::kJson;
}

}  // namespace

void StatementReader::compare(const std::string& operation, const Operand& left, const Operand& right, Place place) {
  if (!left.local.empty() && !right.local.empty()) return compare_columns(operation, left, right, place);
  if (left.local.empty() && right.local.empty()) return;  // of constants, or of outer columns alone
  const bool flip = left.local.empty();
  const Operand& side = flip ? right : left;
  const Operand& other = flip ? left : right;
  const std::string name = flip ? flipped(operation) : operation;
  Predicate predicate = one_sided(kind_of_operator(name, other.node), name, side, other, place.scope);
  if (other.plain && !other.outer.empty() && other.outer.front().reach == Reach::kAll && is_usable(predicate)) {
    predicate.other = other.outer.front().column;
  }
  if (predicate.kind == PredicateKind::kEqual && !other.outer.empty()) predicate.kind = PredicateKind::kJoin;
  add(std::move(predicate), place);
}

/// Columns on both sides: an equality is a join, told once with the plainer side first. An expression on one side
/// can have an index as well, and is told as a predicate of its own.
void StatementReader::compare_columns(const std::string& operation, const Operand& left, const Operand& right,
                                      Place place) {
  const std::string back = flipped(operation);
  Predicate one = one_sided(kind_of_operator(operation, right.node), operation, left, right, place.scope);
  Predicate other = one_sided(kind_of_operator(back, left.node), back, right, left, place.scope);
  const bool other_is_plainer = !is_usable(one) || (is_expression(one) && !is_expression(other));
  if (is_usable(other) && other_is_plainer) std::swap(one, other);
  if (one.kind == PredicateKind::kEqual) one.kind = PredicateKind::kJoin;
  if (is_usable(one) && is_usable(other) && !is_expression(other)) one.other = other.column;
  const bool tell_both = is_expression(other);
  add(std::move(one), place);
  if (tell_both) add(std::move(other), place);
}

void StatementReader::compare_nodes(const std::string& operation, Node* left, Node* right, Place place) {
  if (const PgQuery__RowExpr* row = as_row(left)) return compare_rows(operation, *row, right, place);
  const Operand left_side = operand(left, place.scope);
  const Operand right_side = operand(right, place.scope);
  compare(operation, left_side, right_side, place);
}

/// (a, b) = (1, 2) is two equalities; (a, b) > (1, 2), as paging by key has it, is a range of a, in which b only
/// decides among equals.
void StatementReader::compare_rows(const std::string& operation, const PgQuery__RowExpr& left, Node* right,
                                   Place place) {
  const PgQuery__RowExpr* row = as_row(right);
  const bool in_pairs = row != nullptr && row->n_args == left.n_args;
  const Operand whole = in_pairs ? Operand{} : operand(right, place.scope);
  const bool splits = operation == "=";
  if (operation == "<>") place.stop_narrowing();  // any of the columns may differ
  for (std::size_t i = 0; i < left.n_args; ++i) {
    const Operand one = operand(left.args[i], place.scope);
    const Operand paired = in_pairs ? operand(row->args[i], place.scope) : Operand{};
    if (splits || i == 0) compare(operation, one, in_pairs ? paired : whole, place);
  }
}

void StatementReader::comparison(const PgQuery__AExpr& operation, Place place, bool negated) {
  std::string name = operator_of(operation);
  switch (operation.kind) {
    case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
      return in_list(operation, place, negated);
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL:
      return any_of_array(operation, place, negated);
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM:
      return between(operation, place, negated);
    case PG_QUERY__A__EXPR__KIND__AEXPR_LIKE:
    case PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE:
    case PG_QUERY__A__EXPR__KIND__AEXPR_SIMILAR:
      return like(operation, place, negated);
    case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT:
      name = "IS DISTINCT FROM";
      break;
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT:
      name = "IS NOT DISTINCT FROM";
      break;
    default:
      if (is_like_operator(name)) return like(operation, place, negated);
  }
  if (operation.lexpr == nullptr) return expression(operation.rexpr, place.scope);
  if (negated) {
    const std::optional<std::string> opposite = assay::negated(name);
    if (!opposite) place.stop_narrowing();
    name = opposite.value_or(name);
  }
  compare_nodes(name, operation.lexpr, operation.rexpr, place);
}

/// One predicate for a column between values; two comparisons where columns stand on the other side.
void StatementReader::between(const PgQuery__AExpr& operation, Place place, bool negated) {
  const PgQuery__List& bounds = *as_list(operation.rexpr);
  const Operand side = operand(operation.lexpr, place.scope);
  const Operand low = operand(bounds.items[0], place.scope), high = operand(bounds.items[1], place.scope);
  const bool is_not = operation.kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN ||
                      operation.kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM;
  if (is_not == negated && (low.reads() || high.reads())) {
    compare(">=", side, low, place);
    return compare("<=", side, high, place);
  }
  if (side.local.empty()) return;
  Operand values;
  values.is_volatile = low.is_volatile || high.is_volatile;
  values.local = low.local;
  values.local.insert(values.local.end(), high.local.begin(), high.local.end());
  const PredicateKind kind = is_not == negated ? PredicateKind::kRange : PredicateKind::kNotEqual;
  add(one_sided(kind, is_not == negated ? "BETWEEN" : "NOT BETWEEN", side, values, place.scope), place);
}

namespace {

/// The elements of a row, or the one expression.
std::vector<Node*> elements(Node* node) {
  const PgQuery__RowExpr* row = as_row(node);
  if (row == nullptr) return {node};
  return {row->args, row->args + row->n_args};
}

}  // namespace

/// (a, b) IN ((1, 2), (3, 4)) narrows a and b each.
void StatementReader::in_list(const PgQuery__AExpr& operation, Place place, bool negated) {
  const bool is_in = (operator_of(operation) == "=") != negated;
  const PgQuery__List* list = as_list(operation.rexpr);
  Operand values = operand(operation.rexpr, place.scope);
  if (list != nullptr && list->n_items == 1) values.node = list->items[0];
  for (Node* element : elements(operation.lexpr)) {
    const Operand side = operand(element, place.scope);
    if (side.local.empty()) continue;
    const PredicateKind kind = is_in ? PredicateKind::kIn : PredicateKind::kNotEqual;
    add(one_sided(kind, is_in ? "IN" : "NOT IN", side, values, place.scope), place);
  }
}

/// column = ANY (array) is an IN list; value = ANY (column) asks what an array column holds.
void StatementReader::any_of_array(const PgQuery__AExpr& operation, Place place, bool negated) {
  const bool is_any = operation.kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY;
  const std::string name = operator_of(operation);
  const Operand left = operand(operation.lexpr, place.scope), right = operand(operation.rexpr, place.scope);
  const bool is_equality = is_any && name == "=" && !negated;
  const bool excludes = (is_any && name == "=" && negated) || (!is_any && name == "<>" && !negated);
  const std::string written = excludes ? "<> ALL" : (negated ? "NOT " : "") + name + (is_any ? " ANY" : " ALL");
  const PredicateKind kind = excludes ? PredicateKind::kNotEqual : PredicateKind::kOther;
  if (!left.local.empty()) {
    add(one_sided(is_equality ? PredicateKind::kIn : kind, written, left, right, place.scope), place);
  } else if (!right.local.empty()) {
    add(one_sided(is_equality ? PredicateKind::kArray : kind, written, right, left, place.scope), place);
  }
}

void StatementReader::like(const PgQuery__AExpr& operation, Place place, bool negated) {
  const std::string name = operator_of(operation);
  const bool is_similar = operation.kind == PG_QUERY__A__EXPR__KIND__AEXPR_SIMILAR;
  const bool is_not = name.starts_with('!') != negated;
  const std::string written = is_similar ? "SIMILAR TO" : ignores_case(name) ? "ILIKE" : "LIKE";
  const Operand side = operand(operation.lexpr, place.scope), pattern = operand(operation.rexpr, place.scope);
  if (side.local.empty()) return;
  PredicateKind kind = is_similar ? PredicateKind::kOther : kind_of_pattern(operation.rexpr);
  if (!pattern.local.empty()) kind = PredicateKind::kOther;
  if (is_not) kind = PredicateKind::kNotEqual;
  Predicate predicate = one_sided(kind, (is_not ? "NOT " : "") + written, side, pattern, place.scope);
  predicate.value = pattern_text(operation.rexpr);
  add(std::move(predicate), place);
}

void StatementReader::null_test(const PgQuery__NullTest& test, Place place, bool negated) {
  const bool is_null = (test.nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NULL) != negated;
  const Operand side = operand(test.arg, place.scope);
  if (side.local.empty()) return;
  const PredicateKind kind = is_null ? PredicateKind::kIsNull : PredicateKind::kIsNotNull;
  add(one_sided(kind, is_null ? "IS NULL" : "IS NOT NULL", side, {}, place.scope), place);
}

namespace {

struct BooleanMeaning {
  PredicateKind kind;
  const char* operation;
  const char* value;
};

BooleanMeaning meaning_of(PgQuery__BoolTestType test, bool negated) {
  switch (test) {
    case PG_QUERY__BOOL_TEST_TYPE__IS_TRUE:
      return negated ? BooleanMeaning{PredicateKind::kOther, "IS NOT", "true"}
                     : BooleanMeaning{PredicateKind::kEqual, "=", "true"};
    case PG_QUERY__BOOL_TEST_TYPE__IS_FALSE:
      return negated ? BooleanMeaning{PredicateKind::kOther, "IS NOT", "false"}
                     : BooleanMeaning{PredicateKind::kEqual, "=", "false"};
    case PG_QUERY__BOOL_TEST_TYPE__IS_UNKNOWN:
      return negated ? BooleanMeaning{PredicateKind::kIsNotNull, "IS NOT NULL", ""}
                     : BooleanMeaning{PredicateKind::kIsNull, "IS NULL", ""};
    case PG_QUERY__BOOL_TEST_TYPE__IS_NOT_TRUE:
      return meaning_of(PG_QUERY__BOOL_TEST_TYPE__IS_TRUE, !negated);
    case PG_QUERY__BOOL_TEST_TYPE__IS_NOT_FALSE:
      return meaning_of(PG_QUERY__BOOL_TEST_TYPE__IS_FALSE, !negated);
    default:
      return meaning_of(PG_QUERY__BOOL_TEST_TYPE__IS_UNKNOWN, !negated);
  }
}

}  // namespace

/// `active IS TRUE`. Of a comparison only IS TRUE keeps the meaning; the others take in NULL or turn it around.
void StatementReader::boolean_test(const PgQuery__BooleanTest& test, Place place, bool negated) {
  if (as_column(test.arg) == nullptr) {
    if (negated || test.booltesttype != PG_QUERY__BOOL_TEST_TYPE__IS_TRUE) place.stop_narrowing();
    return conditions(test.arg, place);
  }
  const BooleanMeaning meaning = meaning_of(test.booltesttype, negated);
  const Operand side = operand(test.arg, place.scope);
  if (side.local.empty()) return;
  Predicate predicate = one_sided(meaning.kind, meaning.operation, side, {}, place.scope);
  predicate.value = meaning.value;
  add(std::move(predicate), place);
}

/// An expression that is true or false by itself: a boolean column, or a call of which nothing is known.
void StatementReader::truth(Node* node, Place place, bool negated) {
  const Operand side = operand(node, place.scope);
  if (side.local.empty()) return;
  const PgQuery__FuncCall* call = as_function(node);
  const PredicateKind kind = side.plain ? PredicateKind::kEqual : PredicateKind::kOther;
  const std::string operation = side.plain ? "=" : call == nullptr ? "" : function_name(*call);
  Predicate predicate = one_sided(kind, operation, side, {}, place.scope);
  if (side.plain) predicate.value = negated ? "false" : "true";
  add(std::move(predicate), place);
}

/// column IN (SELECT …) is a join with what the subquery gives, a semi-join. The conditions within EXISTS are those of
/// its own block, and so are those of NOT EXISTS: an anti-join looks up the same rows.
void StatementReader::sublink_condition(const PgQuery__SubLink& link, Place place, bool negated) {
  const bool is_any = link.sub_link_type == PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK;
  const std::string name = link.n_oper_name == 0 ? "=" : last_name(link.n_oper_name, link.oper_name);
  if (!is_any || name != "=") {
    const bool exists = link.sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK;
    expression(link.testexpr, place.scope);
    any_statement(link.subselect, &place.scope, exists ? Purpose::kExistence : Purpose::kRows);
    return;
  }
  std::vector<Operand> sides;
  for (Node* element : elements(link.testexpr)) sides.push_back(operand(element, place.scope));
  const int subquery = static_cast<int>(statement_.blocks.size());  // the next to be opened
  const Columns columns = any_statement(link.subselect, &place.scope, Purpose::kRows);
  for (std::size_t i = 0; i < sides.size(); ++i) {
    if (sides[i].local.empty()) continue;
    Operand rows;  // stands for the subquery: of other relations, whatever they are
    rows.local.push_back(i < columns.named.size() ? columns.named[i].source : Source{{}, Reach::kNone});
    Predicate predicate = one_sided(negated ? PredicateKind::kNotEqual : PredicateKind::kJoin, negated ? "NOT IN" : "=",
                                    sides[i], rows, place.scope);
    predicate.subquery = subquery;
    const bool is_known = rows.local.front().reach == Reach::kAll || negated;
    if (is_known && (negated || predicate.kind == PredicateKind::kJoin)) predicate.other = rows.local.front().column;
    add(std::move(predicate), place);
  }
}

}  // namespace assay
