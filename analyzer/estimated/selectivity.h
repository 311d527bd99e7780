// What share of rows a condition keeps, by PostgreSQL's estimators (utils/adt/selfuncs.c, optimizer/path/clausesel.c).
//
// Restrictions: most common values and histogram (eqsel, scalarineqsel), lists (scalararraysel), NULL tests, patterns
// (patternsel), pairs of ranges, AND, OR, NOT. Joins: eqjoinsel with most common values, for inner, semi- and
// anti-joins. Leaves out: extended statistics, element statistics of arrays, and the look into an index for the ends of
// the data (get_actual_variable_range), which needs rows.
#pragma once

#include <optional>
#include <vector>

#include "analyzer/estimated/base_relation.h"

namespace assay {

enum class JoinType { kInner, kLeft, kSemi, kAnti };

/// A column, or an expression that an index has statistics of.
struct Variable {
  ColumnFacts facts;
  const ColumnFacts* column = nullptr;  ///< of a plain column, else &facts
  double tuples = 0, rows = 0;
  int relation = -1;

  const ColumnFacts& of() const { return column != nullptr ? *column : facts; }
};

class Selectivity {
 public:
  explicit Selectivity(const std::vector<BaseRelation>& relations) : relations_(relations) {}

  /// clause_selectivity: of one condition on one relation's columns.
  double of(const BoundExpression& clause) const;
  /// clauselist_selectivity: of all of them together.
  double of_all(const std::vector<const BoundExpression*>& clauses) const;
  double of_all(const std::vector<BoundExpression>& clauses) const;

  /// Of `clause` between relations. For kSemi and kAnti the second side is the inner one, with that many rows.
  double of_join(const BoundExpression& clause, JoinType type, RelationSet inner, double inner_rows) const;

  /// get_variable_numdistinct; `is_default` when nothing is known.
  double distinct(const Variable& variable, bool* is_default = nullptr) const;
  std::optional<Variable> variable(const BoundExpression& expression) const;

  /// estimate_num_groups: distinct combinations of the expressions among `rows` rows.
  double groups(const std::vector<const BoundExpression*>& expressions, double rows) const;

  /// estimate_hash_bucket_stats: the share of inner rows in the bucket that a probe visits, and the most common value's
  /// frequency.
  std::pair<double, double> bucket_share(const BoundExpression& key, double buckets) const;

 private:
  double comparison(const BoundExpression& clause) const;
  double element_comparison(const BoundExpression& clause) const;
  double null_test(const BoundExpression& clause) const;
  double truth(const BoundExpression& expression, bool wanted) const;
  double equal(const Variable& variable, const BoundExpression& value, bool negated) const;
  double inequality(const Variable& variable, const std::string& name, const BoundExpression& value) const;
  std::optional<double> histogram_share(const Variable& variable, bool greater, bool or_equal,
                                        const Value& value) const;
  double pattern(const Variable& variable, const BoundExpression& clause, const BoundExpression& value) const;
  double equal_join(const Variable& left, const Variable& right, JoinType type, double inner_rows) const;

  const std::vector<BaseRelation>& relations_;
};

/// The fixed beginning of a LIKE pattern, unescaped, and whether that is all of it.
struct PatternPrefix {
  std::string text;
  bool exact = false;
  double rest_selectivity = 1;
};
PatternPrefix pattern_prefix(std::string_view pattern, bool ignore_case);

/// A text that is greater than all that begin with `prefix` (make_greater_string, by bytes); empty: there is none.
std::string greater_text(std::string prefix);

}  // namespace assay
