#include "parser/base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "parser/base/scan.h"

namespace assay {
namespace {

struct Abbreviation {
  std::string_view name;
  int minutes;  ///< east of Greenwich
};

// The offsets of PostgreSQL's share/timezonesets/Default, but for BST, which logs mean as British. Left out, since
// several countries claim it: IST (India, Ireland, Israel). Sorted for the search.
constexpr std::array<Abbreviation, 56> kAbbreviations{{
    {"ACDT", 630}, {"ACST", 570},  {"ADT", -180}, {"AEDT", 660}, {"AEST", 600}, {"AKDT", -480}, {"AKST", -540},
    {"AST", -240}, {"AWST", 480},  {"BRT", -180}, {"BST", 60},   {"CAT", 120},  {"CDT", -300},  {"CEST", 120},
    {"CET", 60},   {"CLST", -180}, {"CLT", -240}, {"COT", -300}, {"CST", -360}, {"EAT", 180},   {"EDT", -240},
    {"EEST", 180}, {"EET", 120},   {"EST", -300}, {"GMT", 0},    {"HDT", -540}, {"HKT", 480},   {"HST", -600},
    {"ICT", 420},  {"JST", 540},   {"KST", 540},  {"MDT", -360}, {"MSK", 180},  {"MST", -420},  {"NDT", -150},
    {"NPT", 345},  {"NST", -210},  {"NZDT", 780}, {"NZST", 720}, {"PDT", -420}, {"PET", -300},  {"PHT", 480},
    {"PKT", 300},  {"PST", -480},  {"SAST", 120}, {"SGT", 480},  {"SST", -660}, {"UCT", 0},     {"UTC", 0},
    {"UYT", -180}, {"WAT", 60},    {"WEST", 60},  {"WET", 0},    {"WIB", 420},  {"WIT", 540},   {"Z", 0},
}};
static_assert(std::is_sorted(kAbbreviations.begin(), kAbbreviations.end(),
                             [](const Abbreviation& a, const Abbreviation& b) { return a.name < b.name; }));

/// Takes exactly `count` digits off the front of `text`.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count || !std::all_of(text.begin(), text.begin() + count, is_digit)) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, count)) value = value * 10 + (c - '0');
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

/// "+03", "-0330", "+05:45"; seconds ("+00:19:32", of times before zones) are dropped.
std::optional<UtcOffset> parse_numeric_offset(std::string_view zone) {
  const bool west = zone.front() == '-';
  zone.remove_prefix(1);
  const auto hours = take_digits(zone, 2);
  if (!hours || *hours > 15) return std::nullopt;
  int minutes = 0;
  if (!zone.empty()) {
    take(zone, ':');
    const auto digits = take_digits(zone, 2);
    if (!digits || *digits > 59) return std::nullopt;
    minutes = *digits;
  }
  if (take(zone, ':') && !take_digits(zone, 2)) return std::nullopt;
  if (!zone.empty()) return std::nullopt;
  const int total = *hours * 60 + minutes;
  return UtcOffset(west ? -total : total);
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

/// Digits behind the decimal point; those beyond microseconds are dropped.
std::optional<Microseconds> take_fraction(std::string_view& text) {
  std::int64_t value = 0;
  std::int64_t unit = 1'000'000;
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
    if (unit == 1) continue;
    unit /= 10;
    value += (text.front() - '0') * unit;
  }
  return Microseconds(value);
}

/// "10:00", "10:00:00", "10:00:00.123"; 60 seconds are allowed, as PostgreSQL does for leap seconds.
std::optional<Microseconds> take_time_of_day(std::string_view& text) {
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  Microseconds time = std::chrono::hours(*hour) + std::chrono::minutes(*minute);
  if (!take(text, ':')) return time;
  const auto second = take_digits(text, 2);
  if (!second || *second > 60) return std::nullopt;
  time += std::chrono::seconds(*second);
  if (!take(text, '.')) return time;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  return time + *fraction;
}

std::string format_offset(UtcOffset offset) {
  const auto minutes = offset.count();
  const auto size = minutes < 0 ? -minutes : minutes;
  return fmt::format("{}{:02}:{:02}", minutes < 0 ? '-' : '+', size / 60, size % 60);
}

}  // namespace

std::optional<UtcOffset> parse_utc_offset(std::string_view zone) {
  if (zone.empty()) return std::nullopt;
  if (zone.front() == '+' || zone.front() == '-') return parse_numeric_offset(zone);
  const auto* found = std::lower_bound(kAbbreviations.begin(), kAbbreviations.end(), zone,
                                       [](const Abbreviation& a, std::string_view name) { return a.name < name; });
  if (found == kAbbreviations.end() || found->name != zone) return std::nullopt;
  return UtcOffset(found->minutes);
}

std::string to_iso8601(ZonedTime time) {
  const Timestamp local = time.utc + time.offset;
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(local - day);
  std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (clock.subseconds().count() != 0) out += fmt::format(".{:06}", clock.subseconds().count());
  return out + format_offset(time.offset);
}

std::optional<ZonedTime> parse_iso8601(std::string_view text, UtcOffset fallback) {
  const auto date = take_date(text);
  if (!date) return std::nullopt;
  Timestamp local = *date;
  if (take(text, 'T') || take(text, ' ')) {
    const auto time = take_time_of_day(text);
    if (!time) return std::nullopt;
    local += *time;
  }
  take(text, ' ');
  const auto offset = text.empty() ? fallback : parse_utc_offset(text);
  if (!offset) return std::nullopt;
  return ZonedTime{local - *offset, *offset};
}

}  // namespace assay
