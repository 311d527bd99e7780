// Partitioned twins in the shadow, against tables that a real server has really partitioned.
#include "connectors/shadow_partitions.h"

#include <catch2/catch.hpp>

#include "analyzer/index_size.h"
#include "connectors/postgres.h"
#include "connectors/shadow_planner.h"
#include "tests/connectors/real_server.h"

namespace assay {
namespace {

void add_shape(const PlanNode& plan, std::string& text) {
  text += plan.title + "(";
  for (const PlanNode& child : plan.children) add_shape(child, text);
  text += ")";
}

std::string shape(const PlanNode& plan) {
  std::string text;
  add_shape(plan, text);
  return text;
}

PlanNode plan_of(ShadowPlanner& shadow, const std::string& sql, const PhysicalDesign& design) {
  const PlanAnswer answer = shadow.plan({sql, {}, {}}, design);
  if (const auto* refusal = std::get_if<Unplannable>(&answer)) FAIL(sql << ": " << refusal->reason);
  return std::get<PlanNode>(answer);
}

PlanNode plan_of(Session& server, const std::string& sql) {
  return parse_plan(server.query("EXPLAIN (FORMAT JSON) " + sql).at(0)[0].value());
}

std::string refusal(ShadowPlanner& shadow, const PhysicalDesign& design) {
  const PlanAnswer answer = shadow.plan({"SELECT 1", {}, {}}, design);
  const auto* reason = std::get_if<Unplannable>(&answer);
  return reason ? reason->reason : "planned";
}

/// Half years, and one that is still to come.
HypotheticalPartitioning by_half_year() {
  HypotheticalPartitioning half_years{"public", "visits", PartitionStrategy::kRange, "at", {}};
  const std::vector<std::string> bounds = {"2023-01-01", "2023-07-01", "2024-01-01",
                                           "2024-07-01", "2025-01-01", "2025-07-01"};
  for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
    half_years.partitions.push_back({"visits_" + std::to_string(i + 1), bounds[i], bounds[i + 1]});
  }
  return half_years;
}

HypotheticalPartitioning by_country() {
  HypotheticalPartitioning countries{"public", "visits", PartitionStrategy::kList, "country", {}};
  countries.partitions = {{.name = "visits_german", .values = {"de", "at"}},
                          {.name = "visits_french", .values = {"fr"}},
                          {.name = "visits_others", .is_default = true}};
  return countries;
}

HypotheticalPartitioning by_hash() {
  HypotheticalPartitioning parts{"public", "visits", PartitionStrategy::kHash, "customer", {}};
  for (int i = 0; i < 4; ++i) parts.partitions.push_back({.name = "visits_" + std::to_string(i), .remainder = i});
  return parts;
}

const std::vector<std::string>& queries() {
  static const std::vector<std::string> all{
      "SELECT * FROM visits WHERE at >= '2024-02-01' AND at < '2024-02-03'",
      "SELECT sum(amount) FROM visits WHERE at >= '2024-07-01'",
      "SELECT * FROM visits WHERE customer = 77",
      "SELECT * FROM visits WHERE customer = 77 AND at >= '2024-10-01'",
      "SELECT country, count(*) FROM visits WHERE at < '2023-07-01' GROUP BY country",
      "SELECT * FROM visits ORDER BY at DESC LIMIT 20",
      "DELETE FROM visits WHERE at < '2023-02-01'",
      "SELECT sum(amount) FROM visits WHERE country = 'fr' AND at >= '2023-05-01' AND at < '2023-09-01'",
      "SELECT * FROM visits WHERE country = 'at' AND customer < 100",
  };
  return all;
}

constexpr const char* kColumns =
    "(id int NOT NULL, customer int NOT NULL, at timestamp NOT NULL, country text, amount real)";

std::vector<std::string> really_partitioned(const HypotheticalPartitioning& what) {
  std::vector<std::string> sql{"DROP TABLE IF EXISTS visits"};
  std::string bounds;
  if (what.strategy == PartitionStrategy::kRange) {
    sql.push_back(std::string("CREATE TABLE visits ") + kColumns + " PARTITION BY RANGE (at)");
    for (const auto& p : what.partitions) {
      sql.push_back("CREATE TABLE " + p.name + " PARTITION OF visits FOR VALUES FROM ('" + *p.from + "') TO ('" +
                    *p.to + "')");
    }
  } else if (what.strategy == PartitionStrategy::kList) {
    sql.push_back(std::string("CREATE TABLE visits ") + kColumns + " PARTITION BY LIST (country)");
    sql.push_back("CREATE TABLE visits_german PARTITION OF visits FOR VALUES IN ('de', 'at')");
    sql.push_back("CREATE TABLE visits_french PARTITION OF visits FOR VALUES IN ('fr')");
    sql.push_back("CREATE TABLE visits_others PARTITION OF visits DEFAULT");
  } else {
    sql.push_back(std::string("CREATE TABLE visits ") + kColumns + " PARTITION BY HASH (customer)");
    for (const auto& p : what.partitions) {
      sql.push_back("CREATE TABLE " + p.name + " PARTITION OF visits FOR VALUES WITH (MODULUS 4, REMAINDER " +
                    std::to_string(p.remainder) + ")");
    }
  }
  sql.insert(sql.end(), {"INSERT INTO visits SELECT * FROM kept ORDER BY id",
                         "CREATE UNIQUE INDEX visits_id ON visits (id, " + what.column + ")",
                         "CREATE INDEX visits_customer ON visits (customer)", "CREATE INDEX visits_at ON visits (at)",
                         "CHECKPOINT", "VACUUM ANALYZE"});
  return sql;
}

}  // namespace

TEST_CASE("a partitioned twin is planned as the table that a real server has really partitioned") {
  const HypotheticalPartitioning what = GENERATE(by_half_year(), by_country(), by_hash());
  RealServer server(std::map<std::string, std::string>{{"max_parallel_workers_per_gather", "0"}});
  server.run(
      {std::string("CREATE TABLE visits ") + kColumns,
       "INSERT INTO visits SELECT i, abs(hashint4(i)) % 1000, timestamp '2023-01-01' + i * interval '36 minutes', "
       "(ARRAY['de','fr','it','us','at'])[1 + (i::bigint * i) % 7 % 5], i % 100 FROM generate_series(1, 29000) AS i",
       "CREATE TABLE kept AS SELECT * FROM visits", "CREATE UNIQUE INDEX visits_id ON visits (id)",
       "CREATE INDEX visits_customer ON visits (customer)", "CREATE INDEX visits_at ON visits (at)", "CHECKPOINT",
       "VACUUM ANALYZE"});
  Session fresh(server.cluster().conninfo("postgres"));
  const Catalog catalog = read_catalog(fresh);
  ShadowPlanner shadow(catalog);
  std::vector<std::string> before;
  for (const std::string& sql : queries()) before.push_back(to_string(plan_of(shadow, sql, {})));

  server.run(really_partitioned(what));
  Session after(server.cluster().conninfo("postgres"));
  const PhysicalDesign design{.partitionings = {what}};
  for (const std::string& sql : queries()) {
    const PlanNode real = plan_of(after, sql), twin = plan_of(shadow, sql, design);
    INFO(sql << "\n" << to_string(real) << to_string(twin));
    CHECK(shape(twin) == shape(real));
    // What is left is chance: values are not spread evenly over real partitions.
    const bool over_time = what.strategy == PartitionStrategy::kRange && sql.find("at ") != std::string::npos &&
                           sql.find("customer") == std::string::npos && sql.find("country =") == std::string::npos;
    CHECK(twin.total_cost == Approx(real.total_cost).epsilon(over_time ? 0.05 : 0.1));
  }
  for (std::size_t i = 0; i < queries().size(); ++i) CHECK(to_string(plan_of(shadow, queries()[i], {})) == before[i]);
}

TEST_CASE("common values lie in the partition that they hash to, and make it larger") {
  RealServer server(std::map<std::string, std::string>{{"max_parallel_workers_per_gather", "0"}});
  server.run({std::string("CREATE TABLE visits ") + kColumns,
              "INSERT INTO visits SELECT i, CASE WHEN i % 10 < 4 THEN 7 WHEN i % 10 < 6 THEN 11 ELSE 1000 + i END, "
              "timestamp '2023-01-01' + i * interval '36 minutes', 'de', i % 100 FROM generate_series(1, 29000) AS i",
              "CREATE TABLE kept AS SELECT * FROM visits", "CREATE UNIQUE INDEX visits_id ON visits (id)",
              "CREATE INDEX visits_customer ON visits (customer)", "CREATE INDEX visits_at ON visits (at)",
              "CHECKPOINT", "VACUUM ANALYZE"});
  Session fresh(server.cluster().conninfo("postgres"));
  const Catalog catalog = read_catalog(fresh);
  ShadowPlanner shadow(catalog);
  const HypotheticalPartitioning what = by_hash();
  server.run(really_partitioned(what));
  Session after(server.cluster().conninfo("postgres"));
  for (const std::string sql :
       {"SELECT sum(amount) FROM visits WHERE customer = 7", "SELECT sum(amount) FROM visits WHERE customer = 11",
        "SELECT * FROM visits WHERE customer = 77", "SELECT sum(amount) FROM visits"}) {
    const PlanNode real = plan_of(after, sql), twin = plan_of(shadow, sql, {.partitionings = {what}});
    INFO(sql << "\n" << to_string(real) << to_string(twin));
    CHECK(shape(twin) == shape(real));
    CHECK(twin.total_cost == Approx(real.total_cost).epsilon(0.1));
  }
}

TEST_CASE("how long planning takes is measured, apart for what a design divides") {
  RealServer server;
  server.run({std::string("CREATE TABLE visits ") + kColumns, "VACUUM ANALYZE"});
  const Catalog catalog = read_catalog(server.session());
  ShadowPlanner shadow(catalog);
  plan_of(shadow, "SELECT 1 AS \"Planning Time\", * FROM visits", {});
  for (int i = 0; i < 2; ++i) plan_of(shadow, "SELECT * FROM visits WHERE id = $1", {.partitionings = {by_hash()}});
  const std::vector<PlanningTime> times = shadow.planning_times();
  REQUIRE(times.size() == 2);
  CHECK(times[0].divided.empty());
  CHECK(times[0].plans == 1);
  CHECK(times[1].divided == "public.visits");
  CHECK(times[1].plans == 2);
  for (const PlanningTime& time : times) {
    CHECK(time.ms > 0);
    CHECK(time.ms < 10'000);
  }
}

TEST_CASE("an index can be created on a twin, which keeps the ones of its table, and dropped there") {
  RealServer server;
  server.run({"CREATE TABLE visits (id int PRIMARY KEY, at date NOT NULL, note text)",
              "INSERT INTO visits SELECT i, date '2023-01-01' + i / 30, md5(i::text) FROM generate_series(1, 20000) i",
              "CHECKPOINT", "VACUUM ANALYZE"});
  const Catalog catalog = read_catalog(server.session());
  ShadowPlanner shadow(catalog);
  HypotheticalPartitioning halves{"public", "visits", PartitionStrategy::kRange, "at", {}};
  halves.partitions = {{.name = "early", .to = "2024-01-01"}, {.name = "late", .from = "2024-01-01"}};
  IndexDefinition definition;
  definition.table = "visits";
  definition.name = "by_note";
  definition.keys.emplace_back().column = "note";
  const HypotheticalIndex index = sized(definition, *catalog.find_table("", "visits"));
  const auto used = [&](const std::string& sql, const PhysicalDesign& design) {
    return used_indexes(plan_of(shadow, sql, design));
  };
  using Names = std::vector<std::string>;
  const std::string by_note = "SELECT * FROM visits WHERE note = 'x'", by_id = "SELECT * FROM visits WHERE id = 7";
  CHECK(used(by_note, {.created_indexes = {index}}) == Names{"by_note"});
  CHECK(used(by_note, {.partitionings = {halves}}).empty());
  CHECK(used(by_note, {.created_indexes = {index}, .partitionings = {halves}}) == Names{"by_note"});
  CHECK(used(by_note + " AND at > '2024-03-01'", {.created_indexes = {index}, .partitionings = {halves}}) ==
        Names{"by_note"});
  CHECK(used(by_id, {.partitionings = {halves}}) == Names{"visits_pkey"});
  CHECK(used(by_id, {.dropped_indexes = {{"public", "visits_pkey"}}, .partitionings = {halves}}).empty());
  CHECK(used(by_note, {.created_indexes = {index}}) == Names{"by_note"});
  CHECK(used(by_id, {}) == Names{"visits_pkey"});
}

TEST_CASE("what cannot be partitioned, or planned without rows, is refused with the reason") {
  Catalog catalog;
  catalog.has_statistics = true;
  catalog.search_path = {"public"};
  catalog.ddl = {"CREATE TABLE t (a int, b text)", "CREATE VIEW v AS SELECT * FROM t"};
  Table& table = catalog.tables.emplace_back();
  table.schema = "public";
  table.name = "t";
  table.rows = 1000;
  table.pages = 10;
  ShadowPlanner shadow(catalog);
  const auto partitioned = [&](HypotheticalPartitioning what) {
    return refusal(shadow, {.partitionings = {std::move(what)}});
  };
  using enum PartitionStrategy;
  CHECK(partitioned({"public", "t", kRange, "a", {}}) ==
        "the table t cannot be partitioned: it has 0 partitions; 1 to 1000 are planned");
  CHECK(partitioned({"public", "t", kRange, "c", {{.name = "p"}}}) ==
        "the table t cannot be partitioned: there is no plain table public.t with a column c");
  CHECK(partitioned({"public", "v", kRange, "a", {{.name = "p"}}}) ==
        "the table v cannot be partitioned: there is no plain table public.v with a column a");
  CHECK(partitioned({"public", "t", kRange, "a", {{.name = "p", .from = "x'); DROP TABLE t; --"}}}) ==
        "the table t cannot be partitioned: invalid input syntax for type integer: \"x'); DROP TABLE t; --\"");
  CHECK(partitioned({"public", "t", kRange, "a", {{.name = "p", .to = "5"}, {.name = "q", .from = "4"}}}) ==
        "the table t cannot be partitioned: partition \"q\" would overlap partition \"p\"");
  CHECK(partitioned({"public", "t", kRange, "a", {{.name = "p", .to = "5"}, {.name = "q", .from = "5"}}}) == "planned");
  CHECK(refusal(shadow, {.created_statistics = {{"public", "t", "t_ab", {"a", "b"}}}}) ==
        "extended statistics hold how values occur together, which only rows tell: create t_ab, run ANALYZE, and take "
        "a new snapshot");
  CHECK(refusal(shadow, {}) == "planned");
}

}  // namespace assay
