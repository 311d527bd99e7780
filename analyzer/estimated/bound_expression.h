// Expressions with their names resolved, types told, constants folded and operators counted.
//
// Folding follows eval_const_expressions and estimate_expression_value (optimizer/util/clauses.c): what is known when a
// statement is planned becomes a Value, now() too. Counting follows cost_qual_eval (optimizer/path/costsize.c): an
// operator or function costs one cpu_operator_cost, a conversion through text two, AND, CASE and columns nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/cost_model.h"
#include "analyzer/estimated/table_facts.h"
#include "parser/sql/query_tree.h"

namespace assay {

/// Thrown within the model, caught by it: why a statement cannot be judged.
struct Refusal {
  std::string reason;
};

/// Relations of a query block, a bit each.
using RelationSet = std::uint64_t;
inline constexpr std::size_t kMostRelations = 64;
inline RelationSet bit(int relation) { return RelationSet{1} << relation; }
inline bool contains(RelationSet larger, RelationSet smaller) { return (smaller & ~larger) == 0; }

struct BoundExpression {
  ExpressionKind kind = ExpressionKind::kOpaque;
  std::string name;
  std::optional<ValueType> type;  ///< nothing: not known
  int relation = -1, column = -1;
  std::optional<Value> value;  ///< known when the statement is planned
  bool folded = false;         ///< a constant in the plan; else `value` is only for estimates (now())
  bool is_null = false;        ///< the constant NULL
  bool negated = false, distinct = false, is_array = false;
  bool is_volatile = false;
  bool has_aggregate = false, has_window = false, has_subplan = false;
  RelationSet relations = 0;
  double operators = 0;                               ///< a tuple, in cpu_operator_cost
  double startup_operators = 0;                       ///< once, in cpu_operator_cost
  double subplan_startup = 0, subplan_per_tuple = 0;  ///< planner's units
  std::vector<BoundExpression> arguments;

  bool is_column() const { return kind == ExpressionKind::kColumn && relation >= 0; }
  /// The same for every row.
  bool is_pseudo_constant() const { return relations == 0 && !is_volatile && !has_aggregate && !has_window; }
};

/// Same expression over the same columns?
bool same(const BoundExpression& left, const BoundExpression& right);

/// A column of a relation of the block.
BoundExpression bound_column(int relation, int column, const ColumnFacts& facts);

/// What a subquery within an expression costs.
struct SubplanCost {
  double startup = 0, per_tuple = 0;
  double operators = 0;
  std::optional<ValueType> type;
};

/// Where names are looked up, and subqueries planned.
class BindingContext {
 public:
  virtual ~BindingContext() = default;
  /// What a column's name stands for: a column, an expression of a subquery that was pulled up, or a parameter that an
  /// outer query gives.
  virtual BoundExpression resolve(const std::string& qualifier, const std::string& name) = 0;
  virtual SubplanCost subplan(const Expression& expression) = 0;
};

class ExpressionBinder {
 public:
  ExpressionBinder(const DatabaseFacts& facts, const PlannableQuery& query) : facts_(facts), query_(query) {}

  /// Throws Refusal for what the model does not know.
  BoundExpression bind(const Expression& expression, BindingContext& context) const;

 private:
  BoundExpression constant(const Expression& expression) const;
  BoundExpression parameter(const Expression& expression) const;
  BoundExpression operation(const Expression& expression, BindingContext& context) const;
  BoundExpression element_comparison(const Expression& expression, BindingContext& context) const;
  BoundExpression function(const Expression& expression, BindingContext& context) const;
  BoundExpression cast(const Expression& expression, BindingContext& context) const;
  BoundExpression compound(const Expression& expression, BindingContext& context) const;
  BoundExpression subquery(const Expression& expression, BindingContext& context) const;
  BoundExpression with_arguments(const Expression& expression, BindingContext& context) const;
  void coerce(BoundExpression& literal, const BoundExpression& other) const;
  Value now() const;

  const DatabaseFacts& facts_;
  const PlannableQuery& query_;
};

}  // namespace assay
