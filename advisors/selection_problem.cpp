#include "advisors/selection_problem.h"

#include <algorithm>

namespace assay {
namespace {

bool contains(const Configuration& larger, const Configuration& smaller) {
  return std::includes(larger.begin(), larger.end(), smaller.begin(), smaller.end());
}

void simplify(SelectionQuery& query) {
  std::stable_sort(query.atoms.begin(), query.atoms.end(), [](const auto& a, const auto& b) {
    return a.time != b.time ? a.time < b.time : a.uses.size() < b.uses.size();
  });
  std::vector<AtomicConfiguration> kept;
  for (AtomicConfiguration& atom : query.atoms) {
    if (atom.time >= query.time_today) continue;
    const bool dominated =
        std::any_of(kept.begin(), kept.end(), [&](const auto& better) { return contains(atom.uses, better.uses); });
    if (!dominated) kept.push_back(std::move(atom));
  }
  query.atoms = std::move(kept);
}

}  // namespace

double time_under(const SelectionQuery& query, const Configuration& configuration) {
  double time = query.time_today;
  for (const AtomicConfiguration& atom : query.atoms) {
    if (atom.time < time && contains(configuration, atom.uses)) time = atom.time;
  }
  return time;
}

double objective(const SelectionProblem& problem, const Configuration& configuration) {
  double sum = 0;
  for (const SelectionQuery& query : problem.queries) sum += time_under(query, configuration);
  for (const std::size_t c : configuration) sum += problem.candidates[c].price + problem.candidates[c].charge;
  return sum;
}

std::int64_t bytes_of(const SelectionProblem& problem, const Configuration& configuration) {
  std::int64_t sum = 0;
  for (const std::size_t candidate : configuration) sum += problem.candidates[candidate].bytes;
  return sum;
}

bool is_feasible(const SelectionProblem& problem, const Configuration& configuration) {
  if (problem.budget_bytes && bytes_of(problem, configuration) > *problem.budget_bytes) return false;
  return std::none_of(problem.conflicts.begin(), problem.conflicts.end(), [&](const auto& pair) {
    return holds(configuration, pair.first) && holds(configuration, pair.second);
  });
}

bool holds(const Configuration& configuration, std::size_t candidate) {
  return std::binary_search(configuration.begin(), configuration.end(), candidate);
}

Configuration with(Configuration configuration, std::size_t candidate) {
  const auto place = std::lower_bound(configuration.begin(), configuration.end(), candidate);
  if (place == configuration.end() || *place != candidate) configuration.insert(place, candidate);
  return configuration;
}

Configuration without(Configuration configuration, std::size_t candidate) {
  std::erase(configuration, candidate);
  return configuration;
}

SelectionProblem simplified(SelectionProblem problem) {
  for (SelectionQuery& query : problem.queries) simplify(query);
  std::erase_if(problem.queries, [](const SelectionQuery& query) { return query.atoms.empty(); });
  return problem;
}

}  // namespace assay
