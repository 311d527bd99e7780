#include "advisors/replica/fleet.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "advisors/forecast/closed_network.h"
#include "advisors/forecast/open_network.h"
#include "tests/advisors/forecast/scripts.h"

namespace assay {
namespace {

/// Two classes: 0 reads that may go by `routed`, 1 writes.
FleetModel model_of(std::size_t sessions, double think, double routed, double read = 1, double write = 1,
                    double share_of_reads = 0.8, Spread spread = Spread::kExponential) {
  FleetModel model;
  model.scripts = scripts_of({{share_of_reads, read, spread}, {1 - share_of_reads, write, spread}}, sessions,
                             200'000 / sessions, think, Spread::kExponential);
  model.routed = {routed, 0};
  model.writes = {false, true};
  return model;
}

SimulationResult open_by_many_sessions(double rate, double demand, std::size_t servers, Spread spread,
                                       std::size_t replicas) {
  constexpr std::size_t kSessions = 3000;
  const double think = double(kSessions) / rate;
  const auto scripts = scripts_of({{1, demand, spread}}, kSessions, 400, think);
  FleetOptions fleet{.replicas = replicas, .dispatch = {}, .apply = {}};
  if (replicas > 0) {
    fleet.dispatch =
        dispatch_by(RoutingPolicy::kRoundRobin, {.replicas = replicas, .routed = {1}, .weights = {}, .is_long = {}});
  }
  return simulate_fleet(scripts, {.servers = servers, .statements = 1'000'000}, fleet);
}

}  // namespace

TEST_CASE("without a replica the fleet is the forecast's simulation, to the last bit", "[replica]") {
  const FleetModel model = model_of(12, 10, 1);
  const SimulationResult alone = simulate_closed(model.scripts, {.servers = 1, .statements = model.statements});
  const FleetPoint none = fleet_point(model, 0, RoutingPolicy::kLeastConnections);
  CHECK(none.throughput == alone.throughput * 1e3);
  CHECK(none.response == alone.response);
  CHECK(none.p95 == alone.percentile(0.95));
  CHECK(none.primary == alone.utilisation);
  CHECK(none.each_replica.empty());
  CHECK(none.moved_share == 0);
}

TEST_CASE("very many sessions on the fleet's servers are the queues M/M/c and M/G/1 with shared processors",
          "[replica]") {
  const auto slowdown = [](std::size_t servers, Spread spread, std::size_t replicas) {
    const double rate = 0.6 * double(servers);
    const SimulationResult result = open_by_many_sessions(rate, 1, servers, spread, replicas);
    CHECK(result.throughput == Approx(rate).epsilon(0.01));
    return result.response;
  };
  for (const std::size_t servers : {1, 2, 4}) {
    CHECK(slowdown(servers, Spread::kExponential, 0) ==
          Approx(solve_open(0.6 * double(servers), 1, servers).slowdown).epsilon(0.01));
    CHECK(slowdown(servers, Spread::kExponential, 1) ==
          Approx(solve_open(0.6 * double(servers), 1, servers).slowdown).epsilon(0.01));
  }
  // Shared alike, the mean does not depend on the distribution: 1 / (1 − ρ).
  CHECK(slowdown(1, Spread::kFixed, 0) == Approx(1 / 0.4).epsilon(0.01));
  CHECK(slowdown(1, Spread::kFixed, 1) == Approx(1 / 0.4).epsilon(0.01));
}

TEST_CASE("pinned and routed classes on two servers are the closed network's exact solution", "[replica]") {
  for (const std::size_t cores : {1, 2}) {
    FleetModel model = model_of(16, 8, 1, 1.5, 2.5, 0.7);
    model.writes = {};
    model.cores = cores;
    model.statements = 190'000;
    const FleetDemand demand = fleet_demand(model);
    double think = 0, count = 0;
    for (const auto& script : model.scripts) {
      for (const auto& statement : script) think += statement.think, ++count;
    }
    const auto exact = closed_curve({{demand.pinned, cores}, {demand.routed, cores}}, think / count, 16).back();
    const FleetPoint point = fleet_point(model, 1, RoutingPolicy::kRoundRobin);
    CHECK(point.throughput == Approx(exact.throughput * 1e3).epsilon(0.01));
    CHECK(point.response == Approx(exact.response).epsilon(0.015));
    CHECK(point.primary == Approx(exact.utilisation[0]).epsilon(0.015));
    CHECK(point.each_replica.at(0) == Approx(exact.utilisation[1]).epsilon(0.015));
  }
}

TEST_CASE("utilisation follows λ·D: reads divided by P, writes on each", "[replica]") {
  FleetModel model = model_of(64, 30, 0.75, 2, 1);
  model.cores = 2;
  model.statements = 190'000;
  const FleetDemand demand = fleet_demand(model);
  CHECK(demand.applied > 0);
  for (const std::size_t replicas : {1, 2, 3}) {
    const FleetPoint point = fleet_point(model, replicas, RoutingPolicy::kRoundRobin);
    const double rate = point.throughput / 1e3;
    CHECK(point.primary == Approx(rate * demand.pinned / 2).epsilon(0.02));
    for (const double replica : point.each_replica) {
      CHECK(replica == Approx(rate * (demand.routed / double(replicas) + demand.applied) / 2).epsilon(0.02));
    }
    CHECK(point.moved_share == Approx(0.8 * 0.75).epsilon(0.01));
    CHECK(point.capacity >= point.throughput * 0.98);
  }
}

TEST_CASE("capacity is that of the server that is used up first", "[replica]") {
  const FleetDemand demand{.pinned = 0.5, .routed = 2, .applied = 0.25};
  CHECK(fleet_capacity(demand, 2, 0) == Approx(2 / 2.5));
  CHECK(fleet_capacity(demand, 2, 1) == Approx(2 / 2.25));
  CHECK(fleet_capacity(demand, 2, 4) == Approx(2 / 0.75));
  CHECK(fleet_capacity(demand, 2, 100) == Approx(4).epsilon(0.1));                         // the primary's writes
  CHECK(fleet_capacity({.pinned = 1, .routed = 0.1, .applied = 0.5}, 8, 4) == Approx(2));  // one core applies
  CHECK(std::isinf(fleet_capacity({}, 2, 0)));
  CHECK(fleet_capacity({.pinned = 0.5, .routed = 2, .applied = 0.25}, 2, 1, true) ==
        Approx(4 / 2.75));  // shared by all
}

TEST_CASE("the fleet is looked at until one more brings nothing, or a target is met", "[replica]") {
  FleetModel reads = model_of(12, 6, 1, 2, 0.2, 0.9);
  const auto curve = fleet_curve(reads, 0, 0);
  const std::size_t useful = last_useful(curve);
  CHECK(useful >= 2);
  CHECK(curve.size() == useful + 2);
  CHECK(curve[1].throughput > 1.5 * curve[0].throughput);

  const auto met = fleet_curve(reads, curve[2].p95 * 1.001, 0);
  CHECK_FALSE(meets_targets(met[1], curve[2].p95 * 1.001, 0));
  CHECK(meets_targets(met[2], curve[2].p95 * 1.001, 0));
  CHECK(fleet_curve(reads, 1e-6, 0).size() == kMostReplicas + 1);  // never met

  const FleetModel writes = model_of(32, 2, 1, 0.2, 2, 0.2);
  const auto bound = fleet_curve(writes, 0, 0);
  CHECK(last_useful(bound) == 0);
  CHECK(why_no_more(bound[0], fleet_demand(writes), 1).starts_with("the primary is the limit"));
  const FleetModel idle = model_of(2, 1000, 1);
  CHECK(why_no_more(fleet_curve(idle, 0, 0)[0], fleet_demand(idle), 1).starts_with("the sessions' own pace"));
}

TEST_CASE("with skewed costs, who looks before he sends does better than who counts turns", "[replica]") {
  FleetModel model = model_of(24, 10, 1, 4, 0.1, 0.95, Spread::kWide);
  model.statements = 150'000;
  const auto response = [&](RoutingPolicy policy) { return fleet_point(model, 3, policy).response; };
  const double turns = response(RoutingPolicy::kRoundRobin), connections = response(RoutingPolicy::kLeastConnections),
               load = response(RoutingPolicy::kLeastLoaded), weighted = response(RoutingPolicy::kWeighted);
  CHECK(connections < 0.95 * turns);
  CHECK(load < turns);
  CHECK(weighted < turns);  // the primary, which has little to do, takes its part
}

TEST_CASE("by class, long reads run on the last replica alone", "[replica]") {
  FleetModel model;
  model.scripts = scripts_of({{0.9, 0.5}, {0.1, 20}}, 16, 10'000, 5);
  model.routed = {1, 1};
  model.cores = 2;
  CHECK(fleet_point(model, 2, RoutingPolicy::kByClass).moved_share == Approx(1));
  simulate_fleet(
      model.scripts, {.servers = 2, .statements = 10'000},
      {.replicas = 2,
       .dispatch = dispatch_by(RoutingPolicy::kByClass,
                               {.replicas = 2, .routed = {1, 1}, .weights = {}, .is_long = {false, true}}),
       .apply = {}},
      [&](const SimulatedStatement& statement) { CHECK(statement.server == (statement.query == 1 ? 2U : 1U)); });
}

TEST_CASE("of a share of two thirds, two of three go, evenly", "[replica]") {
  const Dispatch dispatch =
      dispatch_by(RoutingPolicy::kRoundRobin, {.replicas = 2, .routed = {2.0 / 3}, .weights = {}, .is_long = {}});
  std::vector<int> counts(3, 0);
  for (int i = 0; i < 300; ++i) ++counts[dispatch({.query = 0}, 1, std::vector<ServerLoad>(3))];
  CHECK(counts == std::vector<int>{100, 100, 100});
  CHECK(dispatch({.query = 7}, 1, std::vector<ServerLoad>(3)) == 0);
}

}  // namespace assay
