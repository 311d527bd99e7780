// Ways to join two sets of rows: nested loop, hash, merge (cost_nestloop, cost_hashjoin, cost_mergejoin,
// optimizer/path/costsize.c).
//
// Simpler than PostgreSQL: no Memoize, a Materialize node is thought of within the nested loop's rescans, a merge join
// reads both sides to their ends.
#pragma once

#include <vector>

#include "analyzer/estimated/selectivity.h"
#include "analyzer/estimated/settings.h"

namespace assay {

struct JoinRequest {
  JoinType type = JoinType::kInner;
  double rows = 1;
  int width = 0;
  RelationSet inner = 0;                           ///< base relations of the inner side
  std::vector<const BoundExpression*> conditions;  ///< all that are checked at this join
  std::vector<const BoundExpression*> equalities;  ///< of these, column = column of both sides
  double equal_share = 1;                          ///< of all pairs of rows, those that the equalities keep
  bool inner_unique = false;                       ///< at most one inner row matches
  double match_share = 1;                          ///< of outer rows that have a match
  double matches = 1;                              ///< inner rows an outer row with matches finds
};

/// `inner` may depend on `outer`'s relations (an inner index probe); its conditions are then not checked again.
Path nested_loop(const JoinRequest& request, const PathPtr& outer, const PathPtr& inner,
                 const PlannerSettings& settings);

Path hash_join(const JoinRequest& request, const PathPtr& outer, const PathPtr& inner, const Selectivity& selectivity,
               const PlannerSettings& settings);

/// Both sides are sorted by the equalities already.
Path merge_join(const JoinRequest& request, const PathPtr& outer, const PathPtr& inner,
                const PlannerSettings& settings);

/// An inner side kept in memory, to be read again (cost_material, cost_rescan).
PathPtr materialized(const PathPtr& input, const PlannerSettings& settings);

}  // namespace assay
