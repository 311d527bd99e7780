// A JSON report read back: what it recommends, as far as that can be tried out, and what it forecast of it. Hostile
// input: DDL is let in by its kind (parser/sql/design_change.h).
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace assay {

/// An index to create or to drop, or statistics to create.
struct TriedChange {
  std::string id;  ///< of the recommendation
  std::vector<std::string> ddl;
  std::string created;                    ///< the index as SQL names it; empty for a drop and for statistics
  bool is_forecast = true;                ///< statistics are not: what they bring shows only when they are there
  std::set<std::string> queries, tables;  ///< classes that it is for; as the report names tables
};

struct NotTried {
  std::string id, reason;
};

/// Of the tried changes alone: what others (caches) are forecast to bring is divided out.
struct TriedForecast {
  bool is_of_capacity = false;  ///< of sessions that do not pause
  double throughput_ratio = 1;
  double low = 1, high = 1;                                        ///< the band of 90 %
  double throughput = 0, throughput_low = 0, throughput_high = 0;  ///< executions a second, on the logged server
  double response_ratio = 1, demand_ratio = 1;
};

struct ForecastedReport {
  nlohmann::ordered_json json;
  std::string database;  ///< of the changes; empty where the report names none
  std::string evidence;  ///< of the changes: planned, estimated
  std::vector<TriedChange> tried;
  std::vector<NotTried> not_tried;
  std::optional<TriedForecast> forecast;  ///< nothing: `no_forecast` says why
  std::string no_forecast;
  std::map<std::string, double> cost_ratios;            ///< after / before in planner's units, by class
  std::map<std::string, std::string> normalized;        ///< text, by class
  std::map<std::string, std::set<std::string>> tables;  ///< by class
};

/// `think`: what the replay multiplies pauses by. With the logged pauses the forecast is that of throughput, without
/// any that of capacity; with others there is none. Throws Error: no JSON report of assay, nothing in it to try, DDL of
/// another kind.
ForecastedReport read_forecasted_report(const std::string& path, double think);

}  // namespace assay
