// Candidates of every kind, one line each: the statement, what is known of the table, and what is proposed first or
// not at all. The guide to these lines is what index advisors get wrong: the order of columns, what exists already,
// everything beyond plain columns, and values that only one execution had.
#include <algorithm>
#include <catch2/catch.hpp>

#include "advisors/candidates.h"
#include "analyzer/catalog_from_ddl.h"

namespace assay {
namespace {

using Names = std::vector<std::string>;

constexpr std::string_view kSchema = R"(
  CREATE TABLE opportunity (id bigint PRIMARY KEY, owner_id bigint, account_id bigint, stage text, amount numeric,
                            created_at timestamptz, closed boolean, custom jsonb, tags text[], email varchar(200),
                            due timestamp, notes text, doc tsvector, deleted_at timestamptz, token text);
  CREATE TABLE account (id bigint PRIMARY KEY, name text, owner_id bigint, region text, email text);
  CREATE TABLE remark (id bigint PRIMARY KEY, account_id bigint REFERENCES account (id),
                       opportunity_id bigint REFERENCES opportunity (id));
  CREATE INDEX remark_opportunity ON remark (opportunity_id);
  CREATE INDEX account_email ON account (lower(email));
  CREATE INDEX account_open ON account (owner_id) WHERE region = 'EMEA';
  CREATE INDEX account_all ON account (region) INCLUDE (name);
)";

Catalog made_catalog() {
  Diagnostics diagnostics;
  Catalog catalog = catalog_from_ddl(kSchema, "schema.sql", diagnostics);
  catalog.extensions = {{.name = "pg_trgm"}};
  for (Table& table : catalog.tables) {
    table.rows = 1'000'000;
    table.pages = 50'000;
    for (Column& column : table.columns) {
      column.statistics = {{.null_fraction = 0, .average_width = 8, .distinct = 1000}};
      ColumnStatistics& known = column.statistics.front();
      if (column.name == "stage") {
        known.most_common_values = R"({open,won,"in doubt"})";
        known.most_common_frequencies = "{0.7,0.2,0.001}";
        known.distinct = 4;
      }
      if (column.name == "closed") {
        known.distinct = 2;
        known.most_common_values = "{t,f}";
        known.most_common_frequencies = "{0.95,0.05}";
      }
      if (column.name == "account_id") {
        known.most_common_values = "{7,8}";
        known.most_common_frequencies = "{0.01,0.01}";
      }
      if (column.name == "deleted_at") known.null_fraction = 0.98;
      if (column.name == "due") known.correlation = 0.999;
      if (column.name == "created_at") known.correlation = 0.3;
      if (column.name == "notes") known.average_width = 300;
      if (column.name == "token") known.average_width = 90;
    }
  }
  return catalog;
}

const Catalog& catalog() {
  static const Catalog value = made_catalog();
  return value;
}

struct Asked {
  std::string sql;
  int executions = 10;
};

Candidates candidates_of(const std::vector<std::vector<Asked>>& classes, const Catalog& with = catalog()) {
  std::vector<ClassMeaning> meanings;
  std::vector<std::size_t> all;
  for (const std::vector<Asked>& texts : classes) {
    ClassMeaning meaning{.statement = parse_statement(texts.front().sql, column_oracle(with)).statement};
    for (const Asked& text : texts) {
      meaning.plannable.push_back({{text.sql, {}, {}}, static_cast<double>(text.executions)});
    }
    all.push_back(meanings.size());
    meanings.push_back(std::move(meaning));
  }
  return generate_candidates(meanings, all, &with);
}

Names names_of(const Candidates& candidates) {
  Names names;
  for (const Candidate& candidate : candidates.list) names.push_back(describe(candidate.definition));
  return names;
}

bool among(const std::string& sql, const std::string& index) {
  const Names names = names_of(candidates_of({{{sql}}}));
  return std::find(names.begin(), names.end(), index) != names.end();
}

void recommends(const std::string& sql, const std::string& index) {
  INFO(sql);
  CAPTURE(names_of(candidates_of({{{sql}}})));
  CHECK(among(sql, index));
}

void does_not_recommend(const std::string& sql, const std::string& index) {
  INFO(sql);
  CAPTURE(names_of(candidates_of({{{sql}}})));
  CHECK_FALSE(among(sql, index));
}

void recommends_nothing(const std::string& sql) {
  INFO(sql);
  CHECK(names_of(candidates_of({{{sql}}})) == Names{});
}

}  // namespace

TEST_CASE("candidate kinds: the order of columns is that of their use", "[kinds]") {
  recommends("SELECT * FROM opportunity WHERE created_at > '2026-01-01' AND owner_id = 1 AND stage = 'won'",
             "opportunity (owner_id, stage, created_at)");
  recommends("SELECT * FROM opportunity WHERE owner_id = 1 ORDER BY created_at DESC LIMIT 5",
             "opportunity (owner_id, created_at DESC)");
  recommends("SELECT * FROM opportunity WHERE owner_id = 1 ORDER BY created_at DESC NULLS LAST LIMIT 5",
             "opportunity (owner_id, created_at DESC NULLS LAST)");
  does_not_recommend("SELECT * FROM opportunity WHERE created_at > '2026-01-01' AND owner_id = 1",
                     "opportunity (created_at, owner_id)");
}

TEST_CASE("candidate kinds: what exists is not proposed", "[kinds]") {
  recommends_nothing("SELECT * FROM account WHERE lower(email) = 'x'");
  recommends_nothing("SELECT name FROM account WHERE region = 'EMEA'");
  recommends_nothing("SELECT * FROM account WHERE id = 7");
  does_not_recommend("SELECT * FROM account WHERE owner_id = 1 AND region = 'EMEA'",
                     "account (owner_id) WHERE region = 'EMEA'");
  recommends("SELECT * FROM account WHERE owner_id = 1", "account (owner_id)");  // the partial one does not serve it
}

TEST_CASE("candidate kinds: INCLUDE, where the columns fit", "[kinds]") {
  recommends("SELECT amount FROM opportunity WHERE owner_id = 1", "opportunity (owner_id) INCLUDE (amount)");
  recommends("SELECT amount, stage FROM opportunity WHERE owner_id = 1 ORDER BY created_at LIMIT 9",
             "opportunity (owner_id, created_at) INCLUDE (amount, stage)");
  recommends("SELECT sum(amount) FROM opportunity", "opportunity (amount)");
  recommends("SELECT stage, sum(amount) FROM opportunity GROUP BY stage", "opportunity (stage) INCLUDE (amount)");
  does_not_recommend("SELECT notes FROM opportunity WHERE owner_id = 1", "opportunity (owner_id) INCLUDE (notes)");
  does_not_recommend("SELECT amount FROM opportunity WHERE owner_id = 1 FOR UPDATE",
                     "opportunity (owner_id) INCLUDE (amount)");
  does_not_recommend("UPDATE opportunity SET amount = amount + 1 WHERE owner_id = 1",
                     "opportunity (owner_id) INCLUDE (amount)");
}

TEST_CASE("candidate kinds: GROUP BY, DISTINCT, min and max", "[kinds]") {
  recommends("SELECT stage, count(*) FROM opportunity WHERE owner_id = 1 GROUP BY stage",
             "opportunity (owner_id, stage)");
  recommends("SELECT DISTINCT account_id FROM opportunity", "opportunity (account_id)");
  recommends("SELECT DISTINCT ON (account_id) * FROM opportunity ORDER BY account_id, due DESC",
             "opportunity (account_id)");
  recommends("SELECT max(created_at) FROM opportunity", "opportunity (created_at)");
  recommends("SELECT min(created_at) FROM opportunity WHERE owner_id = 1", "opportunity (owner_id, created_at)");
  recommends_nothing("SELECT count(*) FROM opportunity");
}

TEST_CASE("candidate kinds: joins, semi-joins and anti-joins in both directions", "[kinds]") {
  recommends("SELECT * FROM account a JOIN opportunity o ON o.account_id = a.id", "opportunity (account_id)");
  recommends("SELECT * FROM account a WHERE EXISTS (SELECT FROM opportunity o WHERE o.account_id = a.id)",
             "opportunity (account_id)");
  recommends("SELECT * FROM account a WHERE NOT EXISTS (SELECT FROM opportunity o WHERE o.account_id = a.id)",
             "opportunity (account_id)");
  recommends("SELECT * FROM account a LEFT JOIN opportunity o ON o.account_id = a.id WHERE o.id IS NULL",
             "opportunity (account_id)");
  recommends("SELECT * FROM account WHERE id IN (SELECT account_id FROM opportunity)", "opportunity (account_id)");
}

TEST_CASE("candidate kinds: an OR as bitmaps, one index a branch", "[kinds]") {
  recommends("SELECT * FROM opportunity WHERE owner_id = 1 OR account_id = 2", "opportunity (owner_id)");
  recommends("SELECT * FROM opportunity WHERE owner_id = 1 OR account_id = 2", "opportunity (account_id)");
  recommends("SELECT * FROM opportunity WHERE stage = 'won' AND (owner_id = 1 OR account_id = 2)",
             "opportunity (stage, account_id)");
  recommends("SELECT * FROM opportunity WHERE owner_id = 1 OR (account_id = 2 AND due > '2026-01-01')",
             "opportunity (account_id, due)");
  recommends_nothing("SELECT * FROM opportunity WHERE owner_id = 1 OR stage <> 'won'");
  recommends_nothing("SELECT * FROM opportunity WHERE owner_id = 1 OR closed IS DISTINCT FROM true");
}

TEST_CASE("candidate kinds: patterns", "[kinds]") {
  recommends("SELECT * FROM opportunity WHERE stage LIKE 'wo%'", "opportunity (stage text_pattern_ops)");
  recommends("SELECT * FROM opportunity WHERE email LIKE 'wo%'", "opportunity (email varchar_pattern_ops)");
  recommends("SELECT * FROM opportunity WHERE lower(stage) LIKE 'wo%'", "opportunity (lower(stage) text_pattern_ops)");
  recommends("SELECT * FROM opportunity WHERE owner_id = 1 AND stage LIKE 'wo%'",
             "opportunity (owner_id, stage text_pattern_ops)");
  recommends("SELECT * FROM opportunity WHERE stage LIKE '%won%'", "opportunity USING gin (stage gin_trgm_ops)");
  recommends("SELECT * FROM opportunity WHERE stage ILIKE 'won%'", "opportunity USING gin (stage gin_trgm_ops)");
  recommends_nothing("SELECT * FROM opportunity WHERE stage LIKE '%w_n%'");  // no three characters in a row
  Catalog c = catalog();
  c.settings["lc_collate"] = "C";
  c.extensions.clear();
  CHECK(names_of(candidates_of({{{"SELECT * FROM opportunity WHERE stage LIKE 'wo%'"}}}, c)) ==
        Names{"opportunity (stage)"});
  CHECK(candidates_of({{{"SELECT * FROM opportunity WHERE stage LIKE '%won%'"}}}, c).list.empty());
}

TEST_CASE("candidate kinds: jsonb, arrays, full text", "[kinds]") {
  recommends("SELECT * FROM opportunity WHERE custom @> '{\"a\": 1}'", "opportunity USING gin (custom jsonb_path_ops)");
  recommends("SELECT * FROM opportunity WHERE custom ? 'a'", "opportunity USING gin (custom)");
  recommends("SELECT * FROM opportunity WHERE custom->>'k' = 'x'", "opportunity ((custom ->> 'k'))");
  recommends("SELECT * FROM opportunity WHERE (custom->>'n')::int > 5", "opportunity (CAST(custom ->> 'n' AS int))");
  recommends("SELECT * FROM opportunity WHERE tags @> ARRAY['x']", "opportunity USING gin (tags)");
  recommends("SELECT * FROM opportunity WHERE tags && $1", "opportunity USING gin (tags)");
  recommends("SELECT * FROM opportunity WHERE tags @> $1", "opportunity USING gin (tags)");  // the column's type tells
  recommends_nothing("SELECT * FROM opportunity WHERE 'x' = ANY (tags)");  // PostgreSQL has none for it
  recommends("SELECT * FROM opportunity WHERE doc @@ to_tsquery('x')", "opportunity USING gin (doc)");
  recommends("SELECT * FROM opportunity WHERE to_tsvector('english', notes) @@ to_tsquery('x')",
             "opportunity USING gin (to_tsvector('english', notes))");
  recommends_nothing("SELECT * FROM opportunity WHERE to_tsvector(notes) @@ to_tsquery('x')");
}

TEST_CASE("candidate kinds: expressions that are immutable", "[kinds]") {
  recommends("SELECT * FROM opportunity WHERE lower(email) = 'x'", "opportunity (lower(email))");
  recommends("SELECT * FROM opportunity WHERE owner_id = 1 AND lower(email) = 'x'",
             "opportunity (owner_id, lower(email))");
  recommends("SELECT * FROM opportunity WHERE date_trunc('day', due) = '2026-01-01'",
             "opportunity (date_trunc('day', due))");
  recommends("SELECT * FROM opportunity WHERE due::date = '2026-01-01'", "opportunity ((due::date))");
  recommends_nothing("SELECT * FROM opportunity WHERE date_trunc('day', created_at) = '2026-01-01'");
  recommends_nothing("SELECT * FROM opportunity WHERE created_at::date = '2026-01-01'");
  recommends_nothing("SELECT * FROM opportunity WHERE created_at::text = '2026-01-01'");
  recommends_nothing("SELECT * FROM opportunity WHERE my_own(email) = 'x'");
  recommends_nothing("SELECT * FROM opportunity WHERE (custom->>'at')::timestamptz > '2026-01-01'");
}

TEST_CASE("candidate kinds: partial indexes for what is rare and the same in every execution", "[kinds]") {
  recommends("SELECT * FROM opportunity WHERE stage = 'in doubt' ORDER BY created_at LIMIT 10",
             "opportunity (created_at) WHERE stage = 'in doubt'");
  recommends("SELECT * FROM opportunity WHERE NOT closed AND owner_id = 1", "opportunity (owner_id) WHERE NOT closed");
  recommends("SELECT * FROM opportunity WHERE owner_id = 1 AND deleted_at IS NOT NULL",
             "opportunity (owner_id) WHERE deleted_at IS NOT NULL");
  // 98 % of the rows are not deleted, 70 % open: nothing is won.
  does_not_recommend("SELECT * FROM opportunity WHERE owner_id = 1 AND deleted_at IS NULL",
                     "opportunity (owner_id) WHERE deleted_at IS NULL");
  does_not_recommend("SELECT * FROM opportunity WHERE owner_id = 1 AND stage = 'open'",
                     "opportunity (owner_id) WHERE stage = 'open'");
  // One of a thousand accounts is rare in this log, and another one in the next.
  does_not_recommend("SELECT * FROM opportunity WHERE owner_id = 1 AND account_id = 7",
                     "opportunity (owner_id) WHERE account_id = 7");
  // A value that varies, a parameter, or a value seen too rarely.
  const auto partial = [](const std::vector<Asked>& texts) {
    const Names names = names_of(candidates_of({texts}));
    return std::any_of(names.begin(), names.end(),
                       [](const std::string& name) { return name.find("WHERE") != std::string::npos; });
  };
  CHECK(partial({{"SELECT * FROM opportunity WHERE owner_id = 1 AND stage = 'won'"},
                 {"SELECT * FROM opportunity WHERE owner_id = 2 AND stage = 'won'"}}));
  CHECK_FALSE(partial({{"SELECT * FROM opportunity WHERE owner_id = 1 AND stage = 'won'"},
                       {"SELECT * FROM opportunity WHERE owner_id = 1 AND stage = 'in doubt'"}}));
  CHECK_FALSE(partial({{"SELECT * FROM opportunity WHERE owner_id = 1 AND stage = $1"}}));
  CHECK_FALSE(partial({{"SELECT * FROM opportunity WHERE owner_id = 1 AND stage = 'won'", 2}}));
}

TEST_CASE("candidate kinds: BRIN where rows lie in order, hash for long values", "[kinds]") {
  recommends("SELECT * FROM opportunity WHERE due > '2026-01-01'", "opportunity USING brin (due)");
  does_not_recommend("SELECT * FROM opportunity WHERE created_at > '2026-01-01'",
                     "opportunity USING brin (created_at)");
  recommends("SELECT * FROM opportunity WHERE token = 'x'", "opportunity USING hash (token)");
  does_not_recommend("SELECT * FROM opportunity WHERE stage = 'x'", "opportunity USING hash (stage)");
}

TEST_CASE("candidate kinds: foreign keys, for the deletes of their parents", "[kinds]") {
  recommends("DELETE FROM account WHERE id = 7", "remark (account_id)");
  recommends("UPDATE account SET id = 8 WHERE id = 7", "remark (account_id)");
  does_not_recommend("UPDATE account SET name = 'x' WHERE id = 7", "remark (account_id)");
  recommends_nothing("DELETE FROM opportunity WHERE id = 7");  // remark's key for it has an index
}

TEST_CASE("candidate kinds: one index for two classes", "[kinds]") {
  const auto proposes_for = [](const std::string& one, const std::string& other, const std::string& index) {
    const Candidates candidates = candidates_of({{{one}}, {{other}}});
    std::vector<const Candidate*> all;
    for (const Candidate& candidate : candidates.list) all.push_back(&candidate);
    const std::vector<Candidate> merged = merged_candidates(all, catalog());
    const auto found = std::find_if(merged.begin(), merged.end(), [&](const Candidate& candidate) {
      return describe(candidate.definition) == index;
    });
    INFO(one + " | " + other);
    REQUIRE(found != merged.end());
    CHECK(found->classes == std::vector<std::size_t>{0, 1});
  };
  proposes_for("SELECT amount FROM opportunity WHERE owner_id = 1", "SELECT stage FROM opportunity WHERE owner_id = 1",
               "opportunity (owner_id) INCLUDE (amount, stage)");
  proposes_for("SELECT * FROM opportunity WHERE owner_id = 1 AND stage = 'x'",
               "SELECT * FROM opportunity WHERE stage = 'x'", "opportunity (stage, owner_id)");
  proposes_for("SELECT amount FROM opportunity WHERE owner_id = 1",
               "SELECT * FROM opportunity WHERE owner_id = 1 ORDER BY created_at",
               "opportunity (owner_id, created_at) INCLUDE (amount)");
}

TEST_CASE("candidate kinds: a class has a bounded number of them", "[kinds]") {
  std::string sql = "SELECT * FROM opportunity o0";
  for (int i = 1; i < 20; ++i) {
    const std::string name = "o" + std::to_string(i);
    sql += " JOIN opportunity " + name + " ON " + name + ".owner_id = o0.id AND " + name + ".stage = '" + name +
           "' AND " + name + ".account_id > 1 AND " + name + ".amount > " + std::to_string(i);
  }
  CHECK(candidates_of({{{sql}}}).list.size() <= kMostOfAClass);
}

}  // namespace assay
