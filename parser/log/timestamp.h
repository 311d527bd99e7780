// Time stamps at the front of a log's text, scanned without allocation: "2026-11-22 20:51:55.020 UTC".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "parser/base/time.h"

namespace assay {

struct LogTime {
  Timestamp local{};       ///< what the clock on the wall showed
  std::string_view zone;   ///< as written; empty when there is none
  std::size_t length = 0;  ///< of the text that was read, zone included
};

/// Date, time, up to six digits of fraction, and the zone behind one blank.
std::optional<LogTime> scan_log_time(std::string_view text);

/// Seconds since 1970 with a fraction, as %n prints them: "1795380715.020".
std::optional<LogTime> scan_epoch(std::string_view text);

/// Turns wall-clock times into instants. Remembers the last zone, since a log seldom changes it.
class ZoneClock {
 public:
  /// `fallback` is the zone of times that do not name a known one.
  explicit ZoneClock(std::optional<UtcOffset> fallback) : fallback_(fallback) {}

  ZonedTime resolve(const LogTime& time);

  /// Instants (epoch seconds) are only shown in the fallback zone.
  ZonedTime resolve_epoch(const LogTime& time) const { return {time.local, fallback_.value_or(UtcOffset{0})}; }

  /// The first zone that was not known and for which no fallback was given; empty when there was none.
  const std::string& unknown_zone() const { return unknown_; }

 private:
  std::optional<UtcOffset> fallback_;
  std::string zone_;
  UtcOffset offset_{0};
  bool cached_ = false;
  std::string unknown_;
};

}  // namespace assay
