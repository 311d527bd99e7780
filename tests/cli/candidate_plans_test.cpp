// Each kind of candidate, held against a real server: the rules propose it for the statement, the shadow planner's plan
// uses it, and so does the server's own plan once the index is really built there.
#include <algorithm>
#include <catch2/catch.hpp>

#include "advisors/candidates.h"
#include "analyzer/planned_index.h"
#include "connectors/postgres.h"
#include "connectors/shadow_planner.h"
#include "tests/connectors/real_server.h"

namespace assay {
namespace {

/// Rows are scattered, but for `at`, which grows with them.
std::vector<std::string> desk() {
  return {
      "CREATE EXTENSION pg_trgm",
      "CREATE TABLE ticket (id int PRIMARY KEY, owner int NOT NULL, account int NOT NULL, state text NOT NULL, "
      "at timestamp NOT NULL, changed timestamptz NOT NULL, title text NOT NULL, body text NOT NULL, data jsonb NOT "
      "NULL, tags text[] NOT NULL, closed timestamptz, token text NOT NULL, email text NOT NULL)",
      "CREATE TABLE remark (id int PRIMARY KEY, ticket int NOT NULL, body text NOT NULL)",
      "INSERT INTO ticket SELECT i, h % 2000, h % 3001, CASE WHEN h % 100 = 0 THEN 'stuck' ELSE 'done' END, "
      "timestamp '2024-01-01' + i * interval '3 min', timestamptz '2024-01-01' + h % 100000 * interval '5 min', "
      "'title ' || md5(i::text), repeat(md5(h::text), 4), jsonb_build_object('k', h % 5000, 'l', 'x'), ARRAY['t' || "
      "h % 4000, 'u' || h % 3000], CASE WHEN h % 50 = 0 THEN NULL ELSE now() END, repeat(md5(i::text), 3), i || "
      "'@Example.org' FROM (SELECT i, abs(hashint4(i)) AS h FROM generate_series(1, 60000) AS i) AS s",
      "INSERT INTO remark SELECT i, 1 + abs(hashint4(i)) % 60000, md5(i::text) FROM generate_series(1, 60000) AS i",
      "VACUUM ANALYZE"};
}

class Desk {
 public:
  /// `sql` gets these candidates, its plan in the shadow uses all of them, and so it does on the server.
  void plans(const std::string& sql, const std::vector<std::string>& indexes) {
    INFO(sql);
    const ParsedStatement parsed = parse_statement(sql, column_oracle(catalog_));
    REQUIRE(parsed.statement);
    const std::vector<ClassMeaning> meanings = {{.statement = parsed.statement, .plannable = {{{sql, {}, {}}, 10}}}};
    PhysicalDesign design;
    for (const Candidate& candidate : generate_candidates(meanings, {0}, &catalog_).list) {
      UNSCOPED_INFO(describe(candidate.definition));
      const Table& table = *catalog_.find_table(candidate.definition.schema, candidate.definition.table);
      if (std::find(indexes.begin(), indexes.end(), describe(candidate.definition)) != indexes.end()) {
        design.created_indexes.push_back(planned_size(candidate.definition, table, shadow_));
      }
    }
    REQUIRE(design.created_indexes.size() == indexes.size());
    const PlanAnswer answer = shadow_.plan({sql, {}, {}}, design);
    const auto* plan = std::get_if<PlanNode>(&answer);
    if (!plan) FAIL(std::get<Unplannable>(answer).reason);
    INFO(to_string(*plan));
    const std::vector<std::string> in_shadow = used_indexes(*plan), on_server = used_when_built(sql, design);
    for (const HypotheticalIndex& index : design.created_indexes) {
      const std::string& name = index.definition.name;
      CHECK(std::find(in_shadow.begin(), in_shadow.end(), name) != in_shadow.end());
      CHECK(std::find(on_server.begin(), on_server.end(), name) != on_server.end());
    }
  }

 private:
  std::vector<std::string> used_when_built(const std::string& sql, const PhysicalDesign& design) {
    for (const HypotheticalIndex& index : design.created_indexes) {
      server_.run({create_index_sql(index.definition, false)});
    }
    const std::vector<std::string> used =
        used_indexes(parse_plan(server_.session().query("EXPLAIN (FORMAT JSON) " + sql).at(0)[0].value()));
    for (const HypotheticalIndex& index : design.created_indexes) {
      server_.run({"DROP INDEX " + quote_identifier(index.definition.name)});
    }
    return used;
  }

  // Commits are flushed at once, so that VACUUM can mark pages as all-visible.
  RealServer server_{{{"max_parallel_workers_per_gather", "0"}, {"synchronous_commit", "on"}}};
  Catalog catalog_ = [this] {
    server_.run(desk());
    return read_catalog(server_.session());
  }();
  ShadowPlanner shadow_{catalog_};
};

}  // namespace

TEST_CASE("each kind of candidate is used by the plan for its query, in the shadow and really built") {
  Desk desk;
  desk.plans("SELECT * FROM ticket WHERE owner = 7 ORDER BY at DESC LIMIT 5", {"ticket (owner, at DESC)"});
  desk.plans("SELECT * FROM ticket WHERE owner = 7 AND at > '2024-03-01'", {"ticket (owner, at)"});
  desk.plans("SELECT account FROM ticket WHERE owner = 7", {"ticket (owner) INCLUDE (account)"});
  desk.plans("SELECT account, count(*) FROM ticket GROUP BY account", {"ticket (account)"});
  desk.plans("SELECT DISTINCT account FROM ticket WHERE owner < 1000", {"ticket (account) INCLUDE (owner)"});
  desk.plans("SELECT sum(account) FROM ticket", {"ticket (account)"});
  desk.plans("SELECT max(changed) FROM ticket", {"ticket (changed)"});
  desk.plans("SELECT min(changed) FROM ticket WHERE owner = 7", {"ticket (owner, changed)"});
  desk.plans("SELECT * FROM remark r JOIN ticket t ON t.id = r.ticket WHERE t.id = 17", {"remark (ticket)"});
  desk.plans("SELECT * FROM ticket t WHERE owner = 7 AND NOT EXISTS (SELECT FROM remark r WHERE r.ticket = t.id)",
             {"remark (ticket)"});
  desk.plans("SELECT * FROM ticket WHERE owner = 7 OR account = 8", {"ticket (owner)", "ticket (account)"});
  desk.plans("SELECT * FROM ticket WHERE title LIKE 'title abcde%'", {"ticket (title text_pattern_ops)"});
  desk.plans("SELECT * FROM ticket WHERE title LIKE '%abcdef%'", {"ticket USING gin (title gin_trgm_ops)"});
  desk.plans("SELECT * FROM ticket WHERE title ILIKE '%ABCDEF%'", {"ticket USING gin (title gin_trgm_ops)"});
  desk.plans("SELECT * FROM ticket WHERE data @> '{\"k\": 17}'", {"ticket USING gin (data jsonb_path_ops)"});
  desk.plans("SELECT * FROM ticket WHERE data ? 'q'", {"ticket USING gin (data)"});
  desk.plans("SELECT * FROM ticket WHERE data->>'k' = '17'", {"ticket ((data ->> 'k'))"});
  desk.plans("SELECT * FROM ticket WHERE (data->>'k')::int = 17", {"ticket (CAST(data ->> 'k' AS int))"});
  desk.plans("SELECT * FROM ticket WHERE tags @> ARRAY['t17']", {"ticket USING gin (tags)"});
  desk.plans("SELECT * FROM ticket WHERE to_tsvector('english', title) @@ to_tsquery('english', 'abc')",
             {"ticket USING gin (to_tsvector('english', title))"});
  desk.plans("SELECT * FROM ticket WHERE lower(email) = '17@example.org'", {"ticket (lower(email))"});
  desk.plans("SELECT * FROM ticket WHERE lower(email) LIKE '1789%'", {"ticket (lower(email) text_pattern_ops)"});
  desk.plans("SELECT * FROM ticket WHERE at::date = '2024-03-01'", {"ticket ((at::date))"});
  desk.plans("SELECT * FROM ticket WHERE date_trunc('day', at) = '2024-03-01'", {"ticket (date_trunc('day', at))"});
  desk.plans("SELECT * FROM ticket WHERE state = 'stuck' ORDER BY changed LIMIT 5",
             {"ticket (changed) WHERE state = 'stuck'"});
  desk.plans("SELECT * FROM ticket WHERE closed IS NULL AND owner = 7", {"ticket (owner) WHERE closed IS NULL"});
  desk.plans("SELECT * FROM ticket WHERE at BETWEEN '2024-03-01' AND '2024-03-02'", {"ticket USING brin (at)"});
  desk.plans("SELECT * FROM ticket WHERE token = 'x'", {"ticket USING hash (token)"});
}

}  // namespace assay
