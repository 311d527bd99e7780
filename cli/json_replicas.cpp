#include "cli/json_replicas.h"

#include <cmath>

namespace assay {
namespace {

using Json = nlohmann::ordered_json;

Json shares_json(const SafeCount& count) {
  Json list = Json::array();
  for (std::size_t i = 0; i < kReplicaLags.size(); ++i) list.push_back(count.share(i));
  return list;
}

Json point_json(const FleetPoint& point, const Report& report) {
  Json json = {{"replicas", point.replicas},
               {"policy", to_string(point.policy)},
               {"throughput", point.throughput},
               {"throughput_error", point.throughput_error},
               {"response_ms", point.response},
               {"p95_ms", point.p95},
               {"primary_utilisation", point.primary},
               {"replica_utilisation", point.each_replica},
               {"moved_share", point.moved_share},
               {"requests_per_server",
                static_cast<double>(report.workload.estimated_executions) / static_cast<double>(point.replicas + 1)}};
  if (std::isfinite(point.capacity)) json["capacity"] = point.capacity;
  return json;
}

Json fleet_json(const FleetAdvice& fleet, const Report& report) {
  Json json = {{"lag_ms", static_cast<double>(kReplicaLags[kAssumedLag]) / 1e3},
               {"apply_share", kApplyShare},
               {"pinned_ms", fleet.demand.pinned},
               {"routed_ms", fleet.demand.routed},
               {"applied_ms", fleet.demand.applied},
               {"useful_replicas", fleet.useful},
               {"why_no_more", fleet.why_no_more},
               {"first_replica_ratio", fleet.gain},
               {"first_replica_ratio_today", fleet.gain_today}};
  if (fleet.smallest) json["smallest_for_targets"] = *fleet.smallest;
  if (!fleet.cheaper.empty()) json["cheaper"] = fleet.cheaper;
  json["points"] = Json::array();
  for (const FleetPoint& point : fleet.curve) json["points"].push_back(point_json(point, report));
  json["policies"] = Json::array();
  for (const FleetPoint& point : fleet.policies) json["policies"].push_back(point_json(point, report));
  return json;
}

}  // namespace

Json replica_json(const AddReplica& change) {
  return {{"replicas", change.replicas},
          {"cores", change.cores},
          {"lag_ms", static_cast<double>(change.lag_us) / 1e3},
          {"moved_share", change.moved_share},
          {"throughput_before", change.throughput_before},
          {"throughput_after", change.throughput_after},
          {"p95_before_ms", change.p95_before},
          {"p95_after_ms", change.p95_after}};
}

bool tells_of_replicas(const ReplicaAdvice& advice, std::size_t position) {
  if (!advice.is_judged) return false;
  const ClassRouting& routing = advice.routings[position];
  return routing.role == RoutingRole::kRead || !routing.denials.empty();
}

Json class_replica_json(const ReplicaAdvice& advice, std::size_t position) {
  const ClassRouting& routing = advice.routings[position];
  Json json = {{"may_go", routing.role == RoutingRole::kRead}};
  json["denials"] = Json::array();
  for (const Hindrance& denial : routing.denials) {
    Json told = {{"reason", denial.reason}};
    if (!denial.cure.empty()) told["cure"] = denial.cure;
    json["denials"].push_back(std::move(told));
  }
  if (advice.refusal.empty()) json["safe_shares"] = shares_json(advice.share.classes[position]);
  return json;
}

Json replicas_json(const Report& report) {
  const ReplicaAdvice& advice = report.replicas;
  Json json = Json::object();
  if (!advice.is_judged) return json;
  if (!advice.refusal.empty()) {
    json["refusal"] = advice.refusal;
    return json;
  }
  json["reads"] = advice.share.reads.executions;
  json["lags_ms"] = Json::array();
  for (const std::int64_t lag : kReplicaLags) json["lags_ms"].push_back(static_cast<double>(lag) / 1e3);
  json["safe_shares"] = shares_json(advice.share.reads);
  json["applications"] = Json::array();
  for (const ApplicationShare& item : advice.share.applications) {
    json["applications"].push_back({{"application", item.application},
                                    {"reads", item.reads.executions},
                                    {"safe_shares", shares_json(item.reads)}});
  }
  if (!advice.fleet_refusal.empty()) json["not_simulated"] = advice.fleet_refusal;
  if (advice.fleet) json["fleet"] = fleet_json(*advice.fleet, report);
  json["recipes"] = Json::array();
  for (const ReplicaRecipe& recipe : advice.recipes) {
    json["recipes"].push_back({{"product", recipe.product}, {"text", recipe.text}});
  }
  return json;
}

}  // namespace assay
