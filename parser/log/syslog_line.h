// One line of a syslog file: when, where, which program, and what it said.
//
// Read are RFC 3164's form ("Nov 22 20:51:55 host postgres[123]: …", as journalctl's short forms print it too), the
// same with an ISO 8601 time stamp (rsyslog, journalctl -o short-iso), and RFC 5424's; each with or without "<134>"
// before it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "parser/base/time.h"

namespace assay {

struct SyslogLine {
  std::string_view stamp;   ///< as written
  std::string_view sender;  ///< host, program and process, as written: the same for all lines of one process
  std::int64_t process = 0;
  std::size_t length = 0;  ///< of all that stands before the program's text
  bool repeated = false;   ///< syslog's own word that it left out repetitions of the line before
};

/// Nothing when `line` does not begin as a line of syslog.
std::optional<SyslogLine> parse_syslog_line(std::string_view line);

/// What PostgreSQL puts before its text (write_syslog in elog.c): "[7-2] ": the second chunk of its seventh message;
/// "[7] ": a whole message, or with syslog_sequence_numbers = off the seventh chunk of one.
struct SyslogChunk {
  std::uint64_t message = 0, chunk = 0;  ///< counted from 1; 0 where it is not told
  std::size_t length = 0;                ///< of the brackets and the blank behind them; 0 without them
};
SyslogChunk parse_syslog_chunk(std::string_view text);

/// Resolves what syslog daemons write in place of control characters and, where they are told to, of bytes beyond
/// ASCII: "#011" for a tab. In place; returns the shortened text. "#212" alone stays as it is, since it is rather a
/// number in the text: only a run that makes UTF-8 is resolved.
std::string_view unescape_syslog_in_place(std::string_view text);

/// A line's time. RFC 3164 writes neither year nor zone: the year is that in which the time comes within the twelve
/// months from `first_time` on. `zone` is that of times that do not tell theirs.
std::optional<ZonedTime> syslog_time(std::string_view stamp, std::optional<Timestamp> first_time, UtcOffset zone);

/// Whether the stamp leaves out the year.
bool has_no_year(std::string_view stamp);

}  // namespace assay
