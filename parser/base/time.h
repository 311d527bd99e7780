// Instants and durations. A log's times are kept as UTC microseconds together with the offset that the
// log wrote them in, so that sums are exact and the report can speak in the log's own zone.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

using Microseconds = std::chrono::duration<std::int64_t, std::micro>;
using Timestamp = std::chrono::time_point<std::chrono::system_clock, Microseconds>;
using UtcOffset = std::chrono::minutes;

/// An instant and the zone that the log wrote it in, as minutes east of Greenwich.
struct ZonedTime {
  Timestamp utc{};
  UtcOffset offset{0};
};

/// Offset of a zone as PostgreSQL prints it behind a time stamp: an abbreviation ("CET") or a number
/// ("+03", "-0330", "+05:45"). Nothing for an abbreviation that is not known or not unique.
std::optional<UtcOffset> parse_utc_offset(std::string_view zone);

/// "2026-11-22T10:00:00.123456+01:00"; the fraction is left out where it is zero.
std::string to_iso8601(ZonedTime time);

/// Reads ISO 8601 or PostgreSQL's own form ("2026-11-22", "2026-11-22T10:00", "2026-11-22 10:00:00.123+01").
/// A text without an offset is taken to be in `fallback`. Nothing where the text is no time.
std::optional<ZonedTime> parse_iso8601(std::string_view text, UtcOffset fallback);

}  // namespace assay
