#include "analyzer/index_size.h"

#include <catch2/catch.hpp>
#include <limits>

#include "connectors/postgres.h"
#include "tests/connectors/real_server.h"

namespace assay {
namespace {

Table table_of(double rows, std::vector<Column> columns) {
  Table table;
  table.name = "t";
  table.rows = rows;
  table.columns = std::move(columns);
  return table;
}

Column column_of(const std::string& type, double distinct) {
  ColumnStatistics statistics;
  statistics.average_width = 8;
  statistics.distinct = distinct;
  return {"a", type, true, {statistics}};
}

IndexDefinition index_on(const std::string& column, bool unique) {
  IndexDefinition definition;
  definition.table = "t";
  definition.unique = unique;
  definition.keys.emplace_back().column = column;
  return definition;
}

std::string size_of(const std::string& type, double rows, double distinct, bool unique = false) {
  const HypotheticalIndex index = sized(index_on("a", unique), table_of(rows, {column_of(type, distinct)}));
  return std::to_string(index.pages) + " pages, height " + std::to_string(index.height);
}

}  // namespace

TEST_CASE("a B-tree of unique bigints has 366 keys a leaf and 284 downlinks an inner page") {
  CHECK(size_of("bigint", 0, -1, true) == "1 pages, height 0");
  CHECK(size_of("bigint", 366, -1, true) == "2 pages, height 0");
  CHECK(size_of("bigint", 367, -1, true) == "4 pages, height 1");
  CHECK(size_of("bigint", 1000000, -1, true) == "2745 pages, height 2");  // pgbench_accounts_pkey at scale 10
}

TEST_CASE("equal keys share their tuple, but not in unique indexes nor for types whose equal values differ") {
  CHECK(size_of("bigint", 100000, 2) == "87 pages, height 1");
  CHECK(size_of("bigint", 100000, -1, true) == "276 pages, height 1");
  CHECK(size_of("double precision", 100000, 2) == "278 pages, height 2");
}

TEST_CASE("figures that no server would give end in some size") {
  for (const double rows : {-1.0, 1e300, std::numeric_limits<double>::quiet_NaN()}) {
    for (const double distinct : {-1e9, 0.0, 1e300, std::numeric_limits<double>::quiet_NaN()}) {
      const HypotheticalIndex index = sized(index_on("a", false), table_of(rows, {column_of("text", distinct)}));
      CHECK(index.pages >= 1);
      CHECK(index.height >= 0);
    }
  }
  CHECK(sized(index_on("none", false), table_of(1000, {})).pages > 1);
  CHECK(btree_height(index_on("none", false), table_of(1000, {}), -5) == 0);
}

TEST_CASE("sizes are within 15 % of the indexes that PostgreSQL builds, heights equal") {
  RealServer server;
  server.run(
      {"CREATE EXTENSION pageinspect",
       "CREATE TABLE t (i int, b bigint, flag boolean, few text, words text, at timestamptz, price numeric(10,2), "
       "ratio float8, token uuid, day date, sparse int, half float8)",
       "INSERT INTO t SELECT i, i / 10, i % 3 = 0, 'kind ' || i % 5, repeat('ab', i % 30), "
       "timestamptz '2024-01-01' + (i % 20000) * interval '1 s', i % 5000 / 7.0, random(), md5(i::text)::uuid, "
       "date '2020-01-01' + i % 900, CASE WHEN i % 4 = 0 THEN i END, i % 2 "
       "FROM generate_series(1, 100000) AS i"});
  int number = 0;
  for (const char* columns : {"(i)", "(b)", "(flag)", "(few)", "(words)", "(at)", "(price)", "(ratio)", "(token)",
                              "(day)", "(sparse)", "(half)", "(i, at)", "(few, i)", "(flag, day)",
                              "(at, price, words)", "(i) INCLUDE (words)", "(sparse, day)"}) {
    server.run({"CREATE INDEX t_" + std::to_string(++number) + " ON t " + columns});
  }
  server.run({"CREATE UNIQUE INDEX t_u ON t (i)", "VACUUM ANALYZE"});
  const Catalog catalog = read_catalog(server.session());
  REQUIRE(catalog.indexes.size() == 19);
  for (const Index& index : catalog.indexes) {
    INFO(describe(index.definition));
    const HypotheticalIndex estimate = sized(index.definition, catalog.tables[0]);
    CHECK(static_cast<double>(estimate.pages) == Approx(static_cast<double>(index.pages)).epsilon(0.15));
    CHECK(estimate.height == index.height);
    CHECK(btree_height(index.definition, catalog.tables[0], index.pages) == index.height);
  }
}

}  // namespace assay
