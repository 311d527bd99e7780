#include "parser/log/mysql_slow_time.h"

#include <array>
#include <cstdint>

#include "parser/base/scan.h"

namespace assay {
namespace {

/// A number of up to `most` digits at the front.
std::optional<std::int64_t> take_number(std::string_view& text, std::size_t most) {
  std::int64_t value = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && is_digit(text[digits]); ++digits) {
    if (digits == most) return std::nullopt;
    value = value * 10 + (text[digits] - '0');
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

/// ".058915" in microseconds; 0 where there is none.
Microseconds take_fraction(std::string_view& text) {
  if (!take(text, ".")) return Microseconds{0};
  std::int64_t value = 0, unit = 1'000'000;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
    unit /= 10;
    value += (text.front() - '0') * unit;
  }
  return Microseconds(value);
}

/// "261122  9:01:02.058915"
std::optional<Timestamp> read_local(std::string_view text) {
  constexpr int kCentury = 2000;
  constexpr std::int64_t kNone = 99;  // no hour, minute or second
  const auto date = take_number(text, 6).value_or(0);
  while (take(text, " ")) {
  }
  const auto hour = take_number(text, 2).value_or(kNone);
  const auto minute = take(text, ":") ? take_number(text, 2).value_or(kNone) : kNone;
  const auto second = take(text, ":") ? take_number(text, 2).value_or(kNone) : kNone;
  const std::chrono::year_month_day day{std::chrono::year(kCentury + static_cast<int>(date / 10000)),
                                        std::chrono::month(static_cast<unsigned>(date / 100 % 100)),
                                        std::chrono::day(static_cast<unsigned>(date % 100))};
  if (!day.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return std::chrono::sys_days(day) + std::chrono::seconds(hour * 3600 + minute * 60 + second) + take_fraction(text);
}

}  // namespace

void SlowLogTime::read_written(std::string_view text) {
  local = read_local(text);
  if (!local) instant = parse_iso8601(text, UtcOffset{0});
}

bool SlowLogTime::read_set(std::string_view line) {
  constexpr std::array<std::string_view, 3> kVariables = {"last_insert_id=", "insert_id=", "timestamp="};
  constexpr std::size_t kMostDigits = 11;  // of a timestamp: until the year 5138
  if (!take(line, "SET ")) return false;
  std::optional<Timestamp> timestamp;
  for (const std::string_view variable : kVariables) {
    if (!take(line, variable)) continue;
    const bool is_time = variable == kVariables.back();
    const auto value = take_number(line, is_time ? kMostDigits : 18);
    if (!value) return false;
    if (is_time) timestamp = Timestamp(std::chrono::seconds(*value));
    take(line, ",");
  }
  if (line != ";") return false;
  set = timestamp;
  return true;
}

ZonedTime SlowLogTime::resolve(UtcOffset zone) const {
  if (instant) return *instant;
  if (!set) return local ? ZonedTime{*local - zone, zone} : ZonedTime{};
  const auto fraction = local ? *local - std::chrono::floor<std::chrono::seconds>(*local) : Microseconds{0};
  return {*set + fraction, zone};
}

Microseconds slow_log_seconds(std::string_view text) {
  constexpr std::size_t kMostDigits = 10;  // 300 years; 2^64 microseconds have 14
  const auto seconds = take_number(text, kMostDigits);
  if (!seconds) return Microseconds{0};
  return std::chrono::seconds(*seconds) + take_fraction(text);
}

}  // namespace assay
