#include "advisors/index_steps.h"

#include <catch2/catch.hpp>

#include "analyzer/catalog_from_ddl.h"

namespace assay {

TEST_CASE("on a partitioned table the index is made partition by partition, and attached") {
  Diagnostics diagnostics;
  const Catalog catalog = catalog_from_ddl(
      "CREATE TABLE e (at date, k int) PARTITION BY RANGE (at);"
      "CREATE TABLE e_1 PARTITION OF e FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');",
      "x", diagnostics);
  const IndexDefinition index{.table = "e", .name = "e_k_idx", .keys = {{.column = "k"}}};
  const IndexSteps steps = create_steps(index, &catalog);
  CHECK(steps.partitioned);
  CHECK(steps.ddl == std::vector<std::string>{"CREATE INDEX e_k_idx ON ONLY public.e USING btree (k);",
                                              "CREATE INDEX CONCURRENTLY e_1_k_idx ON public.e_1 USING btree (k);",
                                              "ALTER INDEX public.e_k_idx ATTACH PARTITION public.e_1_k_idx;"});
  CHECK(steps.rollback == std::vector<std::string>{"DROP INDEX IF EXISTS public.e_k_idx;"});
}

TEST_CASE("the effort of a build is two passes over the table, a sort, and the index") {
  const BuildEffort effort = build_effort({.pages = 1000, .rows = 1e6}, Table{.rows = 1e6, .pages = 10'000});
  CHECK(effort.pages_read == 20'000);
  CHECK(effort.seconds == Approx((20'000 + 1000) * 8192 / 200e6 + 1));
}

}  // namespace assay
