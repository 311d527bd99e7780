// Formulas with numbers worked by hand from PostgreSQL's own.
#include <catch2/catch.hpp>
#include <cmath>

#include "analyzer/estimated/access_path.h"
#include "analyzer/estimated/estimated_cost_model.h"
#include "analyzer/estimated/selectivity.h"
#include "analyzer/estimated/sort_cost.h"

namespace assay {
namespace {

/// A table t (a integer, b integer, s text) of 10,000 rows on 100 pages.
Catalog made_catalog() {
  Catalog catalog;
  catalog.has_statistics = true;
  catalog.search_path = {"public"};
  Table& table = catalog.tables.emplace_back();
  table.schema = "public";
  table.name = "t";
  table.rows = 10000;
  table.pages = 100;
  ColumnStatistics a{.null_fraction = 0, .average_width = 4, .distinct = -1};
  a.histogram_bounds = "{0,1000,2000,3000,4000,5000,6000,7000,8000,9000,10000}";
  a.correlation = 0;
  ColumnStatistics b{.null_fraction = 0.1, .average_width = 4, .distinct = 12};
  b.most_common_values = "{1,2}";
  b.most_common_frequencies = "{0.3,0.2}";
  ColumnStatistics s{.null_fraction = 0, .average_width = 20, .distinct = 500};
  table.columns = {{"a", "integer", true, {a}}, {"b", "integer", false, {b}}, {"s", "text", true, {s}}};
  return catalog;
}

double rows(const Catalog& catalog, const std::string& condition, ParameterValues parameters = {}) {
  EstimatedCostModel model(catalog);
  const PlanAnswer answer = model.plan({"SELECT * FROM t WHERE " + condition, std::move(parameters)}, {});
  const auto* plan = std::get_if<PlanNode>(&answer);
  return plan == nullptr ? -1 : plan->rows;
}

std::string reason(const Catalog& catalog, const std::string& sql) {
  EstimatedCostModel model(catalog);
  const PlanAnswer answer = model.plan({sql, {}}, {});
  const auto* problem = std::get_if<Unplannable>(&answer);
  return problem == nullptr ? "planned" : problem->reason;
}

HypotheticalIndex index_on(std::vector<std::string> columns) {
  HypotheticalIndex index{.pages = 30, .height = 1, .rows = 10000};
  index.definition.table = "t";
  index.definition.name = "t_idx";
  for (std::string& column : columns) index.definition.keys.emplace_back().column = std::move(column);
  return index;
}

}  // namespace

TEST_CASE("rows are estimated as PostgreSQL's estimators have it", "[estimated]") {
  const Catalog catalog = made_catalog();
  CHECK(rows(catalog, "b = 1") == 3000);   // its frequency
  CHECK(rows(catalog, "b = 7") == 400);    // (1 - 0.5 - 0.1) / 10 of the others
  CHECK(rows(catalog, "b <> 1") == 6000);  // 1 - 0.3 - 0.1
  CHECK(rows(catalog, "b IS NULL") == 1000);
  CHECK(rows(catalog, "b IS NOT NULL") == 9000);
  CHECK(rows(catalog, "b IN (1, 2)") == 5000);  // disjoint
  CHECK(rows(catalog, "b = ANY ('{1,2}')") == 5000);
  CHECK(rows(catalog, "b = $1") == 750);  // (1 - 0.1) / 12
  CHECK(rows(catalog, "b = $1", {{"1"}}) == 3000);
  CHECK(rows(catalog, "b = $1", {std::nullopt}) == 1);      // = NULL
  CHECK(rows(catalog, "a < 2500") == 2499);                 // two bins and a half of ten, less the one value
  CHECK(rows(catalog, "a BETWEEN 2000 AND 3000") == 1001);  // 0.3 + (1 - 0.2 + 0.0001) - 1
  CHECK(rows(catalog, "a > 100000") == 10);                 // a hundredth of a bin at the least
  CHECK(rows(catalog, "a < $1") == 3333);                   // DEFAULT_INEQ_SEL
  CHECK(rows(catalog, "a > $1 AND a < $2") == 50);          // DEFAULT_RANGE_INEQ_SEL
  CHECK(rows(catalog, "b = 1 AND a < 2500") == 750);        // independent
  CHECK(rows(catalog, "b = 1 OR a < 2500") == 4749);        // 0.3 + 0.2499 - 0.3 × 0.2499
  CHECK(rows(catalog, "NOT (b = 1 OR a < 2500)") == 5251);
  CHECK(rows(catalog, "s = 'x'") == 20);         // 1 / 500
  CHECK(rows(catalog, "lower(s) = 'x'") == 50);  // DEFAULT_NUM_DISTINCT
  CHECK(rows(catalog, "a = b") == 50);           // DEFAULT_EQ_SEL
}

TEST_CASE("a sequential scan costs its pages, tuples and operators", "[estimated]") {
  const Catalog catalog = made_catalog();
  EstimatedCostModel model(catalog);
  CHECK(*model.cost({"SELECT * FROM t", {}}, {}) == Approx(100 + 10000 * 0.01));
  CHECK(*model.cost({"SELECT * FROM t WHERE a = 5 AND b = 7", {}}, {}) == Approx(100 + 10000 * (0.01 + 2 * 0.0025)));
  CHECK(*model.cost({"SELECT a + b FROM t", {}}, {}) == Approx(100 + 10000 * (0.01 + 0.0025)));
  CHECK(*model.cost({"SELECT count(*) FROM t", {}}, {}) == Approx(100 + 10000 * (0.01 + 0.0025) + 0.01));
}

TEST_CASE("a unique look-up costs its descent, one index page and one heap page", "[estimated]") {
  const Catalog catalog = made_catalog();
  EstimatedCostModel model(catalog);
  HypotheticalIndex index = index_on({"a"});
  index.definition.unique = true;
  const double descent = std::ceil(std::log2(10000)) * 0.0025 + 2 * 50 * 0.0025;
  const double expected = descent + 4 + (0.005 + 0.0025) + 4 + 0.01;
  const PlanAnswer answer = model.plan({"SELECT * FROM t WHERE a = 5", {}}, {{index}, {}});
  const auto& plan = std::get<PlanNode>(answer);
  CHECK(plan.index == "t_idx");
  CHECK(plan.startup_cost == Approx(descent));
  CHECK(plan.total_cost == Approx(expected));
}

TEST_CASE("pages fetched follow Mackert and Lohman", "[estimated]") {
  PlannerSettings settings;
  const std::vector<BaseRelation> none;
  const Selectivity selectivity(none);
  ScanContext context{settings, selectivity, 1000, {}, false};
  CHECK(index_pages_fetched(100, 1000, 10, context) == std::ceil(2 * 1000.0 * 100 / (2 * 1000 + 100)));
  CHECK(index_pages_fetched(1e9, 1000, 10, context) == 1000);  // never more than there are, while the cache holds them
  settings.effective_cache_size = 101;                         // a tenth of 1,010 pages: the cache holds 100 of ours
  const double limit = 2 * 1000.0 * 100 / (2 * 1000 - 100);
  CHECK(index_pages_fetched(5000, 1000, 10, context) == std::ceil(100 + (5000 - limit) * 900 / 1000));
}

TEST_CASE("sorting costs its comparisons, and its pages where memory ends", "[estimated]") {
  const PlannerSettings settings;
  CHECK(sort_cost(1024, 8, -1, settings).startup == Approx(0.005 * 1024 * 10));
  CHECK(sort_cost(1024, 8, -1, settings).run == Approx(0.0025 * 1024));
  CHECK(sort_cost(1024, 8, 16, settings).startup == Approx(0.005 * 1024 * 5));  // a heap of the best 16
  const double rows = 1 << 20;  // of 32 bytes: 4,096 pages, 8 runs, merged at once
  CHECK(sort_cost(rows, 8, -1, settings).startup == Approx(0.005 * rows * 20 + 2 * 4096 * (0.75 + 4 * 0.25)));
}

TEST_CASE("LIKE 'x%' is a range up to the next text", "[estimated]") {
  CHECK(pattern_prefix("ab%c", false).text == "ab");
  CHECK_FALSE(pattern_prefix("ab%c", false).exact);
  CHECK(pattern_prefix("a\\%b", false).text == "a%b");
  CHECK(pattern_prefix("a\\%b", false).exact);
  CHECK(pattern_prefix("12a%", true).text == "12");
  CHECK(greater_text("ab") == "ac");
  CHECK(greater_text("a\x7F") == "b");
  CHECK(greater_text("").empty());
}

TEST_CASE("what the model does not understand it says", "[estimated]") {
  Catalog catalog = made_catalog();
  catalog.ddl = {"CREATE FUNCTION public.secret(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'"};
  const std::string cannot = "the built-in model cannot judge it: ";
  CHECK(reason(catalog, "SELECT * FROM u") == cannot + "the catalog has no table u");
  CHECK(reason(catalog, "SELECT c FROM t") == cannot + "nothing is known of the column c");
  CHECK(reason(catalog, "SELECT secret(a) FROM t") == cannot + "it calls a function of its own, secret");
  CHECK(reason(catalog, "SELECT rank() OVER (ORDER BY a) FROM t") == cannot + "it computes over a window");
  CHECK(reason(catalog, "SELECT a FROM t GROUP BY ROLLUP (a)") == cannot + "it has grouping sets");
  CHECK(reason(catalog, "SELECT * FROM t WHERE s ~ 'x+'") == cannot + "it selects by a regular expression");
  CHECK(reason(catalog, "WITH RECURSIVE r AS (SELECT 1 UNION SELECT 2 FROM r) SELECT * FROM r") ==
        cannot + "it is recursive");
  CHECK(reason(catalog, "SELECT * FROM t x FULL JOIN t y ON x.a = y.a") == cannot + "it has a full outer join");
  CHECK(reason(catalog, "TRUNCATE t") == "a statement that is no SELECT, INSERT, UPDATE or DELETE");
  CHECK(reason(catalog, "SELECT FROM WHERE") != "planned");
  CHECK(reason(catalog, "SELECT a FROM t WHERE b = 1 ORDER BY a LIMIT 5") == "planned");
}

TEST_CASE("a hostile text cannot make a tree much larger than itself", "[estimated]") {
  std::string between = "a", choice = "a";
  for (int i = 0; i < 60; ++i) {
    between = "(" + between + " BETWEEN 1 AND 2)";
    choice = "CASE " + choice + " WHEN 1 THEN 1 WHEN 2 THEN 2 END";
  }
  const std::string cannot = "the built-in model cannot judge it: it holds a large expression in BETWEEN or CASE";
  CHECK(reason(made_catalog(), "SELECT * FROM t WHERE " + between) == cannot);
  CHECK(reason(made_catalog(), "SELECT " + choice + " FROM t") == cannot);
}

TEST_CASE("indexes of a design are seen, dropped ones are not", "[estimated]") {
  Catalog catalog = made_catalog();
  Index existing;
  existing.definition = index_on({"s"}).definition;
  existing.definition.name = "t_s";
  existing.rows = 10000;
  existing.pages = 60;
  existing.height = 1;
  catalog.indexes.push_back(existing);
  EstimatedCostModel model(catalog);
  const PlannableQuery query{"SELECT * FROM t WHERE s = 'x' AND a = 5", {}};
  const auto used = [&](const PhysicalDesign& design) {
    return used_indexes(std::get<PlanNode>(model.plan(query, design)));
  };
  CHECK(used({}) == std::vector<std::string>{"t_s"});
  CHECK(used({{}, {{"public", "t_s"}}}).empty());
  CHECK(used({{index_on({"a", "s"})}, {}}) == std::vector<std::string>{"t_idx"});
  HypotheticalIndex covering = index_on({"b"});
  covering.definition.include = {"a"};
  const auto answer = model.plan({"SELECT a FROM t WHERE b = 7", {}}, {{covering}, {}});
  CHECK(to_string(std::get<PlanNode>(answer)).find("Index Only Scan") == std::string::npos);  // nothing is all-visible
  catalog.tables[0].all_visible_pages = 100;
  EstimatedCostModel vacuumed(catalog);
  const auto visible = vacuumed.plan({"SELECT a FROM t WHERE b = 7", {}}, {{covering}, {}});
  CHECK(to_string(std::get<PlanNode>(visible)).find("Index Only Scan") != std::string::npos);
}

TEST_CASE("a partial index serves only what its predicate covers", "[estimated]") {
  const Catalog catalog = made_catalog();
  EstimatedCostModel model(catalog);
  HypotheticalIndex partial = index_on({"a"});
  partial.definition.predicate = "b = 7";
  partial.rows = 400;
  partial.pages = 4;
  const auto uses = [&](const std::string& condition) {
    const auto answer = model.plan({"SELECT * FROM t WHERE " + condition, {}}, {{partial}, {}});
    return !used_indexes(std::get<PlanNode>(answer)).empty();
  };
  CHECK(uses("a = 5 AND b = 7"));
  CHECK_FALSE(uses("a = 5 AND b = 8"));
  CHECK_FALSE(uses("a = 5"));
}

TEST_CASE("more columns at hand never make a query dearer", "[estimated]") {
  const Catalog catalog = made_catalog();
  EstimatedCostModel model(catalog);
  for (const std::string sql : {"SELECT * FROM t WHERE a = 5", "SELECT a FROM t WHERE b = 7 ORDER BY a LIMIT 3",
                                "SELECT x.a FROM t x JOIN t y ON x.a = y.b WHERE y.s = 'x'",
                                "SELECT b, count(*) FROM t GROUP BY b", "SELECT max(a) FROM t"}) {
    INFO(sql);
    const double today = *model.cost({sql, {}}, {});
    for (const std::vector<std::string>& columns :
         std::vector<std::vector<std::string>>{{"a"}, {"b"}, {"s"}, {"b", "a"}, {"s", "b", "a"}}) {
      CHECK(*model.cost({sql, {}}, {{index_on(columns)}, {}}) <= today * 1.0100001);
    }
  }
}

}  // namespace assay
