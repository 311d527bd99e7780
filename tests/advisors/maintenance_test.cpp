#include "advisors/maintenance.h"

#include <catch2/catch.hpp>

#include "analyzer/catalog_from_ddl.h"
#include "analyzer/workload_builder.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

struct World {
  Catalog catalog;
  Workload workload;
  std::vector<ClassMeaning> meanings;
};

/// One statement, once a second for ten seconds, each of one millisecond unless said.
World world_of(const std::string& sql, const std::string& ddl, int us = 1000) {
  Diagnostics diagnostics;
  World world{.catalog = catalog_from_ddl(ddl, "x", diagnostics)};
  WorkloadBuilder builder({});
  for (int second = 1; second <= 10; ++second) {
    builder.add({.kind = RecordKind::kExecution,
                 .timed = true,
                 .time = {Timestamp(std::chrono::seconds(second)), {}},
                 .duration = Microseconds{us},
                 .database = "d",
                 .sql = sql,
                 .shape = shape_hash(sql)});
  }
  world.workload = builder.finish({});
  world.meanings = understand(world.workload, &world.catalog);
  return world;
}

constexpr const char* kTable = "CREATE TABLE t (id int PRIMARY KEY, a int, b int, c text); CREATE INDEX t_b ON t (b);";

Table& table_of(World& world) { return world.catalog.tables.at(0); }

IndexDefinition index_on(std::vector<std::string> columns, const std::string& method = "btree") {
  IndexDefinition index{.schema = "public", .table = "t", .name = "new", .method = method};
  for (const std::string& column : columns) index.keys.push_back({.column = column});
  return index;
}

double price(const World& world, const IndexDefinition& index) {
  return write_load(index, 1, world.workload, world.meanings, "d", world.catalog, [](std::size_t) { return 1; })
      .price_ms_per_s;
}

}  // namespace

TEST_CASE("maintenance: an insert pays for each index, an update for those of its columns, a delete for none") {
  CHECK(price(world_of("INSERT INTO t VALUES (1, 2, 3, 'x')", kTable), index_on({"a"})) > 0);
  CHECK(price(world_of("UPDATE t SET a = 1 WHERE id = 2", kTable), index_on({"a"})) > 0);
  CHECK(price(world_of("UPDATE t SET b = 1 WHERE id = 2", kTable), index_on({"a"})) == 0);
  CHECK(price(world_of("DELETE FROM t WHERE id = 2", kTable), index_on({"a"})) == 0);
  CHECK(price(world_of("SELECT a FROM t", kTable), index_on({"a"})) == 0);
}

TEST_CASE("maintenance: a column that is only included, or only in the predicate, is kept as well") {
  const World world = world_of("UPDATE t SET a = 1 WHERE id = 2", kTable);
  IndexDefinition including = index_on({"c"}), partial = index_on({"c"});
  including.include = {"a"};
  partial.predicate = "a IS NULL";
  CHECK(price(world, including) > 0);
  CHECK(price(world, partial) > 0);
  CHECK(price(world, index_on({"c"})) == 0);
}

TEST_CASE("maintenance: an update that is HOT today pays for the other indexes, too") {
  World world = world_of("UPDATE t SET a = 1 WHERE id = 2", kTable, 100);
  const double never_hot = price(world, index_on({"a"}));
  table_of(world).counters = TableCounters{.updated = 100, .hot_updated = 90};
  CHECK(hot_share(table_of(world)) == Approx(0.9));
  CHECK(price(world, index_on({"a"})) > 2 * never_hot);
  // Where it sets a column of an existing index it is not HOT whatever the counters say.
  World other = world_of("UPDATE t SET a = 1, b = 2 WHERE id = 2", kTable, 100);
  table_of(other).counters = TableCounters{.updated = 100, .hot_updated = 90};
  CHECK(price(other, index_on({"a"})) == Approx(never_hot));
}

TEST_CASE("maintenance: GIN is dear, BRIN is cheap, wide keys cost more than narrow ones, and keys in order less") {
  World world = world_of("SELECT 1 FROM t", kTable);
  Table& table = table_of(world);
  for (Column& column : table.columns) column.statistics = {{.average_width = column.name == "c" ? 200 : 4}};
  const auto work = [&](const IndexDefinition& index) { return maintenance_work(index, table); };
  const double narrow = work(index_on({"a"}));
  CHECK(work(index_on({"c"}, "gin")) > 2 * work(index_on({"c"})));
  CHECK(work(index_on({"a"}, "brin")) < narrow / 10);
  CHECK(work(index_on({"c"})) > narrow);
  CHECK(maintenance_work(index_on({"a"}), table, 0.25) == Approx(narrow / 4));
  table.columns[1].statistics[0].correlation = 1;
  CHECK(work(index_on({"a"})) < narrow);
}

TEST_CASE("maintenance: the search for the row is no upkeep, however long it takes") {
  const World quick = world_of("UPDATE t SET a = 1 WHERE c = 'x'", kTable, 10'000);
  const World slow = world_of("UPDATE t SET a = 1 WHERE c = 'x'", kTable, 900'000);
  CHECK(price(slow, index_on({"a"})) == Approx(price(quick, index_on({"a"}))).epsilon(0.1));
}

}  // namespace assay
