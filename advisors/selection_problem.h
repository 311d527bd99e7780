// The choice of indexes as an abstract problem in which every cost is known: no planner, no SQL.
//
// A query takes its time of today, or that of the best of its atomic configurations whose indexes all exist (Dash,
// Polyzotis, Ailamaki: "CoPhy: a scalable, portable, and interactive index advisor for large workloads", VLDB 2011).
// An index costs its writers, and a charge for its place: what does not save that much is not worth looking after.
//
//     objective(S) = Σ over queries of time(q, S) + Σ over c in S of (price(c) + charge(c)), in ms per second
//     S holds no two that conflict, and no more bytes than the budget
//
// What is left out: that a planner may choose a worse plan because an index exists; the caller looks at that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace assay {

/// Positions in a list of candidates, ascending.
using Configuration = std::vector<std::size_t>;

struct AtomicConfiguration {
  Configuration uses;  ///< the candidates in the plan
  double time = 0;     ///< ms per second of the query when all of them exist
};

struct SelectionQuery {
  double time_today = 0;  ///< ms per second
  std::vector<AtomicConfiguration> atoms;
};

struct SelectionCandidate {
  std::int64_t bytes = 0;
  double price = 0;   ///< what it costs the writers, ms per second
  double charge = 0;  ///< the least that it must save beyond that, ms per second
};

struct SelectionProblem {
  std::vector<SelectionQuery> queries;
  std::vector<SelectionCandidate> candidates;
  std::vector<std::pair<std::size_t, std::size_t>> conflicts;  ///< never both
  std::optional<std::int64_t> budget_bytes;                    ///< nothing: no limit
};

double time_under(const SelectionQuery& query, const Configuration& configuration);
double objective(const SelectionProblem& problem, const Configuration& configuration);
std::int64_t bytes_of(const SelectionProblem& problem, const Configuration& configuration);
bool is_feasible(const SelectionProblem& problem, const Configuration& configuration);

bool holds(const Configuration& configuration, std::size_t candidate);
Configuration with(Configuration configuration, std::size_t candidate);
Configuration without(Configuration configuration, std::size_t candidate);

/// Without atoms that gain nothing or that another one does as well with less.
SelectionProblem simplified(SelectionProblem problem);

}  // namespace assay
