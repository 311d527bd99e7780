#include "advisors/selection.h"

#include <limits>

#include "advisors/exact_selection.h"
#include "advisors/local_search.h"

namespace assay {

Selection select(const SelectionProblem& problem, const Configuration& start) {
  const Configuration found = local_search(simplified(problem), start);
  const ExactSelection exact = solve_exactly(problem, found);
  return {exact.chosen, objective(problem, exact.chosen), exact.lower_bound, exact.proven};
}

std::vector<Choice> in_order_of_gain(const SelectionProblem& problem, const Configuration& chosen) {
  SelectionProblem free = problem;  // of charges, which no gain tells
  for (SelectionCandidate& candidate : free.candidates) candidate.charge = 0;
  std::vector<Choice> choices;
  Configuration taken, left = chosen;
  double value = objective(free, {});
  while (!left.empty()) {
    double least = std::numeric_limits<double>::infinity();
    std::size_t next = left.front();
    for (const std::size_t candidate : left) {
      const double trial = objective(free, with(taken, candidate));
      if (trial >= least) continue;
      least = trial;
      next = candidate;
    }
    choices.push_back({next, value - least});
    value = least;
    taken = with(taken, next);
    left = without(left, next);
  }
  return choices;
}

}  // namespace assay
