#include "analyzer/estimated/values.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>

namespace assay {
namespace {

constexpr double kSecond = 1e6, kDay = 86400e6;

struct NamedType {
  std::string_view name;
  ValueKind kind;
  int length, alignment;
};

constexpr std::array kTypes{NamedType{"boolean", ValueKind::kBoolean, 1, 1},
                            NamedType{"smallint", ValueKind::kInteger, 2, 2},
                            NamedType{"integer", ValueKind::kInteger, 4, 4},
                            NamedType{"bigint", ValueKind::kInteger, 8, 8},
                            NamedType{"oid", ValueKind::kInteger, 4, 4},
                            NamedType{"real", ValueKind::kNumeric, 4, 4},
                            NamedType{"double precision", ValueKind::kNumeric, 8, 8},
                            NamedType{"numeric", ValueKind::kNumeric, -1, 4},
                            NamedType{"text", ValueKind::kText, -1, 4},
                            NamedType{"character varying", ValueKind::kText, -1, 4},
                            NamedType{"character", ValueKind::kText, -1, 4},
                            NamedType{"name", ValueKind::kText, 64, 1},
                            NamedType{"\"char\"", ValueKind::kText, 1, 1},
                            NamedType{"date", ValueKind::kDate, 4, 4},
                            NamedType{"timestamp without time zone", ValueKind::kTimestamp, 8, 8},
                            NamedType{"timestamp with time zone", ValueKind::kTimestampTz, 8, 8},
                            NamedType{"time without time zone", ValueKind::kTime, 8, 8},
                            NamedType{"interval", ValueKind::kInterval, 16, 8},
                            NamedType{"uuid", ValueKind::kUuid, 16, 1}};

/// "timestamp(3) with time zone" without its modifier.
std::string without_modifier(std::string_view type, int& modifier) {
  const std::size_t open = type.find('('), close = type.find(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::string(type);
  std::from_chars(type.data() + open + 1, type.data() + close, modifier);
  return std::string(type.substr(0, open)) + std::string(type.substr(close + 1));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

std::string lowered(std::string_view text) {
  std::string low(text);
  std::transform(low.begin(), low.end(), low.begin(), [](unsigned char c) { return std::tolower(c); });
  return low;
}

std::optional<double> number(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || rest != text.data() + text.size() || std::isnan(value)) return std::nullopt;
  return value;
}

std::optional<double> truth(std::string_view text) {
  const std::string word = lowered(trimmed(text));
  if (word == "t" || word == "true" || word == "on" || word == "yes" || word == "1") return 1;
  if (word == "f" || word == "false" || word == "off" || word == "no" || word == "0") return 0;
  return std::nullopt;
}

/// Takes fixed-form numbers off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  std::optional<int> integer() {
    int value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc() || rest_.starts_with('-')) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }
  bool skip(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::optional<double> real() {
    double value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc()) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }
  std::string word() {
    std::string letters;
    while (!rest_.empty() && std::isalpha(static_cast<unsigned char>(rest_.front()))) {
      letters += static_cast<char>(std::tolower(static_cast<unsigned char>(rest_.front())));
      rest_.remove_prefix(1);
    }
    return letters;
  }
  void blanks() { rest_ = trimmed(rest_); }
  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::optional<double> clock(Scanner& scan) {
  const auto hours = scan.integer();
  if (!hours || !scan.skip(':')) return std::nullopt;
  const auto minutes = scan.integer();
  if (!minutes) return std::nullopt;
  double seconds = 0;
  if (scan.skip(':')) seconds = scan.real().value_or(0);
  return (*hours * 3600.0 + *minutes * 60.0 + seconds) * kSecond;
}

std::optional<double> zone(Scanner& scan) {  // seconds east
  scan.blanks();
  if (scan.done()) return std::nullopt;
  const bool west = scan.skip('-');
  if (!west && !scan.skip('+')) {
    const std::string name = scan.word();
    if (name == "z" || name == "utc" || name == "gmt") return 0;
    return std::nullopt;
  }
  const auto hours = scan.integer();
  int minutes = 0;
  if (scan.skip(':')) minutes = scan.integer().value_or(0);
  return (west ? -1 : 1) * (hours.value_or(0) * 3600.0 + minutes * 60.0);
}

std::optional<double> moment(std::string_view text, ValueKind kind, int zone_offset) {
  text = trimmed(text);
  if (text == "infinity") return HUGE_VAL;
  if (text == "-infinity") return -HUGE_VAL;
  Scanner scan(text);
  const auto year = scan.integer();
  if (!year || !scan.skip('-')) return std::nullopt;
  const auto month = scan.integer();
  if (!month || !scan.skip('-')) return std::nullopt;
  const auto day = scan.integer();
  if (!day || *month < 1 || *month > 12 || *day < 1 || *day > 31 || *year > 290000) return std::nullopt;
  using namespace std::chrono;
  constexpr sys_days kEpoch = 2000y / January / 1;
  const sys_days date = std::chrono::year(*year) / std::chrono::month(static_cast<unsigned>(*month)) /
                        std::chrono::day(static_cast<unsigned>(*day));
  double value = static_cast<double>((date - kEpoch).count()) * kDay;
  if (kind == ValueKind::kDate) return value;
  if (!scan.skip('T')) scan.blanks();
  if (!scan.done()) value += clock(scan).value_or(0);
  if (kind == ValueKind::kTimestampTz) value -= zone(scan).value_or(zone_offset) * kSecond;
  return value;
}

std::optional<double> unit_of_interval(const std::string& unit) {
  struct Unit {
    std::string_view begin;
    double length;
  };
  // the first that matches counts: "mon" and "month" before "m" and "min"
  constexpr std::array kUnits{Unit{"microsecond", 1}, Unit{"us", 1},          Unit{"millisecond", 1e3},
                              Unit{"ms", 1e3},        Unit{"mon", 30 * kDay}, Unit{"m", 60 * kSecond},
                              Unit{"s", kSecond},     Unit{"h", 3600e6},      Unit{"d", kDay},
                              Unit{"w", 7 * kDay},    Unit{"y", 360 * kDay}};
  for (const Unit& known : kUnits) {
    if (unit.starts_with(known.begin)) return known.length;
  }
  return std::nullopt;
}

std::optional<Value> interval(std::string_view text) {
  Scanner scan(trimmed(text));
  double total = 0, months = 0;
  while (!scan.done()) {
    const bool negative = scan.skip('-');
    scan.skip('+');
    Scanner ahead = scan;
    if (const auto time = clock(ahead)) {
      scan = ahead;
      total += negative ? -*time : *time;
    } else {
      const auto count = scan.real();
      if (!count) return std::nullopt;
      scan.blanks();
      const std::string name = scan.word();
      const auto unit = unit_of_interval(name);
      if (!unit) return std::nullopt;
      const double signed_count = negative ? -*count : *count;
      if (name.starts_with("mon")) months += signed_count;
      if (name.starts_with("y")) months += 12 * signed_count;
      if (!name.starts_with("mon") && !name.starts_with("y")) total += signed_count * *unit;
    }
    scan.blanks();
  }
  return Value{total + months * 30 * kDay, months == 0 ? std::string() : std::to_string(static_cast<long>(months))};
}

std::optional<double> time_of_day(std::string_view text) {
  Scanner scan(trimmed(text));
  return clock(scan);
}

/// convert_one_string_to_scalar (selfuncs.c): the text as digits of a number below 1 to the base of its range.
double fraction_of(std::string_view text, int low, int high) {
  if (text.empty()) return 0;
  const double base = high - low + 1;
  double number = 0, denominator = base;
  for (std::size_t i = 0; i < std::min<std::size_t>(text.size(), 12); ++i) {
    const int c = std::clamp<int>(static_cast<unsigned char>(text[i]), low - 1, high + 1);
    number += (c - low) / denominator;
    denominator *= base;
  }
  return number;
}

void widen(int& low, int& high, int first, int last) {
  if (low <= last && high >= first) {
    low = std::min(low, first);
    high = std::max(high, last);
  }
}

/// convert_string_to_scalar (selfuncs.c).
std::array<double, 3> text_scale(std::string_view low, std::string_view high, std::string_view value) {
  int first = static_cast<unsigned char>(high.empty() ? 0 : high.front()), last = first;
  for (const std::string_view bound : {low, high}) {
    for (const char c : bound) {
      first = std::min<int>(first, static_cast<unsigned char>(c));
      last = std::max<int>(last, static_cast<unsigned char>(c));
    }
  }
  widen(first, last, 'A', 'Z');
  widen(first, last, 'a', 'z');
  widen(first, last, '0', '9');
  if (last - first < 9) {
    first = ' ';
    last = 127;
  }
  while (!low.empty() && !high.empty() && !value.empty() && low.front() == high.front() &&
         low.front() == value.front()) {
    low.remove_prefix(1);
    high.remove_prefix(1);
    value.remove_prefix(1);
  }
  return {fraction_of(low, first, last), fraction_of(high, first, last), fraction_of(value, first, last)};
}

/// convert_bytea_to_scalar, which uuids go through: 16 bytes to the base of 256.
std::string bytes_of_uuid(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != '-') digits += c;
  }
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(digits.data() + i, digits.data() + i + 2, byte, 16);
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

std::array<double, 3> scale(const Value& low, const Value& high, const Value& value, ValueKind kind) {
  if (kind == ValueKind::kText) return text_scale(low.text, high.text, value.text);
  return {low.number, high.number, value.number};
}

bool equal_letters(char a, char b, bool ignore_case) {
  if (a == b) return true;
  return ignore_case && std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

std::size_t character_length(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) ++length;
  return length;
}

}  // namespace

ValueType value_type(std::string_view type) {
  ValueType result;
  result.name = without_modifier(type, result.modifier);
  for (const NamedType& known : kTypes) {
    if (known.name != result.name) continue;
    result.kind = known.kind;
    result.length = known.length;
    result.alignment = known.alignment;
    result.padded = known.name == "character";
    return result;
  }
  return result;
}

std::optional<Value> parse_value(std::string_view text, const ValueType& type, int zone_offset) {
  const auto numeric = [](std::optional<double> number) -> std::optional<Value> {
    if (!number) return std::nullopt;
    return Value{*number, {}};
  };
  switch (type.kind) {
    case ValueKind::kBoolean:
      return numeric(truth(text));
    case ValueKind::kInteger:
      return numeric(number(text));
    case ValueKind::kNumeric: {
      const auto read = number(text);  // 4.9 as a real is not the 4.9 of a double
      return numeric(read && type.name == "real" ? std::optional<double>(static_cast<float>(*read)) : read);
    }
    case ValueKind::kDate:
    case ValueKind::kTimestamp:
    case ValueKind::kTimestampTz:
      return numeric(moment(text, type.kind, zone_offset));
    case ValueKind::kTime:
      return numeric(time_of_day(text));
    case ValueKind::kInterval:
      return interval(text);
    case ValueKind::kUuid:
      return Value{0, bytes_of_uuid(lowered(trimmed(text)))};
    case ValueKind::kText: {
      if (type.padded) {  // trailing blanks mean nothing in char(n)
        while (text.ends_with(' ')) text.remove_suffix(1);
      }
      return Value{0, std::string(text)};
    }
    case ValueKind::kOther:
      return Value{0, std::string(text)};
  }
  return std::nullopt;
}

bool is_ordered(ValueKind kind) { return kind != ValueKind::kOther; }

int compare(const Value& left, const Value& right) {
  if (left.number != right.number) return left.number < right.number ? -1 : 1;
  return left.text.compare(right.text);
}

double position_between(const Value& low, const Value& high, const Value& value, ValueKind kind) {
  if (kind == ValueKind::kUuid || kind == ValueKind::kOther) return 0.5;  // convert_to_scalar knows no scale for them
  const auto [from, to, at] = scale(low, high, value, kind);
  if (to <= from) return 0.5;
  if (at <= from) return 0;
  if (at >= to) return 1;
  const double position = (at - from) / (to - from);
  return std::isnan(position) ? 0.5 : std::clamp(position, 0.0, 1.0);
}

double plus_interval(double moment, const Value& interval, int sign) {
  long months = 0;
  std::from_chars(interval.text.data(), interval.text.data() + interval.text.size(), months);
  const double rest = interval.number - static_cast<double>(months) * 30 * kDay;
  if (months == 0 || std::abs(months) > 100000 || !std::isfinite(moment) || std::abs(moment) > 1e17) {
    return moment + sign * rest;
  }
  using namespace std::chrono;
  constexpr sys_days kEpoch = 2000y / January / 1;
  const double days_since = std::floor(moment / kDay);
  const year_month_day before(kEpoch + days(static_cast<long>(days_since)));
  year_month_day after = before + std::chrono::months(static_cast<int>(sign * months));
  if (!after.ok()) after = after.year() / after.month() / last;
  return static_cast<double>((sys_days(after) - kEpoch).count()) * kDay + (moment - days_since * kDay) + sign * rest;
}

double floor_of_moment(double moment, std::string_view unit) {
  using namespace std::chrono;
  constexpr sys_days kEpoch = 2000y / January / 1;
  if (!std::isfinite(moment) || std::abs(moment) > 1e17) return moment;
  if (unit == "second") return std::floor(moment / kSecond) * kSecond;
  if (unit == "minute") return std::floor(moment / (60 * kSecond)) * 60 * kSecond;
  if (unit == "hour") return std::floor(moment / (3600 * kSecond)) * 3600 * kSecond;
  const double day = std::floor(moment / kDay);
  if (unit == "week") return (day - std::fmod(std::fmod(day - 2, 7) + 7, 7)) * kDay;  // 2000-01-03 was a Monday
  const year_month_day date(kEpoch + days(static_cast<long>(day)));
  const auto begin_of = [&](month m) {
    return static_cast<double>((sys_days(date.year() / m / 1) - kEpoch).count()) * kDay;
  };
  if (unit == "month") return begin_of(date.month());
  if (unit == "quarter") return begin_of(month((static_cast<unsigned>(date.month()) - 1) / 3 * 3 + 1));
  if (unit == "year") return begin_of(January);
  return day * kDay;
}

/// Two pointers and one place to go back to, so that it takes no more than text × pattern steps.
bool matches_like(std::string_view text, std::string_view pattern, bool ignore_case) {
  std::size_t t = 0, p = 0, back_t = 0, back_p = std::string_view::npos;
  while (t < text.size()) {
    const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
    if (p < pattern.size() && pattern[p] == '%') {
      back_p = ++p;
      back_t = t;
    } else if (p < pattern.size() && !escaped && pattern[p] == '_') {
      t += character_length(text.substr(t));
      ++p;
    } else if (p < pattern.size() && equal_letters(text[t], pattern[p + (escaped ? 1 : 0)], ignore_case)) {
      p += escaped ? 2 : 1;
      ++t;
    } else if (back_p != std::string_view::npos) {
      p = back_p;
      t = ++back_t;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

}  // namespace assay
