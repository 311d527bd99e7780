// One line a rewrite: the statement, the rule that finds it, and the rewritten SQL where there is a safe one.
#include "advisors/rewrites/rewrites.h"

#include <catch2/catch.hpp>

#include "analyzer/catalog_from_ddl.h"
#include "analyzer/workload_builder.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

constexpr std::string_view kSchema = R"(
  CREATE TABLE deal (id bigint PRIMARY KEY, owner_id bigint, account_id bigint NOT NULL, stage text, amount numeric,
                     created_at timestamptz, due timestamp, tags text[], marks int[], notes text, code char(5));
  CREATE TABLE account (id bigint PRIMARY KEY, name text, deal_id bigint, parent_id bigint NOT NULL);
  CREATE INDEX deal_amount ON deal (amount);
  CREATE INDEX deal_owner ON deal (owner_id);
  CREATE INDEX deal_lower ON deal (lower(notes));
)";

Catalog made_catalog() {
  Diagnostics diagnostics;
  Catalog catalog = catalog_from_ddl(kSchema, "schema.sql", diagnostics);
  for (Table& table : catalog.tables) {
    for (Column& column : table.columns) column.statistics = {{.average_width = 60, .distinct = 100}};
  }
  return catalog;
}

struct Ran {
  std::string sql;
  std::string parameters = {};
  int calls = 1;
};

std::vector<Rewrite> rewrites_of(const std::vector<Ran>& executions, const Catalog* catalog, int pause_ms = 1000) {
  WorkloadBuilder builder({});
  int at = 0;
  for (const Ran& ran : executions) {
    for (int i = 0; i < ran.calls; ++i) {
      builder.add({.kind = RecordKind::kExecution,
                   .timed = true,
                   .time = {Timestamp(std::chrono::milliseconds(pause_ms * ++at)), {}},
                   .duration = Microseconds{500},
                   .database = "crm",
                   .sql = ran.sql,
                   .parameters = ran.parameters,
                   .shape = shape_hash(ran.sql)});
    }
  }
  const Workload workload = builder.finish({});
  return suggest_rewrites(workload, understand(workload, catalog), catalog, "crm");
}

const Catalog& catalog() {
  static const Catalog value = made_catalog();
  return value;
}

/// The rules that find something, and the SQL of the first.
void hints(const std::string& sql, const std::vector<std::string>& rules, const std::string& rewritten = {}) {
  INFO(sql);
  const std::vector<Rewrite> rewrites = rewrites_of({{sql}}, &catalog());
  std::vector<std::string> found;
  for (const Rewrite& rewrite : rewrites) found.push_back(rewrite.rule);
  CHECK(found == rules);
  if (!rewrites.empty()) CHECK(rewrites.front().sql == rewritten);
  if (!rewritten.empty()) CHECK(parse_statement(rewritten).statement);
}

}  // namespace

TEST_CASE("rewrites: NOT IN with a subquery") {
  hints("SELECT id FROM deal WHERE owner_id NOT IN (SELECT deal_id FROM account)", {"not-in-subquery"});
  hints(
      "SELECT d.id FROM deal d WHERE d.id NOT IN (SELECT a.parent_id FROM account a WHERE a.name = 'x' OR a.id = 1)",
      {"not-in-subquery"},
      "SELECT d.id FROM deal d WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.parent_id = d.id AND (a.name = 'x' OR "
      "a.id = 1))");
  hints(
      "SELECT d.id FROM deal d WHERE d.id NOT IN (SELECT a.parent_id FROM account a) AND d.stage = 'x'",
      {"not-in-subquery"},
      "SELECT d.id FROM deal d WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.parent_id = d.id) AND d.stage = 'x'");
  // An unqualified name could mean another column within, and a LIMIT would mean something else.
  hints("SELECT id FROM deal WHERE id NOT IN (SELECT parent_id FROM account)", {"not-in-subquery"});
  hints("SELECT d.id FROM deal d WHERE d.id NOT IN (SELECT a.parent_id FROM account a LIMIT 5)", {"not-in-subquery"});
  hints("SELECT id FROM deal WHERE id NOT IN (1, 2)", {});
}

TEST_CASE("rewrites: count(*) for existence") {
  hints("SELECT id FROM account a WHERE (SELECT count(*) FROM deal d WHERE d.account_id = a.id) > 0",
        {"count-for-existence"},
        "SELECT id FROM account a WHERE EXISTS (SELECT 1 FROM deal d WHERE d.account_id = a.id)");
  hints("SELECT id FROM account a WHERE (SELECT count(*) FROM deal d WHERE d.account_id = a.id) = 0 AND name = 'x'",
        {"count-for-existence"},
        "SELECT id FROM account a WHERE NOT EXISTS (SELECT 1 FROM deal d WHERE d.account_id = a.id) AND name = 'x'");
  hints("SELECT id FROM account a WHERE (SELECT count(*) FROM deal d WHERE d.account_id = a.id) > 1", {});
  hints("SELECT id FROM account a WHERE (SELECT count(*) FROM deal d GROUP BY stage LIMIT 1) > 0", {});
  hints("SELECT id FROM account a WHERE (SELECT count(*) FROM deal d) > 0 + 5", {});
}

TEST_CASE("rewrites: OFFSET paging, where pages are deep") {
  hints("SELECT id FROM deal ORDER BY due DESC, id DESC LIMIT 20 OFFSET 10000", {"offset-paging"});
  hints("SELECT id FROM deal ORDER BY due DESC LIMIT 20 OFFSET 40", {});
  const auto rewrites =
      rewrites_of({{"SELECT id FROM deal ORDER BY due, id LIMIT $1 OFFSET $2", "$1 = '20', $2 = '0'"},
                   {"SELECT id FROM deal ORDER BY due, id LIMIT $1 OFFSET $2", "$1 = '20', $2 = '4000'"}},
                  &catalog());
  REQUIRE(rewrites.size() == 1);
  CHECK(
      rewrites[0].reason ==
      "OFFSET up to 4000: so many rows are read and thrown away for each page. Page by key instead: WHERE (due, id) > "
      "(the last row's values), with the same ORDER BY and LIMIT and without OFFSET; let a unique column end the ORDER "
      "BY.");
}

TEST_CASE("rewrites: a function on a column") {
  hints("SELECT id FROM deal d WHERE d.created_at::date = '2026-01-31' AND stage = 'x'", {"time-zone-expression"},
        "SELECT id FROM deal d WHERE (d.created_at >= date '2026-01-31' AND d.created_at < date '2026-01-31' + 1) AND "
        "stage = 'x'");
  hints("SELECT id FROM deal WHERE date_trunc('month', created_at) = '2026-02-01'", {"time-zone-expression"},
        "SELECT id FROM deal WHERE (created_at >= date '2026-02-01' AND created_at < date '2026-02-01' + interval '1 "
        "month')");
  hints("SELECT id FROM deal WHERE date_trunc('month', created_at) = '2026-02-02'", {"time-zone-expression"});
  hints("SELECT id FROM deal WHERE date_trunc('month', due) = '2026-02-01'", {});  // can be indexed
  hints("SELECT id FROM deal WHERE amount * 1.2 > 100", {"function-on-column"});
  hints("SELECT id FROM deal WHERE COALESCE(owner_id, 0) = 0", {"function-on-column"});
  hints("SELECT id FROM deal WHERE id::text = '7'", {"function-on-column"});
  hints("SELECT id FROM deal WHERE lower(notes) = 'x'", {});  // an index on the expression does it
  hints("SELECT id FROM deal WHERE amount > 100 * 1.2", {});
}

TEST_CASE("rewrites: implicit casts of the column") {
  hints("SELECT name FROM deal WHERE owner_id = 12.0", {"implicit-cast"});
  hints("SELECT name FROM deal WHERE owner_id > '5'::numeric", {"implicit-cast"});
  hints("SELECT name FROM deal WHERE code = 'x'::text", {"implicit-cast"});
  hints("SELECT name FROM deal WHERE owner_id = 12", {});
  hints("SELECT name FROM deal WHERE owner_id = '12'", {});
  hints("SELECT name FROM deal WHERE amount = 12.5", {});
}

TEST_CASE("rewrites: SELECT *, where rows are wide and many") {
  hints("SELECT * FROM deal WHERE owner_id = 7", {"select-star"});
  hints("SELECT * FROM deal WHERE id = 7", {});
  hints("SELECT * FROM deal WHERE owner_id = 7 ORDER BY due LIMIT 5", {});
  hints("SELECT * FROM account WHERE parent_id = 7", {});  // four columns
  hints("SELECT id, stage FROM deal WHERE owner_id = 7", {});
}

TEST_CASE("rewrites: an OR across tables") {
  hints("SELECT d.id FROM deal d JOIN account a ON a.id = d.account_id WHERE d.stage = 'x' OR a.name = 'y'",
        {"or-across-tables"});
  hints("SELECT d.id FROM deal d JOIN account a ON a.id = d.account_id WHERE d.stage = 'x' OR d.owner_id = 1", {});
}

TEST_CASE("rewrites: arrays, full text, trigrams") {
  hints("SELECT id FROM deal WHERE 'x' = ANY (tags) AND stage = 'y'", {"value-any-array"},
        "SELECT id FROM deal WHERE tags @> ARRAY['x'] AND stage = 'y'");
  hints("SELECT id FROM deal WHERE 3 = ANY(marks)", {"value-any-array"}, "SELECT id FROM deal WHERE marks @> ARRAY[3]");
  hints("SELECT id FROM deal WHERE $1 = ANY (tags)", {"value-any-array"});
  hints("SELECT id FROM deal WHERE id = ANY ('{1,2}')", {});
  hints("SELECT id FROM deal WHERE to_tsvector(notes) @@ to_tsquery('x')", {"text-search-configuration"});
  hints("SELECT id FROM deal WHERE to_tsvector('english', notes) @@ to_tsquery('x')", {});
  hints("SELECT id FROM deal WHERE notes LIKE '%abc%'", {"missing-trigrams"});
  Catalog installed = catalog();
  installed.extensions = {{.name = "pg_trgm"}};
  CHECK(rewrites_of({{"SELECT id FROM deal WHERE notes LIKE '%abc%'"}}, &installed).empty());
}

TEST_CASE("rewrites: without a catalog, what the text alone tells") {
  CHECK(rewrites_of({{"SELECT * FROM t WHERE a = 1 ORDER BY b LIMIT 5"}}, nullptr).empty());
  CHECK(rewrites_of({{"SELECT * FROM t ORDER BY b LIMIT 5 OFFSET 9000"}}, nullptr).size() == 1);
}

TEST_CASE("rewrites: hostile texts are no trouble") {
  for (const char* sql :
       {"SELECT (SELECT count(*) FROM", "SELECT 1 WHERE (SELECT count(*) FROM t) >", "x NOT IN (SELECT",
        "SELECT a.b FROM t WHERE t.a NOT IN (SELECT u.b FROM u WHERE", "SELECT 'x' = ANY (", "(((((("}) {
    CHECK(rewrites_of({{sql}}, &catalog()).empty());
  }
}

}  // namespace assay
