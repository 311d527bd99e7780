#include "advisors/replica/fleet.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace assay {
namespace {

constexpr double kPerSecond = 1e3;
constexpr double kBusy = 0.9;  // utilisation

double demand_of(const ScriptedStatement& statement, const FleetModel& model) {
  if (statement.query >= model.changes.size()) return statement.demand;
  return statement.demand * model.changes[statement.query].factor + model.changes[statement.query].extra;
}

double routed_share(const FleetModel& model, std::uint32_t query) {
  return query < model.routed.size() ? model.routed[query] : 0;
}

bool is_write(const FleetModel& model, std::uint32_t query) {
  return query < model.writes.size() && model.writes[query];
}

/// The classes with the longest demand, as many as make one replica's part of what is routed.
std::vector<bool> long_classes(const FleetModel& model, std::size_t replicas) {
  std::vector<double> sums(model.routed.size(), 0), counts(model.routed.size(), 0);
  double all = 0;
  for (const SessionScript& script : model.scripts) {
    for (const ScriptedStatement& statement : script) {
      if (statement.query >= sums.size()) continue;
      sums[statement.query] += demand_of(statement, model);
      counts[statement.query] += 1;
      all += demand_of(statement, model) * model.routed[statement.query];
    }
  }
  std::vector<std::size_t> order(sums.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto mean = [&](std::size_t query) { return counts[query] > 0 ? sums[query] / counts[query] : 0; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return mean(a) > mean(b); });
  std::vector<bool> is_long(sums.size(), false);
  double taken = 0;
  for (const std::size_t query : order) {
    const double own = sums[query] * model.routed[query];
    if (own <= 0) continue;
    if (taken + own > all / static_cast<double>(replicas) && taken > 0) break;
    is_long[query] = true;
    taken += own;
  }
  return is_long;
}

DispatchRules rules_for(const FleetModel& model, std::size_t replicas, RoutingPolicy policy) {
  DispatchRules rules{.replicas = replicas, .routed = model.routed, .weights = {}, .is_long = {}};
  if (policy == RoutingPolicy::kWeighted) rules.weights = fleet_weights(model, replicas);
  if (policy == RoutingPolicy::kByClass && replicas > 0) rules.is_long = long_classes(model, replicas);
  return rules;
}

}  // namespace

FleetDemand fleet_demand(const FleetModel& model) {
  FleetDemand sum;
  double count = 0;
  for (const SessionScript& script : model.scripts) {
    for (const ScriptedStatement& statement : script) {
      const double demand = demand_of(statement, model), share = routed_share(model, statement.query);
      sum.pinned += (demand + statement.hidden) * (1 - share);
      sum.routed += (demand + statement.hidden) * share;
      if (is_write(model, statement.query)) sum.applied += demand * (1 - share) * kApplyShare;
      ++count;
    }
  }
  if (count == 0) return {};
  return {.pinned = sum.pinned / count, .routed = sum.routed / count, .applied = sum.applied / count};
}

double fleet_capacity(const FleetDemand& demand, std::size_t cores, std::size_t replicas, bool primary_reads) {
  const double servers = static_cast<double>(cores), count = static_cast<double>(replicas);
  const auto bound = [](double of, double a_statement) {
    return a_statement > 0 ? of / a_statement : std::numeric_limits<double>::infinity();
  };
  if (replicas == 0) return bound(servers, demand.pinned + demand.routed);
  const double bounds =
      std::min({bound(servers, demand.pinned), bound(servers, demand.applied), bound(1, demand.applied)});
  if (!primary_reads) return std::min(bounds, bound(servers, demand.routed / count + demand.applied));
  return std::min(bounds, bound((count + 1) * servers, demand.pinned + demand.routed + count * demand.applied));
}

std::vector<double> fleet_weights(const FleetModel& model, std::size_t replicas) {
  constexpr double kLeast = 0.01;  // of the cores
  const FleetDemand demand = fleet_demand(model);
  const double at = fleet_capacity(demand, model.cores, replicas, true), cores = static_cast<double>(model.cores);
  std::vector<double> weights(replicas + 1, cores);
  if (!std::isfinite(at)) return weights;
  for (double& weight : weights) weight = std::max(cores - at * demand.applied, kLeast * cores);
  weights.front() = std::max(cores - at * demand.pinned, kLeast * cores);
  return weights;
}

FleetPoint fleet_point(const FleetModel& model, std::size_t replicas, RoutingPolicy policy) {
  FleetOptions fleet{.replicas = replicas, .dispatch = {}, .apply = {}};
  for (const bool writes : model.writes) fleet.apply.push_back(writes ? kApplyShare : 0);
  if (replicas > 0) fleet.dispatch = dispatch_by(policy, rules_for(model, replicas, policy));
  double all = 0, moved = 0;
  const SimulationResult result =
      simulate_fleet(model.scripts, {.servers = model.cores, .statements = model.statements, .changes = model.changes},
                     fleet, [&](const SimulatedStatement& statement) {
                       ++all;
                       moved += statement.server > 0 ? 1 : 0;
                     });
  FleetPoint point{
      .replicas = replicas,
      .policy = policy,
      .throughput = result.throughput * kPerSecond,
      .throughput_error = result.throughput_error * kPerSecond,
      .response = result.response,
      .p95 = result.percentile(0.95),
      .primary = std::min(result.utilisation, 1.0),
      .each_replica = {},
      .capacity =
          fleet_capacity(fleet_demand(model), model.cores, replicas, policy == RoutingPolicy::kWeighted) * kPerSecond,
      .moved_share = all > 0 ? moved / all : 0};
  for (std::size_t i = 1; i < result.utilisations.size(); ++i) {
    point.each_replica.push_back(std::min(result.utilisations[i], 1.0));
  }
  return point;
}

FleetPoint best_fleet_point(const FleetModel& model, std::size_t replicas) {
  constexpr double kClearly = 1.02;
  FleetPoint among = fleet_point(model, replicas, RoutingPolicy::kLeastConnections);
  if (replicas == 0) return among;
  FleetPoint with_primary = fleet_point(model, replicas, RoutingPolicy::kWeighted);
  return with_primary.throughput > kClearly * among.throughput ? with_primary : among;
}

bool meets_targets(const FleetPoint& point, double target_p95, double target_throughput) {
  return (target_p95 <= 0 || point.p95 <= target_p95) &&
         (target_throughput <= 0 || point.capacity >= target_throughput);
}

std::vector<FleetPoint> fleet_curve(const FleetModel& model, double target_p95, double target_throughput) {
  std::vector<FleetPoint> curve = {fleet_point(model, 0, RoutingPolicy::kLeastConnections)};
  const bool has_targets = target_p95 > 0 || target_throughput > 0;
  bool useless = false;
  for (std::size_t replicas = 1; replicas <= kMostReplicas; ++replicas) {
    const bool met = !has_targets || meets_targets(curve.back(), target_p95, target_throughput);
    if (useless && met) break;
    curve.push_back(best_fleet_point(model, replicas));
    useless = useless || curve.back().throughput < (1 + kNoGain) * curve[curve.size() - 2].throughput;
  }
  return curve;
}

std::size_t last_useful(const std::vector<FleetPoint>& curve) {
  std::size_t last = 0;
  while (last + 1 < curve.size() && curve[last + 1].throughput >= (1 + kNoGain) * curve[last].throughput) ++last;
  return last;
}

std::string why_no_more(const FleetPoint& point, const FleetDemand& demand, std::size_t cores) {
  if (demand.routed <= 0) return "nothing may leave the primary";
  const double applied = point.throughput / kPerSecond * demand.applied;  // cores
  if (point.replicas > 0 && applied >= kBusy) {
    return fmt::format("applying the writes takes {:.2f} of the one core that can, on every replica", applied);
  }
  if (point.primary >= kBusy) {
    return fmt::format("the primary is the limit: its writes, and reads that must stay, keep {} busy",
                       cores == 1 ? "its core" : fmt::format("its {} cores", cores));
  }
  return "the sessions' own pace is the limit: no server is busy";
}

}  // namespace assay
