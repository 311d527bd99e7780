// The shadow against a real server that has really built the candidates: plan by plan, for every kind of index.
#include <algorithm>
#include <catch2/catch.hpp>

#include "analyzer/planned_index.h"
#include "connectors/postgres.h"
#include "connectors/shadow_planner.h"
#include "tests/connectors/real_server.h"

namespace assay {
namespace {

struct Compared {
  const char* name;
  const char* on;                    ///< behind CREATE INDEX name ON t
  std::vector<const char*> queries;  ///< that the planner answers with it
};

const std::vector<Compared>& compared() {
  static const std::vector<Compared> all{
      {"covering",
       "(owner) INCLUDE (amount)",
       {"SELECT sum(amount) FROM t WHERE owner = 17", "SELECT owner, amount FROM t WHERE owner BETWEEN 10 AND 12",
        "SELECT count(*) FROM t WHERE owner IN (1, 500, 900)",
        "SELECT count(*) FROM t WHERE owner < 400 AND amount < 100"}},
      {"descending",
       "(owner, at DESC NULLS LAST)",
       {"SELECT * FROM t WHERE owner = 3 ORDER BY at DESC NULLS LAST LIMIT 5",
        "SELECT * FROM t WHERE owner = 4 AND at > '2024-02-01'"}},
      {"partial",
       "(at) WHERE state = 'open'",
       {"SELECT * FROM t WHERE state = 'open' AND at < '2024-01-03'",
        "SELECT id FROM t WHERE state = 'open' ORDER BY at LIMIT 10"}},
      {"expression",
       "(lower(name))",
       {"SELECT * FROM t WHERE lower(name) = 'name 77'",
        "SELECT count(*) FROM t WHERE lower(name) IN ('name 1', 'name 2', 'name 3')"}},
      {"several",
       "(state, kind, amount)",
       {"SELECT * FROM t WHERE state = 'open' AND kind = 3 AND amount < 50",
        "SELECT amount FROM t WHERE state = 'late' AND kind = 5 ORDER BY amount LIMIT 3",
        "SELECT a.id FROM owners o JOIN t a ON a.kind = o.kind AND a.state = 'open' WHERE o.id = 7 AND a.amount = 9"}},
      {"by_hash", "USING hash (name)", {"SELECT * FROM t WHERE name = 'name 5'"}},
      {"by_range", "USING brin (at)", {"SELECT count(*) FROM t WHERE at BETWEEN '2024-01-10' AND '2024-01-11'"}},
      {"by_fine_range",
       "USING brin (at, owner) WITH (pages_per_range = 16)",
       {"SELECT sum(amount) FROM t WHERE at < '2024-01-02'"}},
      {"by_span", "USING gist (span)", {"SELECT * FROM t WHERE span @> 500"}},
      {"by_tags",
       "USING gin (tags)",
       {"SELECT * FROM t WHERE tags @> ARRAY[7]", "SELECT count(*) FROM t WHERE tags && ARRAY[7, 205]",
        "SELECT count(*) FROM t WHERE tags @> ARRAY[7, 117]"}},
      {"by_json", "USING gin (json)", {"SELECT * FROM t WHERE json @> '{\"name\": \"n7\"}'"}},
      {"by_document", "USING gin (document)", {"SELECT * FROM t WHERE document @@ to_tsquery('simple', 'w17 & v3')"}},
      {"by_trigram", "USING gin (name gin_trgm_ops)", {"SELECT * FROM t WHERE name LIKE '%ame 9999%'"}},
  };
  return all;
}

std::vector<std::string> tables() {
  return {"SET TimeZone = 'UTC'",
          "CREATE EXTENSION pageinspect",
          "CREATE EXTENSION pg_trgm",
          "CREATE TABLE owners (id int PRIMARY KEY, kind int)",
          "CREATE TABLE t (id int PRIMARY KEY, owner int, at timestamp, state text, kind int, amount int, name text, "
          "span int4range, tags int[], json jsonb, document tsvector)",
          "INSERT INTO owners SELECT i, i % 10 FROM generate_series(1, 1000) AS i",
          "INSERT INTO t SELECT i, abs(hashint4(i)) % 1000, timestamp '2024-01-01' + i * interval '1 min', "
          "(ARRAY['done', 'done', 'done', 'open', 'late'])[1 + abs(hashint4(i + 1)) % 5], abs(hashint4(i + 2)) % 10, "
          "abs(hashint4(i + 3)) % 5000, 'name ' || abs(hashint4(i + 4)) % 20000, int4range(i, i + 40), "
          "ARRAY[i % 50, i % 70 + 100, i % 90 + 200], jsonb_build_object('kind', i % 20, 'name', 'n' || i % 1000), "
          "to_tsvector('simple', 'w' || i % 300 || ' v' || i % 500) FROM generate_series(1, 60000) AS i",
          "CHECKPOINT",
          "VACUUM ANALYZE"};
}

/// Small enough for ANALYZE to see every row, so that histograms end where the data end. Filled through their indexes,
/// so that no tree looks as CREATE INDEX would have made it.
std::vector<std::string> grown_tables() {
  return {"SET TimeZone = 'UTC'",
          "CREATE TABLE areas (id int PRIMARY KEY, name text)",
          "CREATE TABLE customers (id int PRIMARY KEY, area int REFERENCES areas, kind text, rank int)",
          "CREATE TABLE orders (id bigint PRIMARY KEY, customer int REFERENCES customers, at timestamptz, total int)",
          "CREATE TABLE lines (order_id bigint REFERENCES orders, line int, item int, amount int, "
          "PRIMARY KEY (order_id, line))",
          "CREATE INDEX ON orders (customer)",
          "CREATE INDEX ON orders (at DESC, total)",
          "CREATE STATISTICS customers_kind_rank ON kind, rank FROM customers",
          "INSERT INTO areas SELECT i, 'area ' || i FROM generate_series(1, 50) AS i",
          "INSERT INTO customers SELECT i, 1 + abs(hashint4(i)) % 50, 'kind ' || i % 7, i % 7 / 2 "
          "FROM generate_series(1, 3000) AS i",
          "INSERT INTO orders SELECT i, 1 + abs(hashint4(i)) % 3000, timestamptz '2024-01-01' + i * interval '1 h', "
          "abs(hashint4(i + 1)) % 1000 FROM generate_series(1, 25000) AS i",
          "INSERT INTO lines SELECT i / 5, i % 5, abs(hashint4(i)) % 400, i % 9 FROM generate_series(5, 29999) AS i",
          "CHECKPOINT",
          "VACUUM ANALYZE"};
}

const std::vector<const char*> kJoins{
    "SELECT a.name, count(*), sum(o.total) FROM orders o JOIN customers c ON c.id = o.customer JOIN areas a ON a.id = "
    "c.area GROUP BY a.name ORDER BY 2 DESC",
    "SELECT c.id, sum(l.amount) FROM customers c JOIN orders o ON o.customer = c.id JOIN lines l ON l.order_id = o.id "
    "WHERE c.area = 7 AND o.at >= '2024-06-01' GROUP BY c.id",
    "SELECT count(*) FROM lines l JOIN orders o ON o.id = l.order_id",
    "SELECT * FROM orders o JOIN lines l ON l.order_id = o.id WHERE o.id = 1234",
    "SELECT * FROM customers c WHERE NOT EXISTS (SELECT FROM orders o WHERE o.customer = c.id AND o.total > 900)",
    "SELECT * FROM areas a LEFT JOIN customers c ON c.area = a.id AND c.rank = 2 ORDER BY a.id",
    "SELECT count(*) FROM customers WHERE kind = 'kind 4' AND rank = 2",
    "SELECT kind, rank, count(*) FROM customers GROUP BY kind, rank",
    "SELECT * FROM orders WHERE id > 24990",
    "SELECT * FROM orders WHERE id > 30000 ORDER BY id LIMIT 10",
    "SELECT * FROM orders WHERE at > '2030-01-01' ORDER BY at DESC LIMIT 10",
    "SELECT * FROM orders WHERE at < '2024-01-01 03:00Z'",
    "UPDATE orders SET total = 0 WHERE id < 0",
    "DELETE FROM lines WHERE order_id IN (SELECT id FROM orders WHERE at < '2024-01-03Z')",
    "SELECT max(total) FROM (SELECT total, row_number() OVER (PARTITION BY customer ORDER BY at) AS n FROM orders) AS "
    "s "
    "WHERE n = 1"};

/// Title and children, without figures.
std::string shape_of(const PlanNode& plan) {
  std::string shape = "(" + plan.title;
  for (const PlanNode& child : plan.children) shape += shape_of(child);
  return shape + ")";
}

struct Share {
  int queries = 0, same_shape = 0, same_cost = 0;  ///< to the last digit
  double farthest = 0;                             ///< relative difference of costs

  void add(const PlanNode& shadow, const PlanNode& real) {
    ++queries;
    same_shape += shape_of(shadow) == shape_of(real);
    same_cost += to_string(shadow) == to_string(real);
    farthest = std::max(farthest, std::abs(shadow.total_cost / real.total_cost - 1));
  }
};

std::string said(const Share& share) {
  return std::to_string(share.same_shape) + " of the same shape, " + std::to_string(share.same_cost) +
         " equal to the last digit, of " + std::to_string(share.queries) + "; costs within " +
         std::to_string(100 * share.farthest) + " %\n";
}

}  // namespace

TEST_CASE("with candidates that a real server has built, the shadow plans alike, for every kind of index") {
  RealServer server(std::map<std::string, std::string>{{"max_parallel_workers_per_gather", "0"}});
  server.run(tables());
  const Catalog before = read_catalog(server.session());
  ShadowPlanner shadow(before);
  Share built, estimated, gin_built, gin_estimated;
  std::string differences;
  for (const Compared& one : compared()) {
    server.run({std::string("CREATE INDEX ") + one.name + " ON t " + one.on});
    const Catalog after = read_catalog(server.session());
    const Index* index = after.find_index("public", one.name);
    REQUIRE(index);
    IndexDefinition definition = index->definition;
    if (std::string(one.on).find("WITH") != std::string::npos) definition.storage = {{"pages_per_range", "16"}};
    const HypotheticalIndex as_built{definition, index->pages, std::max(0, index->height), index->rows};
    const HypotheticalIndex as_estimated = planned_size(definition, *before.find_table("", "t"), shadow);
    Session fresh(server.cluster().conninfo("postgres"));
    for (const char* sql : one.queries) {
      const PlanNode real = parse_plan(fresh.query("EXPLAIN (FORMAT JSON) " + std::string(sql)).at(0)[0].value());
      const std::vector<std::string> used = used_indexes(real);
      INFO(sql << ": " << to_string(real) << as_built.pages << " pages, " << as_estimated.pages << " estimated");
      CHECK(std::count(used.begin(), used.end(), one.name) == 1);
      for (const bool with_real_size : {true, false}) {
        const PhysicalDesign design{.created_indexes = {with_real_size ? as_built : as_estimated}};
        const PlanAnswer answer = shadow.plan({sql, {}, {}}, design);
        REQUIRE(std::holds_alternative<PlanNode>(answer));
        const PlanNode& plan = std::get<PlanNode>(answer);
        const bool gin = definition.method == "gin";
        (with_real_size ? gin ? gin_built : built : gin ? gin_estimated : estimated).add(plan, real);
        if (to_string(plan) != to_string(real)) {
          differences +=
              std::string(with_real_size ? "built: " : "estimated: ") + sql + "\n" + to_string(plan) + to_string(real);
        }
      }
    }
    server.run({std::string("DROP INDEX ") + one.name});
  }
  INFO("sizes as built: " << said(built) << "sizes as estimated: " << said(estimated)
                          << "GIN as built: " << said(gin_built) << "GIN as estimated: " << said(gin_estimated));
  INFO(differences);
  CHECK(built.same_cost == built.queries);
  CHECK(estimated.same_shape == estimated.queries);
  CHECK(estimated.farthest < 0.05);
  CHECK(gin_built.same_shape == gin_built.queries);
  CHECK(gin_built.farthest < 0.05);  // the shadow's GIN has no statistics of its own in its metapage
  CHECK(gin_estimated.same_shape == gin_estimated.queries);
}

TEST_CASE("joins, parallel plans, extended statistics and the ends of the data: equal to the last digit") {
  const std::string workers = GENERATE("0", "2");
  RealServer server({{"max_parallel_workers_per_gather", workers},
                     {"min_parallel_table_scan_size", "0"},
                     {"min_parallel_index_scan_size", "0"},
                     {"parallel_setup_cost", "10"},
                     {"parallel_tuple_cost", "0.001"}});
  server.run(grown_tables());
  const Catalog catalog = read_catalog(server.session());
  ShadowPlanner shadow(catalog);
  Session fresh(server.cluster().conninfo("postgres"));
  int parallel = 0;
  for (const char* sql : kJoins) {
    const std::string real =
        to_string(parse_plan(fresh.query("EXPLAIN (FORMAT JSON) " + std::string(sql)).at(0)[0].value()));
    const PlanAnswer answer = shadow.plan({sql, {}, {}}, {});
    REQUIRE(std::holds_alternative<PlanNode>(answer));
    INFO(sql);
    CHECK(to_string(std::get<PlanNode>(answer)) == real);
    parallel += real.find("Gather") != std::string::npos;
  }
  CHECK((parallel > 3) == (workers == "2"));
}

TEST_CASE("without pageinspect, the heights of B-trees are those that it would have told") {
  RealServer server;
  server.run(grown_tables());
  server.run({"CREATE TABLE names (name text PRIMARY KEY)",
              "INSERT INTO names SELECT repeat('x', 150) || i FROM generate_series(1, 12000) AS i",
              "INSERT INTO orders SELECT i, i % 3000 + 1, now(), 1 FROM generate_series(30000, 100000) AS i",
              "ANALYZE"});
  const Catalog asked = read_catalog(server.session());
  server.run({"CREATE EXTENSION pageinspect"});
  const Catalog told = read_catalog(server.session());
  int tall = 0;
  for (const Index& index : asked.indexes) {
    const Index* real = told.find_index(index.definition.schema, index.definition.name);
    REQUIRE(real);
    INFO(index.sql);
    CHECK((index.pages == 2 ? 0 : index.height) == real->height);
    tall += real->height > 1;
  }
  CHECK(tall > 0);
}

}  // namespace assay
