#include "advisors/forecast/closed_network.h"

#include <catch2/catch.hpp>
#include <numeric>

#include "advisors/forecast/open_network.h"
#include "tests/advisors/forecast/markov_chain.h"

namespace assay {
namespace {

int sum_of(const MarkovState& state) { return std::accumulate(state.begin(), state.end(), 0); }

/// The state is the number of each chain's sessions at the processor, which all of them share alike.
std::vector<double> throughput_by_brute_force(const std::vector<Chain>& chains, int servers) {
  const auto completion = [&](const MarkovState& state, std::size_t i) {
    const int active = sum_of(state);
    return active == 0 ? 0.0 : std::min(active, servers) / double(active) * state[i] / chains[i].demand;
  };
  const auto moves = [&](const MarkovState& state) {
    std::vector<MarkovMove> result;
    for (std::size_t i = 0; i < chains.size(); ++i) {
      MarkovState next = state;
      if (state[i] < chains[i].sessions) {
        ++next[i];
        result.push_back({next, (chains[i].sessions - state[i]) / chains[i].delay});
      }
      next = state;
      if (state[i] > 0) {
        --next[i];
        result.push_back({next, completion(state, i)});
      }
    }
    return result;
  };
  std::vector<double> throughput(chains.size(), 0);
  for (const auto& [state, probability] : stationary(MarkovState(chains.size(), 0), moves)) {
    for (std::size_t i = 0; i < chains.size(); ++i) throughput[i] += probability * completion(state, i);
  }
  return throughput;
}

/// One chain around several queues: the state is the number at each, the others think.
StationFlow cycle_by_brute_force(const std::vector<Station>& stations, double delay, int sessions) {
  const auto rate = [&](const MarkovState& state, std::size_t i) {
    return std::min<double>(state[i], double(stations[i].servers)) / stations[i].demand;
  };
  const auto moves = [&](const MarkovState& state) {
    std::vector<MarkovMove> result;
    if (const int thinking = sessions - sum_of(state); thinking > 0) {
      MarkovState next = state;
      ++next[0];
      result.push_back({next, thinking / delay});
    }
    for (std::size_t i = 0; i < stations.size(); ++i) {
      if (state[i] == 0) continue;
      MarkovState next = state;
      --next[i];
      if (i + 1 < stations.size()) ++next[i + 1];
      result.push_back({next, rate(state, i)});
    }
    return result;
  };
  StationFlow flow{.population = std::vector<double>(stations.size(), 0)};
  for (const auto& [state, probability] : stationary(MarkovState(stations.size(), 0), moves)) {
    flow.throughput += probability * rate(state, 0);
    for (std::size_t i = 0; i < stations.size(); ++i) flow.population[i] += probability * state[i];
  }
  return flow;
}

double repairman(double sessions, double delay, double demand, std::size_t servers) {
  return solve_closed({{sessions, delay, demand}}, servers).throughput;
}

}  // namespace

TEST_CASE("the closed network of many chains agrees with brute force over all states") {
  const auto agrees = [](const std::vector<Chain>& chains, int servers) {
    const ClosedFlow flow = solve_closed(chains, std::size_t(servers));
    const auto expected = throughput_by_brute_force(chains, servers);
    for (std::size_t i = 0; i < chains.size(); ++i)
      CHECK(flow.chains[i].throughput == Approx(expected[i]).epsilon(1e-9));
  };
  agrees({{1, 10, 5}}, 1);
  agrees({{5, 10, 5}}, 2);
  agrees({{9, 1, 20}}, 4);
  agrees({{3, 10, 5}, {4, 0.5, 0.1}}, 2);
  agrees({{2, 100, 30}, {3, 0.01, 0.1}, {2, 7, 7}}, 2);
  agrees({{4, 1, 1}, {4, 1000, 0.001}}, 3);
  agrees({{2, 1, 1}, {2, 2, 1}, {2, 3, 1}, {2, 4, 1}}, 1);
}

TEST_CASE("one chain around several queues agrees with brute force over all states") {
  const auto agrees = [](const std::vector<Station>& stations, double delay, int sessions) {
    const StationFlow flow = closed_curve(stations, delay, std::size_t(sessions)).back();
    const StationFlow expected = cycle_by_brute_force(stations, delay, sessions);
    CHECK(flow.throughput == Approx(expected.throughput).epsilon(1e-9));
    for (std::size_t i = 0; i < stations.size(); ++i) {
      CHECK(flow.population[i] == Approx(expected.population[i]).epsilon(1e-9));
    }
  };
  agrees({{5, 2}}, 10, 6);
  agrees({{5, 2}, {3, 1}}, 10, 6);
  agrees({{1, 4}, {3, 1}, {2, 2}}, 0.5, 5);
}

TEST_CASE("the two solutions agree where both hold") {
  const auto curve = closed_curve({{3, 2}}, 20, 40);
  for (const int n : {1, 2, 7, 40}) {
    CHECK(repairman(n, 20, 3, 2) == Approx(curve[std::size_t(n - 1)].throughput).epsilon(1e-9));
  }
}

TEST_CASE("the closed network agrees with closed formulas") {
  CHECK(repairman(1, 9, 1, 1) == Approx(0.1));     // alone, nobody waits
  CHECK(repairman(7, 0, 2, 2) == Approx(1));       // without thinking the processor never rests
  CHECK(repairman(2, 50, 50, 2) == Approx(0.02));  // as many servers as sessions
  // The machine-repairman with one server: utilisation 1 - p0, p0 = 1 / Σ N!/(N-k)! (D/Z)ᵏ.
  const double r = 0.25;
  const double p0 = 1 / (1 + 3 * r + 6 * r * r + 6 * r * r * r);
  CHECK(solve_closed({{3, 4, 1}}, 1).utilisation == Approx(1 - p0));
  // Many sessions that think long are an open stream: the queue M/M/m.
  const double rate = 1.5;
  const double sessions = 20'000;
  const ClosedFlow flow = solve_closed({{sessions, sessions / rate, 1}}, 2);
  CHECK(flow.chains[0].residence == Approx(solve_open(rate, 1, 2).slowdown).epsilon(0.01));
}

TEST_CASE("Erlang's C and the open view agree with closed formulas") {
  CHECK(erlang_c(1, 0.7) == Approx(0.7));
  CHECK(erlang_c(2, 1) == Approx(1.0 / 3));
  CHECK(solve_open(0.5, 1, 1).slowdown == Approx(2));      // M/M/1: 1 / (1 - ρ)
  CHECK(solve_open(1, 1, 2).slowdown == Approx(4.0 / 3));  // M/M/2: 1 / (1 - ρ²)
  CHECK(solve_open(0.5, 4, 8).most_rate == Approx(2));
  CHECK(std::isinf(solve_open(3, 1, 2).slowdown));
}

TEST_CASE("throughput rises with the sessions, no server is more than busy, and Little's law holds") {
  for (const std::size_t servers : {1, 2, 8}) {
    double last = 0;
    for (int n = 1; n <= 300; n += n < 20 ? 1 : 20) {
      const std::vector<Chain> chains{{double(n), 12, 0.8}, {3, 0, 0.1}};
      const ClosedFlow flow = solve_closed(chains, servers);
      CHECK(flow.chains[0].throughput > last);
      CHECK(flow.utilisation <= 1 + 1e-12);
      for (std::size_t i = 0; i < chains.size(); ++i) {
        CHECK(flow.chains[i].residence >= chains[i].demand);
        CHECK(flow.chains[i].throughput * (flow.chains[i].residence + chains[i].delay) == Approx(chains[i].sessions));
      }
      last = flow.chains[0].throughput;
    }
  }
}

TEST_CASE("the limit of many sessions is met by many sessions, and never below the exact solution") {
  for (const double think : {0.0, 10.0, 1000.0}) {
    const std::vector<Chain> few{{8, think, 3}}, many{{1500, think, 3}};
    CHECK(solve_fluid(few, 2).throughput >= solve_closed(few, 2).throughput * (1 - 1e-9));
    CHECK(solve_fluid(many, 2).throughput == Approx(solve_closed(many, 2).throughput).epsilon(0.02));
  }
}

TEST_CASE("large and uneven networks stay within the range of numbers") {
  CHECK(repairman(3000, 1000, 10, 2) == Approx(0.2).epsilon(1e-6));
  CHECK(repairman(3000, 1e7, 1e-3, 64) == Approx(3e-4).epsilon(1e-6));
  const ClosedFlow flow = solve_closed({{16, 0, 3}, {500, 60'000, 40}, {1, 1e6, 5000}}, 2);
  CHECK(flow.utilisation == Approx(1).epsilon(1e-6));
}

}  // namespace assay
