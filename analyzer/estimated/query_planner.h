// Plans one statement: its levels from the inside out, each as scans, joins, groups, sort and limit
// (grouping_planner, optimizer/plan/planner.c).
#pragma once

#include <deque>
#include <map>
#include <vector>

#include "analyzer/estimated/join_search.h"
#include "analyzer/estimated/query_block.h"

namespace assay {

class QueryPlanner : public SubqueryPlanner {
 public:
  /// `created`: indexes that are only thought of, by table. `dropped`: names of those to be overlooked.
  QueryPlanner(const DatabaseFacts& facts, const PlannerSettings& settings, const PlannableQuery& query,
               const std::vector<std::pair<const TableFacts*, const IndexFacts*>>& created,
               const std::vector<const IndexFacts*>& dropped);

  /// Throws Refusal for what the model does not know.
  PathPtr plan(const QueryTree& query);

  PlannedQuery plan_query(const QueryTree& query, const NameScope* outer, double wanted_rows) override;
  const TableFacts* table(const std::string& schema, const std::string& name) override;
  VisibleCommonTable* common_table(const std::string& name) override;
  std::vector<const IndexFacts*> indexes(const TableFacts& table) override;
  const ExpressionBinder& binder() override { return binder_; }
  void charge_once(const PlannedQuery& plan, double cost) override;
  double operator_cost() const override { return settings_.cpu_operator_cost; }

 private:
  PlannedQuery without_common_tables(const QueryTree& query, const NameScope* outer, double wanted_rows);
  PlannedQuery set_operation(const QueryTree& query, const NameScope* outer, double wanted_rows);
  PlannedQuery insertion(const QueryTree& query);

  const DatabaseFacts& facts_;
  const PlannerSettings& settings_;
  const PlannableQuery& query_;
  const std::vector<std::pair<const TableFacts*, const IndexFacts*>>& created_;
  const std::vector<const IndexFacts*>& dropped_;
  ExpressionBinder binder_;
  std::deque<VisibleCommonTable> common_tables_;  ///< innermost last
  std::vector<PathPtr> once_;                     ///< plans that are computed before all else
  double once_cost_ = 0;
  int depth_ = 0;
  bool parallel_ = true;
};

}  // namespace assay
