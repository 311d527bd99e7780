// Planning on a live server with HypoPG: what it costs there, and that nothing happens to it.
#include "connectors/live_planner.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "analyzer/index_size.h"
#include "connectors/postgres.h"
#include "parser/base/error.h"
#include "tests/connectors/real_server.h"

namespace assay {
namespace {

using Settings = std::map<std::string, std::string>;

std::vector<std::string> sales() {
  return {"CREATE EXTENSION hypopg",
          "CREATE EXTENSION pageinspect",
          "CREATE TABLE sales (id int PRIMARY KEY, customer int NOT NULL, at timestamp NOT NULL, amount int)",
          "CREATE TABLE customers (id int PRIMARY KEY, name text)",
          "INSERT INTO customers SELECT i, 'name ' || i FROM generate_series(1, 2000) AS i",
          "INSERT INTO sales SELECT i, abs(hashint4(i)) % 2000, timestamp '2024-01-01' + i * interval '1 min', i % 90 "
          "FROM generate_series(1, 29000) AS i",
          "CREATE VIEW large AS SELECT * FROM sales WHERE amount > 80",
          "CHECKPOINT",
          "VACUUM ANALYZE"};
}

IndexDefinition index_on(const std::string& name, const std::vector<std::string>& columns) {
  IndexDefinition definition;
  definition.table = "sales";
  definition.name = name;
  for (const std::string& column : columns) definition.keys.emplace_back().column = column;
  return definition;
}

std::string text(const PlanAnswer& answer) {
  const auto* plan = std::get_if<PlanNode>(&answer);
  return plan ? to_string(*plan) : std::get<Unplannable>(answer).reason;
}

/// Sessions but the asking one that hold a lock or an open transaction.
constexpr const char* kTraces = R"(SELECT count(*) FROM pg_stat_activity a WHERE pid <> pg_backend_pid()
AND backend_type = 'client backend'
AND (state <> 'idle' OR EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid)))";

}  // namespace

TEST_CASE("a hypothetical B-tree on a live server costs what the real one does, its descent included") {
  RealServer server(Settings{{"max_parallel_workers_per_gather", "0"}});
  server.run(sales());
  LivePlanner live(server.cluster().conninfo("postgres"));
  const Catalog catalog = read_catalog(server.session());
  const HypotheticalIndex index = sized(index_on("Sales \"at\"", {"at"}), *catalog.find_table("", "sales"));
  const std::vector<std::string> queries = {
      "SELECT * FROM sales WHERE at = '2024-01-03 10:00'",
      "SELECT * FROM sales WHERE at < '2024-01-01 03:00' ORDER BY at",
      "SELECT c.name FROM sales s JOIN customers c ON c.id = s.customer WHERE s.at = '2024-01-05'",
      "SELECT * FROM large WHERE at = '2024-01-05 10:00'"};
  std::vector<std::string> before;
  std::vector<PlanAnswer> with;
  for (const std::string& sql : queries) {
    before.push_back(text(live.plan({sql, {}, {}}, {})));
    with.push_back(live.plan({sql, {}, {}}, {.created_indexes = {index}}));
    CHECK(text(live.plan({sql, {}, {}}, {})) == before.back());
  }
  server.run({create_index_sql(index.definition, false)});
  Session fresh(server.cluster().conninfo("postgres"));
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const PlanNode real = parse_plan(fresh.query("EXPLAIN (FORMAT JSON) " + queries[i]).at(0)[0].value());
    INFO(before[i] << text(with[i]) << to_string(real));
    CHECK(text(with[i]) != before[i]);
    REQUIRE(std::holds_alternative<PlanNode>(with[i]));
    const PlanNode& plan = std::get<PlanNode>(with[i]);
    CHECK(plan.title == real.title);
    CHECK(used_indexes(plan) == used_indexes(real));
    CHECK(plan.total_cost == Approx(real.total_cost).epsilon(0.01));
  }
}

TEST_CASE("what HypoPG cannot show, or not safely, is refused on a live server") {
  RealServer server;
  server.run(sales());
  LivePlanner live(server.cluster().conninfo("postgres"));
  const auto answer = [&](const PhysicalDesign& design) { return text(live.plan({"SELECT 1", {}, {}}, design)); };
  IndexDefinition partial = index_on("p", {"at"}), expression = index_on("e", {""}), gin = index_on("g", {"at"});
  partial.predicate = "amount > 80";
  expression.keys[0].expression = "amount % 10";
  gin.method = "gin";
  const auto alone = [](IndexDefinition definition) {
    return PhysicalDesign{.created_indexes = {{std::move(definition), 2, 0, 10}}};
  };
  CHECK(answer(alone(partial)) ==
        "the index p is partial, which HypoPG can crash the server's backend on: without --live it is planned");
  CHECK(answer(alone(expression)) ==
        "the index e has an expression, which HypoPG has no statistics for: without --live it is planned");
  CHECK(answer(alone(gin)) ==
        "the index g is of the method gin, which HypoPG does not know: without --live it is planned");
  CHECK(answer({.dropped_indexes = {{"public", "sales_pkey"}}}) ==
        "a live server cannot hide an index: without --live it is planned");
  CHECK(answer({.partitionings = {{}}}) == "a live server cannot show partitions: without --live they are planned");
  CHECK(answer({.created_statistics = {{}}}) == "extended statistics need rows: create them, and run ANALYZE");
  CHECK(answer(alone(index_on("x", {"nothing"}))) == "hypopg: column \"nothing\" does not exist");
  CHECK_THAT(answer({}), Catch::StartsWith("Result"));
  // Far more than HypoPG has numbers for, one design after the other.
  for (int i = 0; i < 400; ++i) {
    PhysicalDesign ten;
    for (int j = 0; j < 10; ++j) ten.created_indexes.push_back({index_on("i" + std::to_string(j), {"at"}), i, 1, 10});
    REQUIRE_THAT(answer(ten), Catch::StartsWith("Result"));
  }
}

TEST_CASE("hostile statements run nothing on a live server, and no question leaves a lock or a transaction") {
  RealServer server(Settings{{"log_statement", "all"}, {"log_min_messages", "warning"}});
  server.run(sales());
  server.run(
      {"CREATE TABLE trace (what text)",
       "CREATE FUNCTION writes() RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN EXECUTE 'INSERT INTO trace "
       "VALUES (1)'; RETURN 1; END $$",
       "CREATE FUNCTION creates() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN EXECUTE 'CREATE TABLE x ()'; "
       "RETURN 1; END $$"});
  const std::size_t start = server.cluster().log().size();
  LivePlanner live(server.cluster().conninfo("postgres"));
  for (const char* sql : {"SELECT 1; COMMIT; DROP TABLE sales", "DROP TABLE sales", "COMMIT", "VACUUM", "",
                          "EXPLAIN ANALYZE DELETE FROM sales", "SELECT 1 INTO y", "COPY sales TO PROGRAM 'touch x'",
                          "SET work_mem = '1GB'", "LOCK TABLE sales", "TABLE sales; DROP TABLE sales"}) {
    INFO(sql);
    CHECK(text(live.plan({sql, {}, {}}, {})) == "it is not exactly one SELECT, INSERT, UPDATE, DELETE or MERGE");
  }
  const PhysicalDesign design{.created_indexes = {{index_on("i", {"at"}), 100, 1, 29000}}};
  const std::vector<std::pair<std::string, ParameterValues>> allowed = {
      {"UPDATE sales SET amount = 0 WHERE at = '2024-01-03'", {}},
      {"DELETE FROM sales", {}},
      {"INSERT INTO sales VALUES (1, 1, now(), 1)", {}},
      {"SELECT * FROM sales WHERE at = $1 FOR UPDATE", {"2024-01-03'; DROP TABLE sales; --"}},
      {"SELECT * FROM sales WHERE id = $1", {}},
      {"SELECT nextval('nothing')", {}},
      {"SELECT * FROM sales WHERE amount = creates()", {}},
      {"SELECT * FROM sales WHERE amount < writes()", {}},
      {"WITH gone AS (DELETE FROM sales RETURNING id) SELECT count(*) FROM gone", {}}};
  for (const auto& [sql, values] : allowed) {
    INFO(sql);
    live.plan({sql, values, {}}, design);
    CHECK(server.value(kTraces) == "0");
  }
  CHECK(server.value("SELECT count(*) FROM sales") == "29000");
  CHECK(server.value("SELECT count(*) FROM trace") == "0");
  CHECK(server.value("SELECT to_regclass('x') IS NULL") == "t");
  CHECK(server.value("SELECT count(*) FROM pg_class WHERE relname IN ('i', 'y')") == "0");

  // What the server has been told: questions, in read-only transactions that are rolled back.
  std::istringstream log(server.cluster().log().substr(start));
  int begun = 0, rolled_back = 0;
  for (std::string line; std::getline(log, line);) {
    const std::size_t at = line.find("execute <unnamed>: ");
    if (at == std::string::npos) continue;
    const std::string sent = line.substr(at + 19);
    begun += sent == "BEGIN READ ONLY";
    rolled_back += sent == "ROLLBACK";
    INFO(sent);
    const auto is = [&](const char* word) { return sent.starts_with(word); };
    CHECK((is("BEGIN READ ONLY") || is("ROLLBACK") || is("SET LOCAL ") || is("SELECT ") ||
           is("EXPLAIN (FORMAT JSON) ") || is("PREPARE assay_generic AS ") || is("DEALLOCATE ALL")));
  }
  CHECK(begun == static_cast<int>(allowed.size()));
  CHECK(rolled_back == begun);
}

TEST_CASE("a question gives up where somebody holds a lock, and the next one is answered") {
  RealServer server;
  server.run(sales());
  LivePlanner live(server.cluster().conninfo("postgres"));
  server.run({"BEGIN", "LOCK TABLE sales IN ACCESS EXCLUSIVE MODE"});
  CHECK(text(live.plan({"SELECT * FROM sales", {}, {}}, {})) == "canceling statement due to lock timeout");
  server.run({"ROLLBACK"});
  CHECK_THAT(text(live.plan({"SELECT * FROM sales", {}, {}}, {})), Catch::StartsWith("Seq Scan on sales"));
  server.run(
      {"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = "
       "'client backend'"});
  CHECK_THAT(text(live.plan({"SELECT * FROM sales", {}, {}}, {})),
             Catch::StartsWith("the connection to the database was lost"));
  CHECK_THAT(text(live.plan({"SELECT * FROM sales", {}, {}}, {})), Catch::StartsWith("Seq Scan on sales"));
}

TEST_CASE("what the role may not explain is unplannable, and the rest is planned") {
  RealServer server;
  server.run(sales());
  server.run({"CREATE ROLE reader LOGIN", "GRANT SELECT ON sales TO reader"});
  LivePlanner live(server.cluster().conninfo("postgres", "reader"));
  const auto answer = [&](const char* sql) { return text(live.plan({sql, {}, {}}, {})); };
  CHECK_THAT(answer("SELECT * FROM sales"), Catch::StartsWith("Seq Scan on sales"));
  CHECK(answer("SELECT * FROM customers") == "permission denied for table customers");
  CHECK(answer("UPDATE sales SET amount = 1") == "permission denied for table sales");
  CHECK_THAT(answer("SELECT * FROM sales WHERE id = $1"), Catch::StartsWith("Index Scan using sales_pkey"));
}

TEST_CASE("a server without HypoPG is told apart, with what to do") {
  RealServer server;
  try {
    LivePlanner live(server.cluster().conninfo("postgres"));
    FAIL("it was found");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) == "HypoPG is not installed in the database postgres");
    CHECK(error.hint() ==
          "leave --live out: the shadow planner needs nothing on the server; or have an administrator run CREATE "
          "EXTENSION hypopg there");
  }
}

}  // namespace assay
