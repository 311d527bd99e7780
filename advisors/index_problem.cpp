#include "advisors/index_problem.h"

#include <algorithm>
#include <map>

#include "advisors/exploration.h"
#include "advisors/screening.h"

namespace assay {
namespace {

constexpr double kGigabyte = 1024.0 * 1024 * 1024;

std::vector<std::pair<std::size_t, std::size_t>> conflicts_of(const std::vector<WeighedCandidate>& candidates) {
  std::map<std::pair<std::string, std::string>, std::vector<std::size_t>> by_table;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const IndexDefinition& definition = candidates[i].candidate.definition;
    by_table[{definition.schema, definition.table}].push_back(i);
  }
  std::vector<std::pair<std::size_t, std::size_t>> conflicts;
  for (const auto& [table, list] : by_table) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      for (std::size_t j = i + 1; j < list.size(); ++j) {
        const Candidate &a = candidates[list[i]].candidate, &b = candidates[list[j]].candidate;
        if (serves_for(a, b) || serves_for(b, a)) conflicts.emplace_back(list[i], list[j]);
      }
    }
  }
  return conflicts;
}

/// What the best that it is in does for any one class.
struct Standing {
  bool eligible = false;  // some class becomes cheaper by a tenth
  bool felt = false;
  double saved = 0;  // ms per second, of all classes, by the best that it is in
};

void judge(const JudgedClass& query, std::size_t value, const SelectionQuery& atoms, std::vector<Standing>& standings) {
  double weights = 0, own = 0;
  for (std::size_t v = 0; v < query.values.size(); ++v) {
    weights += query.values[v].weight;
    if (query.values[v].like == value) own += query.values[v].weight;
  }
  const double calls = query.calls_per_s * own / weights;
  std::map<std::size_t, double> best;
  for (const AtomicConfiguration& atom : atoms.atoms) {
    const double saved = atoms.time_today - atom.time;
    if (saved < kLeastClassGain * atoms.time_today || saved <= 0) continue;
    for (const std::size_t candidate : atom.uses) {
      standings[candidate].eligible = true;
      standings[candidate].felt |= calls > 0 && saved / calls >= kFeltByUsers;
      best[candidate] = std::max(best[candidate], saved);
    }
  }
  for (const auto& [candidate, saved] : best) standings[candidate].saved += saved;
}

}  // namespace

double charge_of(const WeighedCandidate& candidate, bool felt, double saved) {
  const double gigabytes = static_cast<double>(candidate.index.bytes()) / kGigabyte;
  const bool bounds_all = candidate.candidate.stops_at_limit && candidate.index.definition.include.empty();
  const double for_size = std::min(kChargePerGigabyte * gigabytes, kMostChargeForSize * std::max(saved, 0.0));
  return (felt ? kLeastGain : kClearGain) + (bounds_all ? 0 : for_size);
}

SelectionProblem problem_of(const std::vector<JudgedClass>& classes, const std::vector<WeighedCandidate>& candidates,
                            const Evaluation& evaluation, const std::vector<double>& penalties,
                            std::optional<std::int64_t> budget_bytes) {
  SelectionProblem problem{.budget_bytes = budget_bytes};
  std::vector<Standing> standings(candidates.size());
  for (const JudgedClass& query : classes) {
    for (std::size_t v = 0; v < query.values.size(); ++v) {
      if (query.values[v].like != v) continue;
      problem.queries.push_back(evaluation.atoms(query, v, true));
      judge(query, v, problem.queries.back(), standings);
    }
  }
  for (SelectionQuery& query : problem.queries) {
    std::erase_if(query.atoms, [&](const AtomicConfiguration& atom) {
      return std::any_of(atom.uses.begin(), atom.uses.end(), [&](std::size_t c) { return !standings[c].eligible; });
    });
  }
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const WeighedCandidate& candidate = candidates[i];
    problem.candidates.push_back({candidate.index.bytes(), candidate.writes.price_ms_per_s + penalties[i],
                                  charge_of(candidate, standings[i].felt, standings[i].saved)});
  }
  problem.conflicts = conflicts_of(candidates);
  return problem;
}

SelectionProblem account_of(const std::vector<JudgedClass>& classes, const std::vector<WeighedCandidate>& candidates,
                            const Evaluation& evaluation, const std::vector<double>& penalties,
                            const Configuration& chosen) {
  SelectionProblem account;
  for (const JudgedClass& query : classes) {
    for (std::size_t v = 0; v < query.values.size(); ++v) {
      SelectionQuery& told = account.queries.emplace_back(evaluation.atoms(query, v, false));
      const PlanNode* plan = query.values[v].final;
      if (!plan) continue;
      // The planner chooses by cost, not by time: what it has at its choice it may leave.
      const bool counts = !evaluation.is_fragile(query.values[v], *plan);
      const double least = counts ? evaluation.time_with(query, v, *plan, false) : told.time_today;
      for (AtomicConfiguration& atom : told.atoms) {
        const bool exists = std::includes(chosen.begin(), chosen.end(), atom.uses.begin(), atom.uses.end());
        if (exists) atom.time = std::max(atom.time, least);
      }
    }
  }
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    account.candidates.push_back({candidates[i].index.bytes(), candidates[i].writes.price_ms_per_s + penalties[i], 0});
  }
  return account;
}

}  // namespace assay
