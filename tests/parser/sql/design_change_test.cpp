#include "parser/sql/design_change.h"

#include <catch2/catch.hpp>

namespace assay {
namespace {

std::string told(std::string_view sql) {
  const auto change = design_change(sql);
  if (!change) return "none";
  return (change->kind == DesignChangeKind::kCreateIndex ? "create " : "drop ") + change->schema + "." + change->index;
}

}  // namespace

TEST_CASE("DDL of a report is recognised by its kind") {
  CHECK(told("CREATE INDEX CONCURRENTLY t_a_idx ON public.t USING btree (a) INCLUDE (b) WHERE c > 1;") ==
        "create public.t_a_idx");
  CHECK(told("CREATE UNIQUE INDEX \"T x\" ON t (lower(a))") == "create .T x");
  CHECK(told("DROP INDEX CONCURRENTLY IF EXISTS public.t_a_idx;") == "drop public.t_a_idx");
}

TEST_CASE("any other DDL is none") {
  for (const char* sql : {"", "CREATE INDEX ON t (a)", "DROP INDEX a, b", "DROP INDEX a CASCADE", "DROP TABLE t",
                          "DROP DATABASE crm", "CREATE INDEX i ON t (a); DROP TABLE t", "CREATE TABLE x AS SELECT 1",
                          "ALTER SYSTEM SET fsync = off", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                          "COPY t FROM PROGRAM 'true'", "SELECT 1", "DO 'BEGIN END'", "CREATE INDEX"}) {
    INFO(sql);
    CHECK(told(sql) == "none");
  }
}

}  // namespace assay
