// Sizes of indexes that are no plain B-tree, against those that PostgreSQL builds.
#include "analyzer/other_index_size.h"

#include <catch2/catch.hpp>
#include <limits>
#include <map>

#include "analyzer/array_text.h"
#include "analyzer/gin_size.h"
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
      {"by_day", "(date_trunc('day', plain))", 3},  // no statistics tell how few days there are
      {"loose", "(i)", 1.15, {{"fillfactor", "50"}}},
      {"single", "(few)", 1.15, {{"deduplicate_items", "off"}}},
      {"hash_i", "USING hash (i)", 1.05},
      {"hash_few", "USING hash (few)", 1.2},
      {"brin_at", "USING brin (at)", 1.05},
      {"brin_fine", "USING brin (i, at)", 1.3, {{"pages_per_range", "2"}}},
      {"gin_tags", "USING gin (tags)", 1.5},
      {"gin_document", "USING gin (document)", 1.5},
      {"gin_json", "USING gin (json)", 1.6},
      {"gin_trigrams", "USING gin (words gin_trgm_ops)", 1.5},
      {"gin_prose", "USING gin (prose gin_trgm_ops)", 1.5},
      {"gin_labels", "USING gin (labels)", 1.5},
      {"gin_paths", "USING gin (json jsonb_path_ops)", 1.75},
      {"gin_two", "USING gin (tags, labels)", 1.5},
      {"gist_span", "USING gist (span)", 1.5},
      {"gist_trigrams", "USING gist (words gist_trgm_ops)", 1.5},
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
       "document tsvector, json jsonb, span int4range, prose text, labels text[])",
       "INSERT INTO t SELECT i, 'kind ' || i % 5, md5(i::text) || ' ' || md5((i % 100)::text), "
       "timestamptz '2024-01-01' + i * interval '1 s', timestamp '2024-01-01' + i * interval '1 h', i % 5000 / 7.0, "
       "ARRAY[i % 50, i % 70 + 100, i % 90 + 300], to_tsvector('simple', 'w' || i % 300 || ' v' || i % 500), "
       "jsonb_build_object('kind', i % 20, 'name', 'n' || i % 1000), int4range(i, i + 100), "
       "(SELECT string_agg((ARRAY['invoice', 'order', 'late', 'paid', 'customer', 'of', 'the', 'street', 'berlin', "
       "'please', 'contract', 'window', 'meeting', 'moved', 'garden', 'yellow', 'quick', 'jumps', 'zebra', 'number'])"
       "[1 + abs(hashint4(i * 7 + j)) % 20] || CASE WHEN j = 3 THEN (i % 977)::text ELSE '' END, ' ') "
       "FROM generate_series(1, 4 + i % 5) AS j), "
       "ARRAY['label ' || abs(hashint4(i)) % 7, 'owner ' || abs(hashint4(i + 1)) % 20000] "
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

TEST_CASE("an array's text is taken apart as PostgreSQL writes it, and ends where it is none") {
  using Elements = std::vector<std::optional<std::string>>;
  CHECK(array_elements("{}") == Elements{});
  CHECK(array_elements("{a,\"b, \\\"c\\\"\",NULL,\"NULL\",\"\"}") ==
        Elements{"a", "b, \"c\"", std::nullopt, "NULL", ""});
  CHECK(array_elements("{\"{1,2}\",{3}}").front() == "{1,2}");
  CHECK(array_elements("none") == Elements{});
  CHECK(array_elements("{\"a") == Elements{"a"});
  CHECK(array_numbers("{0.5,x,NaN,NULL,2}") == std::vector<double>{0.5, 2});
}

TEST_CASE("a row pointer takes one byte within a page, two within eight and three within a thousand") {
  CHECK(posting_bytes(1, 1000, 10) == 0);
  CHECK(posting_bytes(100001, 100001, 1000) == Approx(100000));  // every row: a difference of one
  // One row in a thousand, with a hundred and with two a page: the chances that the next lies beyond each reach.
  CHECK(posting_bytes(1001, 1e6, 10000) == Approx(1000 * (1 + 0.951 + 0.449)).epsilon(0.005));
  CHECK(posting_bytes(1001, 1e6, 500000) == Approx(1000 * (1 + 0.999 + 0.984 + 0.129)).epsilon(0.005));
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
