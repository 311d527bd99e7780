// What index advisors are known to get wrong, one test a mistake, from the workload to the advice. Those that are about
// one part alone stand with it: what exists already or backs a constraint (candidate_kinds_test, index_advisor_test),
// the writers' price (maintenance_test), small wins and classes that become slower (index_advisor_test), drops
// (index_advisor_test), sizes against real indexes (analyzer/index_size_test), locks on production
// (cli/end_to_end_test).
#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <set>

#include "advisors/index_advisor.h"
#include "analyzer/catalog_from_ddl.h"
#include "analyzer/workload_builder.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

using Names = std::vector<std::string>;

/// Cost of a text with one index in place, described; none: "".
using Cost = std::function<double(const std::string& sql, const std::string& index)>;

/// A planner that takes the cheapest of the indexes that are there; below zero: the text cannot be planned.
class OneIndexModel : public CostModel {
 public:
  explicit OneIndexModel(Cost cost) : cost_(std::move(cost)) {}

  Evidence evidence() const override { return Evidence::kPlanned; }
  std::vector<std::string> remarks() const override { return {}; }
  PlanAnswer plan(const PlannableQuery& query, const PhysicalDesign& design) override {
    asked.insert(query.sql);
    PlanNode plan{.type = "Seq Scan", .total_cost = cost_(query.sql, "")};
    if (plan.total_cost < 0) return Unplannable{"function f(integer) does not exist"};
    for (const HypotheticalIndex& index : design.created_indexes) {
      const double cost = cost_(query.sql, describe(index.definition));
      if (cost >= plan.total_cost) continue;
      plan = {.type = "Index Scan", .index = index.definition.name, .total_cost = cost};
    }
    return plan;
  }

  std::set<std::string> asked;

 private:
  Cost cost_;
};

struct Load {
  std::string sql;
  int calls = 10;
};

constexpr std::string_view kSchema = R"(
  CREATE TABLE contact (id bigint PRIMARY KEY, owner_id bigint, email text, "Name" text, created_at timestamptz,
                        score int, custom jsonb);
  CREATE TABLE note (id bigint PRIMARY KEY, contact_id bigint, body text);
)";

struct Advised {
  Workload workload;
  Advice advice;
  std::set<std::string> asked;
};

/// One execution a second, each of `us`.
Advised advised(const std::vector<Load>& loads, const Cost& cost, std::int64_t us = 1'000'000,
                std::optional<std::int64_t> budget = {}) {
  Diagnostics diagnostics;
  Catalog catalog = catalog_from_ddl(kSchema, "schema.sql", diagnostics);
  catalog.database = "crm";
  for (Table& table : catalog.tables) {
    table.rows = 100'000;
    table.pages = 5'000;
    for (Column& column : table.columns) {
      column.statistics = {{.null_fraction = 0, .average_width = 8, .distinct = -1}};
    }
  }
  WorkloadBuilder builder({});
  int second = 0;
  for (const Load& load : loads) {
    for (int i = 0; i < load.calls; ++i) {
      builder.add({.kind = RecordKind::kExecution,
                   .timed = true,
                   .time = {Timestamp(std::chrono::seconds(++second)), {}},
                   .duration = Microseconds{us + second},  // the last is the slowest
                   .database = "crm",
                   .sql = load.sql,
                   .shape = shape_hash(load.sql)});
    }
  }
  Advised result{.workload = builder.finish({})};
  const auto meanings = understand(result.workload, &catalog);
  OneIndexModel model(cost);
  result.advice =
      advise_indexes(result.workload, meanings, &catalog, &model, {.database = "crm", .budget_bytes = budget});
  result.asked = model.asked;
  return result;
}

Names recommended(const Advised& advised) {
  Names names;
  for (const Recommendation& item : advised.advice.recommendations) names.push_back(title_of(item));
  return names;
}

/// A planner to whom every index is equally good: which one is recommended is then the advisor's own opinion.
double any_index(const std::string&, const std::string& index) { return index.empty() ? 100 : 1; }

/// The planner likes this one, and no other.
Cost only(const std::string& liked) {
  return [liked](const std::string&, const std::string& index) { return index == liked ? 1.0 : 100.0; };
}

}  // namespace

TEST_CASE("mistake 1: column order by accident") {
  for (const char* where :
       {"created_at > '2026-01-01' AND owner_id = 7", "owner_id = 7 AND created_at > '2026-01-01'"}) {
    const Advised found =
        advised({{std::string("SELECT * FROM contact WHERE ") + where}}, only("contact (owner_id, created_at)"));
    REQUIRE(recommended(found) == Names{"contact (owner_id, created_at)"});
    CHECK_FALSE(found.advice.recommendations[0].reasons.empty());
    CHECK(recommended(advised({{std::string("SELECT * FROM contact WHERE ") + where}},
                              only("contact (created_at, owner_id)"))) == Names{});
  }
}

TEST_CASE("mistake 4: no INCLUDE, partial, expression, jsonb, DESC or operator class candidates") {
  const std::vector<std::pair<std::string, std::string>> wanted = {
      {"SELECT score FROM contact WHERE owner_id = 7", "contact (owner_id) INCLUDE (score)"},
      {"SELECT * FROM contact WHERE lower(email) = 'x'", "contact (lower(email))"},
      {"SELECT * FROM contact WHERE custom @> '{\"a\": 1}'", "contact USING gin (custom jsonb_path_ops)"},
      {"SELECT * FROM contact WHERE owner_id = 7 ORDER BY created_at DESC NULLS LAST LIMIT 5",
       "contact (owner_id, created_at DESC NULLS LAST)"},
      {"SELECT * FROM contact WHERE email LIKE 'abc%'", "contact (email text_pattern_ops)"}};
  for (const auto& [sql, index] : wanted) {
    INFO(sql);
    CHECK(recommended(advised({{sql}}, only(index))) == Names{index});
  }
}

TEST_CASE("mistake 5: sizes off by orders of magnitude, so that the budget means nothing") {
  // PostgreSQL 15 builds 100,000 different bigints in random order into 276 pages.
  const std::vector<Load> load = {{"SELECT * FROM contact WHERE owner_id = 7"}};
  const Advised found = advised(load, any_index);
  REQUIRE(found.advice.recommendations.size() == 1);
  const std::int64_t bytes = found.advice.recommendations[0].size_bytes;
  CHECK(bytes == Approx(276 * 8192).epsilon(0.02));
  CHECK(advised(load, any_index, 1'000'000, bytes).advice.selection->used_bytes == bytes);
  CHECK(recommended(advised(load, any_index, 1'000'000, bytes - 1)) == Names{});
}

TEST_CASE("mistake 7: texts cut up by patterns") {
  const std::string kept = "SELECT * FROM contact WHERE \"Name\" = 'Ann; B, C' AND email = '$1 and $10'";
  CHECK(advised({{kept}}, any_index).asked.contains(kept));
  // An unqualified column belongs to the one table that has it.
  for (const std::string& name : recommended(
           advised({{"SELECT body FROM contact c, note n WHERE n.contact_id = c.id AND score = 3"}}, any_index))) {
    CHECK(name.find("note (score") == std::string::npos);
  }
  // Names of common table expressions and of functions are no tables.
  CHECK(recommended(advised({{"WITH note AS (SELECT 1 AS contact_id) SELECT * FROM note WHERE contact_id = 1"}},
                            any_index)) == Names{});
  CHECK(recommended(advised({{"SELECT * FROM generate_series(1, 5) AS contact (owner_id) WHERE owner_id = 1"}},
                            any_index)) == Names{});
}

TEST_CASE("mistake 8: one sample of parameters a class, and so advice for a rare value") {
  const std::vector<Load> load = {{"SELECT * FROM contact WHERE owner_id = 1", 90},
                                  {"SELECT * FROM contact WHERE owner_id = 2", 10}};
  const auto good_for = [&](const std::string& value) {
    return advised(
        load,
        [value](const std::string& sql, const std::string& index) {
          return !index.empty() && sql.ends_with(value) ? 1.0 : 100.0;
        },
        5'000);
  };
  CHECK(recommended(good_for("= 2")) == Names{});
  CHECK(recommended(good_for("= 1")) == Names{"contact (owner_id)"});
  const Advised both =
      advised(load, [](const std::string& sql, const std::string&) { return sql.ends_with("= 2") ? 1.0 : 100.0; });
  CHECK(both.asked.size() == 2);
  REQUIRE(both.advice.sensitivities.size() == 1);
  CHECK(both.advice.sensitivities[0].is_sensitive());
}

TEST_CASE("mistake 10: no problems found, when nothing could be examined") {
  const Advised found = advised({{"SELECT * FROM contact WHERE f(owner_id) = 1"}},
                                [](const std::string&, const std::string&) { return -1.0; });
  CHECK(recommended(found) == Names{});
  CHECK(found.advice.costs.empty());
  REQUIRE(found.advice.unjudged.size() == 1);
  CHECK(found.advice.unjudged[0].reason == "function f(integer) does not exist");
}

TEST_CASE("mistake 11: a query that cannot be explained stops the run, or vanishes") {
  const Advised found =
      advised({{"SELECT f(1) FROM contact WHERE owner_id = 1"}, {"SELECT * FROM contact WHERE score = 2"}},
              [](const std::string& sql, const std::string& index) {
                return sql.starts_with("SELECT f") ? -1.0 : any_index(sql, index);
              });
  CHECK(recommended(found) == Names{"contact (score)"});
  REQUIRE(found.advice.unjudged.size() == 1);
  CHECK(found.workload.classes[found.advice.unjudged[0].position].normalized.starts_with("SELECT f"));
}

TEST_CASE("mistake 12: ANALYZE on production unasked, or a build that locks the table") {
  const Advised found =
      advised({{"SELECT * FROM contact WHERE owner_id = 7"}, {"SELECT * FROM contact WHERE lower(email) = 'x'"}},
              [](const std::string& sql, const std::string& index) {
                const bool serves = sql.find("email") == std::string::npos ? index == "contact (owner_id)"
                                                                           : index == "contact (lower(email))";
                return serves ? 1.0 : 100.0;
              });
  REQUIRE(found.advice.recommendations.size() == 2);
  for (const Recommendation& item : found.advice.recommendations) {
    CHECK(item.ddl.front().starts_with("CREATE INDEX CONCURRENTLY"));
    CHECK(item.rollback.front().starts_with("DROP INDEX CONCURRENTLY"));
  }
  for (const std::string& sql : found.asked) CHECK(sql.starts_with("SELECT"));
}

}  // namespace assay
