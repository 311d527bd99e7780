// What a plan costs when its estimates are too small where that hurts most: at the foot of its nested loops.
//
// A nested loop repeats its inner side for every outer row; an estimate of 3 rows that are 30 makes it ten times as
// expensive, which an index scan makes look cheap (Leis et al.: "How good are query optimizers, really?", VLDB 2015).
// The worst case here: every inner side is repeated tenfold, all else as estimated. It is a bound for that one error,
// not for all; a planner that knew would have chosen otherwise.
#pragma once

#include "analyzer/plan.h"

namespace assay {

inline constexpr double kRowsUnderestimated = 10;
/// Worse than today's worst case by this factor is a regression.
inline constexpr double kRegression = 1.05;

/// Planner's units, not below the plan's own cost.
double worst_cost(const PlanNode& plan);

}  // namespace assay
