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
/// Bytes take room from the cache and from backups: a gigabyte must save a tenth of a core …
inline constexpr double kChargePerGigabyte = 100;
/// … but size decides only between those that save about as much: it never takes more than this share of the saving. A
/// plain index that yields rows in order until a LIMIT pays nothing for it: it bounds the work for every value, also
/// those that were not sampled.
inline constexpr double kMostChargeForSize = 0.1;

/// What it must save beyond what it costs the writers, ms per second; `felt` where a user feels that it is there,
/// `saved` what it does save.
double charge_of(const WeighedCandidate& candidate, bool felt, double saved);

/// `penalties`: ms per second, by candidate, for what it makes slower.
SelectionProblem problem_of(const std::vector<JudgedClass>& classes, const std::vector<WeighedCandidate>& candidates,
                            const Evaluation& evaluation, const std::vector<double>& penalties,
                            std::optional<std::int64_t> budget_bytes);

/// The same without charges, each value for itself, and with the plans of the final design for what they are.
SelectionProblem account_of(const std::vector<JudgedClass>& classes, const std::vector<WeighedCandidate>& candidates,
                            const Evaluation& evaluation, const std::vector<double>& penalties,
                            const Configuration& chosen);

}  // namespace assay
