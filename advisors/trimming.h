// Which of the chosen indexes is not worth its place, given all the others: another one does most of its work, or what
// the planner makes of the whole is less than its plans alone promised.
//
// The choice charges an index for its place by what it does for a class alone (index_problem.h); here it must earn that
// charge by what would be lost without it.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "advisors/evaluation.h"
#include "advisors/selection_problem.h"

namespace assay {

/// The one of `chosen` that falls shortest of its charge; nothing where each earns it. `account` as from account_of().
std::optional<std::size_t> least_worth(const std::vector<JudgedClass>& classes,
                                       const std::vector<WeighedCandidate>& candidates, const SelectionProblem& account,
                                       const Configuration& chosen);

}  // namespace assay
