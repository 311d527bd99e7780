// Chooses indexes: local search for a good set, an exact method for the proof and what the search has missed.
#pragma once

#include <vector>

#include "advisors/selection_problem.h"

namespace assay {

struct Selection {
  Configuration chosen;
  double objective = 0;    ///< ms per second, charges included
  double lower_bound = 0;  ///< no feasible set of these candidates has less, as far as the problem knows their costs
  bool proven = false;     ///< nothing is better

  /// 0 to 1: how much of the objective a perfect choice could save at most.
  double gap() const { return objective > 0 && objective > lower_bound ? 1 - lower_bound / objective : 0; }
};

Selection select(const SelectionProblem& problem, const Configuration& start = {});

struct Choice {
  std::size_t candidate = 0;
  double gain_ms_per_s = 0;  ///< given the choices before it, writers' price taken off
};

/// The chosen ones, each next one the one that saves most given those before it: the gains add up to the whole.
std::vector<Choice> in_order_of_gain(const SelectionProblem& problem, const Configuration& chosen);

}  // namespace assay
