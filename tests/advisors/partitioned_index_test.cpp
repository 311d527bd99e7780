// Index advice on partitioned tables, from the log to the built index on a real server.
#include <catch2/catch.hpp>

#include "advisors/index_advisor.h"
#include "advisors/index_steps.h"
#include "analyzer/catalog_from_ddl.h"
#include "analyzer/partitioned_tables.h"
#include "analyzer/workload_builder.h"
#include "connectors/postgres.h"
#include "connectors/shadow_planner.h"
#include "parser/sql/shape.h"
#include "tests/connectors/real_server.h"

namespace assay {
namespace {

using Names = std::vector<std::string>;

/// Three months filled, of unlike sizes, and one still empty.
const Names kEvents{
    "CREATE TABLE events (id int, customer int NOT NULL, at date NOT NULL, note text) PARTITION BY RANGE (at)",
    "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
    "CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')",
    "CREATE TABLE events_3 PARTITION OF events FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')",
    "CREATE TABLE events_4 PARTITION OF events FOR VALUES FROM ('2026-04-01') TO ('2026-05-01')",
    "INSERT INTO events SELECT i, abs(hashint4(i)) % 4000, date '2026-01-01' + (i % 31), md5(i::text) FROM "
    "generate_series(1, 30000) AS i",
    "INSERT INTO events SELECT i, abs(hashint4(i)) % 4000, date '2026-02-01' + (i % 59), md5(i::text) FROM "
    "generate_series(1, 60000) AS i",
};

Catalog catalog_of(RealServer& server) {
  server.run({"CHECKPOINT", "VACUUM ANALYZE", "ANALYZE events"});
  Session fresh(server.cluster().conninfo("postgres"));
  return read_catalog(fresh);
}

Advice advice_for(const Catalog& catalog, const Names& queries) {
  WorkloadBuilder builder({});
  int second = 0;
  for (int round = 0; round < 5; ++round) {
    for (const std::string& sql : queries) {
      builder.add({.kind = RecordKind::kExecution,
                   .timed = true,
                   .time = {Timestamp(std::chrono::seconds(++second)), {}},
                   .duration = Microseconds{800'000},
                   .database = "postgres",
                   .sql = sql,
                   .shape = shape_hash(sql)});
    }
  }
  const Workload workload = builder.finish({});
  const auto meanings = understand(workload, &catalog);
  ShadowPlanner shadow(catalog);
  return advise_indexes(workload, meanings, &catalog, &shadow, {.database = "postgres"});
}

template <typename Kind>
std::vector<const Recommendation*> of_kind(const Advice& advice) {
  std::vector<const Recommendation*> found;
  for (const Recommendation& item : advice.recommendations) {
    if (std::holds_alternative<Kind>(item.change)) found.push_back(&item);
  }
  return found;
}

void run(RealServer& server, const Names& statements) {
  for (const std::string& sql : statements) {
    INFO(sql);
    REQUIRE_NOTHROW(server.session().query(sql));
  }
}

PlanNode plan_of(RealServer& server, const std::string& sql) {
  Session fresh(server.cluster().conninfo("postgres"));
  return parse_plan(fresh.query("EXPLAIN (FORMAT JSON) " + sql).at(0)[0].value());
}

const std::string kQuery = "SELECT * FROM events WHERE customer = 77";

}  // namespace

TEST_CASE("an index of a partitioned table is found, built by its DDL, used, and as dear and large as forecast") {
  RealServer server(std::map<std::string, std::string>{{"max_parallel_workers_per_gather", "0"}});
  run(server, kEvents);
  const Advice advice = advice_for(catalog_of(server), {kQuery});
  const auto created = of_kind<CreateIndex>(advice);
  REQUIRE(created.size() == 1);
  CHECK(title_of(*created[0]) == "events (customer)");
  CHECK(std::get<CreateIndex>(created[0]->change).partitioned);
  CHECK(advice.unjudged.empty());
  run(server, created[0]->ddl);
  CHECK(server.value("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == "0");
  catalog_of(server);
  const PlanNode real = plan_of(server, kQuery);
  CHECK(used_indexes(real) == Names{"events_1_customer_idx", "events_2_customer_idx", "events_3_customer_idx"});
  REQUIRE(advice.costs.size() == 1);
  CHECK(advice.costs[0].after == Approx(real.total_cost).epsilon(0.02));
  CHECK(static_cast<double>(created[0]->size_bytes) ==
        Approx(std::stod(
                   server.value("SELECT sum(pg_relation_size(relid)) FROM pg_partition_tree('events_customer_idx')")))
            .epsilon(0.02));
  // With it in place there is nothing more to say.
  CHECK(advice_for(catalog_of(server), {kQuery}).recommendations.empty());
  run(server, created[0]->rollback);
  CHECK(server.value("SELECT count(*) FROM pg_class WHERE relname LIKE '%customer_idx'") == "0");
}

TEST_CASE("what partitions have of their own counts: all of it is enough, and a part is attached, not built again") {
  RealServer server;
  run(server, kEvents);
  run(server, {"CREATE INDEX first_customer ON events_1 (customer)"});
  const Advice advice = advice_for(catalog_of(server), {kQuery});
  const auto created = of_kind<CreateIndex>(advice);
  REQUIRE(created.size() == 1);
  CHECK(created[0]->ddl[1] == "ALTER INDEX public.events_customer_idx ATTACH PARTITION public.first_customer;");
  run(server, created[0]->ddl);
  CHECK(server.value("SELECT count(*) FROM pg_index WHERE NOT indisvalid OR indrelid = 'events_1'::regclass") == "1");
  run(server, created[0]->rollback);
  CHECK(
      server.column("SELECT indexrelid::regclass FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relname "
                    "LIKE 'events%'") == Names{"first_customer"});
  run(server, {"CREATE INDEX ON events_2 (customer, at)", "CREATE INDEX ON events_3 (customer)",
               "CREATE INDEX ON events_4 (customer)"});
  CHECK(of_kind<CreateIndex>(advice_for(catalog_of(server), {kQuery})).empty());
}

TEST_CASE("a superfluous index of a partitioned table is dropped as a whole, never a part of it") {
  RealServer server;
  run(server, kEvents);
  run(server,
      {"CREATE INDEX events_customer_idx ON events (customer)",
       "CREATE INDEX events_customer_at_idx ON events (customer, at)", "CREATE INDEX own_too ON events_1 (customer)"});
  const Advice advice = advice_for(catalog_of(server), {kQuery + " AND at > '2026-01-09'"});
  CHECK(of_kind<CreateIndex>(advice).empty());
  const auto drops = of_kind<DropIndex>(advice);
  REQUIRE(drops.size() == 1);
  CHECK(drops[0]->ddl == Names{"DROP INDEX IF EXISTS public.events_customer_idx;"});
  CHECK(drops[0]->size_bytes > 90'000 * 4);
  run(server, drops[0]->ddl);
  CHECK(server.value("SELECT count(*) FROM pg_class WHERE relkind = 'I'") == "1");
  run(server, drops[0]->rollback);
  CHECK(server.value("SELECT count(*) FROM pg_class WHERE relkind = 'I'") == "2");
  CHECK(server.value("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == "0");
}

TEST_CASE("a dump tells partitioned tables, their partitions and the parts of their indexes") {
  Diagnostics diagnostics;
  const Catalog catalog = catalog_from_ddl(
      "CREATE TABLE public.e (at date NOT NULL, k int) PARTITION BY RANGE (at);"
      "CREATE TABLE public.e_1 (at date NOT NULL, k int) PARTITION BY HASH (k);"
      "CREATE TABLE public.e_1_0 (at date NOT NULL, k int); CREATE TABLE public.e_2 (at date NOT NULL, k int);"
      "ALTER TABLE ONLY public.e ATTACH PARTITION public.e_1 FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');"
      "ALTER TABLE ONLY public.e_1 ATTACH PARTITION public.e_1_0 FOR VALUES WITH (modulus 1, remainder 0);"
      "ALTER TABLE ONLY public.e ATTACH PARTITION public.e_2 FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');"
      "CREATE TABLE e_3 PARTITION OF e FOR VALUES FROM ('2026-03-01') TO ('2026-04-01');"
      "CREATE INDEX e_k ON ONLY public.e USING btree (k); CREATE INDEX e_1_k ON ONLY public.e_1 USING btree (k);"
      "CREATE INDEX e_1_0_k ON public.e_1_0 USING btree (k); CREATE INDEX e_2_k ON public.e_2 USING btree (k);"
      "ALTER INDEX public.e_k ATTACH PARTITION public.e_1_k; ALTER INDEX public.e_1_k ATTACH PARTITION public.e_1_0_k;"
      "ALTER INDEX public.e_k ATTACH PARTITION public.e_2_k;",
      "dump", diagnostics);
  CHECK(diagnostics.empty());
  const Table& whole = *catalog.find_table("", "e");
  CHECK(whole.kind == 'p');
  CHECK(catalog.find_table("", "e_1")->kind == 'p');
  CHECK(catalog.find_table("", "e_2")->kind == 'r');
  Names leaves, parts;
  for (const Table* leaf : leaves_of(catalog, whole)) leaves.push_back(leaf->name);
  CHECK(leaves == Names{"e_1_0", "e_2", "e_3"});
  CHECK(catalog.find_table("", "e_3")->columns.size() == 2);
  const IndexParts index_parts(catalog);
  for (const Index* part : index_parts.leaves_of(*catalog.find_index("", "e_k"))) {
    parts.push_back(part->definition.name);
  }
  CHECK(parts == Names{"e_1_0_k", "e_2_k"});
  CHECK(index_parts.is_part(catalog.find_index("", "e_1_k")->definition));
  CHECK_FALSE(index_parts.is_part(catalog.find_index("", "e_k")->definition));
}

TEST_CASE("the whole of a partitioned table is the sum of its leaves") {
  Diagnostics diagnostics;
  Catalog catalog = catalog_from_ddl(
      "CREATE TABLE e (at date, k int) PARTITION BY RANGE (at); CREATE TABLE e_1 PARTITION OF e FOR VALUES FROM "
      "(MINVALUE) "
      "TO ('2026-02-01'); CREATE TABLE e_2 PARTITION OF e DEFAULT;"
      "CREATE INDEX e_k ON ONLY e (k); CREATE INDEX e_1_k ON e_1 (k); CREATE INDEX e_2_k ON e_2 (k);"
      "ALTER INDEX e_k ATTACH PARTITION e_1_k; ALTER INDEX e_k ATTACH PARTITION e_2_k;",
      "x", diagnostics);
  for (Table& table : catalog.tables) {
    if (table.kind != 'r') continue;
    table.rows = table.name == "e_1" ? 100 : 900;
    table.pages = 10;
    table.counters = TableCounters{.inserted = 5};
    table.columns[1].statistics = {{.distinct = table.name == "e_1" ? 1.0 : 9.0}};
  }
  for (Index& index : catalog.indexes) {
    index.pages = index.definition.name == "e_k" ? 0 : 3;
    if (index.definition.name != "e_k") index.scans = 2;
  }
  CHECK(never_analyzed(catalog) == Names{"public.e"});
  const Catalog whole = with_whole_tables(catalog);
  const Table& table = *whole.find_table("", "e");
  CHECK(table.rows == 1000);
  CHECK(table.pages == 20);
  CHECK(table.counters->inserted == 10);
  CHECK(table.columns[1].statistics.at(0).distinct == 9);
  CHECK(whole.find_index("", "e_k")->pages == 6);
  CHECK(whole.find_index("", "e_k")->scans == 4);
}

}  // namespace assay
