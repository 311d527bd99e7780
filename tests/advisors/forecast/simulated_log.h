// A workload as a log would tell of it that a simulated server wrote: durations in µs, stamps cut to milliseconds. What
// each class really needed is known.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "advisors/forecast/simulation.h"
#include "analyzer/workload_builder.h"
#include "parser/sql/shape.h"

namespace assay {

struct SimulatedLog {
  Workload workload;
  std::vector<double> demand;  ///< mean by position in Workload::classes, ms
  double mean_demand = 0, mean_think = 0;
  SimulationResult result;
};

inline SimulatedLog simulated_log(const std::vector<SessionScript>& scripts, std::size_t servers,
                                  std::uint64_t statements, std::int64_t resolution = 1000) {
  SimulatedLog log;
  std::vector<double> sums, counts;
  WorkloadBuilder builder({});
  log.result = simulate_closed(scripts, {.servers = servers, .statements = statements}, [&](const auto& statement) {
    const std::string sql = "SELECT a FROM t" + std::to_string(statement.query);
    const std::int64_t end = std::llround((1e9 + statement.end) * 1e3) / resolution * resolution;
    builder.add({.kind = RecordKind::kExecution,
                 .timed = true,
                 .time = {Timestamp(Microseconds(end)), {}},
                 .duration = Microseconds(std::llround((statement.end - statement.start) * 1e3)),
                 .process = 100 + static_cast<std::int64_t>(statement.session),
                 .application = "app",
                 .host = "[local]",
                 .sql = sql,
                 .shape = shape_hash(sql)});
    if (sums.size() <= statement.query) sums.resize(statement.query + 1), counts.resize(statement.query + 1);
    sums[statement.query] += statement.demand;
    ++counts[statement.query];
  });
  log.workload = builder.finish({});
  double all = 0, sum = 0;
  log.demand.resize(log.workload.classes.size());
  for (std::size_t query = 0; query < sums.size(); ++query) {
    const ClassId id = class_id("", shape_hash("SELECT a FROM t" + std::to_string(query)));
    for (std::size_t i = 0; i < log.workload.classes.size(); ++i) {
      if (log.workload.classes[i].id == id) log.demand[i] = sums[query] / counts[query];
    }
    sum += sums[query];
    all += counts[query];
  }
  log.mean_demand = sum / all;
  return log;
}

}  // namespace assay
