// Messages of the server put together from lines of stderr that another format carries, one or a few in each record of
// its own: syslog, Cloud Logging.
//
// The carrier's tokenizer finds out which lines belong together; CarriedMessages reads the log_line_prefix in them,
// tells a message from its DETAIL and STATEMENT, and joins what was split. Texts of one piece stay where they are;
// others are put together in a second buffer of the block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "parser/log/prefix.h"
#include "parser/log/tokenizer.h"

namespace assay {

/// A line of the stderr format, or a part of one.
struct CarriedLine {
  std::string_view text;   ///< in the block's bytes
  std::uint64_t line = 0;  ///< of the file, counted from 0 in the block
  bool new_line = true;    ///< false: goes on where the part before it was cut
};

/// What the carrier tells of the one who wrote a message; used where log_line_prefix does not tell it.
struct CarriedOrigin {
  ZonedTime time;
  std::int64_t process = 0;
};

class CarriedMessages {
 public:
  explicit CarriedMessages(const LogDialect& dialect)
      : prefix_(dialect.log_line_prefix), max_record_(dialect.max_record), clock_(dialect.zone) {}

  /// Prefix and label at the front of `text`, or nothing.
  std::optional<PrefixMatch> head(std::string_view text) const;

  /// The same of a message (LOG, ERROR, …), not of what belongs to one.
  std::optional<PrefixMatch> message_head(std::string_view text) const;

  /// Starts a message, or a DETAIL or STATEMENT whose message the EntrySequence is to find; returns its number, counted
  /// from 0 in the block. A text of several lines counts as so many.
  std::size_t begin(const PrefixMatch& head, const CarriedLine& line, const CarriedOrigin& origin);

  /// Adds a line to a message: its continuation, or its DETAIL, STATEMENT, ….
  void add(std::size_t message, const CarriedLine& line);

  std::size_t size() const { return messages_.size(); }

  /// Makes the block's entries of all messages, in the order in which they began, and forgets them.
  void finish(Block& block);

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  struct Part {
    CarriedLine line;
    std::size_t next = kNone;
  };
  struct Message {
    PrefixMatch head;
    CarriedOrigin origin;
    std::size_t first = kNone, last = kNone;  // parts
    std::size_t bytes = 0;
    std::uint64_t lines = 1;
  };

  std::size_t add_part(const CarriedLine& line);
  void add_rest(std::size_t message, const CarriedLine& line, std::size_t from);
  bool fits(Block& block, const Message& message) const;
  LogEntry join(Block& block, const Message& message);
  std::string_view join_field(Block& block, std::size_t& part, std::string_view text);
  std::optional<PrefixMatch> field_head(std::string_view text) const;

  PrefixPattern prefix_;
  std::size_t max_record_;
  ZoneClock clock_;
  ShapeCache shapes_;
  std::vector<Message> messages_;
  std::vector<Part> parts_;
  std::size_t joined_ = 0;  // bytes of the block's second buffer that are used
};

}  // namespace assay
