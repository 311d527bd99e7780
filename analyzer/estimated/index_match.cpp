#include "analyzer/estimated/index_match.h"

#include <algorithm>
#include <optional>

#include "analyzer/estimated/selectivity.h"

namespace assay {
namespace {

using Kind = ExpressionKind;

bool is_range(const std::string& name) { return name == "<" || name == "<=" || name == ">" || name == ">="; }

BoundExpression comparison(const BoundExpression& side, std::string name, std::string text) {
  BoundExpression bound;
  bound.kind = Kind::kOperator;
  bound.name = std::move(name);
  bound.relations = side.relations;
  BoundExpression value;
  value.kind = Kind::kConstant;
  value.folded = true;
  value.type = side.type;
  value.value = Value{0, std::move(text)};
  bound.arguments = {side, std::move(value)};
  return bound;
}

/// Is `other` known before a row of the relation is read?
bool is_outside(const BoundExpression& other, int position) {
  return (other.relations & bit(position)) == 0 && !other.is_volatile && !other.has_aggregate;
}

/// match_special_index_operator and like_support.c: the range that a pattern's fixed beginning spans.
std::optional<IndexClause> match_pattern(const IndexColumn& column, const BoundExpression& key,
                                         const BoundExpression& clause) {
  if (clause.name != "~~" || !clause.arguments[1].value || !clause.arguments[1].folded) return std::nullopt;
  const PatternPrefix prefix = pattern_prefix(clause.arguments[1].value->text, false);
  if (prefix.text.empty()) return std::nullopt;
  IndexClause match;
  match.clause = &clause;
  if (prefix.exact) {
    match.derived.push_back(comparison(key, "=", prefix.text));
    return match;
  }
  if (!column.pattern_ops) return std::nullopt;
  match.kind = IndexClauseKind::kRange;
  match.lossy = true;
  match.derived.push_back(comparison(key, ">=", prefix.text));
  const std::string above = greater_text(prefix.text);
  if (!above.empty()) match.derived.push_back(comparison(key, "<", above));
  match.conditions = static_cast<double>(match.derived.size());
  return match;
}

std::optional<IndexClause> match_comparison(const IndexColumn& column, const BoundExpression& key, int position,
                                            const BoundExpression& clause, const std::string& method) {
  const BoundExpression& left = clause.arguments[0];
  const bool on_left = same(left, key) && is_outside(clause.arguments[1], position);
  const bool on_right = !on_left && same(clause.arguments[1], key) && is_outside(left, position);
  if (!on_left && !on_right) return std::nullopt;
  if (clause.distinct) return std::nullopt;
  IndexClause match;
  match.clause = &clause;
  match.argument_operators = clause.arguments[on_left ? 1 : 0].operators;
  if (clause.name == "=") return match;
  if (is_range(clause.name) && method != "hash" && !column.pattern_ops) {
    match.kind = IndexClauseKind::kRange;
    return match;
  }
  return on_left && method == "btree" ? match_pattern(column, key, clause) : std::nullopt;
}

std::optional<IndexClause> match_elements(const BoundExpression& key, int position, const BoundExpression& clause) {
  if (clause.name != "=" || !same(clause.arguments[0], key)) return std::nullopt;
  IndexClause match;
  match.kind = IndexClauseKind::kElements;
  match.clause = &clause;
  match.elements = clause.is_array ? 10 : static_cast<double>(clause.arguments.size() - 1);
  for (std::size_t i = 1; i < clause.arguments.size(); ++i) {
    if (!is_outside(clause.arguments[i], position)) return std::nullopt;
    match.argument_operators += clause.arguments[i].operators;
  }
  return match;
}

/// match_boolean_index_clause: a truth value by itself is an equality.
bool is_truth_of(const BoundExpression& key, const BoundExpression& clause) {
  if (!key.type || key.type->kind != ValueKind::kBoolean) return false;
  if (same(clause, key)) return true;
  const bool wraps =
      clause.kind == Kind::kNot || (clause.kind == Kind::kBooleanTest && !clause.negated && clause.name != "UNKNOWN");
  return wraps && same(clause.arguments[0], key);
}

std::optional<IndexClause> match_key(const IndexFacts& index, const IndexColumn& column, const BoundExpression& key,
                                     int position, const BoundExpression& clause) {
  if (clause.kind == Kind::kOperator && clause.arguments.size() == 2) {
    return match_comparison(column, key, position, clause, index.method);
  }
  if (clause.kind == Kind::kAnyOf && index.method == "btree") return match_elements(key, position, clause);
  if (clause.kind == Kind::kNullTest && index.method != "hash" && same(clause.arguments[0], key)) {
    IndexClause match;
    match.clause = &clause;
    match.kind = clause.negated ? IndexClauseKind::kIsNotNull : IndexClauseKind::kIsNull;
    return match;
  }
  if (is_truth_of(key, clause)) {
    IndexClause match;
    match.clause = &clause;
    return match;
  }
  return std::nullopt;
}

bool is_known_comparison(const BoundExpression& clause) {
  return clause.kind == Kind::kOperator && clause.arguments.size() == 2 && clause.arguments[1].folded &&
         clause.arguments[1].value.has_value();
}

bool holds(const Value& left, const std::string& name, const Value& right) {
  const int order = compare(left, right);
  if (name == "=") return order == 0;
  if (name == "<>") return order != 0;
  if (name == "<") return order < 0;
  if (name == "<=") return order <= 0;
  if (name == ">") return order > 0;
  return name == ">=" && order >= 0;
}

/// Does `given` (x op v) make sure of `wanted` (x op c)?
bool comparison_implies(const BoundExpression& given, const BoundExpression& wanted) {
  if (!is_known_comparison(wanted) || !same(given.arguments[0], wanted.arguments[0])) return false;
  const Value& limit = *wanted.arguments[1].value;
  if (given.kind == Kind::kAnyOf && given.name == "=" && !given.is_array) {
    return std::all_of(given.arguments.begin() + 1, given.arguments.end(), [&](const BoundExpression& element) {
      return element.folded && element.value && holds(*element.value, wanted.name, limit);
    });
  }
  if (!is_known_comparison(given)) return false;
  const Value& value = *given.arguments[1].value;
  if (given.name == "=") return holds(value, wanted.name, limit);
  if (given.name.front() == '<') {
    if (given.name == "<>") return false;
    return wanted.name == "<="
               ? compare(value, limit) <= 0
               : wanted.name == "<" && (compare(value, limit) < 0 || (value == limit && given.name == "<"));
  }
  return given.name.front() == '>' &&
         (wanted.name == ">="
              ? compare(value, limit) >= 0
              : wanted.name == ">" && (compare(value, limit) > 0 || (value == limit && given.name == ">")));
}

/// Is `clause` false or NULL whenever `argument` is NULL?
bool is_strict_about(const BoundExpression& clause, const BoundExpression& argument) {
  if (clause.kind == Kind::kOperator && !clause.distinct) {
    return std::any_of(clause.arguments.begin(), clause.arguments.end(),
                       [&](const BoundExpression& side) { return same(side, argument); });
  }
  if (clause.kind == Kind::kAnyOf) return same(clause.arguments[0], argument);
  if (clause.kind == Kind::kNullTest) return clause.negated && same(clause.arguments[0], argument);
  return same(clause, argument);
}

bool implies(const BoundExpression& given, const BoundExpression& wanted) {
  if (same(given, wanted)) return true;
  if (given.kind == Kind::kAnd) {
    return std::any_of(given.arguments.begin(), given.arguments.end(),
                       [&](const BoundExpression& part) { return implies(part, wanted); });
  }
  if (wanted.kind == Kind::kOr) {
    return std::any_of(wanted.arguments.begin(), wanted.arguments.end(),
                       [&](const BoundExpression& arm) { return implies(given, arm); });
  }
  if (wanted.kind == Kind::kNullTest && wanted.negated) return is_strict_about(given, wanted.arguments[0]);
  if (wanted.kind == Kind::kAnyOf && wanted.name == "=" && is_known_comparison(given) && given.name == "=") {
    return same(given.arguments[0], wanted.arguments[0]) &&
           std::any_of(wanted.arguments.begin() + 1, wanted.arguments.end(), [&](const BoundExpression& element) {
             return element.value && compare(*element.value, *given.arguments[1].value) == 0;
           });
  }
  if (given.arguments.empty() || wanted.kind != Kind::kOperator) return false;
  return comparison_implies(given, wanted);
}

}  // namespace

std::vector<IndexClause> match_index(const BoundIndex& index, int position,
                                     const std::vector<const BoundExpression*>& clauses) {
  std::vector<IndexClause> matches;
  for (std::size_t key = 0; key < index.keys.size(); ++key) {
    if (!index.keys[key] || index.facts->keys[key].other_class) continue;
    for (const BoundExpression* clause : clauses) {
      auto match = match_key(*index.facts, index.facts->keys[key], *index.keys[key], position, *clause);
      if (!match) continue;
      match->key = key;
      matches.push_back(std::move(*match));
    }
  }
  return matches;
}

bool is_implied(const BoundExpression& predicate, const std::vector<BoundExpression>& restrictions) {
  if (predicate.kind == Kind::kAnd) {
    return std::all_of(predicate.arguments.begin(), predicate.arguments.end(),
                       [&](const BoundExpression& part) { return is_implied(part, restrictions); });
  }
  return std::any_of(restrictions.begin(), restrictions.end(),
                     [&](const BoundExpression& given) { return implies(given, predicate); });
}

}  // namespace assay
