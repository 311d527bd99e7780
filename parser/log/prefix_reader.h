// Reads the prefixes of one log, line after line, faster than PrefixPattern matches each on its own.
//
// From line to line little changes: the seconds, the process, and which of a few dozen clients speaks. So the minute
// and the zone of the last time stamp are remembered, and the texts between the numbers and the label, with what the
// pattern found in them. A line that differs in anything else goes to the pattern; equal bytes mean what they meant.
// One a worker.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/log/prefix.h"

namespace assay {

class PrefixReader {
 public:
  explicit PrefixReader(std::string_view pattern);

  const PrefixPattern& pattern() const { return pattern_; }

  /// What pattern().match(line) gives, in `match`; false for nothing.
  bool match(std::string_view line, PrefixMatch& match);

 private:
  /// The front of the pattern, as far as it is literals and numbers behind a time stamp.
  struct Step {
    char escape = 0;  ///< 'p', 'l', or 0 for a literal
    std::string literal;
  };
  struct Fields {
    std::string text;   ///< from behind the front to the label
    PrefixMatch match;  ///< its views point into `text`
  };

  struct Front {
    LogTime time;
    std::optional<std::int64_t> process;  ///< where %p stands in the front
    std::size_t end = 0;
  };
  bool read_front(std::string_view line, Front& front) const;
  bool read_time(std::string_view line, LogTime& time) const;
  bool read_known(std::string_view line, PrefixMatch& match) const;
  void learn(std::string_view line, const PrefixMatch& match);
  void learn_time(std::string_view line, const LogTime& time);
  void learn_fields(std::string_view line, std::size_t at, const PrefixMatch& match);

  PrefixPattern pattern_;
  bool fast_ = false;     // the pattern has such a front
  char time_escape_ = 0;  // %m or %t
  std::vector<Step> front_;
  bool has_fields_ = false;  // something stands between the front and the label
  std::string minute_;       // "2026-11-22 20:51:"
  Timestamp minute_start_;
  std::string zone_;  // " CET"
  std::vector<Fields> fields_;
};

}  // namespace assay
