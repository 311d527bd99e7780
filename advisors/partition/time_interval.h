// The calendar of a RANGE on time: intervals of whole days, weeks, months or years, and their bounds. Names of
// partitions: partition_bounds.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace assay {

struct TimeInterval {
  const char* sql;     ///< as PostgreSQL reads it
  int days = 0;        ///< either these …
  int months = 0;      ///< … or these
  double seconds = 0;  ///< a month being 30.44 days
};

/// Narrowest first.
std::span<const TimeInterval> time_intervals();

/// Start of the interval that holds the moment; seconds since 1970. Weeks begin on Monday.
std::int64_t start_of(const TimeInterval& interval, double moment);

/// The next start.
std::int64_t next_start(const TimeInterval& interval, std::int64_t start);

/// As a literal of date, timestamp or timestamptz (in UTC).
std::string bound_text(std::int64_t start, const std::string& type);

}  // namespace assay
