// Chooses indexes within a storage budget: greedy, by logged time saved.
//
// Twice: once by the largest saving, once by the largest saving per byte, and the better result counts. Either
// alone can be arbitrarily bad under a budget, the better of the two cannot (Leskovec et al.: "Cost-effective outbreak
// detection in networks", KDD 2007). Then choices that later ones overtook are dropped, or exchanged for
// better ones on the same table, until nothing improves.
// Leaves out: pairs of indexes that only pay together, and the distance from the optimum.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "advisors/evaluation.h"

namespace assay {

/// A class with its candidates, as the selection sees it.
struct SelectableClass {
  std::size_t position = 0;  ///< in Workload::classes
  double time_ms_per_s = 0;
  double calls_per_s = 0;
  double cost_before = 0;  ///< planner's units
  Configuration relevant;  ///< candidates that can matter to it
};

struct Choice {
  std::size_t candidate = 0;
  double gain_ms_per_s = 0;  ///< given the choices before it, writers' price taken off
};

/// An index that saves this much, net, is worth its place whatever else: 1 ms a second is a thousandth of a core.
inline constexpr double kClearGain = 1;
/// Less will do where one execution of a class becomes faster by so many milliseconds that a user feels it: a small
/// win on one query is judged by itself, not against the size of the workload …
inline constexpr double kFeltByUsers = 100;
/// … down to this: nine seconds a day.
inline constexpr double kLeastGain = 0.1;
/// In any case at least one class must become cheaper by this share.
inline constexpr double kLeastClassGain = 0.1;

std::vector<Choice> select_indexes(const std::vector<SelectableClass>& classes,
                                   const std::vector<WeighedCandidate>& candidates, const Evaluation& evaluation,
                                   std::optional<std::int64_t> budget_bytes);

/// Cost of the class when these candidates exist; infinite where it cannot be planned with them.
double cost_under(const SelectableClass& query, const Configuration& configuration,
                  const std::vector<WeighedCandidate>& candidates, const Evaluation& evaluation);

}  // namespace assay
