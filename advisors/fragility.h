// What a plan costs when its estimates are too small where that hurts most: at the foot of its nested loops, where it
// is believed to stop early, and where an index leads to many rows of the table.
//
// A nested loop repeats its inner side for every outer row; an estimate of 3 rows that are 30 makes it ten times as
// expensive, which an index scan makes look cheap (Leis et al.: "How good are query optimizers, really?", VLDB 2015).
// A LIMIT above rows that a filter or a join discards, and a merge join, are charged the part of what is below them
// that they are expected to read; the rows that match may lie at the far end. The worst case here: every inner side is
// repeated tenfold, a LIMIT reads ten times as far, and a merge join, which stops by what a histogram says of the
// largest key, to the end. All else is as estimated: a bound for these errors, not for all; a planner that knew would
// have chosen otherwise.
#pragma once

#include "analyzer/plan.h"

namespace assay {

inline constexpr double kRowsUnderestimated = 10;
/// Planner's units, a row that an index scan looks up in the table: ten times cpu_tuple_cost. A page that the scan
/// comes back to is free for the planner (Mackert, Lohman: "Index scans using a finite LRU buffer: a validated I/O
/// model", TODS 1989), but not for the processor. Set by one query: docs/index-choice.md.
inline constexpr double kRowLookedUp = 0.1;
/// Worse than today's worst case by this factor is a regression.
inline constexpr double kRegression = 1.05;

/// Planner's units, not below the plan's own cost; with so many for each row looked up.
double worst_cost(const PlanNode& plan, double row_looked_up = 0);

}  // namespace assay
