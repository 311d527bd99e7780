// Values as statistics and statements hold them: typed, comparable, and placed on a scale.
//
// pg_stats prints values as text; a literal is text as well. Both become a Value of the column's type here. Numbers,
// dates, times and truth values are numbers; texts stay texts, ordered by their bytes.
// Leaves out: linguistic collations (the order of the histogram's own bounds says whether bytes order them), values of
// types that are only compared for equality (inet, enum, json: their text stands for them).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay {

enum class ValueKind {
  kBoolean,
  kInteger,
  kNumeric,  ///< numeric, real, double precision, oid, money
  kText,
  kDate,         ///< microseconds since 2000-01-01, as timestamps
  kTimestamp,    ///< microseconds since 2000-01-01
  kTimestampTz,  ///< the same, UTC
  kTime,
  kInterval,  ///< microseconds, a month having 30 days
  kUuid,
  kOther,  ///< equality only
};

struct ValueType {
  ValueKind kind = ValueKind::kOther;
  int length = -1;  ///< bytes; -1: varies (pg_type.typlen)
  int alignment = 4;
  std::string name;     ///< as format_type() prints it, without its modifier
  int modifier = -1;    ///< characters of varchar(n) and char(n)
  bool padded = false;  ///< char(n)
};

/// From what format_type() prints: "character varying(40)", "timestamp with time zone".
ValueType value_type(std::string_view type);

struct Value {
  double number = 0;
  std::string text;  ///< of kText, kUuid and kOther; of an interval its months, if it has any

  bool operator==(const Value&) const = default;
};

/// `text` as a value of that kind, as the type's input function reads its usual spellings; nothing for others.
/// `zone_offset` (seconds east of UTC) is for times with a zone that name none.
std::optional<Value> parse_value(std::string_view text, const ValueType& type, int zone_offset = 0);

/// Is there an order that statistics rest on?
bool is_ordered(ValueKind kind);

/// < 0, 0, > 0. Texts by bytes.
int compare(const Value& left, const Value& right);

/// Where `value` lies between two bounds of a histogram, 0 to 1 (convert_to_scalar, utils/adt/selfuncs.c, and
/// ineq_histogram_selectivity's interpolation); one half where the type has no scale.
double position_between(const Value& low, const Value& high, const Value& value, ValueKind kind);

/// A moment (microseconds) with an interval added (`sign` 1) or taken off (-1), months by the calendar.
double plus_interval(double moment, const Value& interval, int sign);

/// date_trunc: the beginning of the second, minute, hour, day, week, month, quarter or year; UTC.
double floor_of_moment(double moment, std::string_view unit);

/// Does `text` match the LIKE pattern, backslash escaping?
bool matches_like(std::string_view text, std::string_view pattern, bool ignore_case);

}  // namespace assay
