// A good answer to a SelectionProblem, quickly: greedy, then evict and refill.
//
// Greedy runs twice, by the largest saving and by the largest saving per byte: either alone can be arbitrarily bad
// under a budget, the better of the two cannot (Leskovec et al.: "Cost-effective outbreak detection in networks", KDD
// 2007). Each step may take a whole atomic configuration, since two large indexes may only pay together. Then each
// index is put out by turns, and each one outside let in, the room filled up again, and what is better is kept.
#pragma once

#include "advisors/selection_problem.h"

namespace assay {

/// Feasible, and never worse than `start`, which must be feasible.
Configuration local_search(const SelectionProblem& problem, const Configuration& start = {});

}  // namespace assay
