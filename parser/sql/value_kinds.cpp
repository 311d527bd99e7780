#include "parser/sql/value_kinds.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace assay {
namespace {

template <std::size_t kSize>
bool contains(const std::array<std::string_view, kSize>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

using OperatorPair = std::pair<std::string_view, std::string_view>;

template <std::size_t kSize>
std::string_view counterpart(const std::array<OperatorPair, kSize>& pairs, std::string_view name) {
  for (const auto& [one, other] : pairs) {
    if (name == one) return other;
    if (name == other) return one;
  }
  return {};
}

enum class ValueForm { kUnknown, kArray, kJson, kRange };

ValueForm form_of_type(const PgQuery__TypeName& type) {
  const std::string name = last_name(type.n_names, type.names);
  if (type.n_array_bounds > 0 || name.starts_with('_')) return ValueForm::kArray;
  if (name.ends_with("range")) return ValueForm::kRange;
  return name == "json" || name == "jsonb" || name == "jsonpath" ? ValueForm::kJson : ValueForm::kUnknown;
}

/// '{"a": 1}' is an object, '{a,b}' an array, '["a"]' json's array, '[1,5)' a range.
ValueForm form_of_text(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  if (text.starts_with('{')) {
    const bool is_object = text.find(':') != std::string_view::npos || text == "{}";
    return is_object ? ValueForm::kJson : ValueForm::kArray;
  }
  return text.ends_with(')') ? ValueForm::kRange : ValueForm::kJson;
}

ValueForm form_of_value(const Node* node) {
  if (node == nullptr) return ValueForm::kUnknown;
  if (node->node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR) return ValueForm::kArray;
  if (const PgQuery__TypeCast* cast = as_cast(node)) return form_of_type(*cast->type_name);
  if (const PgQuery__FuncCall* call = as_function(node)) {
    return last_name(call->n_funcname, call->funcname).ends_with("range") ? ValueForm::kRange : ValueForm::kUnknown;
  }
  const PgQuery__AConst* constant = as_constant(node);
  const bool is_text = constant != nullptr && constant->val_case == PG_QUERY__A__CONST__VAL_SVAL;
  return is_text ? form_of_text(constant->sval->sval) : ValueForm::kUnknown;
}

PredicateKind kind_of_containment(const Node* value, PredicateKind otherwise) {
  switch (form_of_value(value)) {
    case ValueForm::kArray:
      return PredicateKind::kArray;
    case ValueForm::kJson:
      return PredicateKind::kJson;
    case ValueForm::kRange:
      return PredicateKind::kOther;
    case ValueForm::kUnknown:
      break;
  }
  return otherwise;
}

/// `json @@ '$.a == 1'` asks a json path; every other @@ is a full-text search.
bool is_json_path(const Node* value) {
  if (form_of_value(value) == ValueForm::kJson && as_cast(value) != nullptr) return true;
  return constant_text(value).value_or("").starts_with('$');
}

/// The parts of a concatenation from the left: with ||, concat(…), or in LIKE … ESCAPE.
void concatenated(const Node* node, std::vector<const Node*>& parts) {
  while (const PgQuery__TypeCast* cast = as_cast(node)) node = cast->arg;
  const PgQuery__AExpr* operation = as_operation(node);
  if (operation != nullptr && operation->lexpr != nullptr && operator_of(*operation) == "||") {
    concatenated(operation->lexpr, parts);
    return concatenated(operation->rexpr, parts);
  }
  const PgQuery__FuncCall* call = as_function(node);
  const std::string name = call == nullptr ? std::string() : function_name(*call);
  if (name == "concat" && call->n_args > 0) {
    for (std::size_t i = 0; i < call->n_args; ++i) concatenated(call->args[i], parts);
  } else if (name == "like_escape" && call->n_args > 0) {
    concatenated(call->args[0], parts);
  } else {
    parts.push_back(node);
  }
}

}  // namespace

std::string flipped(const std::string& operation) {
  constexpr std::array<OperatorPair, 3> kPairs = {{{"<", ">"}, {"<=", ">="}, {"@>", "<@"}}};
  const std::string_view other = counterpart(kPairs, operation);
  return other.empty() ? operation : std::string(other);
}

std::optional<std::string> negated(const std::string& operation) {
  constexpr std::array<OperatorPair, 8> kPairs = {{{"=", "<>"},
                                                   {"<", ">="},
                                                   {">", "<="},
                                                   {"~~", "!~~"},
                                                   {"~~*", "!~~*"},
                                                   {"~", "!~"},
                                                   {"~*", "!~*"},
                                                   {"IS DISTINCT FROM", "IS NOT DISTINCT FROM"}}};
  const std::string_view other = counterpart(kPairs, operation);
  if (other.empty()) return std::nullopt;
  return std::string(other);
}

PredicateKind kind_of_operator(const std::string& operation, const Node* value) {
  constexpr std::array<std::string_view, 4> kRange = {"<", "<=", ">", ">="};
  constexpr std::array<std::string_view, 4> kNotEqual = {"<>", "!~", "!~*", "IS DISTINCT FROM"};
  constexpr std::array<std::string_view, 4> kJson = {"?", "?|", "?&", "@?"};
  if (operation == "=" || operation == "IS NOT DISTINCT FROM") return PredicateKind::kEqual;
  if (contains(kRange, operation)) return PredicateKind::kRange;
  if (contains(kNotEqual, operation)) return PredicateKind::kNotEqual;
  if (contains(kJson, operation)) return PredicateKind::kJson;
  if (operation == "@>" || operation == "<@") return kind_of_containment(value, PredicateKind::kJson);
  if (operation == "&&") return kind_of_containment(value, PredicateKind::kArray);
  if (operation == "@@") return is_json_path(value) ? PredicateKind::kJson : PredicateKind::kFullText;
  return PredicateKind::kOther;
}

PredicateKind kind_of_pattern(const Node* pattern) {
  std::vector<const Node*> parts;
  concatenated(pattern, parts);
  const std::string first = constant_text(parts.front()).value_or("");
  if (first.starts_with('%') || first.starts_with('_')) return PredicateKind::kLikeInfix;
  if (parts.size() == 1 && as_constant(parts.front()) == nullptr) return PredicateKind::kLikeParameter;
  const bool visible = std::any_of(parts.begin(), parts.end(), [](const Node* part) { return as_constant(part); });
  return visible ? PredicateKind::kLikePrefix : PredicateKind::kLikeParameter;
}

bool is_like_operator(std::string_view operation) {
  constexpr std::array<std::string_view, 4> kNames = {"~~", "~~*", "!~~", "!~~*"};
  return contains(kNames, operation);
}

bool ignores_case(std::string_view operation) { return operation.ends_with('*'); }

std::string type_of_value(const Node* value) {
  if (const PgQuery__TypeCast* cast = as_cast(value))
    return last_name(cast->type_name->n_names, cast->type_name->names);
  const PgQuery__AConst* constant = as_constant(value);
  const bool has_point = constant != nullptr && constant->val_case == PG_QUERY__A__CONST__VAL_FVAL &&
                         std::string_view(constant->fval->fval).find_first_of(".eE") != std::string_view::npos;
  return has_point ? "numeric" : "";
}

std::string pattern_text(const Node* pattern) {
  std::vector<const Node*> parts;
  concatenated(pattern, parts);
  std::string text;
  for (const Node* part : parts) {
    const std::optional<std::string> constant = constant_text(part);
    if (!constant) return {};
    text += *constant;
  }
  return text;
}

std::string json_access(const Node* node) {
  constexpr std::array<std::string_view, 4> kOperators = {"->", "->>", "#>", "#>>"};
  while (const PgQuery__TypeCast* cast = as_cast(node)) node = cast->arg;
  const PgQuery__AExpr* operation = as_operation(node);
  if (operation == nullptr || operation->kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP) return {};
  std::string name = operator_of(*operation);
  return contains(kOperators, name) ? name : std::string();
}

bool is_aggregate(const PgQuery__FuncCall& call) {
  constexpr std::array<std::string_view, 32> kNames = {
      "array_agg",  "avg",      "bit_and",      "bit_or",          "bool_and",         "bool_or",
      "corr",       "count",    "covar_pop",    "covar_samp",      "cume_dist",        "dense_rank",
      "every",      "json_agg", "jsonb_agg",    "json_object_agg", "jsonb_object_agg", "max",
      "min",        "mode",     "percent_rank", "percentile_cont", "percentile_disc",  "range_agg",
      "regr_slope", "stddev",   "stddev_pop",   "stddev_samp",     "string_agg",       "sum",
      "variance",   "var_pop"};
  if (call.agg_star != 0 || call.agg_distinct != 0 || call.agg_within_group != 0) return true;
  if (call.agg_filter != nullptr || call.over != nullptr || call.n_agg_order > 0) return true;
  return contains(kNames, last_name(call.n_funcname, call.funcname));
}

bool is_volatile(std::string_view function) {
  constexpr std::array<std::string_view, 14> kNames = {
      "random",           "setseed", "clock_timestamp", "timeofday",        "gen_random_uuid",
      "uuid_generate_v1", "nextval", "currval",         "uuid_generate_v4", "uuid_generate_v1mc",
      "lastval",          "setval",  "pg_sleep",        "gen_random_bytes"};
  const std::size_t dot = function.rfind('.');
  return contains(kNames, dot == std::string_view::npos ? function : function.substr(dot + 1));
}

std::string column_name(const Node* expression) {
  if (const PgQuery__ColumnRef* column = as_column(expression)) return last_name(column->n_fields, column->fields);
  if (const PgQuery__FuncCall* call = as_function(expression)) return last_name(call->n_funcname, call->funcname);
  if (const PgQuery__TypeCast* cast = as_cast(expression)) {
    const std::string name = column_name(cast->arg);
    return name != "?column?" ? name : last_name(cast->type_name->n_names, cast->type_name->names);
  }
  if (expression->node_case == PG_QUERY__NODE__NODE_COALESCE_EXPR) return "coalesce";
  if (expression->node_case == PG_QUERY__NODE__NODE_COLLATE_CLAUSE) return column_name(expression->collate_clause->arg);
  if (expression->node_case == PG_QUERY__NODE__NODE_CASE_EXPR) return "case";
  if (expression->node_case == PG_QUERY__NODE__NODE_SUB_LINK) {
    const PgQuery__SelectStmt* select = as_select(expression->sub_link->subselect);
    const bool is_value = expression->sub_link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK;
    if (!is_value) return "exists";
    const PgQuery__ResTarget* target = select->n_target_list > 0 ? as_target(select->target_list[0]) : nullptr;
    if (target == nullptr) return "?column?";
    return *target->name != '\0' ? std::string(target->name) : column_name(target->val);
  }
  return "?column?";
}

std::string_view value_function_name(PgQuery__SQLValueFunctionOp operation) {
  switch (operation) {
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE:
      return "current_date";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N:
      return "current_time";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N:
      return "current_timestamp";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N:
      return "localtime";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP:
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N:
      return "localtimestamp";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA:
      return "current_schema";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG:
      return "current_catalog";
    case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER:
      return "session_user";
    default:
      return "current_user";  // and its other names: user, current_role
  }
}

}  // namespace assay
