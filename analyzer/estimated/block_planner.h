// One block, from its relations to its sorted and limited rows.
#pragma once

#include "analyzer/estimated/join_search.h"
#include "analyzer/estimated/query_block.h"

namespace assay {

struct BlockLimits {
  bool has_limit = false, has_offset = false;
  double limit = -1, offset = -1;  ///< -1: there is one, but its value is not known
};

/// `wanted_rows`: how many rows the one who asks will read; -1: all.
PlannedQuery plan_block(PlannableBlock block, const QueryTree& query, const BlockLimits& limits, double wanted_rows,
                        bool parallel, const DatabaseFacts& facts, const PlannerSettings& settings);

/// adjust_limit_rows_costs, optimizer/util/pathnode.c.
Path limited(const PathPtr& input, const BlockLimits& limits);

}  // namespace assay
