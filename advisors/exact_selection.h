// The optimum of a SelectionProblem, or how far from it one can be at most: CBC's branch and bound over CoPhy's integer
// program.
//
//     min  Σ price·x + charge·x - Σ gain·z      x: the index exists (0 or 1);  z: the query runs by this atom
//     s.t. Σ z <= 1 for each query;  Σ of the z that use c <= x of c, for each query and c;  Σ bytes·x <= budget
//
// One thread and a limit of nodes, not of time, so that the answer is the same on every machine.
#pragma once

#include "advisors/selection_problem.h"

namespace assay {

struct ExactSelection {
  Configuration chosen;    ///< feasible
  double lower_bound = 0;  ///< of objective(), over every feasible configuration
  bool proven = false;     ///< the chosen one is optimal
};

inline constexpr int kMostNodes = 2000;

/// `known` is feasible: what is returned is never worse.
ExactSelection solve_exactly(const SelectionProblem& problem, const Configuration& known, int most_nodes = kMostNodes);

}  // namespace assay
