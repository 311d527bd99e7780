#include "advisors/replica/replica_advisor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "advisors/forecast/forecast_model.h"

namespace assay {
namespace {

constexpr double kBusy = 0.9;  // utilisation from which the processor is the limit

double ratio_of(const FleetPoint& after, const FleetPoint& before) {
  return before.throughput > 0 ? after.throughput / before.throughput : 1;
}

/// By as much as the simulation says that the throughput changes; the band grows by the model's own error.
Estimate scaled(const Estimate& estimate, double ratio) {
  const double error = 1 + Forecast::kModelError * std::abs(ratio - 1);
  return {estimate.value * ratio, estimate.low * ratio / error, estimate.high * ratio * error};
}

ForecastPoint with_replicas(ForecastPoint point, const FleetPoint& before, const FleetPoint& after) {
  const double ratio = ratio_of(after, before);
  point.throughput = scaled(point.throughput, ratio);
  point.capacity = scaled(point.capacity, before.capacity > 0 ? after.capacity / before.capacity : 1);
  point.response = scaled(point.response, before.response > 0 ? after.response / before.response : 1);
  point.p95 = after.p95;
  point.utilisation = after.primary;
  double busiest = after.primary;
  for (const double replica : after.each_replica) busiest = std::max(busiest, replica);
  if (point.bottleneck == Bottleneck::kProcessor && busiest < kBusy) point.bottleneck = Bottleneck::kSessions;
  return point;
}

class ReplicaAdvisor {
 public:
  ReplicaAdvisor(const Workload& workload, const std::vector<ClassMeaning>& meanings, const Catalog* catalog,
                 const ReplicaAdvisorOptions& options)
      : workload_(workload), meanings_(meanings), options_(options), schema_(catalog) {}

  ReplicaAdvice run() {
    judge();
    if (!advice_.is_judged) return std::move(advice_);
    advice_.refusal = options_.incomplete.empty() ? why_no_safe_share(workload_) : options_.incomplete;
    if (!advice_.refusal.empty()) return std::move(advice_);
    advice_.share = safe_share(workload_, advice_.routings);
    advice_.fleet_refusal = why_no_fleet();
    if (advice_.fleet_refusal.empty()) weigh();
    return std::move(advice_);
  }

 private:
  void judge() {
    const RoutingFacts facts = routing_facts(workload_, schema_);
    const TableWriters writers = find_writers(
        workload_, meanings_, schema_, {.database = options_.database, .others_left_out = options_.others_left_out});
    advice_.routings = judge_routings(workload_, meanings_, facts, writers, options_.database);
    advice_.is_judged = std::any_of(advice_.routings.begin(), advice_.routings.end(),
                                    [](const ClassRouting& routing) { return routing.is_read; });
  }

  std::string why_no_fleet() const {
    if (!options_.measured || !options_.throughput || !options_.throughput->forecast) {
      return "there is no forecast of throughput to add them to";
    }
    const std::size_t lag = kAssumedLag;
    return advice_.share.reads.safe[lag] == 0 ? "no read may leave the primary" : std::string();
  }

  FleetModel fleet_model(const ForecastModel& model, const DesignChange& change) const {
    FleetModel fleet{.scripts = scripts_from(*options_.measured, model.groups()),
                     .changes = demand_changes(model, change),
                     .routed = {},
                     .writes = {},
                     .cores = model.cores(),
                     .statements = kSimulatedStatements};
    for (std::size_t i = 0; i < workload_.classes.size(); ++i) {
      const ClassRouting& routing = advice_.routings[i];
      fleet.routed.push_back(advice_.share.classes[i].share(kAssumedLag));
      fleet.writes.push_back(routing.writes_anything || !routing.writes.empty());
    }
    return fleet;
  }

  void weigh() {
    const ForecastInput& input = options_.throughput->input;
    const ForecastModel model(options_.measured->demand, input.costs);
    const FleetModel after = fleet_model(model, all_steps(input));
    FleetAdvice fleet;
    fleet.curve = fleet_curve(after, options_.target_p95, options_.target_throughput);
    fleet.demand = fleet_demand(after);
    fleet.has_targets = options_.target_p95 > 0 || options_.target_throughput > 0;
    fleet.useful = last_useful(fleet.curve);
    fleet.why_no_more = why_no_more(fleet.curve[fleet.useful], fleet.demand, model.cores());
    fleet.gain = ratio_of(fleet.curve[1], fleet.curve[0]);
    if (fleet.has_targets) fleet.smallest = first_that_meets(fleet.curve);
    FleetModel today = after;
    today.changes = {};
    today_[0] = fleet_point(today, 0, RoutingPolicy::kLeastConnections);
    today_[1] = best_fleet_point(today, 1);
    fleet.gain_today = ratio_of(today_[1], today_[0]);
    fleet.cheaper = what_brings_more(fleet.gain_today);
    const std::size_t wanted = recommended(fleet);
    fleet.compared = std::max<std::size_t>({wanted, std::min<std::size_t>(fleet.useful, kMostReplicas), 2});
    for (const RoutingPolicy policy : kRoutingPolicies) {
      fleet.policies.push_back(fleet_point(after, fleet.compared, policy));
    }
    if (wanted > 0) recommend(fleet, wanted, today, model.cores());
    add_recipes(after, fleet.curve[std::max<std::size_t>(wanted, 1)]);
    advice_.fleet = std::move(fleet);
  }

  std::optional<std::size_t> first_that_meets(const std::vector<FleetPoint>& curve) const {
    for (const FleetPoint& point : curve) {
      if (meets_targets(point, options_.target_p95, options_.target_throughput)) return point.replicas;
    }
    return std::nullopt;
  }

  /// An index or a cache that alone brings more than the first replica alone.
  std::string what_brings_more(double gain) const {
    const auto& steps = options_.throughput->forecast->steps;
    if (steps.empty() || steps.front().ratio.value <= gain) return {};
    return fmt::format("{} alone brings {:.2f} times today's throughput, a replica alone {:.2f} times",
                       steps.front().id, steps.front().ratio.value, gain);
  }

  /// How many; 0 for none.
  std::size_t recommended(const FleetAdvice& fleet) const {
    const FleetPoint& without = fleet.curve.front();
    const bool missed = fleet.has_targets && fleet.smallest != std::optional<std::size_t>(0);
    if (without.primary < kBusy && !missed) return 0;
    std::size_t count = 0;
    while (count + 1 < fleet.curve.size() &&
           ratio_of(fleet.curve[count + 1], fleet.curve[count]) >= 1 + kWorthwhileGain) {
      ++count;
    }
    if (!missed || !fleet.smallest) return count;
    const FleetPoint& met = fleet.curve[*fleet.smallest];
    const bool pays = ratio_of(met, without) >= 1 + kWorthwhileGain || met.p95 <= (1 - kWorthwhileGain) * without.p95 ||
                      met.capacity >= (1 + kWorthwhileGain) * without.capacity;
    return pays ? *fleet.smallest : count;
  }

  void recommend(const FleetAdvice& fleet, std::size_t count, const FleetModel& today, std::size_t cores) {
    const FleetPoint &without = fleet.curve.front(), &with = fleet.curve[count];
    Recommendation item{.id = "A1", .database = options_.database, .change = AddReplica{}};
    item.evidence = Evidence::kEstimated;
    item.change = AddReplica{.replicas = count,
                             .cores = cores,
                             .lag_us = kReplicaLags[kAssumedLag],
                             .moved_share = with.moved_share,
                             .throughput_before = without.throughput,
                             .throughput_after = with.throughput,
                             .p95_before = without.p95,
                             .p95_after = with.p95};
    item.reasons.push_back(
        fmt::format("with all else in place the primary is at work {:.0f} % of the time", 100 * without.primary));
    item.reasons.push_back(
        fmt::format("{:.0f} % of the statements may run elsewhere, by the log itself, where a "
                    "replica lags by {:g} s",
                    100 * with.moved_share, static_cast<double>(kReplicaLags[kAssumedLag]) / 1e6));
    if (!options_.indexes_weighed) {
      item.reasons.push_back(
          "no index was weighed, and one may do for less what a server does: give a snapshot with "
          "--catalog first");
    }
    add_queries(item);
    const FleetPoint alone = count == 1 ? today_[1] : best_fleet_point(today, count);
    const Forecast& forecast = *options_.throughput->forecast;
    // Time of the primary's processor that the replicas take off, at the throughput that it has without them.
    item.gain_ms_per_s = without.throughput * fleet.demand.routed;
    const double ratio = ratio_of(alone, today_[0]);
    const double error = 1 + Forecast::kModelError * std::abs(ratio - 1);
    advice_.step = StepForecast{.id = item.id,
                                .alone = with_replicas(forecast.before, today_[0], alone),
                                .together = with_replicas(forecast.after, without, with),
                                .ratio = {ratio, ratio / error, ratio * error}};
    advice_.recommendations.push_back(std::move(item));
  }

  /// The heaviest classes that go.
  void add_queries(Recommendation& item) const {
    constexpr std::size_t kMost = 20;
    for (std::size_t i = 0; i < workload_.classes.size() && item.queries.size() < kMost; ++i) {
      if (advice_.routings[i].role == RoutingRole::kRead && advice_.share.classes[i].safe[kAssumedLag] > 0) {
        item.queries.push_back({i, 0, 0, {}, {}});
      }
    }
  }

  void add_recipes(const FleetModel& model, const FleetPoint& point) {
    ReplicaSetup setup = example_setup(point.replicas, options_.database);
    setup.policy = point.policy;
    if (point.policy == RoutingPolicy::kWeighted) {
      const std::vector<double> weights = fleet_weights(model, point.replicas);
      const double most = *std::max_element(weights.begin(), weights.end());
      for (const double weight : weights) setup.weights.push_back(std::max(1, static_cast<int>(100 * weight / most)));
    }
    std::set<std::string> functions;
    for (std::size_t i = 0; i < meanings_.size(); ++i) {
      if (!meanings_[i].statement || workload_.classes[i].database != options_.database) continue;
      for (const CalledFunction& call : meanings_[i].statement->ingredients.functions) {
        for (const Function* function : schema_.functions(call.name)) {
          if (function->volatility == 'v') functions.insert(function->name);
        }
      }
    }
    setup.writing_functions.assign(functions.begin(), functions.end());
    advice_.recipes = replica_recipes(setup);
  }

  const Workload& workload_;
  const std::vector<ClassMeaning>& meanings_;
  const ReplicaAdvisorOptions& options_;
  const SchemaFacts schema_;
  FleetPoint today_[2];  // with none and with one, nothing else in place
  ReplicaAdvice advice_;
};

}  // namespace

ReplicaAdvice advise_replicas(const Workload& workload, const std::vector<ClassMeaning>& meanings,
                              const Catalog* catalog, const ReplicaAdvisorOptions& options) {
  return ReplicaAdvisor(workload, meanings, catalog, options).run();
}

}  // namespace assay
