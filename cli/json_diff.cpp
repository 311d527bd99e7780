// The JSON of a comparison; its schema is docs/diff.schema.json. A value that is not known has no key.
#include <nlohmann/json.hpp>

#include "cli/diff_command.h"

namespace assay {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;

Json side_json(const DiffSide& side, const WorkloadSide& told, bool has_rates) {
  Json json = {{"inputs", side.inputs}, {"executions", told.executions}, {"errors", told.errors}};
  if (side.first) json["first"] = to_iso8601(*side.first);
  if (side.last) json["last"] = to_iso8601(*side.last);
  if (!has_rates) return json;
  json["covered_s"] = told.seconds;
  json["calls_per_s"] = told.calls_per_s;
  json["ms_per_s"] = told.ms_per_s;
  return json;
}

Json class_side_json(const ClassSide& side, bool has_rates) {
  Json json = {{"calls", side.calls}, {"errors", side.errors}, {"share", side.share}, {"mean_ms", side.mean_ms}};
  if (side.p50_ms) json["p50_ms"] = *side.p50_ms;
  if (side.p95_ms) json["p95_ms"] = *side.p95_ms;
  if (side.rows_per_call) json["rows_per_call"] = *side.rows_per_call;
  if (has_rates) {
    json["calls_per_s"] = side.calls_per_s;
    json["ms_per_s"] = side.ms_per_s;
  }
  return json;
}

Json change_json(const MeasuredChange& measured, const char* more, const char* less) {
  const char* change = measured.change == Change::kMore   ? more
                       : measured.change == Change::kLess ? less
                       : measured.change == Change::kSame ? "same"
                                                          : "unjudged";
  if (measured.change == Change::kUnjudged) return {{"change", change}, {"reason", measured.why_unjudged}};
  return {{"change", change},
          {"ratio", measured.ratio},
          {"low", measured.low},
          {"high", measured.high},
          {"significance", measured.significance}};
}

Json class_json(const ClassComparison& one, bool has_rates) {
  const bool is_new = one.presence == Presence::kNew, is_gone = one.presence == Presence::kGone;
  Json json = {{"id", class_name(one.id)},
               {"database", one.database},
               {"normalized", one.normalized},
               {"presence", is_new    ? "new"
                            : is_gone ? "gone"
                                      : "both"},
               {"noteworthy", one.is_noteworthy()}};
  if (is_new || is_gone) json["certain"] = one.is_certain;
  if (has_rates) {
    json["cost_ms_per_s"] = one.cost();
    json["by_time_ms_per_s"] = one.by_time;
    json["by_frequency_ms_per_s"] = one.by_frequency;
  }
  if (!is_new) json["before"] = class_side_json(one.before, has_rates);
  if (!is_gone) json["after"] = class_side_json(one.after, has_rates);
  json["time"] = change_json(one.time, "slower", "faster");
  json["frequency"] = change_json(one.frequency, "more", "less");
  json["errors"] = one.errors == Change::kMore ? "more" : one.errors == Change::kLess ? "fewer" : "same";
  if (one.rows_changed) json["rows_changed"] = true;
  if (!one.plan_before.empty()) json["plan"] = {{"before", one.plan_before}, {"after", one.plan_after}};
  return json;
}

}  // namespace

std::string to_json(const Diff& diff) {
  const Comparison& comparison = diff.comparison;
  Json classes = Json::array(), errors = Json::array();
  for (const ClassComparison& one : comparison.classes) classes.push_back(class_json(one, comparison.has_rates));
  for (const ErrorComparison& error : comparison.new_errors) {
    Json json = {{"message", error.message}, {"count", error.after}};
    if (!error.sqlstate.empty()) json["sqlstate"] = error.sqlstate;
    if (error.class_id != 0) json["query"] = class_name(error.class_id);
    errors.push_back(json);
  }
  const Json json = {
      {"assay", {{"version", ASSAY_VERSION}, {"diff_schema", kSchema}}},
      {"verdict", diff_verdict(comparison)},
      {"before", side_json(diff.before, comparison.before, comparison.has_rates)},
      {"after", side_json(diff.after, comparison.after, comparison.has_rates)},
      {"common", {{"time_ratio", comparison.common_time}, {"frequency_ratio", comparison.common_frequency}}},
      {"run_to_run", comparison.run_to_run},
      {"detectable_time_ratio", comparison.detectable_time},
      {"judged", {{"times", comparison.judged_times}, {"frequencies", comparison.judged_frequencies}}},
      {"notes", comparison.notes},
      {"queries", classes},
      {"new_errors", errors}};
  return json.dump(4, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace assay
