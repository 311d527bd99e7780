// The half of Selectivity that deals with more than one relation, and with groups.
#include <algorithm>
#include <cmath>
#include <map>

#include "analyzer/estimated/selectivity.h"

namespace assay {
namespace {

double probability(double share) { return std::isnan(share) ? 0 : std::clamp(share, 0.0, 1.0); }

struct Matches {
  double product = 0;          ///< Σ of both frequencies over common values that match
  double left = 0, right = 0;  ///< matched frequencies
  double left_rest = 0, right_rest = 0;
  double count = 0;
};

Matches match_common(const ColumnFacts& left, const ColumnFacts& right, std::size_t most_right) {
  Matches matches;
  std::map<std::pair<double, std::string>, double> by_value;
  for (std::size_t i = 0; i < std::min(most_right, right.common.size()); ++i) {
    by_value.emplace(std::pair(right.common[i].number, right.common[i].text), right.frequencies[i]);
  }
  for (std::size_t i = 0; i < left.common.size(); ++i) {
    const auto found = by_value.find({left.common[i].number, left.common[i].text});
    if (found == by_value.end()) {
      matches.left_rest += left.frequencies[i];
      continue;
    }
    matches.product += left.frequencies[i] * found->second;
    matches.left += left.frequencies[i];
    matches.right += found->second;
    ++matches.count;
  }
  double all_right = 0;
  for (const double frequency : right.frequencies) all_right += frequency;
  matches.right_rest = probability(all_right - matches.right);
  return matches;
}

}  // namespace

double Selectivity::of_join(const BoundExpression& clause, JoinType type, RelationSet inner, double inner_rows) const {
  if (clause.kind != ExpressionKind::kOperator || clause.arguments.size() != 2) return of(clause);
  if (clause.name == "<>") {
    BoundExpression equality = clause;
    equality.name = "=";
    return type == JoinType::kSemi || type == JoinType::kAnti ? 1.0 : 1 - of_join(equality, type, inner, inner_rows);
  }
  if (clause.name != "=") {
    const bool ordered = clause.name.starts_with('<') || clause.name.starts_with('>');
    return ordered ? 0.3333333333333333 : 0.005;
  }
  const BoundExpression* left = &clause.arguments[0];
  const BoundExpression* right = &clause.arguments[1];
  if ((left->relations & inner) != 0) std::swap(left, right);
  const auto one = variable(*left), other = variable(*right);
  if (!one || !other) {  // of no relation, or of several: get_join_variables knows nothing
    double count = 200;
    if (one) count = std::max(count, distinct(*one));
    if (other) count = std::max(count, distinct(*other));
    return 1 / count;
  }
  return equal_join(*one, *other, type, inner_rows);
}

/// eqjoinsel_inner and eqjoinsel_semi.
double Selectivity::equal_join(const Variable& left, const Variable& right, JoinType type, double inner_rows) const {
  const ColumnFacts &a = left.of(), &b = right.of();
  bool default_left = false, default_right = false;
  const double distinct_left = distinct(left, &default_left);
  double distinct_right = distinct(right, &default_right);
  if (type == JoinType::kSemi || type == JoinType::kAnti) {
    // an inner side that is filtered holds fewer values
    if (distinct_right >= right.rows) {
      distinct_right = right.rows;
      default_right = false;
    }
    if (distinct_right >= inner_rows) {
      distinct_right = inner_rows;
      default_right = false;
    }
    if (!a.common.empty() && !b.common.empty()) {
      const auto most =
          static_cast<std::size_t>(std::min<double>(static_cast<double>(b.common.size()), distinct_right));
      const Matches matches = match_common(a, b, most);
      double uncertain = 0.5;
      if (!default_left && !default_right) {
        const double rest_left = distinct_left - matches.count, rest_right = distinct_right - matches.count;
        uncertain = rest_left <= rest_right || rest_right < 0 ? 1 : rest_right / rest_left;
      }
      const double rest = probability(1 - matches.left - a.null_fraction);
      return probability(matches.left + uncertain * rest);
    }
    if (default_left || default_right) return 0.5 * (1 - a.null_fraction);
    const double ratio = distinct_left <= distinct_right || distinct_right < 0 ? 1 : distinct_right / distinct_left;
    return ratio * (1 - a.null_fraction);
  }
  if (a.common.empty() || b.common.empty()) {
    return (1 - a.null_fraction) * (1 - b.null_fraction) / std::max(distinct_left, distinct_right);
  }
  const Matches matches = match_common(a, b, b.common.size());
  const double other_left = probability(1 - a.null_fraction - matches.left - matches.left_rest);
  const double other_right = probability(1 - b.null_fraction - matches.right - matches.right_rest);
  const auto common_left = static_cast<double>(a.common.size()), common_right = static_cast<double>(b.common.size());
  double from_left = matches.product, from_right = matches.product;
  if (distinct_right > common_right) from_left += matches.left_rest * other_right / (distinct_right - common_right);
  if (distinct_right > matches.count) {
    from_left += other_left * (other_right + matches.right_rest) / (distinct_right - matches.count);
  }
  if (distinct_left > common_left) from_right += matches.right_rest * other_left / (distinct_left - common_left);
  if (distinct_left > matches.count) {
    from_right += other_right * (other_left + matches.left_rest) / (distinct_left - matches.count);
  }
  return probability(std::min(from_left, from_right));
}

namespace {

struct GroupVariable {
  Variable variable;
  double distinct = 1;
  const BoundExpression* expression = nullptr;
};

void collect_columns(const BoundExpression& expression, std::vector<const BoundExpression*>& columns) {
  if (expression.is_column()) columns.push_back(&expression);
  for (const BoundExpression& argument : expression.arguments) collect_columns(argument, columns);
}

}  // namespace

double Selectivity::groups(const std::vector<const BoundExpression*>& expressions, double rows) const {
  if (expressions.empty()) return 1;
  double count = 1;
  std::vector<GroupVariable> variables;
  const auto add = [&](const BoundExpression& expression, const Variable& known) {
    const bool repeated = std::any_of(variables.begin(), variables.end(),
                                      [&](const GroupVariable& v) { return same(*v.expression, expression); });
    if (!repeated) variables.push_back({known, distinct(known), &expression});
  };
  for (const BoundExpression* expression : expressions) {
    if (!expression->is_column() && expression->type && expression->type->kind == ValueKind::kBoolean) {
      count *= 2;
      continue;
    }
    const auto known = variable(*expression);
    if (known && (known->of().known || known->of().unique || expression->is_column())) {
      add(*expression, *known);
      continue;
    }
    std::vector<const BoundExpression*> columns;
    collect_columns(*expression, columns);
    for (const BoundExpression* column : columns) {
      if (const auto of_column = variable(*column)) add(*column, *of_column);
    }
  }
  while (!variables.empty()) {  // relation by relation
    const int relation = variables.front().variable.relation;
    const double tuples = variables.front().variable.tuples, kept = variables.front().variable.rows;
    double product = 1, largest = 0;
    int of_relation = 0;
    for (const GroupVariable& variable : variables) {
      if (variable.variable.relation != relation) continue;
      product *= variable.distinct;
      largest = std::max(largest, variable.distinct);
      ++of_relation;
    }
    if (tuples > 0) {
      double most = tuples;
      if (of_relation > 1) most = std::clamp(most * 0.1, std::min(largest, tuples), tuples);
      product = std::min(product, most);
      if (product > 0 && kept < tuples) product *= 1 - std::pow((tuples - kept) / tuples, tuples / product);
      product = clamped_rows(product);
      count *= product;
    }
    std::erase_if(variables, [&](const GroupVariable& variable) { return variable.variable.relation == relation; });
  }
  return std::clamp(std::ceil(count), 1.0, std::max(1.0, rows));
}

std::pair<double, double> Selectivity::bucket_share(const BoundExpression& key, double buckets) const {
  const auto known = variable(key);
  if (!known) return {0.1, 0};
  const ColumnFacts& facts = known->of();
  bool is_default = false;
  double count = distinct(*known, &is_default);
  const double most_common = facts.frequencies.empty() ? 0 : facts.frequencies.front();
  if (is_default) return {std::max(0.1, most_common), most_common};
  const double average = (1 - facts.null_fraction) / count;
  if (known->tuples > 0) count = clamped_rows(count * known->rows / known->tuples);
  double share = count > buckets ? 1 / buckets : 1 / count;
  if (average > 0 && most_common > average) share *= most_common / average;
  return {std::clamp(share, 1.0e-6, 1.0), most_common};
}

}  // namespace assay
