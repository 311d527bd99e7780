#include "advisors/forecast/simulation.h"

#include <catch2/catch.hpp>

#include "advisors/forecast/closed_network.h"
#include "advisors/forecast/open_network.h"
#include "tests/advisors/forecast/scripts.h"

namespace assay {
namespace {

constexpr std::uint64_t kStatements = 100'000;

/// Within twice the simulation's own 90 % confidence interval, and half a percent for its warming up.
void check_against_solver(const std::vector<ClassLoad>& classes, std::size_t sessions, double think,
                          std::size_t servers, Spread spread, double hidden = 0) {
  const auto scripts = scripts_of(classes, sessions, kStatements / sessions, think, spread, hidden);
  const SimulationResult result = simulate_closed(scripts, {.servers = servers, .statements = kStatements});
  double demand = 0, delay = 0, count = 0;  // as they were drawn
  for (const SessionScript& script : scripts) {
    for (const ScriptedStatement& statement : script) {
      demand += statement.demand + statement.hidden;
      delay += statement.think + statement.delay;
      ++count;
    }
  }
  demand /= count;
  delay /= count;
  const ClosedFlow flow = solve_closed({{double(sessions), delay, demand}}, servers);
  INFO(sessions << " sessions that think " << think << " ms, " << servers << " servers");
  CHECK(std::abs(result.throughput - flow.throughput) < 2 * result.throughput_error + 0.005 * flow.throughput);
  CHECK(result.utilisation == Approx(flow.utilisation).epsilon(0.02));
  CHECK(result.utilisation <= 1 + 1e-9);
  CHECK(result.throughput * (result.response + think + hidden) <=
        double(sessions) * 1.02);  // Little's law, hidden queueing aside
}

}  // namespace

TEST_CASE("the simulation of the closed network agrees with its exact solution, whatever the distributions") {
  for (const Spread spread : {Spread::kFixed, Spread::kExponential, Spread::kWide}) {
    const std::vector<ClassLoad> mix{{0.6, 0.1, spread}, {0.1, 30, spread}, {0.3, 0.5, spread, 2}};
    check_against_solver(mix, 1, 5, 2, spread);
    check_against_solver(mix, 4, 5, 2, spread);
    check_against_solver(mix, 16, 5, 2, spread);
    check_against_solver(mix, 16, 50, 4, spread, 0.05);
    check_against_solver({{1, 1, spread}}, 8, 0.5, 1, spread);
    check_against_solver({{1, 0.05, spread}}, 8, 0, 2, spread, 0.04);
  }
}

TEST_CASE("every class is slowed alike") {
  const auto scripts = scripts_of({{0.5, 1}, {0.5, 10}}, 12, 10'000, 20);
  const SimulationResult result = simulate_closed(scripts, {.servers = 2, .statements = 100'000});
  const ClosedFlow flow = solve_closed({{12, 20, 5.5}}, 2);
  const double slowdown = flow.chains[0].residence / 5.5;
  CHECK(result.classes[0].response == Approx(1 * slowdown).epsilon(0.03));
  CHECK(result.classes[1].response == Approx(10 * slowdown).epsilon(0.03));
}

TEST_CASE("the simulation of the open network agrees with the queue M/M/m") {
  for (const std::size_t servers : {1, 2, 8}) {
    const double rate = 0.8 * double(servers) / 2.5;
    const auto scripts = scripts_of({{0.5, 1}, {0.5, 4}}, 4, 50'000, 0);
    const SimulationResult result = simulate_open(scripts, rate, {.servers = servers, .statements = 200'000});
    CHECK(result.response == Approx(2.5 * solve_open(rate, 2.5, servers).slowdown).epsilon(0.05));
    CHECK(result.utilisation == Approx(0.8).epsilon(0.02));
  }
}

TEST_CASE("without queueing, percentiles are those of the demand") {
  const auto scripts = scripts_of({{1, 10}}, 1, 100'000, 0);
  const SimulationResult result = simulate_closed(scripts, {.servers = 1, .statements = 90'000});
  CHECK(result.percentile(0.5) == Approx(10 * std::log(2)).epsilon(0.03));
  CHECK(result.percentile(0.95) == Approx(10 * std::log(20)).epsilon(0.03));
}

TEST_CASE("a change of demand changes that class alone") {
  const auto scripts = scripts_of({{0.5, 1, Spread::kFixed}, {0.5, 10, Spread::kFixed}}, 1, 10'000, 1);
  const SimulationResult result =
      simulate_closed(scripts, {.servers = 1, .statements = 20'000, .changes = {{1, 0.5}, {0.1, 0}}});
  CHECK(result.classes[0].response == Approx(1.5));
  CHECK(result.classes[1].response == Approx(1));
}

TEST_CASE("the simulation is the same from run to run, and more sessions than scripts follow them too") {
  const auto scripts = scripts_of({{0.5, 1}, {0.5, 4}}, 3, 1000, 5);
  const SimulationOptions options{.servers = 2, .sessions = 10, .statements = 20'000, .seed = 3};
  const SimulationResult first = simulate_closed(scripts, options), second = simulate_closed(scripts, options);
  CHECK(first.throughput == second.throughput);
  CHECK(first.percentile(0.95) == second.percentile(0.95));
  CHECK(first.throughput == Approx(solve_closed({{10, 5, 2.5}}, 2).throughput).epsilon(0.03));
  CHECK(simulate_closed({}, options).throughput == 0);
}

}  // namespace assay
