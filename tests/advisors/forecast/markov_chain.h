// Brute force: the stationary distribution of any continuous-time Markov chain that is small, from its balance
// equations by Gauss. Knows nothing of queueing.
#pragma once

#include <cmath>
#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace assay {

using MarkovState = std::vector<int>;
struct MarkovMove {
  MarkovState to;
  double rate;
};
using MarkovMoves = std::function<std::vector<MarkovMove>(const MarkovState&)>;

/// Probability of every state that can be reached from `start`.
inline std::map<MarkovState, double> stationary(const MarkovState& start, const MarkovMoves& moves) {
  std::map<MarkovState, std::size_t> index{{start, 0}};
  std::vector<MarkovState> states{start};
  for (std::size_t i = 0; i < states.size(); ++i) {
    for (const MarkovMove& move : moves(MarkovState(states[i]))) {
      if (index.emplace(move.to, states.size()).second) states.push_back(move.to);
    }
  }
  const std::size_t n = states.size();
  std::vector<std::vector<double>> equations(n, std::vector<double>(n + 1, 0));
  for (std::size_t i = 0; i < n; ++i) {
    for (const MarkovMove& move : moves(states[i])) {
      equations[index[move.to]][i] += move.rate;
      equations[i][i] -= move.rate;
    }
  }
  equations.back().assign(n + 1, 1);  // one balance equation follows from the others; probabilities add up to 1
  for (std::size_t column = 0; column < n; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column; row < n; ++row) {
      if (std::abs(equations[row][column]) > std::abs(equations[pivot][column])) pivot = row;
    }
    std::swap(equations[pivot], equations[column]);
    for (std::size_t row = 0; row < n; ++row) {
      if (row == column || equations[row][column] == 0) continue;
      const double factor = equations[row][column] / equations[column][column];
      for (std::size_t k = column; k <= n; ++k) equations[row][k] -= factor * equations[column][k];
    }
  }
  std::map<MarkovState, double> result;
  for (std::size_t i = 0; i < n; ++i) result[states[i]] = equations[i][n] / equations[i][i];
  return result;
}

}  // namespace assay
