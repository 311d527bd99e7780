// The JSON report; its schema is docs/report.schema.json. A value that is not known has no key.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/censoring_text.h"
#include "cli/json_caches.h"
#include "cli/json_events.h"
#include "cli/json_partitions.h"
#include "cli/json_replicas.h"
#include "cli/json_throughput.h"
#include "cli/report.h"
#include "cli/verdict.h"
#include "parser/log/prefix_omissions.h"

namespace assay {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;
constexpr std::int64_t kMicrosecondsPerMillisecond = 1000;

double ms(Microseconds duration) {
  return static_cast<double>(duration.count()) / static_cast<double>(kMicrosecondsPerMillisecond);
}

Json input_json(const InputAccount& input, std::size_t servers) {
  Json skipped = Json::array();
  for (const SkippedLines& lines : input.skipped) {
    skipped.push_back({{"reason", lines.reason}, {"count", lines.count}, {"first_line", lines.first_line}});
  }
  Json json = {{"path", input.path},
               {"format", input.format},
               {"bytes", input.bytes},
               {"lines", input.lines},
               {"records", input.record_lines},
               {"continuation_lines", input.continuation_lines},
               {"executions", input.executions},
               {"skipped", skipped}};
  if (!input.log_line_prefix.empty()) {
    json["log_line_prefix"] = input.log_line_prefix;
    json["not_told"] = prefix_omissions(input.log_line_prefix, input.format);
  }
  if (input.cut_short) json["cut_short"] = true;
  if (servers > 1) json["server"] = input.server + 1;
  if (input.inside_procedures > 0) json["inside_procedures"] = input.inside_procedures;
  if (input.told_before > 0) json["told_before"] = input.told_before;
  if (!input.same_run_as.empty()) json["same_run_as"] = input.same_run_as;
  if (input.left_out) {
    json["left_out"] = input.left_out_why.empty() ? "tells the same run as " + input.same_run_as : input.left_out_why;
  }
  return json;
}

void add_threshold(Json& json, const char* name, const std::optional<LoggingSettings::Threshold>& threshold) {
  if (threshold) json[name] = *threshold ? ms(**threshold) : -1;
}

void add_rate(Json& json, const char* name, const std::optional<std::uint32_t>& rate) {
  if (rate) json[name] = *rate / static_cast<double>(kWholeRate);
}

/// The periods in which the server left something out.
Json censoring_json(const Report& report) {
  Json periods = Json::array();
  for (const CensoringPeriod& period : report.workload.censoring.periods) {
    const LoggingSettings& settings = period.settings;
    if (!leaves_out(settings)) continue;
    Json json = Json::object();
    if (period.from) json["from"] = time_text(report, *period.from);
    if (server_count(report.workload) > 1) json["server"] = period.server + 1;
    json["source"] = period.source;
    add_threshold(json, "log_min_duration_statement_ms", settings.log_min_duration_statement);
    add_threshold(json, "log_min_duration_sample_ms", settings.log_min_duration_sample);
    add_rate(json, "log_statement_sample_rate", settings.log_statement_sample_rate);
    add_rate(json, "log_transaction_sample_rate", settings.log_transaction_sample_rate);
    json["executions"] = period.executions;
    json["sampled"] = period.sampled;
    json["unexplained"] = period.unexplained;
    periods.push_back(json);
  }
  return periods;
}

Json workload_json(const Report& report) {
  const Workload& workload = report.workload;
  const Shares shares = shares_of(report);
  Json json = {{"executions", workload.executions},
               {"errors", workload.errors},
               {"classes", workload.classes.size()},
               {"total_ms", ms(workload.total)}};
  if (workload.is_sampled()) {
    json["estimated_executions"] = workload.estimated_executions;
    json["estimated_executions_error"] = workload.executions_error;
    json["estimated_total_ms"] = ms(workload.estimated_total);
    json["estimated_total_ms_error"] = workload.total_error_us / 1e3;
  }
  if (auto censoring = censoring_json(report); !censoring.empty()) json["censoring"] = std::move(censoring);
  if (const auto edge = workload.censoring.apparent_threshold) json["apparent_threshold_ms"] = ms(*edge);
  if (!workload.sessions_capped && workload.sessions > 0) json["sessions"] = workload.sessions;
  json["trace"] = {{"executions", workload.trace.size()}, {"rate", workload.trace.rate()}};
  if (workload.first) json["first"] = time_text(report, *workload.first);
  if (workload.last) json["last"] = time_text(report, *workload.last);
  json["parsed_share"] = shares.parsed;
  json["planned_share"] = shares.planned;
  json["read_share"] = shares.read;
  json["unattributed_ms"] = ms(workload.unattributed.total + workload.overflow.total);
  json["filtered_records"] = workload.filtered;
  if (workload.counted_from_plans) json["counted_from_plans"] = true;
  return json;
}

Json sample_json(const ExecutionSample& sample, bool timed) {
  Json json = {{"sql", sample.sql}};
  if (const auto values = parse_parameters(sample.parameters)) {
    Json params = Json::array();
    for (const ParameterValue& value : *values) params.push_back(value ? Json(*value) : Json(nullptr));
    json["params"] = params;
  }
  if (timed) json["duration_ms"] = ms(sample.duration);
  return json;
}

void add_times(Json& json, const QueryClass& query) {
  json["total_ms"] = ms(query.total);
  if (query.timed_calls == 0) return;
  json["mean_ms"] = query.mean_us() / 1e3;
  if (query.deviation_known) json["stddev_ms"] = query.deviation_us() / 1e3;
  if (query.extremes_known) json["min_ms"] = ms(query.shortest);
  if (query.extremes_known) json["max_ms"] = ms(query.longest);
  if (!query.has_percentiles()) return;
  json["p50_ms"] = ms(query.percentile(0.50));
  json["p95_ms"] = ms(query.percentile(0.95));
  json["p99_ms"] = ms(query.percentile(0.99));
}

Json query_json(const QueryClass& query, const ClassMeaning& meaning, const ClassCost* cost,
                const ParameterSensitivity* sensitivity) {
  Json json = {{"id", class_name(query.id)}};
  if (meaning.fingerprint) json["fingerprint"] = *meaning.fingerprint;
  if (!query.database.empty()) json["database"] = query.database;
  json["normalized"] = query.normalized;
  json["calls"] = query.calls;
  if (query.is_sampled()) {
    json["estimated_calls"] = query.estimated_calls();
    json["estimated_calls_error"] = query.calls_error();
    json["estimated_total_ms"] = ms(query.estimated_total());
    json["estimated_total_ms_error"] = query.total_error_us() / 1e3;
  }
  add_times(json, query);
  if (query.rows) {
    json["rows"] = query.rows->sent;
    json["rows_examined"] = query.rows->examined;
    json["lock_ms"] = ms(query.rows->lock_time);
  }
  if (query.rows_affected) json["rows"] = *query.rows_affected;
  json["errors"] = query.errors;
  std::set<std::string> tables;
  if (meaning.statement) {
    for (const RelationUse& relation : meaning.statement->relations) {
      tables.insert(relation.schema.empty() ? relation.name : relation.schema + '.' + relation.name);
    }
  }
  json["tables"] = tables;
  json["users"] = query.users;
  json["applications"] = query.applications;
  if (query.slowest) {
    json["sample"] = sample_json(*query.slowest, true);
  } else if (!query.samples.empty()) {
    json["sample"] = sample_json(query.samples.front(), query.timed_calls > 0);
  }
  if (query.plan) json["plan"] = plan_json(*query.plan);
  if (cost) {
    json["cost_before"] = cost->before;
    json["cost_after"] = cost->after;
  }
  if (sensitivity) {
    json["parameter_sensitive"] = sensitivity->is_sensitive();
    json["cost_lowest"] = sensitivity->lowest_cost;
    json["cost_highest"] = sensitivity->highest_cost;
  }
  return json;
}

Json queries_json(const Report& report) {
  Json queries = Json::array();
  auto cost = report.advice.costs.begin();
  auto caching = report.caches.classes.begin();
  for (std::size_t i = 0; i < report.workload.classes.size(); ++i) {
    const bool planned = cost != report.advice.costs.end() && cost->position == i;
    queries.push_back(query_json(report.workload.classes[i], report.meanings[i], planned ? &*cost : nullptr,
                                 sensitivity_of(report, i)));
    if (planned) ++cost;
    if (caching != report.caches.classes.end() && caching->position == i) {
      queries.back()["cache"] = class_cache_json(*caching);
      ++caching;
    }
    if (tells_of_replicas(report.replicas, i)) queries.back()["replica"] = class_replica_json(report.replicas, i);
  }
  return queries;
}

Json writers_json(const WriteLoad& load) {
  return {{"inserts_per_s", load.inserts},
          {"updates_per_s", load.updates_of_columns},
          {"deletes_per_s", load.deletes},
          {"hot_updates_lost_per_s", load.hot_updates_lost},
          {"price_ms_per_s", load.price_ms_per_s}};
}

void add_change(Json& json, const CreateIndex& change, const Report& report) {
  json["writers"] = writers_json(change.writes);
  json["marginal_ms_per_s"] = change.marginal_ms_per_s;
  json["build_seconds"] = change.build.seconds;
  if (!change.after.empty()) json["after"] = change.after;
  if (change.fragile.empty()) return;
  json["fragile"] = Json::array();
  for (const std::size_t position : change.fragile) {
    json["fragile"].push_back(class_name(report.workload.classes[position].id));
  }
}

std::string_view to_string(DropReason why) {
  switch (why) {
    case DropReason::kUnused:
      return "unused";
    case DropReason::kDuplicate:
      return "duplicate";
    case DropReason::kPrefix:
      return "prefix";
    case DropReason::kSuperseded:
      return "superseded";
    case DropReason::kInvalid:
      return "invalid";
  }
  return "unused";
}

void add_change(Json& json, const DropIndex& change) {
  json["writers"] = writers_json(change.writes);
  json["why"] = to_string(change.why);
  if (!change.instead.empty()) json["instead"] = change.instead;
  if (!change.after.empty()) json["after"] = change.after;
  if (change.scans) json["scans"] = *change.scans;
  if (change.statistics_days) json["statistics_days"] = *change.statistics_days;
}

Json regressions_json(const Report& report) {
  Json list = Json::array();
  for (const Regression& item : report.advice.regressions) {
    Json json = {{"id", class_name(report.workload.classes[item.position].id)},
                 {"why", item.writes    ? "writes"
                         : item.generic ? "generic_plan"
                                        : "plan"},
                 {"cost_before", item.cost_before},
                 {"cost_after", item.cost_after},
                 {"indexes", item.indexes}};
    if (!item.generic) json["price_ms_per_s"] = item.price_ms_per_s;
    list.push_back(std::move(json));
  }
  return list;
}

Json foreign_keys_json(const Advice& advice) {
  Json list = Json::array();
  for (const BareForeignKey& key : advice.bare_foreign_keys) {
    list.push_back({{"table", key.table},
                    {"columns", key.columns},
                    {"references", key.referenced_table},
                    {"rows", key.rows},
                    {"deletes_per_s", key.deletes_per_s},
                    {"ddl", key.ddl}});
  }
  return list;
}

Json recommendation_json(const Report& report, const Recommendation& recommendation) {
  const bool weighed = recommendation.evidence != Evidence::kNone;
  Json queries = Json::array();
  for (const ServedQuery& query : recommendation.queries) {
    Json served = {{"id", class_name(report.workload.classes[query.position].id)}};
    if (weighed && (std::holds_alternative<CreateIndex>(recommendation.change) ||
                    std::holds_alternative<PartitionTable>(recommendation.change))) {
      served["cost_before"] = query.cost_before;
      served["cost_after"] = query.cost_after;
    }
    queries.push_back(served);
  }
  Json json = {{"id", recommendation.id}, {"kind", kind_of(recommendation)}};
  if (!recommendation.database.empty()) json["database"] = recommendation.database;
  if (!recommendation.table.empty()) json["table"] = recommendation.table;
  json["ddl"] = recommendation.ddl;
  json["rollback"] = recommendation.rollback;
  const auto* cache = std::get_if<CacheQuery>(&recommendation.change);
  const bool has_size = !std::holds_alternative<AddReplica>(recommendation.change) && (!cache || cache->result_bytes);
  if (weighed && has_size) json["size_bytes"] = recommendation.size_bytes;
  json["evidence"] = to_string(recommendation.evidence);
  json["reasons"] = recommendation.reasons;
  json["queries"] = queries;
  if (weighed && report.workload.span()) {
    json["gain"] = {{"demand_ms_per_s", recommendation.gain_ms_per_s}};
    add_throughput_gain(json["gain"], report, recommendation.id);
  }
  if (cache) json["cache"] = cache_json(report, *cache);
  if (const auto* replica = std::get_if<AddReplica>(&recommendation.change)) {
    json["replica"] = replica_json(*replica);
    return json;
  }
  const auto* partitioning = std::get_if<PartitionTable>(&recommendation.change);
  if (partitioning) json["partitioning"] = partitioning_json(report, *partitioning, true);
  if (!weighed || cache || partitioning) return json;
  const bool timed = report.workload.timed_executions > 0;
  json["verdict"] = verdict(recommendation, report.advice,
                            fmt::format("{:.3g} {}", recommendation.gain_ms_per_s, timed ? "ms/s" : "units"), timed);
  if (const auto* create = std::get_if<CreateIndex>(&recommendation.change)) add_change(json, *create, report);
  if (const auto* drop = std::get_if<DropIndex>(&recommendation.change)) add_change(json, *drop);
  return json;
}

/// Those of all advisors: partitioned tables, since indexes are weighed with them in place, then the largest gain
/// first; each advisor's own stay in its order.
std::vector<const Recommendation*> all_recommendations(const Report& report) {
  std::vector<const Recommendation*> indexes, caches, all;
  for (const Recommendation& item : report.partitions.recommendations) all.push_back(&item);
  for (const Recommendation& item : report.advice.recommendations) indexes.push_back(&item);
  for (const Recommendation& item : report.caches.recommendations) caches.push_back(&item);
  std::merge(indexes.begin(), indexes.end(), caches.begin(), caches.end(), std::back_inserter(all),
             [](const Recommendation* a, const Recommendation* b) { return a->gain_ms_per_s > b->gain_ms_per_s; });
  for (const Recommendation& item : report.replicas.recommendations) all.push_back(&item);  // weighed after all else
  return all;
}

Json statistics_json(const Report& report, const CreateStatistics& item) {
  const QueryClass& query = report.workload.classes[item.position];
  Json json = {{"id", item.id}, {"kind", CreateStatistics::kKind}};
  if (!query.database.empty()) json["database"] = query.database;
  json["table"] = item.table;
  json["ddl"] = item.ddl;
  json["rollback"] = item.rollback;
  json["evidence"] = to_string(Evidence::kNone);
  json["reasons"] = Json::array({item.reason});
  json["queries"] = Json::array({{{"id", class_name(query.id)}}});
  return json;
}

Json rewrite_json(const Report& report, const Rewrite& rewrite) {
  const QueryClass& query = report.workload.classes[rewrite.position];
  Json json = {{"id", rewrite.id}, {"kind", Rewrite::kKind}};
  if (!query.database.empty()) json["database"] = query.database;
  json["evidence"] = to_string(Evidence::kNone);
  json["reasons"] = Json::array({rewrite.reason});
  json["queries"] = Json::array({{{"id", class_name(query.id)}}});
  json["rewrite"] = {{"rule", rewrite.rule}};
  if (!rewrite.sql.empty()) json["rewrite"]["sql"] = rewrite.sql;
  return json;
}

Json selection_json(const SelectionSummary& selection) {
  Json json = Json::object();
  if (selection.budget_bytes) json["budget_bytes"] = *selection.budget_bytes;
  json["used_bytes"] = selection.used_bytes;
  json["objective_before"] = selection.objective_before;
  json["objective_after"] = selection.objective_after;
  json["planned_cost_before"] = selection.planned_cost_before;
  json["planned_cost_after"] = selection.planned_cost_after;
  json["whatif_calls"] = selection.whatif_calls;
  json["cache_hits"] = selection.cache_hits;
  json["lower_bound"] = selection.lower_bound;
  json["gap"] = selection.gap;
  json["candidates"] = selection.candidates;
  if (selection.calls_limit) json["calls_limit"] = *selection.calls_limit;
  if (selection.limit_struck) json["limit_struck"] = true;
  return json;
}

Json unjudged_json(const Report& report) {
  Json unjudged = Json::array();
  for (const Unjudged& item : report.advice.unjudged) {
    const QueryClass& query = report.workload.classes[item.position];
    unjudged.push_back({{"id", class_name(query.id)}, {"share", share_of(report, query)}, {"reason", item.reason}});
  }
  return unjudged;
}

}  // namespace

std::string to_json(const Report& report) {
  Json json = {{"assay", {{"version", ASSAY_VERSION}, {"schema", kSchema}}}};
  json["inputs"] = Json::array();
  const std::size_t servers = server_count(report.workload);
  for (const InputAccount& input : report.workload.inputs) json["inputs"].push_back(input_json(input, servers));
  json["workload"] = workload_json(report);
  json["queries"] = queries_json(report);
  json["recommendations"] = Json::array();
  for (const Recommendation* recommendation : all_recommendations(report)) {
    json["recommendations"].push_back(recommendation_json(report, *recommendation));
  }
  for (const CreateStatistics& item : report.advice.statistics) {
    json["recommendations"].push_back(statistics_json(report, item));
  }
  for (const Rewrite& rewrite : report.advice.rewrites) {
    json["recommendations"].push_back(rewrite_json(report, rewrite));
  }
  if (report.advice.selection) json["selection"] = selection_json(*report.advice.selection);
  if (!report.advice.regressions.empty()) json["regressions"] = regressions_json(report);
  if (!report.advice.bare_foreign_keys.empty()) json["foreign_keys_without_index"] = foreign_keys_json(report.advice);
  if (report.throughput) json["simulation"] = throughput_json(*report.throughput, report);
  if (Json partitions = partitions_json(report); !partitions.empty()) json["partitions"] = std::move(partitions);
  if (Json caches = caches_json(report); !caches.empty()) json["caches"] = std::move(caches);
  if (Json replicas = replicas_json(report); !replicas.empty()) json["replicas"] = std::move(replicas);
  json["unjudged"] = unjudged_json(report);
  if (Json events = events_json(report); !events.empty()) json["events"] = std::move(events);
  if (Json clients = clients_json(report.workload); !clients.empty()) json["clients"] = std::move(clients);
  if (Json sessions = sessions_json(report.workload.patterns); !sessions.empty())
    json["sessions"] = std::move(sessions);
  // A log holds bytes in any encoding, JSON only UTF-8: what is not becomes U+FFFD.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace assay
