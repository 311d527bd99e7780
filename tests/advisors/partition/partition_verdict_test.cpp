// Verdicts on partitioning, one workload each, by a planner that prunes as PostgreSQL does: it reads the partitions
// that a condition on the key leaves, and charges a start for each.
#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>

#include "advisors/partition/partition_advisor.h"
#include "analyzer/catalog_from_ddl.h"
#include "analyzer/workload_builder.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

constexpr const char* kEvents =
    "CREATE TABLE events (id bigint PRIMARY KEY, tenant int NOT NULL, created_at timestamp with time zone NOT NULL, "
    "note text);";
constexpr double kTablePages = 2e6;  // 16 GB

/// Two years of events.
struct World {
  std::string ddl = kEvents;
  double pages = kTablePages;
  std::string memory = "4GB";
  double tenants = 20, common_tenant = 0.06;  ///< values, and the share of the most common one
  double nulls = 0;                           ///< of created_at
  double dead = 0;                            ///< rows, of the living ones
};

struct Load {
  std::string sql;
  std::int64_t ms = 1000;
  int calls = 1;
};

std::string day_text(int day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u 00:00:00+00", int(date.year()), unsigned(date.month()),
                unsigned(date.day()));
  return text;
}

constexpr int kFirstDay = 19000, kLastDay = 19730;  // 2022-01-08 to 2024-01-08

void add_statistics(Catalog& catalog, const World& world) {
  for (Table& table : catalog.tables) {
    if (table.name != "events") continue;
    table.rows = world.pages * 60;
    table.pages = static_cast<std::int64_t>(world.pages);
    if (world.dead > 0) table.dead_rows = DeadRows{.count = static_cast<std::int64_t>(world.dead * table.rows)};
    for (Column& column : table.columns) {
      ColumnStatistics& statistics = column.statistics.emplace_back();
      statistics.average_width = 8;
      if (column.name == "id") statistics.distinct = -1;
      if (column.name == "tenant") {
        statistics.distinct = world.tenants;
        std::string values, shares;
        for (int i = 0; i < std::min(world.tenants, 100.0); ++i) {
          values += (i > 0 ? "," : "") + std::to_string(i);
          shares += (i > 0 ? "," : "") + std::to_string(i == 0 ? world.common_tenant : 0.04);
        }
        statistics.most_common_values = "{" + values + "}";
        statistics.most_common_frequencies = "{" + shares + "}";
      }
      if (column.name != "created_at") continue;
      statistics.distinct = -0.9;
      statistics.correlation = 0.99;
      statistics.null_fraction = world.nulls;
      std::string bounds;
      for (int day = kFirstDay; day <= kLastDay; day += 10)
        bounds += (bounds.empty() ? "\"" : ",\"") + day_text(day) + "\"";
      statistics.histogram_bounds = "{" + bounds + "}";
    }
  }
}

/// Reads the whole table, or what an index on the column of the condition leaves.
class PruningModel : public CostModel {
 public:
  PruningModel(double pages, bool index_on_time, bool selective_tenants)
      : pages_(pages), index_on_time_(index_on_time), selective_tenants_(selective_tenants) {}

  Evidence evidence() const override { return Evidence::kPlanned; }
  std::vector<std::string> remarks() const override { return {}; }

  PlanAnswer plan(const PlannableQuery& query, const PhysicalDesign& design) override {
    const std::string& sql = query.sql;
    const bool divided = !design.partitionings.empty();
    if (divided && sql.find("ON CONFLICT (id)") != std::string::npos) {
      return Unplannable{"there is no unique or exclusion constraint matching the ON CONFLICT specification"};
    }
    const std::string condition = condition_of(sql);
    bool indexed = index_on_time_ && sql.find("created_at >") != std::string::npos;
    for (const HypotheticalIndex& index : design.created_indexes) {
      const std::string& column = index.definition.keys.front().column;
      indexed |= sql.find(column + " >") != std::string::npos;
      indexed |= selective_tenants_ && sql.find(column + " =") != std::string::npos;
    }
    const bool point = sql.find("WHERE id =") != std::string::npos;
    if (sql.starts_with("INSERT")) return PlanNode{.type = "Insert", .relation = "events", .total_cost = 1};
    const double share = point ? 1e-7 : indexed ? 0.01 : 1;
    if (!divided) return node("events", condition, pages_ * share + 10);
    const HypotheticalPartitioning& what = design.partitionings.front();
    std::vector<std::string> read;
    for (const HypotheticalPartition& partition : what.partitions) {
      if (!is_pruned(sql, what, partition)) read.push_back(partition.name);
    }
    // By an index the same rows are read, wherever they lie.
    const auto parts = static_cast<double>(indexed || point ? read.size() : what.partitions.size());
    PlanNode append{.type = "Append"};
    for (const std::string& name : read) {
      append.children.push_back(node(name, condition, pages_ * share / parts + 10));
      append.total_cost += append.children.back().total_cost;
    }
    return append;
  }

 private:
  static std::string condition_of(const std::string& sql) {
    const std::size_t where = sql.find("WHERE ");
    return where == std::string::npos ? "" : "(" + sql.substr(where + 6) + ")";
  }
  static PlanNode node(const std::string& relation, const std::string& condition, double cost) {
    PlanNode scan{.type = "Seq Scan", .relation = relation, .total_cost = cost, .rows = 100};
    if (!condition.empty()) scan.details.emplace_back("Filter", condition);
    return scan;
  }
  /// By the literals of "key >= 'x'", "key < 'y'" and "key = z", compared as texts.
  static bool is_pruned(const std::string& sql, const HypotheticalPartitioning& what,
                        const HypotheticalPartition& partition) {
    const auto behind = [&](const std::string& operation) -> std::optional<std::string> {
      const std::size_t at = sql.find(what.column + " " + operation + " '");
      if (at == std::string::npos) return std::nullopt;
      const std::size_t from = sql.find('\'', at) + 1;
      return sql.substr(from, sql.find('\'', from) - from);
    };
    if (what.strategy == PartitionStrategy::kList) {
      const auto value = behind("=");
      const auto& values = partition.values;
      return value && std::find(values.begin(), values.end(), *value) == values.end();
    }
    if (what.strategy == PartitionStrategy::kHash) {
      const auto value = behind("=");
      return value && std::stoi(*value) % static_cast<int>(what.partitions.size()) != partition.remainder;
    }
    const auto from = behind(">="), to = behind("<");
    return (from && partition.to && *partition.to <= *from) || (to && partition.from && *partition.from >= *to);
  }

  double pages_;
  bool index_on_time_;
  bool selective_tenants_;
};

struct Judged {
  Workload workload;
  Catalog catalog;
  std::vector<ClassMeaning> meanings;
  PartitionAdvice advice;
};

Judged judge(const World& world, const std::vector<Load>& loads, bool index_on_time = false) {
  Judged judged;
  Diagnostics diagnostics;
  judged.catalog = catalog_from_ddl(world.ddl, "x", diagnostics);
  judged.catalog.database = "crm";
  judged.catalog.server_version = 150000;
  judged.catalog.settings["effective_cache_size"] = world.memory;
  add_statistics(judged.catalog, world);
  WorkloadBuilder builder({});
  std::int64_t second = std::int64_t{kLastDay} * 86400;
  for (const Load& load : loads) {
    for (int i = 0; i < load.calls; ++i) {
      builder.add({.kind = RecordKind::kExecution,
                   .timed = true,
                   .time = {Timestamp(std::chrono::seconds(++second)), {}},
                   .duration = Microseconds{1000 * load.ms},
                   .database = "crm",
                   .sql = load.sql,
                   .shape = shape_hash(load.sql)});
    }
  }
  judged.workload = builder.finish({});
  judged.meanings = understand(judged.workload, &judged.catalog);
  PruningModel model(world.pages, index_on_time, world.tenants > 100);
  judged.advice = advise_partitions(judged.workload, judged.meanings, &judged.catalog, &model, "crm", {});
  return judged;
}

/// "recommended: RANGE (created_at) by 1 month", or the verdict and its first reason.
std::string verdict(const World& world, const std::vector<Load>& loads, bool index_on_time = false) {
  const Judged judged = judge(world, loads, index_on_time);
  if (judged.advice.tables.empty()) return judged.advice.nothing;
  const JudgedTable& table = judged.advice.tables.front();
  std::string text(to_string(table.verdict));
  if (!judged.advice.recommendations.empty()) return text + ": " + title_of(judged.advice.recommendations.front());
  return table.reasons.empty() ? text : text + ": " + table.reasons.front();
}

const std::string kMonth =
    "SELECT count(*) FROM events WHERE created_at >= '2023-06-01 00:00:00+00' AND created_at < '2023-07-01 "
    "00:00:00+00'";
const std::string kPoint = "SELECT note FROM events WHERE id = 7";
const std::string kTenant = "SELECT note FROM events WHERE tenant = '3'";
const std::string kDelete = "DELETE FROM events WHERE created_at < '2022-02-01 00:00:00+00'";
const std::string kMove = "UPDATE events SET created_at = '2023-06-01 00:00:00+00' WHERE id = 7";

bool begins(const std::string& text, const std::string& front) { return text.starts_with(front); }

}  // namespace

TEST_CASE("what is asked for by time and deleted by age is divided by time", "[partition]") {
  CHECK(verdict({}, {{kMonth, 1000, 10}, {kDelete, 60'000, 1}, {kPoint, 1, 10}}) ==
        "recommended: events RANGE (created_at) by 1 month");
}

TEST_CASE("a small database is told in one line not to partition", "[partition]") {
  CHECK(
      verdict({.pages = 1000}, {{kMonth}, {kDelete}}) ==
      "Do not partition: no table is larger than memory (effective_cache_size, 4 GB) or 50 GB, and none shows pain in "
      "retention or vacuum. The largest that the log asks for, public.events, has 7.81 MB with its indexes");
}

TEST_CASE("a table that memory holds is divided for the pain of its retention alone", "[partition]") {
  CHECK(begins(verdict({.memory = "64GB"}, {{kMonth, 1000, 10}, {kDelete, 60'000, 2}}), "recommended"));
  CHECK(begins(verdict({.memory = "64GB"}, {{kMonth, 1000, 10}, {kDelete, 10, 2}}), "Do not partition"));
}

TEST_CASE("a table that VACUUM does not keep up with is looked at", "[partition]") {
  CHECK(begins(verdict({.memory = "64GB", .dead = 0.3}, {{kMonth}}), "Do not partition"));
  const Judged judged = judge({.memory = "64GB", .dead = 0.5}, {{kMonth}});
  REQUIRE(judged.advice.tables.size() == 1);
  CHECK(judged.advice.tables[0].gate.told ==
        "VACUUM does not keep up with it: 50 dead rows for 100 living ones, where autovacuum should come at 20");
}

TEST_CASE("many tenants that nearly all statements name: an index on them does what a HASH would", "[partition]") {
  const Judged judged = judge({.tenants = 5000, .common_tenant = 0.001}, {{kTenant, 1000, 10}});
  const JudgedTable& table = judged.advice.tables.at(0);
  REQUIRE(table.schemes.size() == 1);
  CHECK(table.schemes[0].what.scheme.partitioning.strategy == PartitionStrategy::kHash);
  for (const PartitionedClass& query : table.schemes[0].what.classes) CHECK(query.most_scanned == 1);
  CHECK(table.verdict == PartitionVerdict::kNotRecommended);
  CHECK(begins(table.reasons.back(), "a B-tree on tenant wins without dividing anything"));
}

TEST_CASE("two levels are named where each alone pays", "[partition]") {
  const std::string both =
      "SELECT count(*) FROM events WHERE tenant = '3' AND created_at >= '2023-06-01 00:00:00+00' AND created_at < "
      "'2023-07-01 00:00:00+00'";
  const Judged one = judge({}, {{kMonth, 1000, 10}, {kDelete, 60'000, 1}});
  CHECK(one.advice.tables.at(0).consider.empty());
  const Judged two = judge({}, {{both, 1000, 200}, {kDelete, 20'000, 1}});
  REQUIRE(two.advice.tables.at(0).consider.size() == 1);
  CHECK(begins(two.advice.tables[0].consider[0],
               "Two levels: RANGE on created_at by 1 month, and each partition by HASH "
               "on tenant into 8."));
}

TEST_CASE("workloads that partitioning would hurt, or not help, are told so", "[partition]") {
  CHECK(verdict({}, {{kPoint, 5, 100}}) == "not recommended: no statement narrows the table by a time");
  CHECK(
      verdict({}, {{kPoint, 5, 1000}, {kMonth, 1000, 1}}) ==
      "not recommended: only 17 % of the table's time narrows by created_at, and no rows are deleted by their age: all "
      "other statements would look into every partition");
  CHECK(verdict({}, {{kMonth, 1000, 5}, {kMove, 10, 50}}) ==
        "not recommended: created_at is updated by 0.91 statements a second, 91 % of the table's: each that crosses a "
        "bound deletes the row in one partition and inserts it into another");
  CHECK(verdict({.tenants = 1, .common_tenant = 1}, {{kTenant, 1000, 10}}) ==
        "not recommended: no statement narrows the table by a time");
  CHECK(verdict({.nulls = 0.1}, {{kMonth, 1000, 10}}) ==
        "not recommended: created_at is NULL in 10 % of the rows, which no range takes");
}

TEST_CASE("a tenant in one value, or in more than 500, is no key of a LIST", "[partition]") {
  const auto reasons = [](const World& world) {
    const Judged judged = judge(world, {{kTenant, 1000, 10}});
    return judged.advice.tables.at(0).reasons;
  };
  CHECK(reasons({.tenants = 1, .common_tenant = 1}).back() ==
        "tenant has one value in 100 % of the rows: its partition would be the table");
  const auto many = reasons({.tenants = 5000, .common_tenant = 0.001});
  CHECK(std::find(many.begin(), many.end(),
                  "a partition for each of about 5000 values of tenant would be more than 500") != many.end());
}

TEST_CASE("few tenants that nearly all statements name are a LIST", "[partition]") {
  CHECK(verdict({}, {{kTenant, 1000, 10}}) == "recommended: events LIST (tenant)");
}

TEST_CASE("what a better index does is not done by dividing", "[partition]") {
  const Judged judged = judge({}, {{kMonth, 1000, 10}});
  const JudgedTable& table = judged.advice.tables.at(0);
  CHECK(table.verdict == PartitionVerdict::kNotRecommended);
  CHECK(begins(table.reasons.at(0), "BRIN on created_at wins without dividing anything"));
  CHECK(begins(verdict({}, {{kMonth, 1000, 10}}, true), "not recommended: RANGE on created_at would"));
}

TEST_CASE("what stands in the way is named", "[partition]") {
  const std::vector<Load> asks = {{kMonth, 1000, 10}, {kDelete, 60'000, 1}};
  CHECK(verdict({.ddl = std::string(kEvents) + "CREATE TABLE notes (event_id bigint REFERENCES events (id));"}, asks) ==
        "not possible: A foreign key of public.notes refers to (id), which is not unique without "
        "created_at once the table is partitioned. Drop it and check in the application, or give the referring table "
        "created_at as well and refer to both.");
  std::vector<Load> upserts = asks;
  upserts.push_back(
      {"INSERT INTO events (id, tenant, created_at) VALUES (1, 2, '2023-06-01') ON CONFLICT (id) DO NOTHING"});
  CHECK(verdict({}, upserts) ==
        "not possible: a statement would fail: there is no unique or exclusion constraint matching the ON CONFLICT "
        "specification; its ON CONFLICT must name the key too (1 executions in the log)");
}

TEST_CASE("the price is told: keys that take the column in, updates that move rows, partitions made ahead",
          "[partition]") {
  const Judged judged = judge({}, {{kMonth, 1000, 10}, {kDelete, 60'000, 1}});
  const auto& price = std::get<PartitionTable>(judged.advice.recommendations.at(0).change).price;
  CHECK(price ==
        std::vector<std::string>{
            "the primary key (id) must take in created_at: that id alone is unique, the database will no longer see to",
            "partitions must be made ahead (pg_partman, or a job): a row beyond the last one is refused"});
}

TEST_CASE("the scheme: whole months, the first without a lower bound, four still to come", "[partition]") {
  const Judged judged = judge({}, {{kMonth, 1000, 10}, {kDelete, 60'000, 1}});
  const auto& table = std::get<PartitionTable>(judged.advice.recommendations.at(0).change);
  const auto& partitions = table.scheme.partitioning.partitions;
  CHECK(table.empty_partitions == 4);
  CHECK(partitions.size() == 29);
  CHECK(partitions.front().name == "events_p2022_01");
  CHECK_FALSE(partitions.front().from);
  CHECK(partitions[1].from == "2022-02-01 00:00:00+00");
  CHECK(partitions.back().to == "2024-06-01 00:00:00+00");
  for (std::size_t i = 1; i < partitions.size(); ++i) CHECK(partitions[i].from == partitions[i - 1].to);
}

TEST_CASE("gains add up: before less after is what is saved, and deletes are no longer sent", "[partition]") {
  const Judged judged = judge({}, {{kMonth, 1000, 10}, {kDelete, 60'000, 1}, {kPoint, 1, 10}});
  const JudgedTable& table = judged.advice.tables.at(0);
  const WeighedScheme& scheme = table.schemes.at(0);
  CHECK(judged.advice.recommendations.at(0).gain_ms_per_s == scheme.before_ms_per_s - scheme.after_ms_per_s);
  double before = scheme.what.retention->vacuum_ms_per_s, after = scheme.what.retention->detach_ms_per_s;
  for (const PartitionedClass& query : scheme.what.classes) {
    before += query.before_ms_per_s;
    after += query.after_ms_per_s;
    CHECK((query.after_ms_per_s == 0) == query.is_retention);
  }
  CHECK(scheme.before_ms_per_s == Approx(before));
  CHECK(scheme.after_ms_per_s == Approx(after));
}

}  // namespace assay
