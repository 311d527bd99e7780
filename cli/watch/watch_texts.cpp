#include "cli/watch/watch_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analyzer/workload.h"
#include "cli/escape.h"
#include "cli/units.h"
#include "parser/base/diagnostic.h"
#include "parser/log/failure_message.h"

namespace assay {
namespace {

using Json = nlohmann::ordered_json;

std::string time_of_day(Timestamp time, UtcOffset offset) { return to_iso8601({time, offset}).substr(11, 5); }

std::string rate_of(double per_second) {
  return per_second >= 0.1 || per_second == 0 ? rate_text(per_second) : fmt::format("{:.1f}/min", per_second * 60);
}

std::string query_of(ClassId id, const ClassNames& names) {
  const WatchedClass* const known = names(id);
  if (!known) return class_name(id);
  return fmt::format("{} ({})", class_name(id), shortened(printable(known->normalized), 80));
}

std::string what_of(const Alert& alert, const ClassNames& names) {
  const auto times = [&] { return alert.before > 0 ? fmt::format(" ({:.1f} times)", alert.now / alert.before) : ""; };
  const auto levels = [&] {
    return fmt::format("{} to {}{}", milliseconds_text(alert.before), milliseconds_text(alert.now), times());
  };
  const auto rates = [&] { return fmt::format("{} to {}{}", rate_of(alert.before), rate_of(alert.now), times()); };
  const std::string query = alert.class_id == 0 ? "" : query_of(alert.class_id, names);
  switch (alert.kind) {
    case AlertKind::kSlower:
      return fmt::format("slower: {}: typically {}", query, levels());
    case AlertKind::kServerSlower:
      return fmt::format("{} query classes are slower, the costliest typically {}", alert.also.size(), levels());
    case AlertKind::kMoreCalls:
      return fmt::format("called more often: {}: {}", query, rates());
    case AlertKind::kLoad:
      return fmt::format("{} query classes are called more often, the costliest: {}", alert.also.size(), rates());
    case AlertKind::kGone:
      return alert.also.size() < 2 ? fmt::format("no longer called: {}: {} before", query, rate_of(alert.before))
                                   : fmt::format("{} query classes are no longer called", alert.also.size());
    case AlertKind::kSilence:
      return fmt::format("nothing is logged any more: {} before", rate_of(alert.before));
    case AlertKind::kNewClass:
      return fmt::format("new: {}: {}", query, rate_of(alert.now));
    case AlertKind::kErrors: {
      const std::string_view name = sqlstate_class_name(alert.sqlstate);
      return fmt::format("errors {}{}: {}", alert.sqlstate.empty() ? "without a code" : printable(alert.sqlstate),
                         name.empty() ? "" : fmt::format(" ({})", name), rates());
    }
    case AlertKind::kPlanChange:
      return fmt::format("another plan: {}: typically {}", query, levels());
    case AlertKind::kLoops:
      return fmt::format("run in a loop (N+1): {}: {} loops", query, rate_of(alert.now));
    case AlertKind::kSaturation:
      if (alert.minutes_left.value_or(0) <= 0)
        return fmt::format("the processors are full: {} used", share_text(alert.now));
      return fmt::format("at this growth the processors are full in {:.0f} minutes: {} used", *alert.minutes_left,
                         share_text(alert.now));
  }
  return {};
}

std::string_view cause_text(AlertCause cause) {
  switch (cause) {
    case AlertCause::kMoreWork:
      return "each execution needs more time of its own";
    case AlertCause::kPlan:
      return "the planner chose another plan";
    case AlertCause::kLocks:
      return "it waits for locks";
    case AlertCause::kProcessors:
      return "it waits for processors that others use";
    case AlertCause::kCalls:
      return "more calls";
    case AlertCause::kUnknown:
      return "";
  }
  return "";
}

std::string_view advice_of(const Alert& alert) {
  switch (alert.kind) {
    case AlertKind::kLoops:
      return "fetch the rows of all values with one statement (= ANY, or a join)";
    case AlertKind::kErrors:
      return "look at the release or the change of schema at that time; assay report lists the statements";
    case AlertKind::kSaturation:
      return "assay report with --catalog tells which indexes and caches would take load off";
    case AlertKind::kGone:
    case AlertKind::kSilence:
      return "is the application up, and is log_min_duration_statement what it was?";
    case AlertKind::kLoad:
    case AlertKind::kMoreCalls:
      return "find who calls: by application and user in assay report";
    case AlertKind::kNewClass:
      return "assay check judges it against the schema";
    case AlertKind::kPlanChange:
      return "compare the plans; ANALYZE the tables, or look for values that it plans badly";
    case AlertKind::kSlower:
    case AlertKind::kServerSlower:
      if (alert.cause == AlertCause::kLocks) return "assay report names who held the locks";
      if (alert.cause == AlertCause::kProcessors) return "look at what runs more often or longer since then";
      return "ANALYZE its tables, compare its plan; assay report with --catalog looks for an index";
  }
  return "";
}

Json json_of(const Figures& figures, double seconds) {
  Json json;
  json["executions"] = figures.calls;
  json["rate"] = static_cast<double>(figures.calls) / seconds;
  json["errors"] = figures.errors;
  json["total_ms"] = static_cast<double>(figures.total.count()) / 1e3;
  json["demand_ms"] = static_cast<double>(figures.demand.count()) / 1e3;
  for (const auto& [key, share] : {std::pair("p50_ms", 0.5), std::pair("p95_ms", 0.95), std::pair("p99_ms", 0.99)}) {
    if (figures.timed_calls > 0) json[key] = static_cast<double>(figures.latencies.percentile(share).count()) / 1e3;
  }
  if (figures.lock_waits > 0 || figures.lock_time.count() > 0) {
    json["lock_waits"] = figures.lock_waits;
    json["lock_wait_ms"] = static_cast<double>(figures.lock_time.count()) / 1e3;
  }
  if (figures.temporary_files > 0) {
    json["temporary_files"] = figures.temporary_files;
    json["temporary_bytes"] = figures.temporary_bytes;
  }
  return json;
}

std::string line(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json class_json(ClassId id, const ClassNames& names) {
  Json json;
  json["id"] = class_name(id);
  if (const WatchedClass* const known = names(id)) {
    if (!known->database.empty()) json["database"] = known->database;
    json["normalized"] = known->normalized;
  }
  return json;
}

}  // namespace

std::string alert_text(const Alert& alert, const ClassNames& names, UtcOffset offset) {
  if (alert.recovered) {
    return fmt::format("recovered at {}: #{} {}", time_of_day(*alert.recovered, offset), alert.number,
                       what_of(alert, names));
  }
  std::string text =
      fmt::format("#{} since {}: {}", alert.number, time_of_day(alert.since, offset), what_of(alert, names));
  if (alert.cost > 0) text += fmt::format("; costs {} a second more", milliseconds_text(alert.cost));
  if (const auto cause = cause_text(alert.cause); !cause.empty()) text += fmt::format("; {}", cause);
  if (const auto advice = advice_of(alert); !advice.empty()) text += fmt::format(". Next: {}", advice);
  return text;
}

std::string window_line(const Window& window, UtcOffset offset) {
  const Figures& total = window.total;
  std::string text = fmt::format("{}  {:>10}", time_of_day(window.start, offset), rate_of(window.rate()));
  if (total.timed_calls > 0) {
    text += fmt::format("  p50 {}  p95 {}", duration_text(total.latencies.percentile(0.5)),
                        duration_text(total.latencies.percentile(0.95)));
  }
  text += fmt::format("  {} of {} cores used", share_text(window.utilisation()), window.cores);
  if (total.errors > 0) text += "  " + plural(total.errors, "error", "errors");
  if (total.lock_waits > 0) text += "  " + plural(total.lock_waits, "lock wait", "lock waits");
  if (total.temporary_files > 0)
    text += "  temporary files " + bytes_text(static_cast<std::int64_t>(total.temporary_bytes));
  return text;
}

std::string window_json(const Window& window, const ClassNames& names, std::size_t top, UtcOffset offset) {
  Json json;
  json["start"] = to_iso8601({window.start, offset});
  json["seconds"] = window.width.count();
  json["utilisation"] = window.utilisation();
  json["cores"] = window.cores;
  json["total"] = json_of(window.total, window.seconds());
  json["queries"] = Json::array();
  Figures other = window.other;
  for (std::size_t i = 0; i < window.classes.size(); ++i) {
    const WindowClass& of = window.classes[i];
    if (i >= top) {
      other.add(of.figures);
      continue;
    }
    Json query = class_json(of.id, names);
    query.update(json_of(of.figures, window.seconds()));
    if (of.loops > 0) query["loops"] = of.loops;
    json["queries"].push_back(std::move(query));
  }
  json["other"] = json_of(other, window.seconds());
  for (const auto& [key, map] : {std::pair("databases", &window.databases), {"applications", &window.applications}}) {
    json[key] = Json::object();
    for (const auto& [name, figures] : *map) json[key][name] = json_of(figures, window.seconds());
  }
  json["errors"] = Json::object();
  for (const auto& [code, count] : window.errors) json["errors"][code] = count;
  return line(Json{{"window", std::move(json)}});
}

std::string alert_json(const Alert& alert, const ClassNames& names, UtcOffset offset) {
  Json json;
  json["number"] = alert.number;
  json["kind"] = to_string(alert.kind);
  json["state"] = alert.recovered ? "recovered" : "open";
  if (alert.cause != AlertCause::kUnknown) json["cause"] = to_string(alert.cause);
  json["since"] = to_iso8601({alert.since, offset});
  json["told"] = to_iso8601({alert.told, offset});
  if (alert.recovered) json["recovered"] = to_iso8601({*alert.recovered, offset});
  if (alert.class_id != 0) json["query"] = class_json(alert.class_id, names);
  if (!alert.sqlstate.empty()) json["sqlstate"] = alert.sqlstate;
  json["before"] = alert.before;
  json["now"] = alert.now;
  if (alert.cost > 0) json["cost_ms_per_s"] = alert.cost;
  if (alert.minutes_left) json["minutes_left"] = *alert.minutes_left;
  if (!alert.also.empty()) {
    json["also"] = Json::array();
    for (const ClassId id : alert.also) json["also"].push_back(class_name(id));
  }
  json["text"] = alert_text(alert, names, offset);
  return line(Json{{"alert", std::move(json)}});
}

}  // namespace assay
