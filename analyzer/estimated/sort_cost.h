// What sorting costs: in memory, on disk, top-N by a heap, and incrementally where the input is sorted in part.
//
// cost_tuplesort, cost_sort, cost_incremental_sort (optimizer/path/costsize.c), tuplesort_merge_order
// (utils/sort/tuplesort.c).
#pragma once

#include "analyzer/estimated/path.h"
#include "analyzer/estimated/settings.h"

namespace assay {

struct SortCost {
  double startup = 0, run = 0;  ///< planner's units, the input's cost left out
};

/// Bytes of so many rows in memory or on disk (relation_byte_size).
double rows_bytes(double rows, int width);

/// `limit` rows are wanted; -1: all.
SortCost sort_cost(double rows, int width, double limit, const PlannerSettings& settings);

/// A Sort on top of `input`.
Path sorted(const PathPtr& input, Order order, double limit, const PlannerSettings& settings);

/// An Incremental Sort on top of `input`, whose order begins as wanted, in `groups` groups of equal leading keys.
Path sorted_incrementally(const PathPtr& input, Order order, double groups, double limit,
                          const PlannerSettings& settings);

}  // namespace assay
