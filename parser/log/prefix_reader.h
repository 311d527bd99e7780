// Reads the prefixes of one log, line after line, faster than PrefixPattern matches each on its own.
//
// From line to line little changes: the seconds, the process, and which of a few dozen clients speaks. So the minute
// and the zone of the last time stamp are remembered, and the texts between the numbers and the label, with what the
// pattern found in them. A line that differs in anything else goes to the pattern; equal bytes mean what they meant.
// Where no number but the process's stands in them, all from the seconds to the label is one text of its process, which
// is compared first. One a worker.
#pragma once

#include <array>
#include <cstdint>
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

  /// What stands between the front of a prefix and its label.
  struct Fields {
    /// A text of it: where it begins, and how long it is.
    struct Place {
      std::uint32_t begin = 0, size = 0;
    };
    std::string text;
    std::array<Place, 6> places;
    std::int64_t process = 0;
    std::uint64_t identity = 0;
    bool tells_error = false;   ///< an SQLSTATE but 00000
    std::uint64_t version = 0;  ///< another one with every text

    // For the reader's user, who keeps the client of each block:
    const Client* client = nullptr;
    std::uint64_t of_block = 0;
  };

  /// What a line tells of which all parts were seen before.
  struct Known {
    Timestamp local{};  ///< in zone()
    std::int64_t process = 0;
    Fields* fields = nullptr;   ///< nullptr where the prefix has none
    std::size_t fields_at = 0;  ///< in the line
    const Label* label = nullptr;
    std::size_t length = 0;  ///< of prefix and label
  };

  /// Reads such a line, whose end need not be known: `ahead` may go on behind it. False for others.
  bool read_known(std::string_view ahead, Known& known);

  Client client_of(std::string_view line, const Known& known) const;

  /// Of the last time stamp that was learned.
  std::string_view zone() const { return zone_.empty() ? std::string_view() : std::string_view(zone_).substr(1); }

 private:
  /// The front of the pattern, as far as it is literals and numbers behind a time stamp.
  struct Step {
    char escape = 0;  ///< 'p', 'l', or 0 for a literal
    std::string literal;
  };
  /// All that stands between the seconds and the label in the lines of a process.
  struct Tail {
    std::string text;
    std::int64_t process = 0;
    Fields* fields = nullptr;
    std::size_t fields_at = 0;
    std::uint64_t version = 0;  ///< of the fields
    std::uint64_t zone = 0;     ///< the version that its text has; 0 without a text
  };

  std::size_t read_tail(std::string_view line, Known& known) const;
  std::size_t read_parts(std::string_view line, Known& known);
  void learn_tail(std::string_view line, std::size_t label, const Known& known);
  PrefixMatch match_of(std::string_view line, const Known& known) const;
  bool read_front(std::string_view line, Known& known) const;
  std::size_t read_seconds(std::string_view line, Timestamp& local) const;
  void learn(std::string_view line, const PrefixMatch& match);
  void learn_time(std::string_view line, const LogTime& time);
  void learn_fields(std::string_view line, std::size_t at, const PrefixMatch& match);

  PrefixPattern pattern_;
  bool fast_ = false;     // the pattern has such a front
  char time_escape_ = 0;  // %m or %t
  std::vector<Step> front_;
  bool process_in_front_ = false;
  bool has_fields_ = false;  // something stands between the front and the label
  std::string minute_;       // "2026-11-22 20:51:"
  Timestamp minute_start_;
  std::string zone_;         // " CET"
  std::string behind_time_;  // and the literal behind it
  std::vector<Fields> fields_;
  bool has_tails_ = false;  // no number changes from line to line
  std::vector<Tail> tails_;
  std::uint64_t versions_ = 0, zone_version_ = 0;
};

}  // namespace assay
