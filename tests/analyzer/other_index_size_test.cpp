// Sizes of indexes that are no plain B-tree, against those that PostgreSQL builds.
#include "analyzer/other_index_size.h"

#include <catch2/catch.hpp>
#include <limits>
#include <map>

#include "analyzer/planned_index.h"
#include "connectors/postgres.h"
#include "connectors/shadow_planner.h"
#include "tests/connectors/real_server.h"

namespace assay {
namespace {

struct Built {
  const char* name;
  const char* on;
  double factor;  ///< how far from the real size the estimate may be, either way
  std::map<std::string, std::string> storage = {};
};

const std::vector<Built>& built() {
  static const std::vector<Built> all{
      {"part_i", "(i) WHERE few = 'kind 3'", 1.15},
      {"part_range", "(price, i) WHERE at >= '2024-01-01 04:00+00'", 1.15},
      {"lower_words", "(lower(words))", 1.15},
      {"by_day", "(date_trunc('day', plain))", 1.15},
      {"loose", "(i)", 1.15, {{"fillfactor", "50"}}},
      {"single", "(few)", 1.15, {{"deduplicate_items", "off"}}},
      {"hash_i", "USING hash (i)", 1.05},
      {"hash_few", "USING hash (few)", 1.2},
      {"brin_at", "USING brin (at)", 1.05},
      {"brin_fine", "USING brin (i, at)", 1.3, {{"pages_per_range", "2"}}},
      {"gin_tags", "USING gin (tags)", 2},
      {"gin_document", "USING gin (document)", 2},
      {"gin_json", "USING gin (json)", 2},
      {"gin_trigrams", "USING gin (words gin_trgm_ops)", 2},
      {"gist_span", "USING gist (span)", 2},
      {"gist_trigrams", "USING gist (words gist_trgm_ops)", 2},
  };
  return all;
}

std::string create_sql(const Built& index) {
  std::string sql = std::string("CREATE INDEX ") + index.name + " ON t " + index.on;
  for (const auto& [name, value] : index.storage) sql += " WITH (" + name + " = " + value + ")";
  return sql;
}

double ratio(std::int64_t estimate, std::int64_t real) {
  return static_cast<double>(estimate) / static_cast<double>(real);
}

}  // namespace

TEST_CASE("sizes of partial, expression, hash, BRIN, GIN and GiST indexes are near those that PostgreSQL builds") {
  RealServer server;
  server.run(
      {"SET TimeZone = 'UTC'", "CREATE EXTENSION pageinspect", "CREATE EXTENSION pg_trgm",
       "CREATE TABLE t (i int, few text, words text, at timestamptz, plain timestamp, price numeric(10,2), tags int[], "
       "document tsvector, json jsonb, span int4range)",
       "INSERT INTO t SELECT i, 'kind ' || i % 5, md5(i::text) || ' ' || md5((i % 100)::text), "
       "timestamptz '2024-01-01' + i * interval '1 s', timestamp '2024-01-01' + i * interval '1 h', i % 5000 / 7.0, "
       "ARRAY[i % 50, i % 70 + 100, i % 90 + 300], to_tsvector('simple', 'w' || i % 300 || ' v' || i % 500), "
       "jsonb_build_object('kind', i % 20, 'name', 'n' || i % 1000), int4range(i, i + 100) "
       "FROM generate_series(1, 50000) AS i"});
  for (const Built& index : built()) server.run({create_sql(index)});
  server.run({"VACUUM ANALYZE"});
  const Catalog catalog = read_catalog(server.session());
  REQUIRE(catalog.indexes.size() == built().size());
  Catalog bare = catalog;
  bare.indexes.clear();
  std::erase_if(bare.ddl, [](const std::string& sql) { return sql.starts_with("CREATE INDEX "); });
  ShadowPlanner shadow(bare);
  for (const Built& wanted : built()) {
    const Index* real = catalog.find_index("public", wanted.name);
    REQUIRE(real != nullptr);
    IndexDefinition definition = real->definition;
    definition.storage = wanted.storage;  // a catalog leaves it out
    const HypotheticalIndex estimate = planned_size(definition, catalog.tables[0], shadow);
    INFO(create_index_sql(definition, false) << ": " << estimate.pages << " pages, really " << real->pages);
    CHECK(ratio(estimate.pages, real->pages) <= wanted.factor);
    CHECK(ratio(estimate.pages, real->pages) >= 1 / wanted.factor);
    if (real->definition.method == "btree") CHECK(estimate.height == real->height);
  }
}

TEST_CASE("statistics that no server would give end in some size for every method") {
  for (const char* method : {"hash", "brin", "gin", "gist", "spgist"}) {
    for (const double distinct : {-1e9, 0.0, 1e300, std::numeric_limits<double>::quiet_NaN()}) {
      Table table;
      table.rows = 1e15;
      ColumnStatistics statistics;
      statistics.average_width = -5;
      statistics.distinct = distinct;
      table.columns = {{"a", "text", true, {statistics}}};
      IndexDefinition definition;
      definition.method = method;
      definition.keys.emplace_back().column = "a";
      CHECK(other_index_pages(definition, table, 0) >= 1);
      CHECK(other_index_pages(definition, table, 1e15) >= 1);
    }
  }
}

}  // namespace assay
