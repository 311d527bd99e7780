#include "cli/forecasted_report.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>

#include "connectors/replay_connection.h"
#include "parser/base/error.h"
#include "parser/sql/design_change.h"

namespace assay {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDeepest = 64;  // a report has ten levels; the library writes recursively
constexpr std::size_t kLargest = std::size_t{512} << 20U;

Error no_report(const std::string& path, const std::string& why) {
  return Error(path + ": no JSON report of assay: " + why,
               "assay report LOG --catalog FILE --format json -o REPORT.json");
}

Json parsed(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw Error(path + ": cannot be opened: " + std::strerror(errno));
  if (static_cast<std::size_t>(file.tellg()) > kLargest) throw no_report(path, "too large");
  file.seekg(0);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  bool too_deep = false;
  Json json = Json::parse(
      text,
      [&](int depth, Json::parse_event_t, Json&) {
        too_deep |= depth > kDeepest;
        return depth <= kDeepest;
      },
      false);
  if (json.is_discarded() || too_deep || !json.is_object()) throw no_report(path, "not JSON, or not this JSON");
  if (!json.contains("assay") || json["assay"].value("schema", 0) != 1) throw no_report(path, "not of schema 1");
  return json;
}

TriedChange change_of(const Json& item) {
  TriedChange change{.id = item.at("id")};
  for (const std::string sql : item.at("ddl")) {
    const auto known = design_change(sql);
    if (!known) {
      throw Error("the DDL of " + change.id +
                      " neither creates nor drops an index nor creates statistics: " + sql.substr(0, 200),
                  "verify runs no other DDL; is the report changed by hand?");
    }
    if (known->kind == DesignChangeKind::kAnalyze) continue;  // both designs get one, when all changes are made
    change.ddl.push_back(sql);
    const bool creates = known->kind == DesignChangeKind::kCreateIndex;
    const std::string schema = known->schema.empty() ? "" : quoted_name(known->schema) + ".";
    if (creates) change.created = schema + quoted_name(known->name);
  }
  for (const Json& query : item.at("queries")) change.queries.insert(query.at("id").get<std::string>());
  change.tables.insert(item.value("table", ""));
  change.is_forecast = item.at("evidence") != "none";
  return change;
}

std::string why_not_tried(const Json& item, const std::string& kind) {
  if (kind == "create_statistics") return "";
  if (kind != "create_index" && kind != "drop_index") return "of kind " + kind + ": not tried out";
  const std::string after = item.value("after", "");
  if (kind == "create_index" && !after.empty()) return "planned on the table that " + after + " divides: not tried out";
  if (after.starts_with('P')) return "of the table that " + after + " divides: not tried out";
  return item.at("evidence") == "none" ? "not weighed" : "";
}

void read_changes(ForecastedReport& report) {
  for (const Json& item : report.json.at("recommendations")) {
    const std::string reason = why_not_tried(item, item.at("kind"));
    if (!reason.empty()) {
      report.not_tried.push_back({item.at("id"), reason});
      continue;
    }
    report.tried.push_back(change_of(item));
    report.database = item.value("database", report.database);
    if (!report.tried.back().is_forecast) continue;
    if (item.at("evidence") != "measured" || report.evidence.empty()) report.evidence = item.at("evidence");
  }
}

/// The product of what the tried steps do to a figure, in the order in which they stand one upon another; that of the
/// others with `others`.
template <typename Figure>
double product_of(const ForecastedReport& report, Figure figure, bool others = false) {
  std::set<std::string> tried;
  for (const TriedChange& change : report.tried) tried.insert(change.id);
  const Json& simulation = report.json.at("simulation");
  double product = 1, last = figure(simulation.at("before"));
  for (const Json& step : simulation.at("steps")) {
    const double now = figure(step.at("together"));
    if (tried.contains(step.at("id")) != others && last > 0) product *= now / last;
    last = now;
  }
  return product;
}

double throughput_of(const Json& point) { return point.at("throughput"); }
double capacity_of(const Json& point) { return point.at("capacity"); }
double response_of(const Json& point) { return point.at("response_ms"); }
double demand_of(const Json& point) { return point.at("utilisation").get<double>() / throughput_of(point); }

TriedForecast throughput_forecast(const ForecastedReport& report) {
  const Json& simulation = report.json.at("simulation");
  const double others = product_of(report, throughput_of, true);
  return {.throughput_ratio = product_of(report, throughput_of),
          .low = simulation.at("throughput_ratio_low").get<double>() / others,
          .high = simulation.at("throughput_ratio_high").get<double>() / others,
          .throughput = throughput_of(simulation.at("before")) * product_of(report, throughput_of),
          .throughput_low = simulation.at("after").at("low").get<double>() / others,
          .throughput_high = simulation.at("after").at("high").get<double>() / others,
          .response_ratio = product_of(report, response_of),
          .demand_ratio = product_of(report, demand_of)};
}

/// Sessions that never pause keep the processor busy, and wait the longer the more they are: R = N / X.
TriedForecast capacity_forecast(const ForecastedReport& report) {
  const Json &before = report.json.at("simulation").at("before"), &after = report.json.at("simulation").at("after");
  const double ratio = product_of(report, capacity_of), others = product_of(report, capacity_of, true);
  const double base = capacity_of(before) * others;
  const double low = after.at("capacity_low"), high = after.at("capacity_high");
  return {.is_of_capacity = true,
          .throughput_ratio = ratio,
          .low = low / base,
          .high = high / base,
          .throughput = capacity_of(before) * ratio,
          .throughput_low = low / others,
          .throughput_high = high / others,
          .response_ratio = ratio > 0 ? 1 / ratio : 1,
          .demand_ratio = product_of(report, demand_of)};
}

void read_forecast(ForecastedReport& report, double think) {
  if (!report.json.contains("simulation") || !report.json["simulation"].contains("steps")) {
    report.no_forecast = "the report holds no forecast of throughput";
  } else if (report.evidence.empty()) {
    report.no_forecast = "nothing was forecast of what was tried";
  } else if (think == 1) {
    report.forecast = throughput_forecast(report);
  } else if (think == 0) {
    report.forecast = capacity_forecast(report);
  } else {
    report.no_forecast = "the report's forecast is of the logged pauses (--think 1) or of none (--think 0)";
  }
}

void read_queries(ForecastedReport& report) {
  for (const Json& query : report.json.at("queries")) {
    const std::string id = query.at("id");
    report.normalized[id] = query.at("normalized");
    report.tables[id] = query.at("tables").get<std::set<std::string>>();
    const double before = query.value("cost_before", 0.0);
    if (before > 0) report.cost_ratios[id] = query.value("cost_after", before) / before;
  }
}

}  // namespace

ForecastedReport read_forecasted_report(const std::string& path, double think) {
  ForecastedReport report{.json = parsed(path)};
  try {
    read_changes(report);
    read_queries(report);
    read_forecast(report, think);
  } catch (const Json::exception& problem) {
    throw no_report(path, problem.what());
  }
  if (report.tried.empty()) {
    throw Error(path + ": recommends no index to create or drop and no statistics, so there is nothing to verify",
                "a report with a catalog that holds statistics weighs indexes: assay snapshot, then --catalog");
  }
  return report;
}

}  // namespace assay
