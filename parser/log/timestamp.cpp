#include "parser/log/timestamp.h"

#include <initializer_list>

#include "parser/base/scan.h"

namespace assay {
namespace {

constexpr std::size_t kDateAndTime = 19;  // 2026-11-22 20:51:55

bool is_letter(char c) { return static_cast<unsigned char>((c | 0x20) - 'a') < 26; }

/// Without a branch a byte, since nearly every text that is asked about has the shape.
bool has_shape(std::string_view text) {
  if (text.size() < kDateAndTime) return false;
  const auto digits = [&](std::initializer_list<std::size_t> places) {
    bool all = true;
    for (const std::size_t at : places) all &= is_digit(text[at]);
    return all;
  };
  const bool marks = text[4] == '-' && text[7] == '-' && text[10] == ' ' && text[13] == ':' && text[16] == ':';
  return marks && digits({0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18});
}

int two_digits(const char* at) { return (at[0] - '0') * 10 + (at[1] - '0'); }

std::optional<Timestamp> read_date_and_time(const char* at) {
  const std::chrono::year_month_day date{std::chrono::year(two_digits(at) * 100 + two_digits(at + 2)),
                                         std::chrono::month(static_cast<unsigned>(two_digits(at + 5))),
                                         std::chrono::day(static_cast<unsigned>(two_digits(at + 8)))};
  const int hour = two_digits(at + 11), minute = two_digits(at + 14), second = two_digits(at + 17);
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::seconds(hour * 3600 + minute * 60 + second);
}

/// ".020" as microseconds; moves `position` behind it. Nothing where no digit follows the point.
std::optional<Microseconds> read_fraction(std::string_view text, std::size_t& position) {
  if (position + 1 >= text.size() || text[position] != '.' || !is_digit(text[position + 1])) return std::nullopt;
  std::int64_t value = 0, unit = 1'000'000;
  for (++position; position < text.size() && is_digit(text[position]) && unit > 1; ++position) {
    unit /= 10;
    value += (text[position] - '0') * unit;
  }
  return Microseconds(value);
}

/// "UTC", "+03", "-0330", "+05:45" at the front of `text`.
std::string_view scan_zone(std::string_view text) {
  std::size_t length = 0;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    const auto digit_at = [&](std::size_t i) { return i < text.size() && is_digit(text[i]); };
    for (length = 1; digit_at(length) || (length < text.size() && text[length] == ':' && digit_at(length + 1));)
      ++length;
    return length > 2 ? text.substr(0, length) : std::string_view();
  }
  while (length < text.size() && is_letter(text[length])) ++length;
  return text.substr(0, length);
}

}  // namespace

std::optional<LogTime> scan_log_time(std::string_view text) {
  if (!has_shape(text)) return std::nullopt;
  const auto local = read_date_and_time(text.data());
  if (!local) return std::nullopt;
  LogTime time{*local, {}, kDateAndTime};
  if (const auto fraction = read_fraction(text, time.length)) time.local += *fraction;
  if (time.length < text.size() && text[time.length] == ' ') {
    time.zone = scan_zone(text.substr(time.length + 1));
    if (!time.zone.empty()) time.length += 1 + time.zone.size();
  }
  return time;
}

std::optional<LogTime> scan_epoch(std::string_view text) {
  constexpr std::size_t kMaxDigits = 11;  // until the year 5138
  std::int64_t seconds = 0;
  std::size_t length = 0;
  for (; length < text.size() && is_digit(text[length]); ++length) {
    if (length == kMaxDigits) return std::nullopt;
    seconds = seconds * 10 + (text[length] - '0');
  }
  if (length < 9) return std::nullopt;
  LogTime time{Timestamp(std::chrono::seconds(seconds)), {}, length};
  if (const auto fraction = read_fraction(text, time.length)) time.local += *fraction;
  return time;
}

ZonedTime ZoneClock::resolve(const LogTime& time) {
  if (!cached_ || zone_ != time.zone) {
    const auto known = parse_utc_offset(time.zone);
    if (!known && !fallback_ && unknown_.empty() && !time.zone.empty()) unknown_ = time.zone;
    offset_ = known ? *known : fallback_.value_or(UtcOffset{0});
    zone_ = time.zone;
    cached_ = true;
  }
  return {time.local - offset_, offset_};
}

}  // namespace assay
