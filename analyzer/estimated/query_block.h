// QueryBlock: one level of a statement, ready to be planned: relations, conditions, outer joins, all names resolved.
//
// As PostgreSQL's preparation does (optimizer/prep/prepjointree.c, plan/initsplan.c): simple subqueries in FROM are
// merged into their parent, EXISTS and IN become semi- and anti-joins, outer joins that a condition makes pointless
// become inner ones, and equalities form classes (optimizer/path/equivclass.c) from which join clauses are made anew.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/estimated/base_relation.h"
#include "analyzer/estimated/selectivity.h"

namespace assay {

struct Condition {
  BoundExpression expression;
  int special = -1;          ///< the outer, semi- or anti-join whose ON it belongs to
  RelationSet required = 0;  ///< relations that must be joined before it can be checked
};

/// A join whose sides may not be exchanged freely.
struct SpecialJoin {
  JoinType type = JoinType::kLeft;
  RelationSet left = 0, right = 0;  ///< that its condition needs; all of the right side
};

/// Expressions that are equal in every row.
struct EqualityClass {
  std::vector<BoundExpression> members;
  std::optional<BoundExpression> constant;
};

struct BlockSort {
  BoundExpression expression;
  bool descending = false, nulls_first = false;
};

/// A column that a join condition reads: needed until all of its relations are joined.
struct ColumnUseInJoin {
  int relation = 0, column = 0;
  RelationSet until = 0;
};

struct PlannableBlock {
  std::vector<BaseRelation> relations;
  std::vector<Condition> conditions;  ///< that no class of equals stands for, and that are no restriction
  std::vector<SpecialJoin> specials;
  std::vector<EqualityClass> classes;
  std::vector<BoundExpression> constant_conditions;  ///< of no relation
  std::vector<BoundExpression> targets;
  std::vector<std::string> target_names;
  std::vector<BoundExpression> group;
  std::vector<BlockSort> order;
  std::optional<BoundExpression> having;
  std::vector<ColumnUseInJoin> join_uses;
  std::vector<std::vector<bool>> result_columns;  ///< a relation's columns that the result needs
  bool correlated = false;                        ///< it needs values of an outer query
};

/// A planned subquery: what a parent can see of it.
struct PlannedQuery {
  PathPtr path;
  std::vector<ColumnFacts> columns;
  bool correlated = false;
};

/// A table of a WITH clause that is in sight.
struct VisibleCommonTable {
  const CommonTable* table = nullptr;
  double references = 0;
  std::shared_ptr<PlannedQuery> planned;  ///< where it is computed once, for all that refer to it
  bool being_planned = false;
};

/// What the names of a level mean, and those of the levels around it.
struct NameScope {
  struct Item {
    std::string alias, schema;
    int relation = -1;                                                 ///< of this block
    std::vector<std::pair<std::string, BoundExpression>> expressions;  ///< a merged subquery's
    std::vector<std::string> renamed;                                  ///< column aliases
  };
  std::vector<Item> items;
  const NameScope* parent = nullptr;
  bool same_block = false;  ///< the parent's relations are of this block, too
  const PlannableBlock* block = nullptr;
};

/// Plans whatever stands below a block.
class SubqueryPlanner {
 public:
  virtual ~SubqueryPlanner() = default;
  virtual PlannedQuery plan_query(const QueryTree& query, const NameScope* outer, double wanted_rows) = 0;
  virtual const TableFacts* table(const std::string& schema, const std::string& name) = 0;
  /// nullptr where the name is no common table's.
  virtual VisibleCommonTable* common_table(const std::string& name) = 0;
  virtual std::vector<const IndexFacts*> indexes(const TableFacts& table) = 0;
  virtual const ExpressionBinder& binder() = 0;
  /// A plan that is computed once, before all else (an init plan).
  virtual void charge_once(const PlannedQuery& plan, double cost) = 0;
  virtual double operator_cost() const = 0;
};

/// Throws Refusal for what the model does not know.
PlannableBlock read_block(const QueryTree& query, const NameScope* outer, SubqueryPlanner& planner);

/// An item of ORDER BY or GROUP BY that names an item of the select list: its position, else -1.
int target_position(const Expression& item, const std::vector<std::string>& names);

}  // namespace assay
