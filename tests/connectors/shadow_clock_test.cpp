#include "connectors/shadow_clock.h"

#include <catch2/catch.hpp>

#include "connectors/postgres.h"
#include "connectors/shadow_planner.h"
#include "tests/connectors/real_server.h"

namespace assay {
namespace {

PlanNode plan_at(ShadowPlanner& shadow, const std::string& sql, std::optional<ZonedTime> time) {
  const PlanAnswer answer = shadow.plan({.sql = sql, .ran_at = time}, {});
  if (const auto* failure = std::get_if<Unplannable>(&answer)) FAIL(failure->reason);
  return std::get<PlanNode>(answer);
}

ZonedTime moment(const char* text) { return *parse_iso8601(text, UtcOffset{0}); }

}  // namespace

TEST_CASE("what asks for the time") {
  CHECK(asks_for_time("SELECT Now ()"));
  CHECK(asks_for_time("SELECT * FROM t WHERE d = CURRENT_DATE"));
  CHECK_FALSE(asks_for_time("SELECT now, \"current_date\", 'now()', t.now() FROM t -- now()"));
  CHECK_FALSE(asks_for_time("SELECT current_timestamp(3), clock_timestamp()"));
  CHECK(with_clock_calls("SELECT CURRENT_DATE, now(), current_timestamp - x, 'current_date'") ==
        "SELECT assay_clock.today(), now(), now() - x, 'current_date'");
}

TEST_CASE("now() means the time at which the statement ran, at the price of PostgreSQL's own") {
  RealServer real;
  real.run({"CREATE TABLE t (at timestamptz, d date)",
            "INSERT INTO t SELECT x, x::date FROM (SELECT timestamptz '2026-01-01 00:00Z' + i * interval '1 hour' AS x "
            "FROM generate_series(1, 8000) i) s",
            "ANALYZE t", "SET TimeZone = 'UTC'"});
  ShadowPlanner shadow(read_catalog(real.session()));
  const ZonedTime early = moment("2026-02-01T00:00:00Z"), late = moment("2026-11-01T00:00:00Z");
  for (const char* clock : {"now()", "CURRENT_TIMESTAMP", "transaction_timestamp()", "LOCALTIMESTAMP"}) {
    const std::string sql = std::string("SELECT * FROM t WHERE at < ") + clock + " - interval '1 day'";
    CHECK(plan_at(shadow, sql, early).rows < 1000);
    CHECK(plan_at(shadow, sql, late).rows > 6000);
    CHECK(plan_at(shadow, sql, late).rows == plan_at(shadow, sql, late).rows);
  }
  CHECK(plan_at(shadow, "SELECT * FROM t WHERE d < CURRENT_DATE", early).rows < 1000);

  const std::string sql = "SELECT * FROM t WHERE at < now() - interval '1 day'";
  const PlanNode live = parse_plan(*real.session().query("EXPLAIN (FORMAT JSON) " + sql).at(0).at(0));
  const PlanNode shadowed = plan_at(shadow, sql, std::nullopt);
  CHECK(shadowed.total_cost == live.total_cost);
  CHECK(to_string(shadowed) == to_string(live));
}

}  // namespace assay
