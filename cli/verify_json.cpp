// The report with what was measured: the key "measured", and "evidence": "measured" at what was tried out.
#include <algorithm>

#include "cli/verify_command.h"

namespace assay {
namespace {

using Json = nlohmann::ordered_json;

Json measured_json(const Measured& figure) {
  return {{"value", figure.value}, {"low", figure.low}, {"high", figure.high}};
}

Json figure_json(const Measured& before, const Measured& after, const Measured& ratio,
                 const std::optional<double>& forecast) {
  Json json = {{"before", measured_json(before)}, {"after", measured_json(after)}, {"ratio", measured_json(ratio)}};
  if (forecast) json["forecast_ratio"] = *forecast;
  return json;
}

Json throughput_json(const MeasuredEffect& effect, const std::optional<TriedForecast>& forecast) {
  Json json = figure_json(effect.throughput_before, effect.throughput_after, effect.throughput_ratio, std::nullopt);
  if (!forecast) return json;
  const double ratio = effect.throughput_ratio.value;
  json["forecast"] = forecast->is_of_capacity ? "capacity" : "throughput";
  json["forecast_ratio"] = forecast->throughput_ratio;
  json["forecast_low"] = forecast->low;
  json["forecast_high"] = forecast->high;
  if (ratio > 0) json["forecast_error"] = forecast->throughput_ratio / ratio - 1;
  json["band_holds"] = forecast->low <= ratio && ratio <= forecast->high;
  json["forecast_after"] = {
      {"value", forecast->throughput}, {"low", forecast->throughput_low}, {"high", forecast->throughput_high}};
  return json;
}

const char* word_for(EffectVerdict verdict) {
  switch (verdict) {
    case EffectVerdict::kFaster:
      return "faster";
    case EffectVerdict::kSlower:
      return "slower";
    case EffectVerdict::kSame:
      return "same";
  }
  return "";
}

Json classes_json(const ForecastedReport& report, const MeasuredEffect& effect) {
  Json classes = Json::array();
  for (const ClassEffect& one : effect.classes) {
    const std::string id = class_name(one.id);
    const auto forecast = report.cost_ratios.find(id);
    Json json = {{"id", id}, {"calls", one.calls}, {"verdict", word_for(one.verdict)}};
    json["response_ms"] =
        figure_json(one.before_ms, one.after_ms, one.ratio,
                    forecast == report.cost_ratios.end() ? std::nullopt : std::optional(forecast->second));
    classes.push_back(std::move(json));
  }
  return classes;
}

Json left_out_json(const VerifyOutcome& outcome) {
  Json left_out = Json::array();
  for (const auto& [reason, count] : outcome.left_out) left_out.push_back({{"reason", reason}, {"count", count}});
  return left_out;
}

Json errors_json(const VerifyOutcome& outcome) {
  Json errors = Json::array();
  for (const auto& [state, failed] : outcome.errors) {
    errors.push_back(
        {{"sqlstate", state}, {"before", failed.before}, {"after", failed.after}, {"message", failed.message}});
  }
  return errors;
}

}  // namespace

std::string with_measured(const ForecastedReport& report, const VerifyOutcome& outcome) {
  const MeasuredEffect& effect = outcome.effect;
  const auto forecast_of = [&](double TriedForecast::*figure) {
    return report.forecast ? std::optional((*report.forecast).*figure) : std::nullopt;
  };
  Json measured = {{"rounds", effect.rounds},
                   {"executions", outcome.executions},
                   {"left_out", left_out_json(outcome)},
                   {"errors", errors_json(outcome)},
                   {"throughput", throughput_json(effect, report.forecast)}};
  measured["response_ms"] = figure_json(effect.response_before, effect.response_after, effect.response_ratio,
                                        forecast_of(&TriedForecast::response_ratio));
  if (effect.server_ratio) {
    measured["server_ms"] = figure_json(*effect.server_before, *effect.server_after, *effect.server_ratio,
                                        forecast_of(&TriedForecast::demand_ratio));
  }
  measured["queries"] = classes_json(report, effect);
  measured["unused"] = outcome.unused;
  measured["slower"] = Json::array();
  for (const SlowerClass& slower : outcome.slower)
    measured["slower"].push_back({{"id", slower.id}, {"recommendations", slower.changes}});
  measured["not_tried"] = Json::array();
  for (const NotTried& item : report.not_tried)
    measured["not_tried"].push_back({{"id", item.id}, {"reason", item.reason}});
  Json json = report.json;
  for (Json& item : json["recommendations"]) {
    const std::string id = item["id"];
    const bool is_tried =
        std::any_of(report.tried.begin(), report.tried.end(), [&](auto& one) { return one.id == id; });
    if (is_tried) item["evidence"] = "measured";
    if (const auto scans = outcome.scans.find(id); scans != outcome.scans.end()) item["measured_scans"] = scans->second;
  }
  json["measured"] = std::move(measured);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace assay
