#include "cli/report_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <future>
#include <memory>
#include <utility>

#include "advisors/cache/cache_advisor.h"
#include "advisors/correlated_columns.h"
#include "advisors/index_advisor.h"
#include "advisors/partition/combined_advice.h"
#include "advisors/partition/partitioned_model.h"
#include "advisors/rewrites/rewrites.h"
#include "analyzer/mysql_meaning.h"
#include "cli/catalog_source.h"
#include "cli/censoring_text.h"
#include "cli/inputs.h"
#include "cli/messages.h"
#include "cli/planner_source.h"
#include "cli/read_inputs.h"
#include "cli/report.h"
#include "cli/run_stats.h"
#include "cli/units.h"
#include "cli/whole_file.h"

namespace assay {
namespace {

std::optional<Catalog> catalog_for(const ReportOptions& options) {
  if (options.catalog) return catalog_of_file(*options.catalog);
  if (options.database) return catalog_of_server(*options.database);
  return std::nullopt;
}

void warn_of_nothing(const Workload& workload) {
  if (workload.filtered > 0) {
    warn(fmt::format("no executed statement is left: the filters left out {}",
                     plural(workload.filtered, "record", "records")),
         "check --since, --until, --db, --user and --app");
  } else {
    warn("no executed statement was found",
         is_mysql(workload) ? "set slow_query_log = ON and long_query_time = 0 on the server, for a while, to log them"
                            : "set log_min_duration_statement = 0 on the server, for a while, to log them");
  }
}

void warn_of_another_database(const Report& report) {
  if (!report.catalog || report.catalog->database.empty() || report.workload.classes.empty()) return;
  if (report.catalog->database == report.database) return;
  warn(fmt::format("the catalog is of database {}, the log's statements are of {}", printable(report.catalog->database),
                   report.database.empty() ? "no named one" : printable(report.database)),
       "the advice is right only where both have the same schema and data");
}

/// Indexes on today's tables; with `time_factors` on the design that the planner plans.
Advice advise(const Report& report, CostModel* planner, const ReportOptions& options,
              const std::vector<double>* time_factors = nullptr) {
  Progress progress("planning", !options.quiet);
  IndexAdvisorOptions advisor{
      .database = report.database, .budget_bytes = options.budget_bytes, .calls_limit = options.calls_limit};
  advisor.progress = [&](std::size_t done, std::size_t total) { progress.update(done, total, false); };
  advisor.time_factors = time_factors;
  const Catalog* catalog = report.catalog ? &*report.catalog : nullptr;
  Advice advice = advise_indexes(report.workload, report.meanings, catalog, planner, advisor);
  if (catalog) {
    advice.statistics = advise_statistics(report.workload, report.meanings, *catalog, report.database);
  }
  advice.rewrites = suggest_rewrites(report.workload, report.meanings, catalog, report.database);
  return advice;
}

/// Where a partitioning is recommended, the indexes are weighed again, with it in place.
void advise_on_partitions(Report& report, CostModel* planner, const ReportOptions& options) {
  const Catalog* catalog = report.catalog ? &*report.catalog : nullptr;
  report.partitions =
      advise_partitions(report.workload, report.meanings, catalog, planner, report.database, report.advice);
  if (report.partitions.recommendations.empty()) return;
  PartitionedModel divided(*planner, recommended_partitionings(report.partitions));
  report.advice = combined_advice(report.advice, advise(report, &divided, options, &report.partitions.time_factors),
                                  report.partitions, *catalog);
}

/// What a class asks of the database once the recommended indexes are there, in ms: its service demand where that is
/// known, since no cache is credited with queueing, else the mean of what was logged; by the ratio of the planned
/// costs.
std::vector<double> demands_after_indexes(const Report& report, const ServiceDemand* demand) {
  std::vector<double> demands;
  for (std::size_t i = 0; i < report.workload.classes.size(); ++i) {
    const bool is_known = demand && demand->classes[i].executions > 0;
    demands.push_back(is_known ? demand->classes[i].demand : report.workload.classes[i].mean_us() / 1e3);
  }
  for (const ClassCost& cost : report.advice.costs) {
    if (cost.before > 0) demands[cost.position] *= std::min(1.0, cost.after / cost.before);
  }
  return demands;
}

using LoadMeasurement = std::shared_future<std::optional<MeasuredLoad>>;

/// Beside the planning and the simulation of caches, where there are workers for it: it needs the workload alone.
LoadMeasurement measure_load_beside(const Workload& workload, const ReportOptions& options) {
  const auto policy = options.read.jobs > 1 ? std::launch::async : std::launch::deferred;
  return std::async(policy,
                    [&]() -> std::optional<MeasuredLoad> {
                      if (workload.executions == 0 || is_mysql(workload)) return std::nullopt;
                      return measure_load(workload, options.cores);
                    })
      .share();
}

CacheAdvice advise_on_caches(const Report& report, const LoadMeasurement& measurement, CostModel* planner,
                             const ReportOptions& options, bool others_left_out) {
  const auto service_demand = [&] { return measurement.get() ? measurement.get()->demand() : nullptr; };
  std::vector<double> demands;
  const std::vector<std::string> missing = what_the_log_leaves_out(report);
  CacheAdvisorOptions advisor{.database = report.database, .model = planner};
  advisor.memory_bytes = options.cache_memory_bytes.value_or(CacheAdvisorOptions::kDefaultMemory);
  advisor.demand_ms = [&](std::size_t position) {
    if (demands.empty()) demands = demands_after_indexes(report, service_demand());
    return demands[position];
  };
  advisor.others_left_out = others_left_out;
  if (!missing.empty())
    advisor.incomplete = "the log does not hold all executions, so neither all reads nor all writes";
  const bool of_mysql = is_mysql(report.workload);
  if (of_mysql) advisor.dialect = SqlDialect::kMysql;
  CacheAdvice advice =
      of_mysql ? advise_caches(report.workload, understand_mysql(report.workload), nullptr, advisor)
               : advise_caches(report.workload, report.meanings, report.catalog ? &*report.catalog : nullptr, advisor);
  advice.saves_service = service_demand() != nullptr;
  return advice;
}

/// Last, on what is left after all other advice; its step joins the forecast.
void advise_on_replicas(Report& report, const MeasuredLoad* load, const ReportOptions& options, bool others_left_out) {
  ReplicaAdvisorOptions advisor{
      .database = report.database, .target_p95 = options.target_p95, .target_throughput = options.target_throughput};
  advisor.indexes_weighed = report.advice.selection.has_value();
  advisor.others_left_out = others_left_out;
  if (!what_the_log_leaves_out(report).empty()) advisor.incomplete = "the log does not hold all executions";
  if (load && load->measured && report.throughput) {
    advisor.measured = &*load->measured;
    advisor.throughput = &*report.throughput;
  }
  report.replicas =
      advise_replicas(report.workload, report.meanings, report.catalog ? &*report.catalog : nullptr, advisor);
  if (report.replicas.step) report.throughput->forecast->steps.push_back(*report.replicas.step);
}

void write_to_stdout(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return;
  if (errno == EPIPE) return;  // the reader has seen enough: `assay report … | head`
  throw Error("the report could not be written to standard output", "give a file with -o");
}

std::string text_of(const Report& report, const ReportOptions& options) {
  switch (options.format) {
    case ReportFormat::kMarkdown:
      return to_markdown(report, options.charts);
    case ReportFormat::kJson:
      return to_json(report);
    case ReportFormat::kHtml:
      return to_html(report);
    case ReportFormat::kCsv:
      return to_csv(report);
  }
  return "";
}

// What takes it back comes first, so that no DDL stands there without it.
void write_report(const Report& report, const ReportOptions& options) {
  const std::string text = text_of(report, options);
  if (options.ddl) {
    write_whole_file(*options.ddl + ".rollback", rollback_script(report));
    write_whole_file(*options.ddl, ddl_script(report));
    if (!report.advice.selection) warn("no index was weighed, so the DDL is empty", "give a snapshot with --catalog");
  }
  if (options.output) {
    write_whole_file(*options.output, text);
  } else {
    write_to_stdout(text);
  }
}

// A report must not replace what it was made from, nor one output the other.
void check_outputs(const std::vector<std::string>& inputs, const ReportOptions& options) {
  std::vector<std::string> taken = inputs;
  if (options.catalog) taken.push_back(*options.catalog);
  std::vector<std::string> outputs;
  if (options.output) outputs.push_back(*options.output);
  if (options.stats) outputs.push_back(*options.stats);
  if (options.save) outputs.push_back(*options.save);
  if (options.ddl) outputs.insert(outputs.end(), {*options.ddl, *options.ddl + ".rollback"});
  for (const std::string& output : outputs) {
    std::error_code ignored;
    const auto place = std::filesystem::weakly_canonical(output, ignored);
    for (const std::string& other : taken) {
      if (other != "-" && !output.starts_with("/dev/") && std::filesystem::weakly_canonical(other, ignored) == place) {
        throw UsageError(output + ": would replace what is read or written besides", "choose another name for it");
      }
    }
    taken.push_back(output);
  }
}

std::string findings(const Report& report) {
  const auto& advice = report.advice;
  if (is_mysql(report.workload)) return "MySQL's statements are counted, not judged yet";
  const std::size_t created = count_of<CreateIndex>(advice), dropped = count_of<DropIndex>(advice);
  const std::string drops = dropped == 0 ? "" : fmt::format("; {} to drop", plural(dropped, "index", "indexes"));
  if (created == 0) return "no index worth creating" + drops;
  const std::string count = plural(created, "index", "indexes");
  if (!advice.selection) return count + " named, none weighed: no planner was asked";
  const double saved = 1 - advice.selection->objective_after / advice.selection->objective_before;
  return fmt::format("{} to create, which take {} off the time of the judged statements ({}){}", count,
                     share_text(saved), to_string(advice.evidence), drops);
}

void say_where(const Report& report, const ReportOptions& options) {
  if (options.quiet || !options.output) return;
  const Workload& workload = report.workload;
  fmt::print(stderr, "{} in {}, {} of logged time\n", plural(workload.executions, "execution", "executions"),
             plural(workload.classes.size(), "query class", "query classes"), duration_text(workload.total));
  fmt::print(stderr, "{}\n", findings(report));
  if (!report.advice.recommendations.empty()) {
    fmt::print(stderr, "first: {}\n", printable(title_of(report.advice.recommendations.front())));
  }
  if (options.ddl) fmt::print(stderr, "DDL: {0}, to take it back: {0}.rollback\n", printable(*options.ddl));
  fmt::print(stderr, "report: {}\n", printable(*options.output));
}

}  // namespace

bool run_report(const ReportOptions& options) {
  Diagnostics problems;
  const Inputs inputs = expand_inputs(options.inputs, problems);
  for (const Diagnostic& problem : problems) print(problem);
  check_outputs(inputs.files, options);
  Report report{.catalog = catalog_for(options), .zone = options.read.zone};
  RunStats stats;
  ReadLogs logs = read_inputs(inputs, options, report.catalog ? &*report.catalog : nullptr);
  stats.end_of("reading");
  report.workload = std::move(logs.workload);
  if (report.workload.inputs.empty()) throw Error("no input could be read", "nothing was written");
  if (report.workload.executions == 0) warn_of_nothing(report.workload);
  const Catalog* catalog = report.catalog ? &*report.catalog : nullptr;
  report.meanings = understand(report.workload, catalog);
  report.database = judged_database(report.workload, catalog);
  warn_of_another_database(report);
  for (const std::string& missing : what_the_log_leaves_out(report)) warn(missing, "");
  const auto planner = planner_for(report.catalog, options);
  const LoadMeasurement measurement = measure_load_beside(report.workload, options);
  report.advice = advise(report, planner.get(), options);
  advise_on_partitions(report, planner.get(), options);
  report.caches = advise_on_caches(report, measurement, planner.get(), options, logs.others_left_out);
  stats.end_of("planning");
  const auto& load = measurement.get();
  if (load) {
    report.throughput =
        forecast_throughput(*load, report.workload, report.meanings, report.advice, report.caches.recommendations,
                            report.partitions.recommendations, catalog, planner.get());
  }
  if (report.workload.executions > 0 && !is_mysql(report.workload)) {
    advise_on_replicas(report, load ? &*load : nullptr, options, logs.others_left_out);
  }
  stats.end_of("forecasting");
  write_report(report, options);
  stats.end_of("writing");
  if (options.stats)
    write_whole_file(*options.stats, stats.to_json(report.workload, options.read.jobs,
                                                   planner ? planner->planning_times() : std::vector<PlanningTime>{}));
  say_where(report, options);
  const bool all_found = std::none_of(problems.begin(), problems.end(),
                                      [](const Diagnostic& problem) { return problem.severity == Severity::kError; });
  return logs.all_read && all_found;
}

}  // namespace assay
