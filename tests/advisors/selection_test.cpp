#include "advisors/selection.h"

#include <catch2/catch.hpp>
#include <random>

#include "advisors/exact_selection.h"
#include "advisors/local_search.h"

namespace assay {
namespace {

std::size_t below(std::mt19937& random, std::size_t end) { return random() % end; }

/// Queries with atoms of one to three candidates, prices, charges, conflicts, and a budget for about half of it all.
SelectionProblem some_problem(unsigned seed, std::size_t candidates, std::size_t queries) {
  std::mt19937 random(seed);
  SelectionProblem problem;
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < candidates; ++i) {
    problem.candidates.push_back({static_cast<std::int64_t>(1 + below(random, 50)) * 8192,
                                  static_cast<double>(below(random, 40)) / 10, static_cast<double>(below(random, 2))});
    bytes += problem.candidates.back().bytes;
  }
  for (std::size_t i = 0; i < queries; ++i) {
    SelectionQuery query{static_cast<double>(1 + below(random, 100)), {}};
    for (std::size_t atoms = below(random, 5); atoms > 0; --atoms) {
      Configuration uses;
      for (std::size_t size = 1 + below(random, 3); size > 0; --size) uses = with(uses, below(random, candidates));
      query.atoms.push_back({uses, query.time_today * static_cast<double>(below(random, 110)) / 100});
    }
    problem.queries.push_back(query);
  }
  for (std::size_t i = 0; i < candidates / 3; ++i) {
    const std::size_t a = below(random, candidates), b = below(random, candidates);
    if (a != b) problem.conflicts.emplace_back(a, b);
  }
  if (seed % 4 != 0) problem.budget_bytes = bytes * static_cast<std::int64_t>(1 + seed % 3) / 6;
  return problem;
}

double best_by_brute_force(const SelectionProblem& problem) {
  double best = objective(problem, {});
  for (std::size_t mask = 0; mask < std::size_t{1} << problem.candidates.size(); ++mask) {
    Configuration chosen;
    for (std::size_t c = 0; c < problem.candidates.size(); ++c) {
      if (mask >> c & 1) chosen.push_back(c);
    }
    if (is_feasible(problem, chosen)) best = std::min(best, objective(problem, chosen));
  }
  return best;
}

}  // namespace

TEST_CASE("selection: what is chosen is what trying every set finds, and the bound is not above it") {
  for (unsigned seed = 1; seed <= 120; ++seed) {
    INFO("seed " << seed);
    const SelectionProblem problem = some_problem(seed, 3 + seed % 8, 2 + seed % 9);
    const double best = best_by_brute_force(problem);
    const Selection selection = select(problem);
    CHECK(is_feasible(problem, selection.chosen));
    CHECK(selection.objective == Approx(objective(problem, selection.chosen)));
    CHECK(selection.objective == Approx(best).margin(1e-6));
    CHECK(selection.lower_bound <= best + 1e-9);
    CHECK(selection.gap() >= 0);
    CHECK(selection.gap() <= 1e-4);
    CHECK(selection.proven);
  }
}

TEST_CASE("selection: the bound holds, too, where the search for it is cut short") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    const SelectionProblem problem = some_problem(seed, 10, 12);
    const double best = best_by_brute_force(problem);
    const ExactSelection exact = solve_exactly(problem, {}, 1);
    CHECK(exact.lower_bound <= best + 1e-9);
    CHECK(is_feasible(problem, exact.chosen));
  }
}

TEST_CASE("selection: local search alone is feasible, never worse than its start, and mostly at the optimum") {
  int optimal = 0;
  constexpr int kProblems = 100;
  for (unsigned seed = 1; seed <= kProblems; ++seed) {
    INFO("seed " << seed);
    const SelectionProblem problem = some_problem(seed, 9, 12);
    const Configuration found = local_search(problem);
    CHECK(is_feasible(problem, found));
    CHECK(objective(problem, found) <= objective(problem, {}) + 1e-9);
    CHECK(objective(problem, local_search(problem, found)) <= objective(problem, found) + 1e-9);
    optimal += objective(problem, found) <= best_by_brute_force(problem) + 1e-6;
  }
  CHECK(optimal >= kProblems * 9 / 10);
}

TEST_CASE("selection: more budget is never worse") {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    INFO("seed " << seed);
    SelectionProblem problem = some_problem(seed, 20, 30);
    double before = objective(problem, {});
    for (std::int64_t pages = 0; pages <= 600; pages += 37) {
      problem.budget_bytes = pages * 8192;
      const Selection selection = select(problem);
      CHECK(bytes_of(problem, selection.chosen) <= pages * 8192);
      CHECK(selection.objective <= before + 1e-6);
      before = selection.objective;
    }
  }
}

TEST_CASE("selection: the same problem gives the same choice") {
  const SelectionProblem problem = some_problem(7, 30, 60);
  const Selection first = select(problem), second = select(problem);
  CHECK(first.chosen == second.chosen);
  CHECK(first.lower_bound == second.lower_bound);
}

TEST_CASE("selection: two that only pay together are found, where the room is for both or for better singles") {
  SelectionProblem problem;
  problem.candidates = {{60, 0, 0}, {40, 0, 0}, {10, 0, 0}};
  problem.queries = {{100, {{{0, 1}, 5}}}, {10, {{{2}, 1}}}};
  problem.budget_bytes = 100;
  CHECK(local_search(problem) == Configuration{0, 1});
  problem.budget_bytes = 99;
  CHECK(local_search(problem) == Configuration{2});
}

TEST_CASE("selection: a large one that greed takes first makes room for two that do more") {
  SelectionProblem problem;
  problem.candidates = {{100, 0, 0}, {50, 0, 0}, {50, 0, 0}};
  problem.queries = {{100, {{{0}, 40}, {{1}, 50}}}, {100, {{{0}, 90}, {{2}, 50}}}};
  problem.budget_bytes = 100;
  CHECK(local_search(problem) == Configuration{1, 2});
}

TEST_CASE("selection: an index that its writers pay for dearly is left alone") {
  SelectionProblem problem;
  problem.candidates = {{1, 9, 0}, {1, 11, 0}};
  problem.queries = {{20, {{{0}, 10}}}, {20, {{{1}, 10}}}};
  CHECK(select(problem).chosen == Configuration{0});
}

TEST_CASE("selection: gains are told best first, add up to the whole, and hold no charge") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SelectionProblem problem = some_problem(seed, 12, 20);
    const Configuration chosen = select(problem).chosen;
    double sum = 0, charges = 0;
    for (const Choice& choice : in_order_of_gain(problem, chosen)) sum += choice.gain_ms_per_s;
    for (const std::size_t candidate : chosen) charges += problem.candidates[candidate].charge;
    CHECK(sum == Approx(objective(problem, {}) - objective(problem, chosen) + charges).margin(1e-9));
  }
}

TEST_CASE("selection: nothing to choose from") {
  CHECK(select({}).chosen.empty());
  CHECK(select({}).gap() == 0);
  SelectionProblem problem;
  problem.queries = {{5, {}}};
  CHECK(select(problem).objective == 5);
  CHECK(select(problem).proven);
}

}  // namespace assay
