#include "cli/json_throughput.h"

#include <cmath>

namespace assay {
namespace {

using Json = nlohmann::ordered_json;

const char* name_of(Bottleneck bottleneck) {
  switch (bottleneck) {
    case Bottleneck::kProcessor:
      return "processor";
    case Bottleneck::kWaits:
      return "waits";
    case Bottleneck::kSessions:
      return "sessions";
  }
  return "";
}

Json point_json(const ForecastPoint& point) {
  Json json = {{"throughput", point.throughput.value},
               {"low", point.throughput.low},
               {"high", point.throughput.high},
               {"capacity", point.capacity.value},
               {"capacity_low", point.capacity.low},
               {"capacity_high", point.capacity.high},
               {"response_ms", point.response.value},
               {"response_ms_low", point.response.low},
               {"response_ms_high", point.response.high},
               {"utilisation", point.utilisation},
               {"knee_sessions", point.knee},
               {"bottleneck", name_of(point.bottleneck)}};
  if (point.p95 > 0) {
    json["p50_ms"] = point.p50;
    json["p95_ms"] = point.p95;
  }
  return json;
}

Json open_json(const OpenPoint& point) {
  Json json = {{"utilisation", point.utilisation}, {"most_rate", point.most_rate}};
  if (std::isfinite(point.response)) json["response_ms"] = point.response;
  if (point.p95 > 0) json["p95_ms"] = point.p95;
  return json;
}

Json step_json(const StepForecast& step) {
  Json json = {
      {"id", step.id}, {"throughput_ratio", step.ratio.value}, {"low", step.ratio.low}, {"high", step.ratio.high}};
  json["alone"] = point_json(step.alone);
  json["together"] = point_json(step.together);
  return json;
}

Json growth_json(const std::vector<GrowthPoint>& growth) {
  Json points = Json::array();
  for (const GrowthPoint& point : growth) {
    points.push_back({{"factor", point.factor},
                      {"sessions", point.sessions},
                      {"before",
                       {{"throughput", point.before},
                        {"utilisation", point.before_utilisation},
                        {"response_ms", point.before_response}}},
                      {"after",
                       {{"throughput", point.after},
                        {"utilisation", point.after_utilisation},
                        {"response_ms", point.after_response}}}});
  }
  return points;
}

Json demand_json(const ServiceDemand& demand, const Report& report) {
  Json json = {{"mean_ms", demand.mean_demand()},
               {"hidden_ms", demand.hidden},
               {"hidden_evidence", demand.hidden_evidence == HiddenEvidence::kMeasured ? "measured" : "assumed"},
               {"clients_are_local", demand.clients_are_local},
               {"active", demand.active},
               {"busy_cores", demand.busy},
               {"lock_share", demand.lock_share},
               {"commit_share", demand.commit_share}};
  json["queries"] = Json::array();
  for (std::size_t i = 0; i < demand.classes.size(); ++i) {
    const ClassDemand& query = demand.classes[i];
    if (query.executions == 0) continue;
    json["queries"].push_back(
        {{"id", class_name(report.workload.classes[i].id)}, {"demand_ms", query.demand}, {"wait_ms", query.wait}});
  }
  json["groups"] = Json::array();
  for (const SessionGroup& group : demand.groups) {
    json["groups"].push_back({{"application", group.application},
                              {"connected", group.sessions},
                              {"sessions", group.members.size()},
                              {"executions", group.executions},
                              {"gap_ms", group.gap},
                              {"think_ms", group.think}});
  }
  return json;
}

}  // namespace

Json throughput_json(const Throughput& throughput, const Report& report) {
  Json json = {{"servers", throughput.cores}, {"servers_assumed", throughput.cores_assumed}};
  if (throughput.demand) json["demand"] = demand_json(*throughput.demand, report);
  if (throughput.forecast) {
    const Forecast& forecast = *throughput.forecast;
    json["model"] = "closed network of sessions and one shared processor";
    json["sessions"] = forecast.sessions;
    json["before"] = point_json(forecast.before);
    json["before"]["measured_throughput"] = forecast.measured_throughput;
    json["after"] = point_json(forecast.after);
    json["throughput_ratio"] = forecast.ratio.value;
    json["throughput_ratio_low"] = forecast.ratio.low;
    json["throughput_ratio_high"] = forecast.ratio.high;
    json["steps"] = Json::array();
    for (const StepForecast& step : forecast.steps) json["steps"].push_back(step_json(step));
    json["open"] = {{"rate", forecast.measured_throughput},
                    {"before", open_json(forecast.open_before)},
                    {"after", open_json(forecast.open_after)}};
    json["growth"] = growth_json(forecast.growth);
    json["calibration"] = {{"floor_ms", forecast.calibration.floor},
                           {"ms_per_cost", forecast.calibration.slope},
                           {"pages_in_memory", forecast.costs_are_cached},
                           {"classes", forecast.calibration.residuals.size()},
                           {"typical_error", forecast.calibration.typical_error()}};
  }
  if (!throughput.refusals.empty()) json["refusals"] = throughput.refusals;
  if (!throughput.warnings.empty()) json["warnings"] = throughput.warnings;
  if (!throughput.assumptions.empty()) json["assumptions"] = throughput.assumptions;
  return json;
}

void add_throughput_gain(Json& gain, const Report& report, const std::string& id) {
  if (!report.throughput || !report.throughput->forecast) return;
  for (const StepForecast& step : report.throughput->forecast->steps) {
    if (step.id != id) continue;
    gain["throughput_ratio"] = step.ratio.value;
    gain["low"] = step.ratio.low;
    gain["high"] = step.ratio.high;
  }
}

}  // namespace assay
