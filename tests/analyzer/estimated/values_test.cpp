#include "analyzer/estimated/values.h"

#include <catch2/catch.hpp>

namespace assay {
namespace {

double moment(const char* text, const char* type) { return parse_value(text, value_type(type))->number; }

double position(const char* low, const char* high, const char* value) {
  return position_between({0, low}, {0, high}, {0, value}, ValueKind::kText);
}

}  // namespace

TEST_CASE("types are told from what format_type prints", "[estimated]") {
  CHECK(value_type("integer").kind == ValueKind::kInteger);
  CHECK(value_type("integer").length == 4);
  CHECK(value_type("character varying(40)").kind == ValueKind::kText);
  CHECK(value_type("character varying(40)").modifier == 40);
  CHECK(value_type("timestamp(3) with time zone").kind == ValueKind::kTimestampTz);
  CHECK(value_type("character(2)").padded);
  CHECK(value_type("shop.status").kind == ValueKind::kOther);
}

TEST_CASE("values are read as the type's input function reads them", "[estimated]") {
  CHECK(moment("2000-01-02", "date") == 86400e6);
  CHECK(moment("2000-01-01 00:00:01.5", "timestamp without time zone") == 1.5e6);
  CHECK(moment("2000-01-01 02:00:00+02", "timestamp with time zone") == 0);
  CHECK(moment("1999-12-31 23:30:00-00:30", "timestamp with time zone") == 0);
  CHECK(moment("1 day 02:00:00", "interval") == 93600e6);
  CHECK(moment("-3 hours", "interval") == -10800e6);
  CHECK(moment("t", "boolean") == 1);
  CHECK(moment(" 12.50 ", "numeric(10,2)") == 12.5);
  CHECK(parse_value("ab  ", value_type("character(4)"))->text == "ab");
  CHECK_FALSE(parse_value("twelve", value_type("integer")));
  CHECK_FALSE(parse_value("2000-13-01", value_type("date")));
  CHECK_FALSE(parse_value("", value_type("timestamp without time zone")));
}

TEST_CASE("months are added by the calendar", "[estimated]") {
  const auto type = value_type("interval");
  const double january = moment("2024-01-31", "date");
  CHECK(plus_interval(january, *parse_value("1 mon", type), 1) == moment("2024-02-29", "date"));
  CHECK(plus_interval(january, *parse_value("1 year 1 day", type), -1) == moment("2023-01-30", "date"));
  CHECK(floor_of_moment(moment("2024-08-14", "date"), "quarter") == moment("2024-07-01", "date"));
  CHECK(floor_of_moment(moment("2024-08-14", "date"), "week") == moment("2024-08-12", "date"));
}

TEST_CASE("a text lies between its neighbours as convert_to_scalar has it", "[estimated]") {
  CHECK(position("a", "b", "a") == 0);
  CHECK(position("a", "b", "b") == 1);
  // behind the common prefix, bytes 'a' to 'z' are digits to the base of 26: b is 1/26, n is 13/26
  CHECK(position("xa", "xz", "xn") == Approx(13.0 / 25));
  CHECK(position("a", "a", "a") == 0.5);
  CHECK(position_between({1, {}}, {3, {}}, {2, {}}, ValueKind::kInteger) == 0.5);
  CHECK(position_between({0, "\x01"}, {0, "\x03"}, {0, "\x02"}, ValueKind::kUuid) == 0.5);
}

TEST_CASE("LIKE matches as the server does", "[estimated]") {
  CHECK(matches_like("abc", "a%", false));
  CHECK(matches_like("abc", "_b_", false));
  CHECK(
      matches_like("\xC3\xA4"
                   "b",
                   "_b", false));
  CHECK(matches_like("ABC", "%bc", true));
  CHECK(matches_like("a%c", "a\\%c", false));
  CHECK_FALSE(matches_like("abc", "a\\%c", false));
  CHECK_FALSE(matches_like("abc", "b%", false));
  CHECK(matches_like("", "%", false));
  CHECK_FALSE(matches_like(std::string(2000, 'a'), "%a%a%a%a%a%a%a%a%b", false));
}

}  // namespace assay
