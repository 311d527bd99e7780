// Where the records of a slow query log of MySQL, MariaDB or Percona Server begin and end.
//
// A record is a header of lines that begin with #, at the least the one with Query_time, and a statement, which ends
// where the next header begins. A statement may quote a header in a string literal, of several lines and whole:
// monitoring stores slow logs in tables. So a header does not count while a literal is open, if that literal is closed
// further on, like one that ends (before a comma, a parenthesis …), and the statement that holds it ends outside of
// literals; otherwise the quote itself is what is wrong (a statement that was cut off or never was SQL), and the header
// counts. The answer depends on nothing before the record, so it is the same however the file is cut into blocks.
//
// What this leaves out: a header quoted in a comment, and literals in which a backslash is a character
// (NO_BACKSLASH_ESCAPES) or a part of one (GBK, Shift JIS).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace assay {

/// Whether a header starts at the front of `text`, which is the front of a line.
bool starts_slow_header(std::string_view text);

/// Bytes of the lines that a server writes when it opens the log ("…, Version: … started with:", the ports, the names
/// of columns), if they stand at the front of `text`; 0 otherwise.
std::size_t banner_length(std::string_view text);

/// Where what starts at `begin` ends: a record, a banner, or lines that are neither; there the next one starts, or
/// `text` ends. `complete` says that `text` ends at a border; without it, nothing when more text could change the
/// answer.
std::optional<std::size_t> slow_record_end(std::string_view text, std::size_t begin, bool complete);

/// `end`, or where the banners begin that stand right before it.
std::size_t before_banners(std::string_view text, std::size_t begin, std::size_t end);

}  // namespace assay
