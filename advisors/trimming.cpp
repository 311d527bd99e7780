#include "advisors/trimming.h"

#include "advisors/index_problem.h"

namespace assay {
namespace {

/// Would some execution take so much longer without `candidate` that a user feels it?
bool is_missed(const std::vector<JudgedClass>& classes, const SelectionProblem& account, const Configuration& chosen,
               std::size_t candidate) {
  const Configuration rest = without(chosen, candidate);
  std::size_t next = 0;  // an account has one query for each value, in their order
  for (const JudgedClass& query : classes) {
    double weights = 0;
    for (const JudgedValue& value : query.values) weights += value.weight;
    for (const JudgedValue& value : query.values) {
      const SelectionQuery& told = account.queries[next++];
      const double calls = weights > 0 ? query.calls_per_s * value.weight / weights : 0;
      const double lost = time_under(told, rest) - time_under(told, chosen);
      if (calls > 0 && lost / calls >= kFeltByUsers) return true;
    }
  }
  return false;
}

}  // namespace

std::optional<std::size_t> least_worth(const std::vector<JudgedClass>& classes,
                                       const std::vector<WeighedCandidate>& candidates, const SelectionProblem& account,
                                       const Configuration& chosen) {
  const double whole = objective(account, chosen);
  std::optional<std::size_t> worst;
  double most_lacking = 0;
  for (const std::size_t candidate : chosen) {
    const double worth = objective(account, without(chosen, candidate)) - whole;
    const bool felt = is_missed(classes, account, chosen, candidate);
    const double lacking = charge_of(candidates[candidate], felt, worth) - worth;
    if (lacking <= most_lacking) continue;
    most_lacking = lacking;
    worst = candidate;
  }
  return worst;
}

}  // namespace assay
