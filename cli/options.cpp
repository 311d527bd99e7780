#include "cli/options.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace assay {

std::int64_t parse_size(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, int>, 5> kUnits = {
      {{"", 0}, {"kB", 10}, {"MB", 20}, {"GB", 30}, {"TB", 40}}};
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const auto& [name, shift] : kUnits) {
    const bool fits = number >= 0 && number <= (std::numeric_limits<std::int64_t>::max() >> shift);
    if (error == std::errc{} && unit == name && fits) return number << shift;
  }
  throw UsageError(fmt::format("'{}' is no size: write a number and kB, MB, GB or TB, such as 512MB", text));
}

TimeBound parse_time_option(std::string_view text, std::optional<UtcOffset> zone) {
  const auto time = parse_iso8601(text, zone.value_or(UtcOffset{0}));
  if (!time) {
    throw UsageError(fmt::format("'{}' is no time", text), "write ISO 8601, such as 2026-11-22T10:00:00+01:00");
  }
  const bool has_offset = parse_iso8601(text, UtcOffset{60})->utc == parse_iso8601(text, UtcOffset{0})->utc;
  return {time->utc, !has_offset && !zone};
}

UtcOffset parse_zone_option(std::string_view text) {
  if (const auto offset = parse_utc_offset(text)) return *offset;
  throw UsageError(fmt::format("'{}' is no time zone known here: write an offset, such as +02:00", text));
}

}  // namespace assay
