// The SelectionProblem of a workload: what the planner told about each class, and what an index must be worth.
#pragma once

#include <optional>
#include <vector>

#include "advisors/evaluation.h"
#include "advisors/selection_problem.h"

namespace assay {

/// An index that saves this much, net, is worth its place whatever else: 1 ms a second is a thousandth of a core.
inline constexpr double kClearGain = 1;
/// Less will do where one execution of a class becomes faster by so many milliseconds that a user feels it: a small
/// win on one query is judged by itself, not against the size of the workload …
inline constexpr double kFeltByUsers = 100;
/// … down to this: nine seconds a day.
inline constexpr double kLeastGain = 0.1;
/// Of two that do the same, the smaller one: a gigabyte must save a thousandth of a core. An index that yields rows in
/// order until a LIMIT pays nothing for its size: it bounds the work for every value, also those that were not sampled.
inline constexpr double kChargePerGigabyte = 1;

/// `penalties`: ms per second, by candidate, for what it makes slower.
SelectionProblem problem_of(const std::vector<JudgedClass>& classes, const std::vector<WeighedCandidate>& candidates,
                            const Evaluation& evaluation, const std::vector<double>& penalties,
                            std::optional<std::int64_t> budget_bytes);

/// The same without charges, each value for itself, and with the plans of the final design for what they are.
SelectionProblem account_of(const std::vector<JudgedClass>& classes, const std::vector<WeighedCandidate>& candidates,
                            const Evaluation& evaluation, const std::vector<double>& penalties,
                            const Configuration& chosen);

}  // namespace assay
