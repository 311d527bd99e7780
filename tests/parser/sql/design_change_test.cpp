#include "parser/sql/design_change.h"

#include <array>
#include <catch2/catch.hpp>

namespace assay {
namespace {

std::string told(std::string_view sql) {
  const auto change = design_change(sql);
  if (!change) return "none";
  constexpr std::array<const char*, 4> kKinds{"create ", "drop ", "statistics ", "analyze "};
  return kKinds.at(static_cast<std::size_t>(change->kind)) + change->schema + "." + change->name;
}

}  // namespace

TEST_CASE("DDL of a report is recognised by its kind") {
  CHECK(told("CREATE INDEX CONCURRENTLY t_a_idx ON public.t USING btree (a) INCLUDE (b) WHERE c > 1;") ==
        "create public.t_a_idx");
  CHECK(told("CREATE UNIQUE INDEX \"T x\" ON t (lower(a))") == "create .T x");
  CHECK(told("DROP INDEX CONCURRENTLY IF EXISTS public.t_a_idx;") == "drop public.t_a_idx");
  CHECK(told("CREATE STATISTICS public.t_a_b_stat (ndistinct, dependencies, mcv) ON a, \"B\" FROM public.t;") ==
        "statistics public.t_a_b_stat");
  CHECK(told("CREATE STATISTICS IF NOT EXISTS s ON a, b FROM t") == "statistics .s");
  CHECK(told("ANALYZE public.\"T\";") == "analyze public.T");
}

TEST_CASE("any other DDL is none") {
  for (const char* sql : {"",
                          "CREATE INDEX ON t (a)",
                          "DROP INDEX a, b",
                          "DROP INDEX a CASCADE",
                          "DROP TABLE t",
                          "DROP DATABASE crm",
                          "CREATE INDEX i ON t (a); DROP TABLE t",
                          "CREATE TABLE x AS SELECT 1",
                          "ALTER SYSTEM SET fsync = off",
                          "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                          "COPY t FROM PROGRAM 'true'",
                          "SELECT 1",
                          "DO 'BEGIN END'",
                          "CREATE INDEX",
                          "CREATE STATISTICS s ON (f(a)), b FROM t",
                          "CREATE STATISTICS s ON a, (b + 1) FROM t",
                          "CREATE STATISTICS ON a, b FROM t",
                          "CREATE STATISTICS x.y.s ON a, b FROM t",
                          "CREATE STATISTICS s ON a, b FROM t JOIN u ON true",
                          "CREATE STATISTICS s ON a, b FROM (SELECT 1) t",
                          "CREATE STATISTICS s ON a, b FROM t, u",
                          "CREATE STATISTICS s ON a, b FROM t; DROP TABLE t",
                          "ANALYZE",
                          "ANALYZE a, b",
                          "ANALYZE (VERBOSE) t",
                          "VACUUM t",
                          "VACUUM (FULL) t",
                          "DROP STATISTICS s",
                          "ALTER STATISTICS s SET STATISTICS 1"}) {
    INFO(sql);
    CHECK(told(sql) == "none");
  }
}

}  // namespace assay
