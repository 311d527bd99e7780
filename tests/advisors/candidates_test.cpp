#include "advisors/candidates.h"

#include <catch2/catch.hpp>

#include "analyzer/catalog_from_ddl.h"

namespace assay {
namespace {

using Names = std::vector<std::string>;

constexpr std::string_view kSchema = R"(
  CREATE TABLE opportunity (id bigint PRIMARY KEY, owner_id bigint, account_id bigint, stage text, amount numeric,
                            created_at timestamptz, closed boolean, custom jsonb, tags text[]);
  CREATE TABLE account (id bigint PRIMARY KEY, name text, owner_id bigint, region text);
  CREATE TABLE activity (id bigint PRIMARY KEY, opportunity_id bigint, at timestamptz, kind text);
  CREATE INDEX account_name ON account (name);
  CREATE INDEX activity_recent ON activity (opportunity_id, at);
  CREATE INDEX account_partial ON account (region) WHERE owner_id IS NULL;
)";

const Catalog& catalog() {
  static const Catalog value = [] {
    Diagnostics diagnostics;
    return catalog_from_ddl(kSchema, "schema.sql", diagnostics);
  }();
  return value;
}

Names candidates_of(const std::string& sql, const Catalog* with) {
  const ParsedStatement parsed = parse_statement(sql, with ? column_oracle(*with) : ColumnOracle{});
  const std::vector<ClassMeaning> meanings = {{.statement = parsed.statement, .problem = parsed.problem}};
  Names names;
  for (const Candidate& candidate : generate_candidates(meanings, {0}, with).list) {
    names.push_back(describe(candidate.definition));
  }
  return names;
}

/// The statement's candidates, in the order in which the rules propose them.
void proposes(const std::string& sql, const Names& expected) {
  INFO(sql);
  CHECK(candidates_of(sql, &catalog()) == expected);
}

}  // namespace

TEST_CASE("candidates: equality comes first, then the sort") {
  proposes("SELECT * FROM opportunity WHERE owner_id = 7 ORDER BY created_at DESC LIMIT 20",
           {"opportunity (owner_id, created_at DESC)", "opportunity (owner_id)", "opportunity (created_at DESC)"});
  proposes("SELECT * FROM opportunity WHERE owner_id = 7 ORDER BY created_at, amount DESC",
           {"opportunity (owner_id, created_at, amount DESC)", "opportunity (owner_id)"});
  proposes("SELECT * FROM opportunity WHERE owner_id = 7 ORDER BY created_at DESC NULLS LAST LIMIT 1",
           {"opportunity (owner_id, created_at DESC NULLS LAST)", "opportunity (owner_id)",
            "opportunity (created_at DESC NULLS LAST)"});
}

TEST_CASE("candidates: a column fixed by an equality sorts nothing") {
  proposes("SELECT * FROM opportunity WHERE owner_id = 7 ORDER BY owner_id, amount LIMIT 3",
           {"opportunity (owner_id, amount)", "opportunity (owner_id)"});
}

TEST_CASE("candidates: equality comes first, then one range") {
  proposes("SELECT * FROM opportunity WHERE amount > 100 AND stage = 'won'",
           {"opportunity (stage, amount)", "opportunity (amount)", "opportunity (stage)"});
  proposes("SELECT * FROM opportunity WHERE created_at BETWEEN '2026-01-01' AND '2026-02-01'",
           {"opportunity (created_at)"});
}

TEST_CASE("candidates: IN narrows, but keeps no order") {
  proposes("SELECT * FROM opportunity WHERE stage IN ('won', 'lost') ORDER BY created_at", {"opportunity (stage)"});
}

TEST_CASE("candidates: joins in both directions") {
  proposes("SELECT * FROM opportunity o JOIN account a ON a.id = o.account_id WHERE a.region = 'EMEA'",
           {"opportunity (account_id)", "account (region)"});
}

TEST_CASE("candidates: in a correlated subquery the outer column is a constant") {
  proposes(
      "SELECT (SELECT amount FROM opportunity o WHERE o.account_id = a.id ORDER BY o.created_at DESC LIMIT 1) FROM "
      "account a",
      {"opportunity (account_id, created_at DESC)", "opportunity (account_id)", "opportunity (created_at DESC)"});
}

TEST_CASE("candidates: what exists serves already") {
  proposes("SELECT * FROM account WHERE name = 'x'", {});
  proposes("SELECT * FROM account WHERE id = 1", {});
  proposes("SELECT * FROM account WHERE id = 1 AND owner_id = 2",
           {"account (owner_id)"});  // id alone finds the one row
  proposes("SELECT * FROM activity WHERE opportunity_id = 1", {});
  proposes("SELECT * FROM activity WHERE opportunity_id = 1 ORDER BY at DESC LIMIT 5", {"activity (at DESC)"});
  proposes("SELECT * FROM account WHERE region = 'EMEA'", {"account (region)"});  // the partial one does not serve it
}

TEST_CASE("candidates: what no B-tree can serve") {
  proposes("SELECT * FROM opportunity WHERE stage <> 'won'", {});
  proposes("SELECT * FROM opportunity WHERE stage LIKE '%on'", {});
  proposes("SELECT * FROM opportunity WHERE owner_id = 1 OR stage <> 'won'", {});
  proposes("SELECT * FROM opportunity WHERE 'a' = ANY (tags)", {});
  proposes("SELECT * FROM opportunity WHERE tags = '{a}'", {});
  proposes("SELECT * FROM opportunity WHERE to_char(created_at, 'YYYY') = '2026'", {});
  proposes("SELECT * FROM opportunity WHERE amount = random()", {});
  proposes("SELECT count(*) FROM opportunity", {});
  proposes("INSERT INTO opportunity (id) VALUES (1)", {});
}

TEST_CASE("candidates: a column is a key once") {
  proposes("SELECT * FROM opportunity WHERE owner_id = 1 AND owner_id > 0", {"opportunity (owner_id)"});
  proposes("SELECT * FROM opportunity WHERE owner_id = 1 AND owner_id IN (1, 2)", {"opportunity (owner_id)"});
  proposes("SELECT * FROM opportunity WHERE owner_id = 1 ORDER BY amount, amount",
           {"opportunity (owner_id, amount)", "opportunity (owner_id)"});
}

TEST_CASE("candidates: IS NULL is a key only where statistics say that it is rare") {
  proposes("SELECT * FROM opportunity WHERE owner_id = 1 AND owner_id IS NULL", {"opportunity (owner_id)"});
  CHECK(candidates_of("SELECT * FROM t WHERE a = 1 AND b = 2 AND a IS NULL", nullptr) ==
        Names{"t (a, b)", "t (a)", "t (b)"});
  Catalog rare = catalog();
  rare.tables[0].columns[1].statistics = {{.null_fraction = 0.01, .distinct = 50}};
  rare.tables[0].columns[3].statistics = {{.null_fraction = 0.99, .distinct = 50}};
  CHECK(candidates_of("SELECT * FROM opportunity WHERE owner_id IS NULL", &rare) ==
        Names{"opportunity (owner_id)", "opportunity (owner_id) WHERE owner_id IS NULL"});
  CHECK(candidates_of("SELECT * FROM opportunity WHERE stage IS NULL", &rare).empty());
}

TEST_CASE("candidates: an ORDER BY over groups sorts groups") {
  proposes("SELECT stage, count(*) FROM opportunity GROUP BY stage ORDER BY stage LIMIT 3", {});
}

TEST_CASE("candidates: writers look rows up too") {
  proposes("UPDATE opportunity SET amount = 1 WHERE owner_id = 3 AND stage = 'open'",
           {"opportunity (owner_id, stage)", "opportunity (owner_id)", "opportunity (stage)"});
  proposes("DELETE FROM activity WHERE at < '2020-01-01'", {"activity (at)"});
}

TEST_CASE("candidates: names that a CTE or a function takes are no tables") {
  proposes("WITH opportunity AS (SELECT 1 AS owner_id) SELECT * FROM opportunity WHERE owner_id = 1", {});
  proposes("SELECT * FROM generate_series(1, 3) AS account (name) WHERE name = 1", {});
}

TEST_CASE("candidates: without a catalog, columns called id are taken for primary keys") {
  CHECK(candidates_of("SELECT * FROM deal WHERE id = 1", nullptr).empty());
  CHECK(candidates_of("SELECT * FROM deal WHERE owner_id = 1", nullptr) == Names{"deal (owner_id)"});
  CHECK(candidates_of("SELECT * FROM pg_class WHERE relname = 'x'", nullptr).empty());
}

TEST_CASE("candidates: a name that is taken gets a number, and still fits 63 bytes") {
  const std::string table(63, 'x');
  Diagnostics diagnostics;
  const std::string first = conventional_index_name({.table = table, .keys = {{.column = "a"}}});
  const Catalog taken = catalog_from_ddl(
      "CREATE TABLE " + table + " (a int, b int); CREATE INDEX " + first + " ON " + table + " (b);", "x", diagnostics);
  const ParsedStatement parsed = parse_statement("SELECT * FROM " + table + " WHERE a = 1", column_oracle(taken));
  const auto candidates = generate_candidates({{.statement = parsed.statement}}, {0}, &taken);
  REQUIRE(candidates.list.size() == 1);
  CHECK(candidates.list[0].definition.name.size() == 63);
  CHECK(candidates.list[0].definition.name.ends_with("_idx1"));
}

TEST_CASE("candidates: names follow PostgreSQL's convention and avoid what exists") {
  Diagnostics diagnostics;
  const Catalog taken =
      catalog_from_ddl("CREATE TABLE t (a int, b int); CREATE INDEX t_a_idx ON t (b);", "x", diagnostics);
  const ParsedStatement parsed = parse_statement("SELECT * FROM t WHERE a = 1", column_oracle(taken));
  const auto candidates = generate_candidates({{.statement = parsed.statement}}, {0}, &taken);
  REQUIRE(candidates.list.size() == 1);
  CHECK(candidates.list[0].definition.name == "t_a_idx1");
  CHECK(candidates.list[0].reasons == Names{"equality on a"});
}

}  // namespace assay
