// What stands in the way of a partitioned table is told, and what the catalog cannot know is refused on the server.
#include <catch2/catch.hpp>

#include "advisors/partition/migration.h"
#include "analyzer/catalog_from_ddl.h"
#include "connectors/postgres.h"
#include "tests/connectors/real_server.h"

namespace assay {
namespace {

using Names = std::vector<std::string>;

PartitionScheme scheme_of(PartitionStrategy strategy = PartitionStrategy::kRange) {
  PartitionScheme scheme{.partitioning = {"public", "t", strategy, "at", {}}, .interval = "1 month"};
  scheme.partitioning.partitions = {{.name = "t_p2026_01", .from = "2026-01-01", .to = "2026-02-01"},
                                    {.name = "t_p2026_02", .from = "2026-02-01", .to = "2026-03-01"}};
  return scheme;
}

MigrationPlan plan_for(const std::string& ddl, const PartitionScheme& scheme = scheme_of()) {
  Diagnostics diagnostics;
  return migration_of(scheme, catalog_from_ddl(ddl, "x", diagnostics));
}

const std::string kTable = "CREATE TABLE t (id int PRIMARY KEY, at date NOT NULL, mail text, up int);";

}  // namespace

TEST_CASE("obstacles are told with the way out") {
  const auto told = [](const std::string& more) {
    const MigrationPlan plan = plan_for(kTable + more);
    CHECK(plan.ways.empty() == !plan.obstacles.empty());
    return plan.obstacles;
  };
  CHECK(told("").empty());
  CHECK(
      told("CREATE UNIQUE INDEX m ON t (mail);") ==
      Names{
          "m makes t (mail) unique in the whole table. A partitioned table can only keep what includes at, which would "
          "allow the same value once in each partition. Drop it if that is enough, or keep the unique values in a "
          "plain "
          "table beside."});
  CHECK(told("CREATE UNIQUE INDEX m ON t (mail, at);").empty());
  CHECK(told("CREATE TABLE r (t_id int CONSTRAINT r_t REFERENCES t);") ==
        Names{"The foreign key r_t of public.r refers to (id), which is not unique without at once the table is "
              "partitioned. Drop it and check in the application, or give the referring table at as well and refer to "
              "both."});
  CHECK(told("ALTER TABLE t ADD CONSTRAINT t_up FOREIGN KEY (up) REFERENCES t;") ==
        Names{"The foreign key t_up of public.t refers to the table itself: drop it first."});
  CHECK(told("CREATE TABLE child () INHERITS (t);") == Names{"Other tables inherit from it."});
  CHECK(told("CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING;").size() == 1);
  CHECK(plan_for("CREATE TABLE u (a int);").obstacles == Names{"The catalog has no such table."});
  CHECK(plan_for("CREATE TABLE t (a int);").obstacles == Names{"It has no column at."});
  CHECK(plan_for("CREATE VIEW t AS SELECT now() AS at;").obstacles.size() >= 1);
}

TEST_CASE("a way that is missing says why") {
  CHECK(plan_for("CREATE TABLE t (id int, at date);").not_offered ==
        Names{"Filling a copy in batches needs a primary key, by which the mirror finds its rows."});
  const MigrationPlan listed = plan_for(kTable, scheme_of(PartitionStrategy::kList));
  REQUIRE(listed.ways.size() == 1);
  CHECK(listed.ways[0].kind == MigrationKind::kBackfill);
  CHECK(
      listed.not_offered ==
      Names{
          "Attaching the old table as one partition is possible by range alone: its rows belong to many partitions."});
}

TEST_CASE("the old table ends where no row comes before the change over is done") {
  Diagnostics diagnostics;
  Catalog catalog = catalog_from_ddl(kTable, "x", diagnostics);
  const auto boundary = [&](const char* taken, const char* histogram) -> std::string {
    catalog.taken_at = parse_iso8601(taken, UtcOffset{0});
    catalog.tables[0].columns[1].statistics = {{.histogram_bounds = histogram}};
    const MigrationPlan plan = migration_of(scheme_of(), catalog);
    if (plan.ways.empty() || plan.ways[0].kind != MigrationKind::kAttach) return "none";
    return plan.ways[0].steps[1].title;
  };
  CHECK(boundary("2026-01-10", "{2025-03-01,2026-01-09}").ends_with("from 2026-02-01 on"));
  CHECK(boundary("2025-12-10", "{2025-03-01,2025-12-09}").ends_with("from 2026-01-01 on"));
  CHECK(boundary("2025-12-10", "{2025-03-01,2026-01-09}").ends_with("from 2026-02-01 on"));
  CHECK(boundary("2026-01-29", "{2025-03-01,2026-01-09}") == "none");
}

TEST_CASE("the application hears of its key, and a definition that is more than one is not let in") {
  const MigrationPlan plan = plan_for(kTable);
  REQUIRE(plan.application.size() == 6);
  CHECK(plan.application[1] ==
        "INSERT … ON CONFLICT (id) fails, since no unique index matches: write ON CONFLICT (id, at). "
        "It then sees a conflict only where both are equal.");
  Diagnostics diagnostics;
  Catalog catalog = catalog_from_ddl(kTable + "CREATE INDEX i ON t (mail);", "x", diagnostics);
  catalog.indexes.back().sql += "; DROP TABLE t";
  for (const MigrationWay& way : migration_of(scheme_of(), catalog).ways) {
    CHECK(script_of(way).find("DROP TABLE t;") == std::string::npos);
    CHECK(script_of(way).find("USING btree (mail);") != std::string::npos);
  }
  catalog.indexes.back().definition.predicate = "true; DROP TABLE t";
  CHECK(migration_of(scheme_of(), catalog).obstacles == Names{"The definition of the index i cannot be read."});
  catalog.indexes.pop_back();
  catalog.tables[0].columns[1].type = "timestamp); DROP TABLE t; --";
  CHECK(script_of(migration_of(scheme_of(), catalog).ways.back()).find("DROP TABLE t;") == std::string::npos);
}

TEST_CASE("the check on the server refuses what a snapshot does not show") {
  const auto [sql, refusal] = GENERATE(table<std::string, std::string>({
      {"CREATE MATERIALIZED VIEW m AS SELECT count(*) FROM t", "materialized view m would go on reading the old table"},
      {"ALTER TABLE t SET UNLOGGED", "it is no ordinary table"},
      {"ALTER TABLE t ADD CHECK (id > 0) NO INHERIT", "check t_id_check is NO INHERIT"},
      {"ALTER TABLE t ADD CHECK (id > 0) NOT VALID", "constraint t_id_check is not validated"},
      {"CREATE UNIQUE INDEX m ON t (mail)", "unique index m lacks the partition key"},
      {"CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM t; END",
       "function f() depends on it"},
      {"CREATE FUNCTION f(t) RETURNS int LANGUAGE sql AS 'SELECT 1'", "function f(t) depends on it"},
      {"CREATE TABLE r (t_id int REFERENCES t)",
       "foreign key r_t_id_fkey of r refers to columns without the partition key"},
      {"CREATE RULE no AS ON DELETE TO t DO INSTEAD NOTHING", "rule no"},
      {"ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (id) DEFERRABLE", "constraint t_pkey is deferrable"},
  }));
  const MigrationPlan plan = plan_for(kTable);
  REQUIRE(plan.ways.size() == 2);
  const std::vector<std::string>& check = plan.ways[0].steps[0].sql;
  RealServer server;
  server.run({kTable});
  CHECK_NOTHROW(server.run(check));
  server.run({sql});
  CHECK_THROWS_WITH(server.run(check),
                    Catch::Contains("t cannot be migrated as planned: ") && Catch::Contains(refusal));
}

}  // namespace assay
