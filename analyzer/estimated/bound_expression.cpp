#include "analyzer/estimated/bound_expression.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "analyzer/array_text.h"

namespace assay {
namespace {

using Kind = ExpressionKind;

constexpr double kElementsOfUnknownArray = 10;    // estimate_array_length, utils/adt/selfuncs.c
constexpr std::size_t kFewestHashedElements = 9;  // MIN_ARRAY_SIZE_FOR_HASHED_SAOP, optimizer/util/clauses.c

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_comparison(std::string_view name) { return is_one_of(name, {"=", "<>", "!=", "<", "<=", ">", ">="}); }
bool is_moment(ValueKind kind) {
  return kind == ValueKind::kDate || kind == ValueKind::kTimestamp || kind == ValueKind::kTimestampTz;
}
bool is_number(ValueKind kind) { return kind == ValueKind::kInteger || kind == ValueKind::kNumeric; }
bool is_json(const BoundExpression& e) { return e.type && (e.type->name == "jsonb" || e.type->name == "json"); }

ValueType wider(const ValueType& a, const ValueType& b) {
  if (a.kind == b.kind && a.kind == ValueKind::kInteger) return a.length >= b.length ? a : b;
  const auto rank = [](const ValueType& type) {
    if (type.name == "double precision") return 4;
    if (type.name == "real") return 3;
    return type.kind == ValueKind::kNumeric ? 2 : 1;
  };
  return rank(a) >= rank(b) ? a : b;
}

/// The type of an arithmetic operation, where it can be told.
std::optional<ValueType> arithmetic_type(const std::string& name, const ValueType& left, const ValueType& right) {
  if (is_number(left.kind) && is_number(right.kind)) return wider(left, right);
  if (left.kind == ValueKind::kDate && right.kind == ValueKind::kInteger) return left;
  if (left.kind == ValueKind::kDate && right.kind == ValueKind::kDate && name == "-") return value_type("integer");
  if (left.kind == ValueKind::kDate && right.kind == ValueKind::kInterval) {
    return value_type("timestamp without time zone");
  }
  if (is_moment(left.kind) && right.kind == ValueKind::kInterval) return left;
  if (is_moment(left.kind) && is_moment(right.kind)) return value_type("interval");
  if (left.kind == ValueKind::kInterval) return right.kind == ValueKind::kInterval || name == "*" ? left : right;
  return std::nullopt;
}

std::optional<Value> arithmetic(const std::string& name, const BoundExpression& left, const BoundExpression& right) {
  if (!left.value || !right.value || !left.type || !right.type) return std::nullopt;
  const Value &a = *left.value, &b = *right.value;
  const int sign = name == "-" ? -1 : 1;
  if (name == "+" || name == "-") {
    if (is_moment(left.type->kind) && right.type->kind == ValueKind::kInterval) {
      return Value{plus_interval(a.number, b, sign), {}};
    }
    constexpr double kDay = 86400e6;
    if (left.type->kind == ValueKind::kDate && right.type->kind == ValueKind::kInteger) {
      return Value{a.number + sign * b.number * kDay, {}};
    }
    if (is_moment(left.type->kind) != is_moment(right.type->kind)) return std::nullopt;
    return Value{a.number + sign * b.number, {}};
  }
  if (!is_number(left.type->kind) || !is_number(right.type->kind)) return std::nullopt;
  if (name == "*") return Value{a.number * b.number, {}};
  if (name == "/" && b.number != 0) {
    const double quotient = a.number / b.number;
    const bool whole = left.type->kind == ValueKind::kInteger && right.type->kind == ValueKind::kInteger;
    return Value{whole ? std::trunc(quotient) : quotient, {}};
  }
  return std::nullopt;
}

void merge(BoundExpression& into, const BoundExpression& part) {
  into.relations |= part.relations;
  into.operators += part.operators;
  into.startup_operators += part.startup_operators;
  into.subplan_startup += part.subplan_startup;
  into.subplan_per_tuple += part.subplan_per_tuple;
  into.is_volatile = into.is_volatile || part.is_volatile;
  into.has_aggregate = into.has_aggregate || part.has_aggregate;
  into.has_window = into.has_window || part.has_window;
  into.has_subplan = into.has_subplan || part.has_subplan;
}

void merge_arguments(BoundExpression& expression) {
  for (const BoundExpression& argument : expression.arguments) merge(expression, argument);
}

/// A constant expression costs nothing: it is evaluated once, when the statement is planned.
void fold(BoundExpression& expression) {
  const bool all = std::all_of(expression.arguments.begin(), expression.arguments.end(),
                               [](const BoundExpression& a) { return a.folded; });
  if (!all || expression.relations != 0 || expression.arguments.empty() || expression.is_volatile) return;
  if (!expression.value && !expression.is_null) return;
  expression.folded = true;
  expression.operators = 0;
}

struct KnownFunction {
  std::string_view name, type;
};

/// Functions of PostgreSQL whose result's type bears on a plan. Others count as functions of an unknown type.
constexpr std::array kFunctions{KnownFunction{"lower", "text"},         KnownFunction{"upper", "text"},
                                KnownFunction{"btrim", "text"},         KnownFunction{"concat", "text"},
                                KnownFunction{"substring", "text"},     KnownFunction{"split_part", "text"},
                                KnownFunction{"left", "text"},          KnownFunction{"right", "text"},
                                KnownFunction{"to_char", "text"},       KnownFunction{"replace", "text"},
                                KnownFunction{"md5", "text"},           KnownFunction{"length", "integer"},
                                KnownFunction{"extract", "numeric"},    KnownFunction{"date_part", "double precision"},
                                KnownFunction{"round", "numeric"},      KnownFunction{"floor", "numeric"},
                                KnownFunction{"ceil", "numeric"},       KnownFunction{"count", "bigint"},
                                KnownFunction{"rank", "bigint"},        KnownFunction{"row_number", "bigint"},
                                KnownFunction{"dense_rank", "bigint"},  KnownFunction{"date", "date"},
                                KnownFunction{"string_agg", "text"},    KnownFunction{"bool_or", "boolean"},
                                KnownFunction{"bool_and", "boolean"},   KnownFunction{"age", "interval"},
                                KnownFunction{"starts_with", "boolean"}};

bool is_now(std::string_view name) {
  return is_one_of(name, {"now", "current_timestamp", "transaction_timestamp", "statement_timestamp"});
}

std::optional<ValueType> function_type(const std::string& name, const std::vector<BoundExpression>& arguments) {
  for (const KnownFunction& known : kFunctions) {
    if (known.name == name) return value_type(known.type);
  }
  if (is_now(name)) return value_type("timestamp with time zone");
  const std::optional<ValueType> first = arguments.empty() ? std::nullopt : arguments.front().type;
  if (name == "date_trunc" && arguments.size() > 1) {
    const auto& of = arguments[1].type;
    if (of && of->kind == ValueKind::kDate) return value_type("timestamp with time zone");
    return of;
  }
  if (name == "sum" && first) {
    if (first->kind != ValueKind::kInteger) return first;
    return value_type(first->length == 8 ? "numeric" : "bigint");
  }
  if (name == "avg" && first) {
    return first->kind == ValueKind::kInteger || first->name == "numeric" ? value_type("numeric") : first;
  }
  if (is_one_of(name, {"min", "max", "abs", "nullif", "greatest", "least", "coalesce", "lag", "lead"})) return first;
  return std::nullopt;
}

bool is_volatile_function(std::string_view name) {
  return is_one_of(name, {"random", "clock_timestamp", "timeofday", "gen_random_uuid", "nextval", "setval", "pg_sleep",
                          "uuid_generate_v4", "set_config"});
}

bool returns_a_set(std::string_view name) {
  return is_one_of(name, {"generate_series", "unnest", "jsonb_array_elements", "jsonb_array_elements_text",
                          "jsonb_each", "jsonb_each_text", "regexp_split_to_table", "string_to_table", "regexp_matches",
                          "json_array_elements", "jsonb_object_keys"});
}

/// Conversions that only rename the type (RelabelType).
bool relabels(const ValueType& from, const ValueType& to) {
  if (from.kind == ValueKind::kText && to.kind == ValueKind::kText) {
    return to.modifier < 0 && from.padded == to.padded;
  }
  return from.name == to.name && to.modifier < 0;
}

double conversion_cost(const std::optional<ValueType>& from, const ValueType& to) {
  if (!from) return 1;
  if (relabels(*from, to)) return 0;
  const bool through_text = (from->kind == ValueKind::kText) != (to.kind == ValueKind::kText);
  double cost = through_text ? 2 : 1;  // CoerceViaIO: an output and an input function
  if (to.name == "numeric" && to.modifier >= 0 && from->name != "numeric") cost += 1;
  return cost;
}

/// Does an operator on both types need the integer side as numeric or float first?
bool needs_conversion(const ValueType& side, const ValueType& other) {
  return is_number(side.kind) && is_number(other.kind) && wider(side, other).name != side.name &&
         other.kind != ValueKind::kInteger && !(side.name == "real" && other.name == "double precision");
}

void convert_sides(BoundExpression& left, BoundExpression& right) {
  if (!left.type || !right.type) return;
  if (!left.folded && needs_conversion(*left.type, *right.type)) left.operators += 1;
  if (!right.folded && needs_conversion(*right.type, *left.type)) right.operators += 1;
}

/// x = true is x, x = false is NOT x (simplify_boolean_equality, optimizer/util/clauses.c).
BoundExpression simplified_truth(BoundExpression bound) {
  if (bound.arguments.size() != 2 || (bound.name != "=" && bound.name != "<>") || bound.distinct) return bound;
  const auto is_truth = [](const BoundExpression& side) {
    return side.folded && side.value && side.type && side.type->kind == ValueKind::kBoolean;
  };
  if (is_truth(bound.arguments[0])) std::swap(bound.arguments[0], bound.arguments[1]);
  if (!is_truth(bound.arguments[1]) || bound.arguments[0].folded) return bound;
  const bool wanted = (bound.arguments[1].value->number != 0) == (bound.name == "=");
  BoundExpression side = std::move(bound.arguments[0]);
  if (wanted) return side;
  BoundExpression negation;
  negation.kind = Kind::kNot;
  negation.type = side.type;
  negation.arguments.push_back(std::move(side));
  merge_arguments(negation);
  return negation;
}

}  // namespace

bool same(const BoundExpression& left, const BoundExpression& right) {
  if (left.kind != right.kind || left.name != right.name || left.relation != right.relation ||
      left.column != right.column || left.arguments.size() != right.arguments.size() || left.value != right.value ||
      left.is_null != right.is_null || left.negated != right.negated || left.has_subplan || right.has_subplan) {
    return false;
  }
  return std::equal(left.arguments.begin(), left.arguments.end(), right.arguments.begin(), same);
}

BoundExpression bound_column(int relation, int column, const ColumnFacts& facts) {
  BoundExpression bound;
  bound.kind = Kind::kColumn;
  bound.type = facts.type;
  bound.relation = relation;
  bound.column = column;
  bound.relations = bit(relation);
  return bound;
}

BoundExpression ExpressionBinder::bind(const Expression& expression, BindingContext& context) const {
  switch (expression.kind) {
    case Kind::kColumn:
      return context.resolve(expression.qualifier, expression.name);
    case Kind::kConstant:
      return constant(expression);
    case Kind::kParameter:
      return parameter(expression);
    case Kind::kOperator:
      return operation(expression, context);
    case Kind::kAnyOf:
    case Kind::kAllOf:
      return element_comparison(expression, context);
    case Kind::kFunction:
    case Kind::kAggregate:
    case Kind::kWindow:
    case Kind::kValueFunction:
      return function(expression, context);
    case Kind::kCast:
      return cast(expression, context);
    case Kind::kScalarQuery:
    case Kind::kExists:
    case Kind::kInQuery:
      return subquery(expression, context);
    case Kind::kOpaque:
      throw Refusal{"it holds " + expression.name};
    default:
      return compound(expression, context);
  }
}

BoundExpression ExpressionBinder::constant(const Expression& expression) const {
  BoundExpression bound;
  bound.kind = Kind::kConstant;
  bound.folded = true;
  bound.is_null = expression.is_null;
  if (!expression.type.empty()) bound.type = value_type(expression.type);
  if (!bound.is_null) bound.value = bound.type ? parse_value(expression.name, *bound.type) : Value{0, expression.name};
  return bound;
}

BoundExpression ExpressionBinder::parameter(const Expression& expression) const {
  BoundExpression bound;
  bound.kind = Kind::kParameter;
  bound.name = std::to_string(expression.number);
  const auto position = static_cast<std::size_t>(std::max(0, expression.number - 1));
  if (expression.number < 1 || position >= query_.parameters.size()) return bound;  // planned generically
  bound.kind = Kind::kConstant;
  bound.name.clear();
  bound.folded = true;
  const ParameterValue& given = query_.parameters[position];
  bound.is_null = !given;
  if (given) bound.value = Value{0, *given};
  return bound;
}

/// A literal without a type of its own, and a parameter, take the type of what they are compared with.
void ExpressionBinder::coerce(BoundExpression& literal, const BoundExpression& other) const {
  if (literal.type || !other.type || (literal.kind != Kind::kConstant && literal.kind != Kind::kParameter)) return;
  literal.type = other.type;
  if (literal.value) literal.value = parse_value(literal.value->text, *other.type, facts_.zone_offset());
}

BoundExpression ExpressionBinder::with_arguments(const Expression& expression, BindingContext& context) const {
  BoundExpression bound;
  bound.kind = expression.kind;
  bound.name = expression.name;
  bound.negated = expression.negated;
  bound.distinct = expression.distinct;
  bound.is_array = expression.is_array;
  for (const Expression& argument : expression.arguments) {
    if (argument.kind == Kind::kStar) continue;  // count(*)
    bound.arguments.push_back(bind(argument, context));
  }
  return bound;
}

BoundExpression ExpressionBinder::operation(const Expression& expression, BindingContext& context) const {
  BoundExpression bound = with_arguments(expression, context);
  if (bound.name == "!=") bound.name = "<>";
  if (bound.arguments.size() == 2) {
    BoundExpression &left = bound.arguments[0], &right = bound.arguments[1];
    if (left.kind == Kind::kRow || right.kind == Kind::kRow) throw Refusal{"it compares rows"};
    if (bound.name == "||" || bound.name.find('~') != std::string::npos) {
      BoundExpression text;
      text.type = value_type("text");
      coerce(left, text);
      coerce(right, text);
    } else if (bound.name == "->>" || bound.name == "->") {
      BoundExpression text;
      text.type = value_type("text");
      coerce(right, text);
    } else {
      coerce(left, right);
      coerce(right, left);
    }
    convert_sides(left, right);
  }
  merge_arguments(bound);
  bound.operators += 1;
  if (is_comparison(bound.name) || bound.name.find('~') != std::string::npos) {
    bound.type = value_type("boolean");
  } else if (bound.name == "||" || bound.name == "->>" || bound.name == "#>>") {
    bound.type = value_type("text");
    if (bound.arguments.size() == 2 && is_json(bound.arguments[0])) {
      if (bound.name == "||") bound.type = bound.arguments[0].type;
    } else if (bound.name == "||" && bound.arguments.size() == 2 && bound.arguments[0].value &&
               bound.arguments[1].value) {
      bound.value = Value{0, bound.arguments[0].value->text + bound.arguments[1].value->text};
    }
  } else if (bound.name == "->" || bound.name == "#>") {
    bound.type = bound.arguments[0].type;
  } else if (is_one_of(bound.name, {"@>", "<@", "?", "?|", "?&", "&&", "@@", "@?", "<->", "%", "<<", ">>"})) {
    bound.type = value_type("boolean");
  } else if (bound.arguments.size() == 2 && bound.arguments[0].type && bound.arguments[1].type) {
    bound.type = arithmetic_type(bound.name, *bound.arguments[0].type, *bound.arguments[1].type);
    bound.value = arithmetic(bound.name, bound.arguments[0], bound.arguments[1]);
  } else if (bound.arguments.size() == 1) {
    bound.type = bound.arguments[0].type;
    if (bound.name == "-" && bound.arguments[0].value) bound.value = Value{-bound.arguments[0].value->number, {}};
  }
  fold(bound);
  return simplified_truth(std::move(bound));
}

BoundExpression ExpressionBinder::element_comparison(const Expression& expression, BindingContext& context) const {
  BoundExpression bound = with_arguments(expression, context);
  bound.type = value_type("boolean");
  if (bound.arguments.empty()) throw Refusal{"it compares with an empty list"};
  if (bound.arguments[0].kind == Kind::kRow) throw Refusal{"it compares rows with a list"};
  if (bound.is_array && bound.arguments.size() == 2 && bound.arguments[1].value) {
    const std::string text = bound.arguments[1].value->text;
    if (!text.starts_with('{') || text.starts_with("{{") || !text.ends_with('}')) {
      throw Refusal{"it compares with an array that cannot be read"};
    }
    bound.arguments.resize(1);
    bound.is_array = false;
    for (const auto& element : array_elements(text)) {
      if (!element) continue;  // equal to nothing
      BoundExpression& item = bound.arguments.emplace_back();
      item.kind = Kind::kConstant;
      item.folded = true;
      item.value = Value{0, *element};
    }
  }
  if (bound.is_array && bound.arguments[1].relations != 0) throw Refusal{"it looks into a column of arrays"};
  for (std::size_t i = 1; i < bound.arguments.size(); ++i) {
    if (!bound.is_array) coerce(bound.arguments[i], bound.arguments[0]);
  }
  merge_arguments(bound);
  const std::size_t count = bound.arguments.size() - 1;
  const bool constant = std::all_of(bound.arguments.begin() + 1, bound.arguments.end(),
                                    [](const BoundExpression& a) { return a.folded; });
  const bool hashes =
      (bound.kind == Kind::kAnyOf && bound.name == "=") || (bound.kind == Kind::kAllOf && bound.name == "<>");
  if (bound.is_array) {
    bound.operators += 0.5 * kElementsOfUnknownArray;
  } else if (constant && hashes && count >= kFewestHashedElements) {
    bound.startup_operators += static_cast<double>(count);
    bound.operators += 2;
  } else {
    bound.operators += 0.5 * static_cast<double>(count);
  }
  return bound;
}

Value ExpressionBinder::now() const { return {query_.ran_at ? moment_of(*query_.ran_at) : facts_.taken_at(), {}}; }

BoundExpression ExpressionBinder::function(const Expression& expression, BindingContext& context) const {
  BoundExpression bound = with_arguments(expression, context);
  if (facts_.is_own_function(bound.name)) throw Refusal{"it calls a function of its own, " + bound.name};
  if (returns_a_set(bound.name)) throw Refusal{"it calls a function that returns a set, " + bound.name};
  bound.is_volatile = is_volatile_function(bound.name);
  if (is_one_of(bound.name, {"lower", "upper", "coalesce"}) && !bound.arguments.empty()) {
    BoundExpression text;
    text.type = value_type("text");
    coerce(bound.arguments[0], text);
  }
  merge_arguments(bound);
  bound.type = function_type(bound.name, bound.arguments);
  if (bound.kind == Kind::kAggregate || bound.kind == Kind::kWindow) {
    bound.has_aggregate = bound.has_aggregate || bound.kind == Kind::kAggregate;
    bound.has_window = bound.has_window || bound.kind == Kind::kWindow;
    bound.operators = 0;  // paid by the node that computes it
    return bound;
  }
  bound.operators += 1;
  if (is_now(bound.name)) {
    bound.value = now();
  } else if (bound.name == "current_date" || bound.name == "localtimestamp") {
    const double local = now().number + facts_.zone_offset() * 1e6;
    bound.value = Value{bound.name == "current_date" ? floor_of_moment(local, "day") : local, {}};
    bound.type = value_type(bound.name == "current_date" ? "date" : "timestamp without time zone");
  } else if (bound.name == "date_trunc" && bound.arguments.size() > 1) {
    if (bound.arguments[1].type && bound.arguments[1].type->kind == ValueKind::kDate) bound.operators += 1;
    if (bound.arguments[0].value && bound.arguments[1].value) {
      const double offset = facts_.zone_offset() * 1e6;
      bound.value = Value{
          floor_of_moment(bound.arguments[1].value->number + offset, bound.arguments[0].value->text) - offset, {}};
    }
  } else if ((bound.name == "lower" || bound.name == "upper") && bound.arguments[0].value) {
    std::string text = bound.arguments[0].value->text;
    const bool lowers = bound.name == "lower";
    std::transform(text.begin(), text.end(), text.begin(), [&](unsigned char c) {
      return static_cast<char>(lowers ? (c >= 'A' && c <= 'Z' ? c + 32 : c) : (c >= 'a' && c <= 'z' ? c - 32 : c));
    });
    bound.value = Value{0, std::move(text)};
    fold(bound);
  }
  return bound;
}

BoundExpression ExpressionBinder::cast(const Expression& expression, BindingContext& context) const {
  BoundExpression inner = bind(expression.arguments.at(0), context);
  const ValueType to = value_type(expression.type);
  if (inner.kind == Kind::kConstant || inner.kind == Kind::kParameter) {
    if (!inner.type && inner.value) {
      const bool is_array = to.name.ends_with("[]");  // taken apart where it is compared
      if (!is_array) inner.value = parse_value(inner.value->text, to, facts_.zone_offset());
      inner.type = is_array ? std::nullopt : std::optional(to);
      return inner;
    }
    if (!inner.type) {
      inner.type = to;
      return inner;
    }
  }
  if (inner.type && relabels(*inner.type, to)) {
    inner.type = to;
    return inner;
  }
  BoundExpression bound;
  bound.kind = Kind::kCast;
  bound.name = to.name;
  bound.type = to;
  bound.arguments.push_back(std::move(inner));
  merge_arguments(bound);
  const BoundExpression& from = bound.arguments[0];
  bound.operators += conversion_cost(from.type, to);
  if (from.value && from.type) {
    if (is_moment(from.type->kind) && to.kind == ValueKind::kDate) {
      bound.value = Value{floor_of_moment(from.value->number, "day"), {}};
    } else if ((is_moment(from.type->kind) && is_moment(to.kind)) ||
               (is_number(from.type->kind) && is_number(to.kind)) || from.type->kind == to.kind) {
      bound.value = from.value;
    } else if (from.type->kind == ValueKind::kText) {
      bound.value = parse_value(from.value->text, to, facts_.zone_offset());
    }
  }
  fold(bound);
  return bound;
}

BoundExpression ExpressionBinder::compound(const Expression& expression, BindingContext& context) const {
  BoundExpression bound = with_arguments(expression, context);
  merge_arguments(bound);
  switch (bound.kind) {
    case Kind::kAnd:
    case Kind::kOr:
    case Kind::kNot:
    case Kind::kNullTest:
    case Kind::kBooleanTest:
      bound.type = value_type("boolean");
      break;
    case Kind::kChoice:
      for (const BoundExpression& argument : bound.arguments) {
        if (argument.type && argument.type->kind != ValueKind::kBoolean) bound.type = argument.type;
      }
      break;
    default:
      break;
  }
  return bound;
}

BoundExpression ExpressionBinder::subquery(const Expression& expression, BindingContext& context) const {
  BoundExpression bound = with_arguments(expression, context);
  merge_arguments(bound);
  const SubplanCost cost = context.subplan(expression);
  bound.has_subplan = true;
  bound.subplan_startup += cost.startup;
  bound.subplan_per_tuple += cost.per_tuple;
  bound.operators += cost.operators;
  bound.type = expression.kind == Kind::kScalarQuery ? cost.type : value_type("boolean");
  return bound;
}

}  // namespace assay
