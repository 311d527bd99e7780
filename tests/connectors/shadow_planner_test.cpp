#include "connectors/shadow_planner.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "analyzer/index_size.h"
#include "connectors/postgres.h"
#include "connectors/snapshot.h"
#include "tests/connectors/real_server.h"
#include "tests/connectors/shop_schema.h"

namespace assay {
namespace {

std::string plan_of(Session& server, const std::string& sql) {
  return to_string(parse_plan(server.query("EXPLAIN (FORMAT JSON) " + sql).at(0)[0].value()));
}

/// EXPLAIN's own text, which to_string must reproduce.
std::string text_plan_of(Session& server, const std::string& sql) {
  std::string text;
  for (const SqlRow& row : server.query("EXPLAIN " + sql)) text += row[0].value() + "\n";
  return text;
}

/// The shadow's plan, or why there is none.
std::string plan_of(ShadowPlanner& shadow, const PlannableQuery& query, const PhysicalDesign& design = {}) {
  const PlanAnswer answer = shadow.plan(query, design);
  const auto* plan = std::get_if<PlanNode>(&answer);
  return plan ? to_string(*plan) : "unplannable: " + std::get<Unplannable>(answer).reason;
}

Catalog through_a_snapshot(const Catalog& catalog) {
  const auto path = std::filesystem::temp_directory_path() / ("assay-test-" + std::to_string(getpid()) + ".snapshot");
  save_snapshot(catalog, path);
  Catalog loaded = load_catalog(path);
  std::filesystem::remove(path);
  return loaded;
}

IndexDefinition index_on(const std::string& table, const std::string& name, std::vector<std::string> columns) {
  IndexDefinition definition;
  definition.schema = "shop";
  definition.table = table;
  definition.name = name;
  for (std::string& column : columns) definition.keys.emplace_back().column = std::move(column);
  return definition;
}

struct WhatIf {
  IndexDefinition index;
  std::string sql;
};

std::vector<WhatIf> what_ifs() {
  IndexDefinition covering = index_on("lines", "lines_product_idx", {"product"});
  covering.include = {"quantity"};
  IndexDefinition partial = index_on("orders", "orders_back_idx", {"customer_id"});
  partial.predicate = "state = 'back'::shop.status";
  IndexDefinition expression = index_on("customers", "customers_lower_idx", {""});
  expression.keys[0].expression = "lower(name)";
  IndexDefinition descending = index_on("orders", "orders_total_placed_idx", {"total", "placed"});
  descending.keys[1].descending = descending.keys[1].nulls_first = true;
  return {{index_on("orders", "orders_note_idx", {"note"}), "SELECT * FROM orders WHERE note = 'note abc'"},
          {covering, "SELECT product, sum(quantity) FROM lines WHERE product BETWEEN 10 AND 20 GROUP BY product"},
          {partial, "SELECT * FROM orders WHERE customer_id = 17 AND state = 'back'"},
          {expression, "SELECT * FROM customers WHERE lower(name) = 'name x'"},
          {descending, "SELECT * FROM orders WHERE total = 310 ORDER BY placed DESC LIMIT 5"},
          {index_on("customers", "customers_country_born_idx", {"country", "born"}),
           "SELECT * FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.country = 'de' AND c.born = "
           "'1960-01-01'"},
          {index_on("events", "events_payload_idx", {"payload"}), "SELECT * FROM events WHERE payload = 'x'"}};
}

/// A catalog without a server: tables of the given rows, 50 a page, in the schema public.
Catalog catalog_of(std::vector<std::string> ddl, const std::vector<std::pair<std::string, double>>& rows) {
  Catalog catalog;
  catalog.database = "made";
  catalog.has_statistics = true;
  catalog.search_path = {"public"};
  catalog.ddl = std::move(ddl);
  for (const auto& [name, count] : rows) {
    Table& table = catalog.tables.emplace_back();
    table.schema = "public";
    table.name = name;
    table.rows = count;
    table.pages = count < 1e15 ? static_cast<std::int64_t>(count / 50) : 0;
  }
  return catalog;
}

void add_index(Catalog& catalog, const std::string& name, const std::string& column) {
  Index& index = catalog.indexes.emplace_back();
  index.definition = index_on("t", name, {column});
  index.definition.schema = "public";
  index.rows = 1e6;
  index.pages = 2745;
}

/// The index as the real server has built it, but not its statistics: a hypothetical one has none.
HypotheticalIndex as_built(Session& server, const IndexDefinition& definition) {
  for (const Index& index : read_catalog(server).indexes) {
    if (index.definition.name == definition.name) return {definition, index.pages, index.height, index.rows};
  }
  FAIL("the real server has no index " << definition.name);
  return {};
}

}  // namespace

TEST_CASE("the shadow's plans and costs are the real server's, before and with indexes that are only there") {
  RealServer server({{"min_parallel_table_scan_size", "256kB"},
                     {"parallel_setup_cost", "50"},
                     {"work_mem", "1MB"},
                     {"shared_buffers", "64MB"}});
  server.run(shop_schema());
  Session fresh(server.cluster().conninfo("postgres"));
  Catalog catalog = through_a_snapshot(read_catalog(fresh));
  for (std::size_t i = 0; i < catalog.indexes.size(); i += 2) catalog.indexes[i].height = -1;  // then it is computed
  ShadowPlanner shadow(catalog);
  CHECK(shadow.remarks().size() == 1);
  for (const std::string& remark : shadow.remarks()) UNSCOPED_INFO(remark);

  for (const std::string& sql : shop_queries()) {
    INFO(sql);
    CHECK(plan_of(shadow, {sql, {}}) == plan_of(fresh, sql));
    CHECK(plan_of(fresh, sql) == text_plan_of(fresh, sql));
  }

  for (const auto& [definition, sql] : what_ifs()) {
    INFO(sql);
    const std::string before = plan_of(fresh, sql);
    server.run({create_index_sql(definition, false)});
    const HypotheticalIndex index = as_built(fresh, definition);
    if (definition.table != "events") {
      const std::string with_index = plan_of(fresh, sql);
      CHECK(with_index != before);
      CHECK(plan_of(shadow, {sql, {}}, {{index}, {}}) == with_index);
    }
    server.run({"DROP INDEX shop." + definition.name});
    CHECK(plan_of(shadow, {sql, {}}) == before);
  }
}

TEST_CASE("a design shows its indexes and hides those that it drops, for its own questions alone") {
  Catalog catalog = catalog_of({"CREATE TABLE t (a int PRIMARY KEY, b int NOT NULL, c text)",
                                "CREATE INDEX t_b ON t (b)", "CREATE TABLE p (a int, b int) PARTITION BY RANGE (a)",
                                "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)",
                                "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20)"},
                               {{"t", 1e6}, {"p", 4e6}, {"p1", 1e6}, {"p2", 3e6}});
  add_index(catalog, "t_pkey", "a");
  add_index(catalog, "t_b", "b");
  ShadowPlanner shadow(catalog);
  using Names = std::vector<std::string>;
  const auto indexes = [&](const std::string& sql, const PhysicalDesign& design) {
    const PlanAnswer answer = shadow.plan({sql, {}}, design);
    if (const auto* refusal = std::get_if<Unplannable>(&answer)) return Names{refusal->reason};
    return used_indexes(std::get<PlanNode>(answer));
  };
  const auto hypothetical = [&](IndexDefinition definition) {
    definition.schema = "public";
    return sized(definition, *catalog.find_table("", definition.table));
  };
  const HypotheticalIndex on_c = hypothetical(index_on("t", "hyp", {"c"}));
  const HypotheticalIndex on_b_and_c = hypothetical(index_on("t", "hyp", {"b", "c"}));

  CHECK(indexes("SELECT * FROM t WHERE a = 1", {}) == Names{"t_pkey"});
  CHECK(indexes("SELECT * FROM t WHERE a = 1", {{}, {{"public", "t_pkey"}}}).empty());
  CHECK(indexes("SELECT * FROM t WHERE c = 'x'", {}).empty());
  CHECK(indexes("SELECT * FROM t WHERE c = 'x'", {{on_c}, {}}) == Names{"hyp"});
  CHECK(indexes("SELECT * FROM t WHERE c = 'x'", {}).empty());
  CHECK(indexes("SELECT * FROM t WHERE b = 3 AND c = 'x'", {{on_b_and_c}, {{"public", "t_b"}}}) == Names{"hyp"});
  CHECK(indexes("SELECT * FROM t WHERE b = 3", {}) == Names{"t_b"});
  CHECK(indexes("SELECT * FROM t WHERE c = 'x'", {{on_c}, {}}) == Names{"hyp"});  // a namesake made way for it
  CHECK(indexes("SELECT * FROM t WHERE a = 1", {{on_c}, {}}) == Names{"t_pkey"});

  const HypotheticalIndex nowhere = hypothetical(index_on("t", "bad", {"missing"}));
  const Names refused{"the index bad cannot be created: column \"missing\" does not exist"};
  CHECK(indexes("SELECT 1", {{nowhere}, {}}) == refused);
  CHECK(indexes("SELECT 1", {{nowhere}, {}}) == refused);
  const HypotheticalIndex taken = hypothetical(index_on("t", "t_b", {"c"}));
  CHECK(indexes("SELECT 1", {{taken}, {}}) ==
        Names{"the index t_b cannot be created: relation \"t_b\" already exists"});
  CHECK(indexes("SELECT * FROM t WHERE b = 3", {}) == Names{"t_b"});

  const HypotheticalIndex on_parent = hypothetical(index_on("p", "p_b", {"b"}));
  CHECK(indexes("SELECT * FROM p WHERE b = 7", {{on_parent}, {}}) == Names{"p_b"});
  CHECK(indexes("SELECT * FROM p WHERE b = 7", {}).empty());
}

TEST_CASE("parameters are bound as values, and a text without them is planned generically") {
  Catalog catalog = catalog_of({"CREATE TABLE t (a int PRIMARY KEY, b timestamptz)"}, {{"t", 1e6}});
  catalog.settings = {{"TimeZone", "Europe/Berlin"},
                      {"max_parallel_workers_per_gather", "0"},
                      {"statement_timeout", "1"},
                      {"enable_memoize", "perhaps"}};
  ShadowPlanner shadow(catalog);
  CHECK(shadow.remarks().at(1) ==
        "The setting enable_memoize could not be taken over: parameter \"enable_memoize\" requires a Boolean value.");
  const auto condition = [&](const std::string& sql, ParameterValues parameters) {
    const PlanAnswer answer = shadow.plan({sql, std::move(parameters)}, {});
    if (const auto* refusal = std::get_if<Unplannable>(&answer)) return refusal->reason;
    const PlanNode& plan = std::get<PlanNode>(answer);
    return (plan.details.empty() ? plan.children : std::vector{plan}).at(0).details.at(0).second;  // below an UPDATE
  };
  CHECK(condition("SELECT * FROM t WHERE a = $1", {{"7"}}) == "(a = 7)");
  CHECK(condition("SELECT * FROM t WHERE a = $1 OR b IS NULL", {std::nullopt}) == "(b IS NULL)");
  CHECK(condition("SELECT * FROM t WHERE b < $1 AND b > $2", {{"2024-01-01 00:00"}, {"2023-07-01"}}) ==
        "((b < '2024-01-01 00:00:00+01'::timestamp with time zone) AND (b > '2023-07-01 00:00:00+02'::timestamp with "
        "time zone))");
  CHECK(condition("SELECT * FROM t WHERE a = $1", {}) == "(a = $1)");
  CHECK(condition("SELECT * FROM t WHERE a = 1 AND 'costs $1' <> ''", {}) == "(a = 1)");
  CHECK(condition("UPDATE t SET b = $2 WHERE a = $1", {}) == "(a = $1)");
  CHECK(condition("SELECT * FROM t WHERE a = $1", {{"x"}}) == "invalid input syntax for type integer: \"x\"");
  CHECK(condition("SELECT * FROM t WHERE a = $1", {{"1"}, {"2"}}) ==
        "bind message supplies 2 parameters, but prepared statement \"\" requires 1");
  CHECK(condition("SELECT * FROM t WHERE a = $1 AND a = $2", {{"1"}}) ==
        "bind message supplies 1 parameters, but prepared statement \"\" requires 2");
  CHECK(condition("SELECT * FROM nowhere", {}) == "relation \"nowhere\" does not exist");
  CHECK(condition("SELECT * FROM t WHERE a = 7", {}) == "(a = 7)");
}

TEST_CASE("hostile queries, DDL, statistics and sizes run nothing, and harm only themselves") {
  const std::string file = "/tmp/assay-test-pwned-" + std::to_string(getpid());
  const auto immutable = [](const std::string& name, const std::string& body) {
    return "CREATE FUNCTION " + name + "() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN " + body +
           " RETURN 1; END $f$";
  };
  Catalog catalog =
      catalog_of({"CREATE TABLE t (a int, b text)",
                  "DO $$ BEGIN CREATE TABLE by_do (); END $$",
                  "COPY t FROM PROGRAM 'touch " + file + "'",
                  "ALTER SYSTEM SET archive_command = 'touch " + file + "'",
                  "SET SESSION AUTHORIZATION assay_admin",
                  "SET ROLE assay_admin",
                  "CREATE EXTENSION dblink",
                  "CREATE EXTENSION adminpack",
                  "CREATE FUNCTION c() RETURNS int LANGUAGE c AS 'libc.so.6', 'abort'",
                  "CREATE TABLE by_select AS SELECT 1",
                  "CREATE ROLE other; ALTER ROLE assay SUPERUSER",
                  "DROP TABLE t",
                  "\\! touch " + file,
                  immutable("inserts", "EXECUTE 'INSERT INTO t VALUES (1)';"),
                  "CREATE FUNCTION create_it() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN CREATE TABLE by_function (); "
                  "RETURN 1; END $f$",
                  "CREATE FUNCTION copy_it() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN COPY t TO PROGRAM 'touch " +
                      file + "'; END $f$",
                  immutable("writes", "PERFORM create_it();"),
                  immutable("copies", "PERFORM copy_it();"),
                  immutable("reads", "PERFORM pg_read_file('/etc/passwd');"),
                  immutable("rises", "PERFORM set_config('role', 'assay_admin', false);"),
                  immutable("ends", "PERFORM pg_terminate_backend(pg_backend_pid());"),
                  "CREATE TABLE ended (a int) PARTITION BY RANGE (a)",
                  "CREATE TABLE ending PARTITION OF ended FOR VALUES FROM (ends()) TO (9)",
                  immutable("checks", "RAISE 'the check of a domain was run';"),
                  "CREATE DOMAIN d AS text CHECK (checks() = 1)",
                  "CREATE TABLE s (v d, n int, l int[])"},
                 {{"t", 1e300}, {"s", 1000}, {"gone", 5}});
  catalog.tables[0].pages = 1'000'000'000'000'000'000;
  catalog.tables[1].pages = -5;
  const auto statistics = [](const char* values, const char* frequencies, const char* histogram) {
    ColumnStatistics s;
    s.null_fraction = -1e300;
    s.average_width = -7;
    s.distinct = 1e300;
    s.most_common_values = values;
    s.most_common_frequencies = frequencies;
    s.histogram_bounds = histogram;
    s.correlation = 1e300;
    return s;
  };
  catalog.tables[1].columns = {{"v", "d", false, {statistics("{a,b}", "{0.1,0.2}", "{a,b,c}")}},
                               {"n", "integer", false, {statistics("{1,2,3}", "{0.1}", "{x,y}")}},
                               {"l", "integer[]", false, {statistics("{\"{1}\"}", "{NaN}", "{{1},{2}}")}}};
  catalog.search_path = {"public", "x\"; DROP TABLE t; --"};
  ShadowPlanner shadow(through_a_snapshot(catalog));
  const auto answer = [&](const std::string& sql) {
    const std::string plan = plan_of(shadow, {sql, {}});
    return plan.starts_with("unplannable: ") ? plan.substr(13) : "planned";
  };
  for (const char* sql :
       {"SELECT 1; COMMIT; CREATE TABLE x ()", "SELECT 1; SELECT 2", "CREATE TABLE x ()", "COMMIT", "",
        "EXPLAIN ANALYZE SELECT 1", "SELECT 1 INTO x", "TABLE t; DROP TABLE t", "VACUUM", "SELECT (", ";"}) {
    INFO(sql);
    CHECK(answer(sql) == "it is not exactly one SELECT, INSERT, UPDATE, DELETE or MERGE");
  }
  for (const char* missing : {"by_do", "by_select", "by_function", "x"}) {
    CHECK(answer(std::string("SELECT * FROM ") + missing) ==
          std::string("relation \"") + missing + "\" does not exist");
  }
  CHECK(answer("SELECT writes()") == "cannot execute CREATE TABLE in a read-only transaction");
  CHECK(answer("SELECT inserts()") == "INSERT is not allowed in a non-volatile function");
  CHECK(answer("SELECT reads()") == "permission denied for function pg_read_file");
  CHECK_THAT(answer("SELECT copies()"), Catch::Contains("must be superuser or"));
  CHECK(answer("SELECT rises()") == "permission denied to set role \"assay_admin\"");
  CHECK_THAT(answer("SELECT ends()"), Catch::StartsWith("the connection to the database was lost: "));
  CHECK(answer("SELECT * FROM t WHERE a = 1") == "planned");
  CHECK(answer("SELECT * FROM s WHERE v = 'a' AND n < 3 AND l @> '{1}'") == "planned");
  CHECK_FALSE(std::filesystem::exists(file));

  CHECK(shadow.remarks().size() == 4);
  CHECK_THAT(shadow.remarks().at(1), Catch::Contains("of the schema's statements were left out; the first: "));
  CHECK(shadow.remarks().at(2) == "The statistics of 2 columns could not be taken over whole; the first: s.n.");
  CHECK(shadow.remarks().at(3) == "3 sizes or row counts of the catalog are impossible and were bounded.");
}

}  // namespace assay
