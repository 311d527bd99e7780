#include "advisors/correlated_columns.h"

#include <catch2/catch.hpp>

#include "analyzer/catalog_from_ddl.h"
#include "analyzer/workload_builder.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

constexpr const char* kSql = "SELECT * FROM deal WHERE city = 'Paris' AND country = 'FR' AND stage = 'won'";

std::string plan_of(int expected, int actual, const std::string& filter) {
  return "Sort  (cost=9.1..9.2 rows=5 width=4) (actual time=1.0..1.1 rows=9000 loops=1)\n  ->  Seq Scan on deal  "
         "(cost=0.00..8.00 rows=" +
         std::to_string(expected) + " width=4) (actual time=0.1..0.9 rows=" + std::to_string(actual) +
         " loops=1)\n        Filter: (" + filter + ")\n        Rows Removed by Filter: 7\n";
}

std::vector<CreateStatistics> advice_of(const std::string& plan, const std::string& more_ddl = {}) {
  Diagnostics diagnostics;
  Catalog catalog =
      catalog_from_ddl("CREATE TABLE deal (id int, city text, country text, stage text);" + more_ddl, "x", diagnostics);
  WorkloadBuilder builder({});
  builder.add({.kind = RecordKind::kExecution,
               .timed = true,
               .time = {Timestamp(std::chrono::seconds(1)), {}},
               .duration = Microseconds{500},
               .database = "crm",
               .sql = kSql,
               .shape = shape_hash(kSql)});
  Workload workload = builder.finish({});
  workload.classes.at(0).plan = LoggedPlan{.text = plan};
  return advise_statistics(workload, understand(workload, &catalog), catalog, "crm");
}

}  // namespace

TEST_CASE("extended statistics: for columns that matched far more rows than was expected") {
  const auto advice = advice_of(plan_of(12, 4200, "(city = 'Paris'::text) AND (country = 'FR'::text)"));
  REQUIRE(advice.size() == 1);
  CHECK(advice[0].columns == std::vector<std::string>{"city", "country"});  // stage is none of that scan's
  CHECK(advice[0].ddl == std::vector<std::string>{
                             "CREATE STATISTICS public.deal_city_country_stat (ndistinct, dependencies, mcv) ON city, "
                             "country FROM public.deal;",
                             "ANALYZE public.deal;"});
  CHECK(advice[0].rollback == std::vector<std::string>{"DROP STATISTICS IF EXISTS public.deal_city_country_stat;"});
  CHECK(advice[0].reason.find("expected 12 rows of deal") != std::string::npos);
  CHECK(advice_of(plan_of(4200, 12, "(city = 'x') AND (stage = 'y')")).size() == 1);
}

TEST_CASE("extended statistics: not for good estimates, few rows, one column, or what exists") {
  CHECK(advice_of(plan_of(1000, 4200, "(city = 'Paris') AND (country = 'FR')")).empty());
  CHECK(advice_of(plan_of(1, 50, "(city = 'Paris') AND (country = 'FR')")).empty());
  CHECK(advice_of(plan_of(12, 4200, "(city = 'Paris')")).empty());
  CHECK(advice_of("Seq Scan on deal  (cost=0.00..8.00 rows=1 width=4)\n  Filter: ((city = 'x') AND (country = 'y'))\n")
            .empty());
  CHECK(scan_rows("Seq Scan on deal (cost=rows=").empty());
  CHECK(advice_of(plan_of(12, 4200, "(city = 'Paris') AND (country = 'FR')"),
                  "CREATE STATISTICS place ON country, city FROM deal;")
            .empty());
}

TEST_CASE("extended statistics: the rows of scans, each with its conditions") {
  const auto scans = scan_rows(
      "Nested Loop  (cost=1..2 rows=9 width=4) (actual time=0.1..0.2 rows=8 loops=1)\n"
      "  ->  Index Scan using a_idx on a x  (cost=0.3..8 rows=2 width=4) (actual time=0.01..0.02 rows=0.50 loops=2)\n"
      "        Index Cond: (k = 1)\n        Filter: (m = 2)\n"
      "  ->  Seq Scan on b  (cost=0.3..8 rows=3 width=4) (actual time=0.01..0.02 rows=7 loops=1)\n");
  REQUIRE(scans.size() == 2);
  CHECK(scans[0].relation == "a");
  CHECK(scans[0].actual == 0.5);
  CHECK(scans[0].conditions == "        Index Cond: (k = 1)\n        Filter: (m = 2)\n");
  CHECK(scans[1].relation == "b");
  CHECK(scans[1].conditions.empty());
}

}  // namespace assay
