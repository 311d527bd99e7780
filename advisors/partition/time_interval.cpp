#include "advisors/partition/time_interval.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

namespace assay {
namespace {

using std::chrono::days;
using std::chrono::months;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr double kDay = 86400;
constexpr std::array kIntervals = {
    TimeInterval{.sql = "1 day", .days = 1, .seconds = kDay},
    TimeInterval{.sql = "1 week", .days = 7, .seconds = 7 * kDay},
    TimeInterval{.sql = "1 month", .months = 1, .seconds = 30.44 * kDay},
    TimeInterval{.sql = "3 months", .months = 3, .seconds = 91.31 * kDay},
    TimeInterval{.sql = "1 year", .months = 12, .seconds = 365.25 * kDay},
};

std::int64_t seconds_of(sys_days day) { return std::int64_t{day.time_since_epoch().count()} * 86400; }

sys_days day_of(std::int64_t seconds) { return sys_days(days(seconds / 86400)); }

}  // namespace

std::span<const TimeInterval> time_intervals() { return kIntervals; }

std::int64_t start_of(const TimeInterval& interval, double moment) {
  // A calendar of four digits: what lies beyond is an outlier, and so is its partition.
  constexpr double kFirst = -62135596800.0, kLast = 253402214400.0;
  const sys_days day(days(static_cast<int>(std::floor(std::clamp(moment, kFirst, kLast) / kDay))));
  if (interval.days == 7) {
    const auto since_monday = std::chrono::weekday(day).iso_encoding() - 1;
    return seconds_of(day - days(since_monday));
  }
  if (interval.days > 0) return seconds_of(day);
  const year_month_day date(day);
  const int month = (static_cast<int>(unsigned(date.month())) - 1) / interval.months * interval.months;
  return seconds_of(sys_days(date.year() / std::chrono::month(static_cast<unsigned>(month + 1)) / 1));
}

std::int64_t next_start(const TimeInterval& interval, std::int64_t start) {
  if (interval.days > 0) return start + std::int64_t{interval.days} * 86400;
  return seconds_of(sys_days(year_month_day(day_of(start)) + months(interval.months)));
}

std::string bound_text(std::int64_t start, const std::string& type) {
  const year_month_day date(day_of(start));
  std::string text = fmt::format("{:04}-{:02}-{:02}", int(date.year()), unsigned(date.month()), unsigned(date.day()));
  if (type != "date") text += " 00:00:00";
  if (type.ends_with("with time zone")) text += "+00";
  return text;
}

}  // namespace assay
