#include "parser/base/time.h"

#include <catch2/catch.hpp>

using namespace assay;

namespace {

int minutes(std::string_view zone) {
  const auto offset = parse_utc_offset(zone);
  return offset ? static_cast<int>(offset->count()) : -9999;
}
constexpr int kUnknown = -9999;

std::string reread(std::string_view text, int fallback_minutes = 0) {
  const auto time = parse_iso8601(text, UtcOffset(fallback_minutes));
  return time ? to_iso8601(*time) : "no time";
}

}  // namespace

TEST_CASE("zone abbreviations are those that PostgreSQL prints") {
  CHECK(minutes("UTC") == 0);
  CHECK(minutes("GMT") == 0);
  CHECK(minutes("CET") == 60);
  CHECK(minutes("CEST") == 120);
  CHECK(minutes("EET") == 120);
  CHECK(minutes("EEST") == 180);
  CHECK(minutes("WET") == 0);
  CHECK(minutes("WEST") == 60);
  CHECK(minutes("BST") == 60);
  CHECK(minutes("MSK") == 180);
  CHECK(minutes("EST") == -300);
  CHECK(minutes("EDT") == -240);
  CHECK(minutes("CST") == -360);
  CHECK(minutes("CDT") == -300);
  CHECK(minutes("MST") == -420);
  CHECK(minutes("MDT") == -360);
  CHECK(minutes("PST") == -480);
  CHECK(minutes("PDT") == -420);
  CHECK(minutes("JST") == 540);
  CHECK(minutes("KST") == 540);
  CHECK(minutes("HKT") == 480);
  CHECK(minutes("AEST") == 600);
  CHECK(minutes("AEDT") == 660);
  CHECK(minutes("NZST") == 720);
  CHECK(minutes("NZDT") == 780);
  CHECK(minutes("Z") == 0);
}

TEST_CASE("zones as numbers") {
  CHECK(minutes("+03") == 180);
  CHECK(minutes("-0330") == -210);
  CHECK(minutes("+05:45") == 345);
  CHECK(minutes("-00:30") == -30);
  CHECK(minutes("+00:19:32") == 19);
}

TEST_CASE("zones that are not known, or not unique, are not guessed") {
  for (const auto* zone : {"IST", "XYZ", "", "utc", "+", "+3", "+16", "+03:60", "+03x", "+03:", "3"}) {
    INFO(zone);
    CHECK(minutes(zone) == kUnknown);
  }
}

TEST_CASE("a time is shown in its own zone, and its fraction only where there is one") {
  CHECK(reread("2026-11-22T10:00:00.123456+01:00") == "2026-11-22T10:00:00.123456+01:00");
  CHECK(reread("2026-11-22 10:00:00.5-0330") == "2026-11-22T10:00:00.500000-03:30");
  CHECK(reread("2026-11-22T10:00:00Z") == "2026-11-22T10:00:00+00:00");
  CHECK(reread("2026-11-22 10:00:00 CET") == "2026-11-22T10:00:00+01:00");
  CHECK(reread("1969-12-31T23:59:59.999999Z") == "1969-12-31T23:59:59.999999+00:00");
}

TEST_CASE("a time without an offset is in the fallback zone") {
  CHECK(reread("2026-11-22", 60) == "2026-11-22T00:00:00+01:00");
  CHECK(reread("2026-11-22T10:00", 60) == "2026-11-22T10:00:00+01:00");
  CHECK(reread("2026-11-22 10:00:07", -210) == "2026-11-22T10:00:07-03:30");
}

TEST_CASE("an instant does not depend on the zone that it was written in") {
  const auto berlin = parse_iso8601("2026-11-22 11:00:00+01", UtcOffset{0});
  const auto utc = parse_iso8601("2026-11-22T10:00:00Z", UtcOffset{0});
  REQUIRE(berlin);
  REQUIRE(utc);
  CHECK(berlin->utc == utc->utc);
  CHECK(utc->utc.time_since_epoch() == std::chrono::seconds(1795341600));
}

TEST_CASE("what is no time is none") {
  for (const auto* text :
       {"", "yesterday", "2026-13-01", "2026-02-30", "2026-11-22T", "2026-11-22T25:00", "2026-11-22T10:61",
        "2026-11-22T10:00:00.", "2026-11-22T10:00:00 XYZ", "2026-11-22 10:00:00+1", "26-11-22"}) {
    INFO(text);
    CHECK(reread(text) == "no time");
  }
}
