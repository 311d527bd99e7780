// The times of a slow log's record: "# Time:" in its two forms, "SET timestamp", and seconds with a fraction.
#pragma once

#include <optional>
#include <string_view>

#include "parser/base/time.h"

namespace assay {

struct SlowLogTime {
  std::optional<ZonedTime> instant;  ///< "# Time: 2026-11-22T09:01:02.123456Z"
  std::optional<Timestamp> local;    ///< "# Time: 261122  9:01:02", Percona Server's with a fraction
  std::optional<Timestamp> set;      ///< "SET timestamp=1795338062;", UTC

  /// Reads what stands behind "# Time: ".
  void read_written(std::string_view text);

  /// Reads a line "SET [last_insert_id=1,][insert_id=2,][timestamp=1795338062];"; false for any other.
  bool read_set(std::string_view line);

  /// When the record was written; `zone` is the server's. utc 0 when nothing was told.
  ZonedTime resolve(UtcOffset zone) const;
};

/// "1.000123" in exact microseconds. A time that ran backwards, because the clock was set, is printed as 2^64
/// microseconds less it: that, and what is no number, is 0.
Microseconds slow_log_seconds(std::string_view text);

}  // namespace assay
