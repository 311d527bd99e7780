#include "analyzer/estimated/selectivity.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <string_view>

namespace assay {
namespace {

using Kind = ExpressionKind;

// utils/selfuncs.h
constexpr double kEqual = 0.005;                    // DEFAULT_EQ_SEL
constexpr double kInequality = 0.3333333333333333;  // DEFAULT_INEQ_SEL
constexpr double kRange = 0.005;                    // DEFAULT_RANGE_INEQ_SEL
constexpr double kMatch = 0.005;                    // DEFAULT_MATCH_SEL
constexpr double kNull = 0.005, kNotNull = 0.995;   // DEFAULT_UNK_SEL, DEFAULT_NOT_UNK_SEL
constexpr double kDefaultDistinct = 200;            // DEFAULT_NUM_DISTINCT
constexpr double kFunction = 0.3333333;             // function_selectivity, optimizer/util/plancat.c
constexpr double kSubplan = 0.5;                    // clause_selectivity's own default
constexpr double kElementsOfUnknownArray = 10;      // estimate_array_length

double probability(double share) { return std::isnan(share) ? 0 : std::clamp(share, 0.0, 1.0); }

double sum_of(const std::vector<double>& numbers) {
  double sum = 0;
  for (const double number : numbers) sum += number;
  return sum;
}

bool is_less(std::string_view name) { return name == "<" || name == "<="; }
bool is_greater(std::string_view name) { return name == ">" || name == ">="; }
bool is_like(std::string_view name) { return name == "~~" || name == "~~*" || name == "!~~" || name == "!~~*"; }
bool is_regex(std::string_view name) { return name == "~" || name == "~*" || name == "!~" || name == "!~*"; }

std::string commuted(const std::string& name) {
  if (name == "<") return ">";
  if (name == "<=") return ">=";
  if (name == ">") return "<";
  if (name == ">=") return "<=";
  return name;
}

bool holds(const Value& left, std::string_view name, const Value& right) {
  const int order = compare(left, right);
  if (name == "=") return order == 0;
  if (name == "<") return order < 0;
  if (name == "<=") return order <= 0;
  if (name == ">") return order > 0;
  return order >= 0;
}

// Patterns --------------------------------------------------------------------------------------

constexpr double kFixedCharacter = 0.20, kAnyCharacter = 0.9, kWildcard = 5.0;  // utils/adt/like_support.c

/// like_selectivity: of what comes behind the fixed prefix.
double rest_selectivity(std::string_view pattern) {
  double share = 1;
  std::size_t at = 0;
  while (at < pattern.size() && (pattern[at] == '%' || pattern[at] == '_')) ++at;
  for (; at < pattern.size(); ++at) {
    if (pattern[at] == '%') {
      share *= kWildcard;
    } else if (pattern[at] == '_') {
      share *= kAnyCharacter;
    } else {
      if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
      share *= kFixedCharacter;
    }
  }
  return std::min(share, 1.0);
}

/// A comparison brought into the form variable, operator, other side.
struct Sides {
  std::optional<Variable> variable;
  const BoundExpression* expression = nullptr;
  const BoundExpression* other = nullptr;
  std::string name;
};

/// A range of one variable, half or whole (addRangeClause, clausesel.c).
struct RangePair {
  const BoundExpression* expression = nullptr;
  std::optional<double> low, high;
};

const BoundExpression* range_side(const BoundExpression& clause, std::string& name) {
  if (clause.kind != Kind::kOperator || clause.arguments.size() != 2) return nullptr;
  name = clause.name;
  if (!is_less(name) && !is_greater(name)) return nullptr;
  if (clause.arguments[1].is_pseudo_constant()) return &clause.arguments[0];
  name = commuted(name);
  return clause.arguments[0].is_pseudo_constant() ? &clause.arguments[1] : nullptr;
}

}  // namespace

PatternPrefix pattern_prefix(std::string_view pattern, bool ignore_case) {
  PatternPrefix prefix;
  std::size_t at = 0;
  for (; at < pattern.size(); ++at) {
    if (pattern[at] == '%' || pattern[at] == '_') break;
    const bool escaped = pattern[at] == '\\';
    if (escaped && at + 1 >= pattern.size()) break;
    const auto letter = static_cast<unsigned char>(pattern[at + (escaped ? 1 : 0)]);
    if (ignore_case && (std::isalpha(letter) != 0 || letter >= 0x80)) break;
    if (escaped) ++at;
    prefix.text += static_cast<char>(letter);
  }
  prefix.exact = at == pattern.size();
  prefix.rest_selectivity = rest_selectivity(pattern.substr(at));
  return prefix;
}

std::string greater_text(std::string prefix) {
  while (!prefix.empty()) {
    const auto last = static_cast<unsigned char>(prefix.back());
    if (last < 0x7E) {
      prefix.back() = static_cast<char>(last + 1);
      return prefix;
    }
    prefix.pop_back();
  }
  return prefix;
}

// Variables -------------------------------------------------------------------------------------

std::optional<Variable> Selectivity::variable(const BoundExpression& expression) const {
  if (expression.is_column()) {
    const BaseRelation& relation = relations_[static_cast<std::size_t>(expression.relation)];
    Variable variable;
    variable.column = &relation.facts()[static_cast<std::size_t>(expression.column)];
    variable.tuples = relation.tuples;
    variable.rows = relation.rows;
    variable.relation = expression.relation;
    return variable;
  }
  if (expression.relations == 0 || (expression.relations & (expression.relations - 1)) != 0) return std::nullopt;
  for (std::size_t i = 0; i < relations_.size(); ++i) {
    if (expression.relations != bit(static_cast<int>(i))) continue;
    Variable variable;
    variable.tuples = relations_[i].tuples;
    variable.rows = relations_[i].rows;
    variable.relation = static_cast<int>(i);
    if (expression.type) variable.facts.type = *expression.type;
    for (const auto& [known, facts] : relations_[i].expression_statistics) {
      if (same(known, expression)) variable.facts = facts;
    }
    return variable;
  }
  return std::nullopt;
}

double Selectivity::distinct(const Variable& variable, bool* is_default) const {
  if (is_default != nullptr) *is_default = false;
  const ColumnFacts& facts = variable.of();
  double count = facts.known ? facts.distinct : 0;
  if (!facts.known && facts.type.kind == ValueKind::kBoolean) count = 2;
  if (facts.unique) count = -1 * (1 - facts.null_fraction);
  if (count > 0) return clamped_rows(count);
  if (variable.tuples <= 0) {
    if (is_default != nullptr) *is_default = true;
    return kDefaultDistinct;
  }
  if (count < 0) return clamped_rows(-count * variable.tuples);
  if (variable.tuples < kDefaultDistinct) return clamped_rows(variable.tuples);
  if (is_default != nullptr) *is_default = true;
  return kDefaultDistinct;
}

// Restrictions ----------------------------------------------------------------------------------

double Selectivity::of(const BoundExpression& clause) const {
  if (clause.folded) {
    if (clause.is_null) return 0;
    return clause.value && clause.value->number != 0 ? 1 : 0;
  }
  switch (clause.kind) {
    case Kind::kOperator:
      return comparison(clause);
    case Kind::kAnyOf:
    case Kind::kAllOf:
      return element_comparison(clause);
    case Kind::kAnd:
      return of_all(clause.arguments);
    case Kind::kOr: {
      double share = 0;
      for (const BoundExpression& arm : clause.arguments) {
        const double other = of(arm);
        share = share + other - share * other;
      }
      return probability(share);
    }
    case Kind::kNot:
      return clause.arguments[0].is_column() ? truth(clause.arguments[0], false) : 1 - of(clause.arguments[0]);
    case Kind::kNullTest:
      return null_test(clause);
    case Kind::kBooleanTest:
      if (clause.name == "UNKNOWN") return clause.negated ? kNotNull : kNull;
      return clause.negated ? 1 - truth(clause.arguments[0], clause.name == "TRUE")
                            : truth(clause.arguments[0], clause.name == "TRUE");
    case Kind::kColumn:
      return truth(clause, true);
    case Kind::kFunction:
      return kFunction;
    default:
      return kSubplan;
  }
}

double Selectivity::of_all(const std::vector<BoundExpression>& clauses) const {
  std::vector<const BoundExpression*> all;
  for (const BoundExpression& clause : clauses) all.push_back(&clause);
  return of_all(all);
}

double Selectivity::of_all(const std::vector<const BoundExpression*>& clauses) const {
  if (clauses.size() == 1) return of(*clauses[0]);
  double share = 1;
  std::vector<RangePair> ranges;
  const auto note_range = [&](const BoundExpression& side, bool low, double one) {
    auto pair = std::find_if(ranges.begin(), ranges.end(),
                             [&](const RangePair& known) { return same(*known.expression, side); });
    if (pair == ranges.end()) pair = ranges.insert(ranges.end(), RangePair{&side, {}, {}});
    std::optional<double>& bound = low ? pair->low : pair->high;
    bound = bound ? std::min(*bound, one) : one;  // the more restrictive of two alike
  };
  std::vector<const BoundExpression*> flat;
  for (const BoundExpression* clause : clauses) {
    if (clause->kind != Kind::kAnd) {
      flat.push_back(clause);
      continue;
    }
    for (const BoundExpression& part : clause->arguments) flat.push_back(&part);
  }
  for (const BoundExpression* clause : flat) {
    std::string name;
    const double one = of(*clause);
    if (const BoundExpression* side = range_side(*clause, name)) {
      note_range(*side, is_greater(name), one);
    } else {
      share *= one;
    }
  }
  for (const RangePair& pair : ranges) {
    if (!pair.low || !pair.high) {
      share *= pair.low.value_or(1) * pair.high.value_or(1);
      continue;
    }
    double both = kRange;
    if (*pair.low != kInequality && *pair.high != kInequality) {
      const auto known = variable(*pair.expression);
      const double nulls = known && known->of().known ? known->of().null_fraction : kNull;
      both = *pair.high + *pair.low - 1 + nulls;
      if (both <= 0) both = both < -0.01 ? kRange : 1.0e-10;
    }
    share *= both;
  }
  return probability(share);
}

namespace {

/// get_restriction_variable: one side is of a single relation, the other the same for all rows.
Sides sides_of(const BoundExpression& clause, const Selectivity& selectivity) {
  Sides sides;
  sides.name = clause.name;
  if (clause.arguments.size() != 2) return sides;
  const BoundExpression &left = clause.arguments[0], &right = clause.arguments[1];
  const bool flip = left.is_pseudo_constant();
  if (!flip && (right.relations & left.relations) != 0) return sides;
  sides.expression = flip ? &right : &left;
  sides.other = flip ? &left : &right;
  if (flip) sides.name = commuted(clause.name);
  sides.variable = selectivity.variable(*sides.expression);
  return sides;
}

}  // namespace

double Selectivity::comparison(const BoundExpression& clause) const {
  const Sides sides = sides_of(clause, *this);
  const std::string& name = sides.name;
  const bool equality = name == "=" || name == "<>";
  if (!sides.variable) {
    if (name == "=") return kEqual;
    if (name == "<>") return 1 - kEqual;
    if (is_less(name) || is_greater(name)) return kInequality;
  }
  if (equality) {
    if (clause.distinct && sides.other->is_null)
      return sides.variable->of().known ? sides.variable->of().null_fraction : kNull;
    return equal(*sides.variable, *sides.other, name == "<>");
  }
  if (is_less(name) || is_greater(name)) return inequality(*sides.variable, name, *sides.other);
  if (sides.variable && (is_like(name) || is_regex(name))) return pattern(*sides.variable, clause, *sides.other);
  if (is_like(name) || is_regex(name)) return name.starts_with('!') ? 1 - kMatch : kMatch;
  throw Refusal{"it selects by " + name + ", whose effect only the data could tell"};
}

/// var_eq_const and var_eq_non_const.
double Selectivity::equal(const Variable& variable, const BoundExpression& value, bool negated) const {
  const ColumnFacts& facts = variable.of();
  if (value.is_null) return 0;
  double share = 0;
  if (facts.unique && variable.tuples >= 1) {
    share = 1 / variable.tuples;
  } else if (!facts.known) {
    share = 1 / distinct(variable);
  } else if (value.value) {
    const auto found = std::find_if(facts.common.begin(), facts.common.end(),
                                    [&](const Value& common) { return compare(common, *value.value) == 0; });
    if (found != facts.common.end()) {
      share = facts.frequencies[static_cast<std::size_t>(found - facts.common.begin())];
    } else {
      share = probability(1 - sum_of(facts.frequencies) - facts.null_fraction);
      const double others = distinct(variable) - static_cast<double>(facts.common.size());
      if (others > 1) share /= others;
      if (!facts.frequencies.empty()) share = std::min(share, facts.frequencies.back());
    }
  } else {
    share = 1 - facts.null_fraction;
    const double count = distinct(variable);
    if (count > 1) share /= count;
    if (!facts.frequencies.empty()) share = std::min(share, facts.frequencies.front());
  }
  if (negated) share = 1 - share - facts.null_fraction;
  return probability(share);
}

namespace {

/// Close to what linguistic collations do first.
int compare_without_case(const Value& a, const Value& b) {
  const auto less = [](unsigned char x, unsigned char y) { return std::tolower(x) < std::tolower(y); };
  const std::string &s = a.text, &t = b.text;
  if (std::lexicographical_compare(s.begin(), s.end(), t.begin(), t.end(), less)) return -1;
  return std::lexicographical_compare(t.begin(), t.end(), s.begin(), s.end(), less) ? 1 : 0;
}

/// A histogram whose ends, where a server would look them up in an index (get_actual_variable_range), are those of all
/// values that the statistics tell: rows beyond them are not known here.
class Histogram {
 public:
  explicit Histogram(const ColumnFacts& facts) : facts_(facts), low_(facts.bounds.front()), high_(facts.bounds.back()) {
    if (!looks_up_ends()) return;
    for (const Value& common : facts.common) {
      if (compare(common, low_) < 0) low_ = common;
      if (compare(common, high_) > 0) high_ = common;
    }
  }

  std::size_t size() const { return facts_.bounds.size(); }
  const Value& at(std::size_t i) const { return i == 0 ? low_ : i + 1 == size() ? high_ : facts_.bounds[i]; }
  bool looks_up_ends() const { return facts_.leads_index && facts_.ordered_by_bytes && size() > 2; }

  /// How many bounds lie below `value`, those equal to it included where `with_equal`.
  std::size_t below(const Value& value, bool with_equal) const {
    std::size_t low = 0, high = size();
    while (low < high) {
      const std::size_t probe = (low + high) / 2;
      const int order = facts_.ordered_by_bytes ? compare(at(probe), value) : compare_without_case(at(probe), value);
      (with_equal ? order <= 0 : order < 0) ? low = probe + 1 : high = probe;
    }
    return low;
  }

 private:
  const ColumnFacts& facts_;
  Value low_, high_;
};

}  // namespace

/// ineq_histogram_selectivity.
std::optional<double> Selectivity::histogram_share(const Variable& variable, bool greater, bool or_equal,
                                                   const Value& value) const {
  const ColumnFacts& facts = variable.of();
  if (facts.bounds.size() < 2) return std::nullopt;
  const Histogram histogram(facts);
  const std::size_t position = histogram.below(value, greater != or_equal);
  const auto gaps = static_cast<double>(histogram.size() - 1);
  double share = position >= histogram.size() ? 1 : 0;
  if (position > 0 && position < histogram.size()) {
    double equal_share = 0;
    if (position == 1 || greater == or_equal) {
      const double others = distinct(variable) - static_cast<double>(facts.common.size());
      if (others > 1) equal_share = 1 / others;
    }
    const double within = position_between(histogram.at(position - 1), histogram.at(position), value, facts.type.kind);
    share = (static_cast<double>(position - 1) + within) / gaps;
    if (position == 1) share += equal_share * (1 - within);
    if (greater == or_equal) share -= equal_share;
  }
  if (greater) share = 1 - share;
  const double cutoff = 0.01 / gaps;
  return std::clamp(share, cutoff, 1 - cutoff);
}

/// scalarineqsel.
double Selectivity::inequality(const Variable& variable, const std::string& name, const BoundExpression& value) const {
  const ColumnFacts& facts = variable.of();
  if (value.is_null) return 0;
  if (!value.value || !facts.known || !is_ordered(facts.type.kind)) return kInequality;
  double common = 0;
  for (std::size_t i = 0; i < facts.common.size(); ++i) {
    if (holds(facts.common[i], name, *value.value)) common += facts.frequencies[i];
  }
  double share = 1 - facts.null_fraction - sum_of(facts.frequencies);
  share *= histogram_share(variable, is_greater(name), name.size() == 2, *value.value).value_or(0.5);
  return probability(share + common);
}

/// patternsel_common, utils/adt/like_support.c.
double Selectivity::pattern(const Variable& variable, const BoundExpression& clause,
                            const BoundExpression& value) const {
  const std::string& name = clause.name;
  const bool negated = name.starts_with('!');
  const bool ignore_case = name.ends_with('*');
  if (value.is_null) return 0;
  const ColumnFacts& facts = variable.of();
  if (!value.value) return negated ? 1 - kMatch : kMatch;
  if (is_regex(name)) {
    if (facts.known) throw Refusal{"it selects by a regular expression"};
    return negated ? 1 - kMatch : kMatch;
  }
  const std::string& text = value.value->text;
  const PatternPrefix prefix = pattern_prefix(text, ignore_case);
  double share = 0;
  if (prefix.exact) {
    BoundExpression whole;
    whole.value = Value{0, prefix.text};
    share = equal(variable, whole, false);
  } else {
    constexpr std::size_t kFewest = 10, kFull = 100;
    double matched = -1;
    if (facts.bounds.size() >= kFewest) {
      const auto matches = std::count_if(facts.bounds.begin() + 1, facts.bounds.end() - 1, [&](const Value& bound) {
        return matches_like(bound.text, text, ignore_case);
      });
      matched = static_cast<double>(matches) / static_cast<double>(facts.bounds.size() - 2);
    }
    if (facts.bounds.size() < kFull) {
      double prefix_share = 1;
      if (!prefix.text.empty()) {
        const auto from = histogram_share(variable, true, true, {0, prefix.text});
        prefix_share = kMatch;
        if (from) {
          const std::string above = greater_text(prefix.text);
          const auto to = above.empty() ? std::nullopt : histogram_share(variable, false, false, {0, above});
          prefix_share = to ? std::max(0.0, *from + *to - 1) : *from;
          BoundExpression whole;
          whole.value = Value{0, prefix.text};
          prefix_share = std::max(prefix_share, equal(variable, whole, false));
        }
      }
      const double guess = prefix_share * prefix.rest_selectivity;
      const double weight = static_cast<double>(facts.bounds.size()) / 100.0;
      matched = matched < 0 ? guess : matched * weight + guess * (1 - weight);
    }
    share = std::clamp(matched, 0.0001, 0.9999);
    double common = 0;
    for (std::size_t i = 0; i < facts.common.size(); ++i) {
      if (matches_like(facts.common[i].text, text, ignore_case)) common += facts.frequencies[i];
    }
    share = share * (1 - facts.null_fraction - sum_of(facts.frequencies)) + common;
  }
  if (negated) share = 1 - share - facts.null_fraction;
  return probability(share);
}

/// scalararraysel.
double Selectivity::element_comparison(const BoundExpression& clause) const {
  const bool any = clause.kind == Kind::kAnyOf;
  double share = any ? 0 : 1, disjoint = share;
  const bool equality = any ? clause.name == "=" : clause.name == "<>";
  const auto one = [&](const BoundExpression& element) {
    BoundExpression comparison;
    comparison.kind = Kind::kOperator;
    comparison.name = clause.name;
    comparison.relations = clause.relations;
    comparison.arguments = {clause.arguments[0], element};
    return of(comparison);
  };
  const auto add = [&](double other) {
    share = any ? share + other - share * other : share * other;
    disjoint += any ? other : other - 1;
  };
  if (clause.is_array) {  // of unknown length
    BoundExpression unknown;
    unknown.kind = Kind::kParameter;
    const double other = one(unknown);
    for (int i = 0; i < static_cast<int>(kElementsOfUnknownArray); ++i) {
      share = any ? share + other - share * other : share * other;
    }
    return probability(share);
  }
  for (std::size_t i = 1; i < clause.arguments.size(); ++i) add(one(clause.arguments[i]));
  if (equality && disjoint >= 0 && disjoint <= 1) share = disjoint;
  return probability(share);
}

/// nulltestsel.
double Selectivity::null_test(const BoundExpression& clause) const {
  const auto known = variable(clause.arguments[0]);
  if (!known || !known->of().known) return clause.negated ? kNotNull : kNull;
  return clause.negated ? 1 - known->of().null_fraction : known->of().null_fraction;
}

/// boolvarsel and booltestsel: of a column that is true or false by itself.
double Selectivity::truth(const BoundExpression& expression, bool wanted) const {
  const auto known = expression.is_column() ? variable(expression) : std::nullopt;
  if (!known) return wanted ? of(expression) : 1 - of(expression);
  BoundExpression value;
  value.value = Value{wanted ? 1.0 : 0.0, {}};
  if (known->of().known) return equal(*known, value, false);
  return 0.5;
}

}  // namespace assay
