// Aggregates, groups and DISTINCT (cost_agg, optimizer/path/costsize.c; hash_agg_entry_size, executor/nodeAgg.c).
#pragma once

#include <vector>

#include "analyzer/estimated/bound_expression.h"
#include "analyzer/estimated/path.h"
#include "analyzer/estimated/settings.h"

namespace assay {

/// What the aggregates of a query cost, in cpu_operator_cost.
struct AggregateCost {
  double transition = 0;  ///< a row
  double final = 0;       ///< a group
  double combine = 0;     ///< a partial group
  double count = 0;
  double space = 0;     ///< bytes a group beside its tuple
  int width = 0;        ///< of their results
  bool partial = true;  ///< may workers compute parts of them?
};

/// Adds the aggregates within `expression`, each distinct one once.
void collect_aggregates(const BoundExpression& expression, std::vector<const BoundExpression*>& aggregates);

AggregateCost aggregate_cost(const std::vector<const BoundExpression*>& aggregates);

enum class Grouping { kPlain, kSorted, kHashed };

struct GroupRequest {
  Grouping strategy = Grouping::kPlain;
  double keys = 0, groups = 1;
  int width = 0;                     ///< of a group's row
  double transition = 0, final = 0;  ///< cpu_operator_cost, a row and a group
  double aggregates = 0, space = 0;
};

/// An aggregation on top of `input`.
Path grouped(const PathPtr& input, const GroupRequest& request, const PlannerSettings& settings);

}  // namespace assay
