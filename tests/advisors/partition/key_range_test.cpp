// Bounds of a key, read from the conditions of plans as PostgreSQL prints them.
#include "advisors/partition/key_range.h"

#include <catch2/catch.hpp>

#include "advisors/partition/partition_bounds.h"
#include "advisors/partition/time_interval.h"

namespace assay {
namespace {

constexpr double kNow = 1704067200;  // 2024-01-01
constexpr double kDay = 86400;

/// "from…to" in days before now; "none" without bounds.
std::string days(const std::string& condition) {
  const PlanNode plan{.type = "Seq Scan", .relation = "events", .details = {{"Filter", condition}}};
  const auto range = asked_range(plan, "events", "at", {Timestamp(std::chrono::seconds(1704067200)), {}});
  if (!range) return "none";
  const auto text = [](const std::optional<double>& end) {
    return end ? std::to_string(static_cast<int>((kNow - *end) / kDay)) : std::string();
  };
  return text(range->from) + "…" + text(range->to);
}

std::string partition(const char* sql, double moment, const char* type) {
  for (const TimeInterval& interval : time_intervals()) {
    if (std::string(interval.sql) != sql) continue;
    const std::int64_t start = start_of(interval, moment);
    return conventional_partition_name("", bound_text(start, type), interval.sql).value() + " " +
           bound_text(start, type) + " " + bound_text(next_start(interval, start), type);
  }
  return "no such interval";
}

}  // namespace

TEST_CASE("the range that a plan asks for is read from its conditions", "[partition]") {
  CHECK(days("((at >= '2023-12-02 00:00:00'::timestamp without time zone) AND (at < '2023-12-12 00:00:00'::timestamp "
             "without time zone))") == "30…20");
  CHECK(days("(at >= (now() - '7 days'::interval))") == "7…");
  CHECK(days("((at > (assay_clock.now() - '1 mon'::interval)) AND (tenant = 7))") == "30…");
  CHECK(days("(at < '2023-12-31'::date)") == "…1");
  CHECK(days("(at = '2023-12-31 00:00:00+00'::timestamp with time zone)") == "1…1");
  CHECK(days("((at < '2023-12-31'::date) OR (id = 7))") == "none");
  CHECK(days("(other >= '2023-12-31'::date)") == "none");
  CHECK(days("((at)::date = '2023-12-31'::date)") == "none");
  CHECK(days("(at >= created)") == "none");
  CHECK(days("(at >= 'infinity'::timestamp without time zone)") == "none");
}

TEST_CASE("intervals are read as PostgreSQL prints them", "[partition]") {
  CHECK(interval_seconds("1 day 02:00:00") == 26 * 3600);
  CHECK(interval_seconds("-00:30:00") == -1800);
  CHECK(interval_seconds("1 year 2 mons") == 365.25 * kDay + 60 * kDay);
  CHECK_FALSE(interval_seconds("soon"));
  CHECK_FALSE(interval_seconds(""));
}

TEST_CASE("intervals have bounds and names as pg_partman gives them", "[partition]") {
  const double at = 1709305445;  // Friday, 2024-03-01 15:04:05
  CHECK(partition("1 day", at, "date") == "_p2024_03_01 2024-03-01 2024-03-02");
  CHECK(partition("1 week", at, "date") == "_p2024w09 2024-02-26 2024-03-04");
  CHECK(partition("1 month", at, "timestamp without time zone") == "_p2024_03 2024-03-01 00:00:00 2024-04-01 00:00:00");
  CHECK(partition("3 months", at, "timestamp with time zone") ==
        "_p2024q1 2024-01-01 00:00:00+00 2024-04-01 00:00:00+00");
  CHECK(partition("1 year", at, "date") == "_p2024 2024-01-01 2025-01-01");
  CHECK(partition("1 week", 1735516800, "date") == "_p2025w01 2024-12-30 2025-01-06");
  CHECK(partition("1 month", -1, "date") == "_p1969_12 1969-12-01 1970-01-01");
}

}  // namespace assay
