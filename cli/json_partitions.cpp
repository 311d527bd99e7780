#include "cli/json_partitions.h"

#include "cli/json_migration.h"

namespace assay {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kStrategies[] = {"range", "list", "hash"};

Json partition_json(const HypotheticalPartition& partition, PartitionStrategy strategy) {
  Json json = {{"name", partition.name}};
  if (partition.is_default) json["default"] = true;
  if (partition.from) json["from"] = *partition.from;
  if (partition.to) json["to"] = *partition.to;
  if (!partition.values.empty()) json["values"] = partition.values;
  if (strategy == PartitionStrategy::kHash) json["remainder"] = partition.remainder;
  return json;
}

Json class_json(const Report& report, const PartitionedClass& query) {
  Json json = {{"id", class_name(report.workload.classes[query.position].id)},
               {"values", query.values},
               {"cost_before", query.cost_before},
               {"cost_after", query.cost_after},
               {"ms_per_s_before", query.before_ms_per_s},
               {"ms_per_s_after", query.after_ms_per_s},
               {"partitions_read_min", query.fewest_scanned},
               {"partitions_read_max", query.most_scanned}};
  if (query.is_generic) json["generic_plan"] = true;
  if (query.is_retention) json["replaced_by_drop"] = true;
  return json;
}

Json scheme_json(const Report& report, const WeighedScheme& scheme) {
  Json json = partitioning_json(report, scheme.what, false);
  json["ms_per_s_before"] = scheme.before_ms_per_s;
  json["ms_per_s_after"] = scheme.after_ms_per_s;
  json["ms_per_s_best_alternative"] = scheme.best_other_ms_per_s;
  if (!scheme.best_other.empty()) json["best_alternative"] = scheme.best_other;
  json["obstacles"] = scheme.obstacles;
  return json;
}

Json signals_json(const TableSignals& signals) {
  Json json = {{"bytes", signals.bytes()}, {"ms_per_s", signals.time_ms_per_s}};
  if (signals.rows_per_month > 0) {
    json["rows_per_month"] = signals.rows_per_month;
    json["growth_source"] = signals.growth_source;
  }
  if (signals.vacuum_ms_per_s > 0) json["vacuum_ms_per_s"] = signals.vacuum_ms_per_s;
  if (signals.dead_rows_per_month > 0) json["dead_rows_per_month"] = signals.dead_rows_per_month;
  if (signals.dead_share) json["dead_share"] = *signals.dead_share;
  if (signals.days_since_vacuum) json["days_since_vacuum"] = *signals.days_since_vacuum;
  if (signals.bloat) json["bloat"] = *signals.bloat;
  json["keys"] = Json::array();
  for (const KeySignals& key : signals.keys) {
    Json one = {{"column", key.column->name},
                {"equality_ms_per_s", key.equality_ms_per_s},
                {"range_ms_per_s", key.range_ms_per_s},
                {"updates_per_s", key.updates_per_s}};
    if (key.median_width) one["median_width_s"] = *key.median_width;
    if (key.correlation) one["correlation"] = *key.correlation;
    if (key.distinct > 0) one["distinct"] = key.distinct;
    if (key.most_common_share > 0) one["most_common_share"] = key.most_common_share;
    json["keys"].push_back(std::move(one));
  }
  if (signals.retention) {
    json["retention"] = {{"column", signals.retention->column},
                         {"ms_per_s", signals.retention->ms_per_s},
                         {"rows_per_s", signals.retention->rows_per_s}};
    if (signals.retention->rows_per_month > 0) {
      json["retention"]["rows_per_month"] = signals.retention->rows_per_month;
    }
    if (signals.retention->age) json["retention"]["age_s"] = *signals.retention->age;
  }
  return json;
}

}  // namespace

Json partitioning_json(const Report& report, const PartitionTable& table, bool with_migration) {
  const HypotheticalPartitioning& what = table.scheme.partitioning;
  Json json = {{"strategy", kStrategies[static_cast<int>(what.strategy)]}, {"column", what.column}};
  if (!table.scheme.interval.empty()) json["interval"] = table.scheme.interval;
  if (table.scheme.retention) json["retention"] = *table.scheme.retention;
  json["empty_partitions"] = table.empty_partitions;
  json["partitions"] = Json::array();
  for (const HypotheticalPartition& partition : what.partitions) {
    json["partitions"].push_back(partition_json(partition, what.strategy));
  }
  json["price"] = table.price;
  json["planning_ms_per_s"] = table.planning_ms_per_s;
  json["queries"] = Json::array();
  for (const PartitionedClass& query : table.classes) json["queries"].push_back(class_json(report, query));
  json["alternatives"] = Json::array();
  for (const PartitionAlternative& other : table.alternatives) {
    json["alternatives"].push_back({{"what", other.what}, {"saved_ms_per_s", other.saved_ms_per_s}});
  }
  if (with_migration) json["migration"] = migration_json(table.migration);
  if (table.retention) {
    json["retention_saving"] = {{"delete_ms_per_s", table.retention->delete_ms_per_s},
                                {"vacuum_ms_per_s", table.retention->vacuum_ms_per_s},
                                {"vacuum_source", table.retention->vacuum_source},
                                {"detach_ms_per_s", table.retention->detach_ms_per_s}};
    if (table.retention->rows_per_month > 0) {
      json["retention_saving"]["rows_per_month"] = table.retention->rows_per_month;
    }
  }
  return json;
}

Json partitions_json(const Report& report) {
  const PartitionAdvice& advice = report.partitions;
  Json json = Json::object();
  if (advice.nothing.empty() && advice.tables.empty()) return json;
  if (!advice.nothing.empty()) json["nothing"] = advice.nothing;
  json["tables"] = Json::array();
  for (const JudgedTable& table : advice.tables) {
    Json one = {{"table", table.signals.table->schema + "." + table.signals.table->name},
                {"verdict", to_string(table.verdict)},
                {"considered_since", table.gate.told},
                {"reasons", table.reasons},
                {"watch", table.watch}};
    if (!table.consider.empty()) one["consider"] = table.consider;
    if (!table.recommendation.empty()) one["recommendation"] = table.recommendation;
    one["signals"] = signals_json(table.signals);
    one["schemes"] = Json::array();
    for (const WeighedScheme& scheme : table.schemes) one["schemes"].push_back(scheme_json(report, scheme));
    json["tables"].push_back(std::move(one));
  }
  return json;
}

}  // namespace assay
