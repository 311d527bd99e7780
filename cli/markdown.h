// The markdown report's writer, shared by the files that write its parts: the first screen (markdown_summary.cpp), the
// methods (markdown_report.cpp), the recommendations (markdown_recommendations.cpp, markdown_drops.cpp), result caches
// (markdown_caches.cpp), replicas (markdown_replicas.cpp), the forecast (markdown_throughput.cpp), statistics to create and queries to write otherwise
// (markdown_rewrites.cpp), the workload and its accounts (markdown_workload.cpp, markdown_accounts.cpp), what went
// wrong (markdown_failures.cpp), what the server did by itself and for whom (markdown_server.cpp), what sessions do
// (markdown_sessions.cpp), and what MySQL's logs tell otherwise (markdown_mysql.cpp). A section that has nothing to say
// is not written. Every text of a log stands inside code.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "advisors/cache/cache_plan.h"
#include "cli/chart.h"
#include "cli/escape.h"
#include "cli/report.h"
#include "cli/units.h"

namespace assay {

inline constexpr std::size_t kHeaviestShown = 20;
inline constexpr std::size_t kServedShown = 8;
inline constexpr std::size_t kUnjudgedShown = 15;
inline constexpr std::size_t kDatabasesShown = 20;
inline constexpr std::size_t kEventsShown = 15;  // rows of a table of events
inline constexpr std::size_t kSqlInTable = 90;   // characters
inline constexpr std::size_t kMostTimelineRows = 24;
inline constexpr std::size_t kTimelineBar = 30;  // characters

class Markdown {
 public:
  Markdown(const Report& report, ChartStyle style)
      : report_(report),
        workload_(report.workload),
        events_(report.workload.events),
        advice_(report.advice),
        style_(style) {
    for (std::size_t i = 0; i < workload_.classes.size(); ++i) positions_[workload_.classes[i].id] = i;
  }

  std::string write();

 private:
  void summary();
  void what_was_read();
  void what_was_read_without_times();
  void what_costs_most();
  void what_to_do();
  std::vector<std::string> what_there_is_to_do() const;
  void how_sure();
  void today_and_after();
  using SummaryRow = std::function<void(const std::string& what, const std::string& today, const std::string& after,
                                        const std::string& change)>;
  void forecast_rows(const Forecast& forecast, const SummaryRow& row);
  void first_chart();
  void heading(std::string_view anchor, std::string_view title);
  void chart(const std::optional<Chart>& drawn, const std::string& as_text);
  void recommendations();
  void recommendation_table();
  void unweighed_table();
  void recommendation(const Recommendation& item);
  void evidence(const Recommendation& item);
  void served_queries(const Recommendation& item);
  void writers(const WriteLoad& load);
  void build(const CreateIndex& created);
  void regressions();
  void existing_indexes();
  void drop_table();
  void drop(const Recommendation& item);
  void foreign_keys();
  std::string distance_text() const;
  void plans(const Recommendation& item);
  void caches();
  void cache_verdicts();
  void cache_table();
  void memory_curve();
  void cache(const Recommendation& item);
  void cache_curve(const CacheQuery& cache);
  void cache_recipes(const std::vector<CacheRecipe>& recipes);
  void reference_tables();
  void hindered_classes();
  void hindrance_row(const ClassCaching& item);
  void partitions();
  void partition_verdict(const JudgedTable& table);
  void recommended_partitioning(const JudgedTable& table, const Recommendation& item);
  void partition_signals(const JudgedTable& table);
  void weighed_scheme(const WeighedScheme& scheme);
  void partition_classes(const PartitionTable& table);
  void partition_retention(const PartitionTable& table);
  void partition_alternatives(const PartitionTable& table);
  void migration(const MigrationPlan& plan);
  void migration_way(const MigrationWay& way);
  void another_way(const MigrationWay& way);
  void partition_upkeep(const PartitionUpkeep& upkeep);
  void folded_sql(const std::string& summary, const std::string& sql);
  void replicas();
  void replica_verdict();
  void safe_reads();
  void fleet(const FleetAdvice& fleet);
  void routing_policies(const FleetAdvice& fleet);
  void hindered_reads();
  bool meaning_is_select(std::size_t position) const;
  void replica_recipes();
  void statistics_to_create();
  void rewrites();
  void throughput();
  void throughput_baseline(const ServiceDemand& demand);
  void session_groups(const ServiceDemand& demand);
  void class_demands(const ServiceDemand& demand);
  void throughput_steps(const Forecast& forecast);
  void forecast_row(const std::string& name, const ForecastPoint& point, const Forecast& forecast);
  void closed_and_open(const Forecast& forecast);
  void growth(const Forecast& forecast);
  void throughput_notes(const Throughput& throughput);
  void heaviest_classes();
  void class_table(std::size_t shown);
  void class_details(const QueryClass& query, const ClassCost* cost, const ParameterSensitivity* sensitivity);
  void spread(const QueryClass& query);
  bool has_gaps(std::size_t shown) const;
  void load_over_time();
  void logged_plan(const LoggedPlan& plan);
  void alarms();
  void errors();
  void warn_of_many_skipped();
  void what_is_left_out();
  std::string inputs_text() const;
  void what_it_is(const InputAccount& input);
  void errors_by_state();
  void cancelled();
  void locks();
  void lock_waits();
  void deadlocks();
  void temporary_files();
  void checkpoints();
  void checkpoint_times();
  void autovacuum();
  void connections();
  void connection_groups();
  void authentication_failures();
  void clients();
  void sessions();
  void loops();
  void loop_table(const std::vector<const LoopFinding*>& loops);
  void idle_in_transaction();
  void lines_account();
  void time_account();
  void databases();
  void unjudged();
  void methods();
  void cache_methods();
  void mysql_first_look();
  void mysql_class_table(std::size_t shown);
  void mysql_class_rows(const QueryClass& query);
  void mysql_methods();

  template <typename... Args>
  void say(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }
  bool timed() const { return workload_.timed_executions > 0; }
  double seconds() const { return static_cast<double>(workload_.span().value_or(Microseconds{0}).count()) / 1e6; }
  double seconds_of_log() const;
  std::string base() const { return timed() ? "logged time" : "executions"; }
  std::string class_link(const QueryClass& query) const {
    return fmt::format("[{0}](#query-{0})", class_name(query.id).substr(0, 8));
  }
  bool is_shown(std::size_t position) const { return position < kHeaviestShown; }
  std::string class_reference(std::size_t position) const {
    const QueryClass& query = workload_.classes[position];
    return is_shown(position) ? class_link(query) : code_span(class_name(query.id).substr(0, 8));
  }
  std::string class_cells(ClassId id) const;
  std::string times(const Occurrences& seen) const;
  void more(std::size_t all, std::size_t shown, std::string_view what);
  static std::string told(bool known, Microseconds duration) { return known ? duration_text(duration) : "–"; }
  std::string write_rate_text(double per_second) const {
    return workload_.span() ? rate_text(per_second) : count_text(static_cast<std::uint64_t>(per_second)) + " in all";
  }
  const ClassCost* cost_of(std::size_t position) const;
  std::string gain_text(double ms_per_s) const;
  std::string to_the_second(ZonedTime time) const {
    return time_text(report_, {std::chrono::floor<std::chrono::seconds>(time.utc), time.offset});
  }

  const Report& report_;
  const Workload& workload_;
  const ServerEvents& events_;
  const Advice& advice_;
  std::unordered_map<ClassId, std::size_t> positions_;  // of the classes
  ChartStyle style_;
  std::string contents_;  // links to the sections so far
  std::string text_;
};

std::string lower(std::string text);

/// With a capital at the front and a full stop at the end.
std::string sentence(std::string text);

}  // namespace assay
