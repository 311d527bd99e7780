// What a plan costs when its estimates are too small where that hurts most: at the foot of its nested loops, and where
// an index leads to many rows.
//
// A nested loop repeats its inner side for every outer row; an estimate of 3 rows that are 30 makes it ten times as
// expensive, which an index scan makes look cheap (Leis et al.: "How good are query optimizers, really?", VLDB 2015).
// The worst case here: every inner side is repeated tenfold. And the planner takes a page that an index scan comes back
// to for free (Mackert, Lohman: "Index scans using a finite LRU buffer: a validated I/O model", TODS 1989), while
// finding it in memory again for each row takes longer than reading in sequence does; in the worst case each row pays.
// All else is as estimated: a bound for these two errors, not for all; a planner that knew would have chosen otherwise.
#pragma once

#include "analyzer/plan.h"

namespace assay {

inline constexpr double kRowsUnderestimated = 10;
/// Planner's units of sequential reading, a row that an index scan looks up in the table: ten times cpu_tuple_cost,
/// a cautious guess.
inline constexpr double kRowLookedUp = 0.1;
/// Worse than today's worst case by this factor is a regression.
inline constexpr double kRegression = 1.05;

/// Planner's units, not below the plan's own cost.
double worst_cost(const PlanNode& plan);

/// By index scans that no nested loop repeats, as far as what is above them reads on.
double rows_looked_up(const PlanNode& plan);

}  // namespace assay
