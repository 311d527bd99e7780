// Time stamps of the minute and the zone of one before them: all but the seconds is compared, not computed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "parser/log/timestamp.h"

namespace assay {

class KnownTime {
 public:
  /// Reads "2026-11-22 20:51:55.020 UTC" at the front of `text`; returns its length, or 0 where it is not known.
  std::size_t read(std::string_view text, ZonedTime& time) const;

  /// What was read from the front of `text` in another way.
  void learn(std::string_view text, const LogTime& time, UtcOffset offset);

 private:
  std::string minute_;  // "2026-11-22 20:51:"
  std::string zone_;    // " UTC"
  Timestamp start_;
  UtcOffset offset_{0};
};

}  // namespace assay
