#include "advisors/exact_selection.h"

#include <Cbc_C_Interface.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

namespace assay {
namespace {

constexpr double kTolerance = 1e-6;  // of CBC's arithmetic, relative to the objective

struct Row {
  std::vector<int> columns;
  std::vector<double> values;
  char sense = 'L';  // <=
  double limit = 0;
};

/// CBC's columns: first the candidates, then the atoms.
class Program {
 public:
  explicit Program(const SelectionProblem& problem) : model_(Cbc_newModel(), &Cbc_deleteModel) {
    Cbc_setLogLevel(model_.get(), 0);
    for (const SelectionCandidate& candidate : problem.candidates) add_column(candidate.price + candidate.charge, true);
    for (const SelectionQuery& query : problem.queries) add_query(query);
    for (const auto& [a, b] : problem.conflicts) {
      add_row({{static_cast<int>(a), static_cast<int>(b)}, {1, 1}, 'L', 1});
    }
    if (problem.budget_bytes) add_budget(problem);
  }

  void limit_nodes(int most) { Cbc_setMaximumNodes(model_.get(), most); }
  void solve() { Cbc_solve(model_.get()); }
  bool is_optimal() const { return Cbc_isProvenOptimal(model_.get()) != 0; }
  bool has_solution() const { return Cbc_bestSolution(model_.get()) != nullptr; }
  double bound() const { return constant_ + Cbc_getBestPossibleObjValue(model_.get()); }

  Configuration chosen(std::size_t candidates) const {
    const double* values = Cbc_bestSolution(model_.get());
    Configuration result;
    for (std::size_t c = 0; values && c < candidates; ++c) {
      if (values[c] > 0.5) result.push_back(c);
    }
    return result;
  }

 private:
  int add_column(double cost, bool whole) {
    Cbc_addCol(model_.get(), "", 0, 1, cost, whole ? 1 : 0, 0, nullptr, nullptr);
    return columns_++;
  }

  void add_row(const Row& row) {
    Cbc_addRow(model_.get(), "", static_cast<int>(row.columns.size()), row.columns.data(), row.values.data(), row.sense,
               row.limit);
  }

  void add_query(const SelectionQuery& query) {
    constant_ += query.time_today;
    Row one;
    one.limit = 1;
    std::map<std::size_t, Row> uses;  // by candidate
    for (const AtomicConfiguration& atom : query.atoms) {
      const int column = add_column(atom.time - query.time_today, false);
      one.columns.push_back(column);
      one.values.push_back(1);
      for (const std::size_t candidate : atom.uses) {
        uses[candidate].columns.push_back(column);
        uses[candidate].values.push_back(1);
      }
    }
    add_row(one);
    for (auto& [candidate, row] : uses) {
      row.columns.push_back(static_cast<int>(candidate));
      row.values.push_back(-1);
      add_row(row);
    }
  }

  void add_budget(const SelectionProblem& problem) {
    constexpr double kPage = 8192;  // bytes; smaller numbers are solved with less rounding
    Row row;
    for (std::size_t c = 0; c < problem.candidates.size(); ++c) {
      row.columns.push_back(static_cast<int>(c));
      row.values.push_back(static_cast<double>(problem.candidates[c].bytes) / kPage);
    }
    row.limit = static_cast<double>(*problem.budget_bytes) / kPage;
    add_row(row);
  }

  std::unique_ptr<Cbc_Model, decltype(&Cbc_deleteModel)> model_;
  int columns_ = 0;
  double constant_ = 0;
};

/// Every query at its best, for nothing: a bound where the solver gives none.
double everything_for_nothing(const SelectionProblem& problem) {
  double sum = 0;
  for (const SelectionQuery& query : problem.queries) {
    double time = query.time_today;
    for (const AtomicConfiguration& atom : query.atoms) time = std::min(time, atom.time);
    sum += time;
  }
  return sum;
}

}  // namespace

ExactSelection solve_exactly(const SelectionProblem& problem, const Configuration& known, int most_nodes) {
  const SelectionProblem small = simplified(problem);
  double left_out = 0;
  for (const SelectionQuery& query : problem.queries) left_out += query.time_today;
  for (const SelectionQuery& query : small.queries) left_out -= query.time_today;
  ExactSelection result{.chosen = known, .lower_bound = everything_for_nothing(problem)};
  const double at_hand = objective(problem, known);
  if (!small.queries.empty()) {
    Program program(small);
    program.limit_nodes(most_nodes);
    program.solve();
    result.proven = program.is_optimal();
    const double bound = program.bound() + left_out;
    // Beyond 1e50 CBC says that it has found no bound.
    if (std::isfinite(bound) && std::abs(bound) < 1e50) {
      result.lower_bound = std::max(result.lower_bound, bound - kTolerance * std::max(1.0, std::abs(bound)));
    }
    const Configuration found = program.chosen(problem.candidates.size());
    if (program.has_solution() && is_feasible(problem, found) && objective(problem, found) < at_hand - 1e-9) {
      result.chosen = found;
    }
  } else {
    result.chosen = {};
    result.proven = true;
  }
  result.lower_bound = std::min(result.lower_bound, objective(problem, result.chosen));
  return result;
}

}  // namespace assay
