#include "parser/log/mysql_slow_record.h"

#include <algorithm>

#include "parser/base/scan.h"
#include "parser/log/block.h"

namespace assay {
namespace {

constexpr std::size_t kMostQuoted = 1U << 20U;  // bytes of a literal behind a header that it quotes

/// Steps behind the line at the front.
void skip_line(std::string_view& text) { text.remove_prefix(std::min(line_end(text, 0) + 1, text.size())); }

bool is_query_time(std::string_view text) {
  constexpr std::string_view kQueryTime = "# Query_time: ";
  if (!text.starts_with(kQueryTime)) return false;
  std::size_t at = kQueryTime.size();
  while (at < text.size() && (is_digit(text[at]) || text[at] == '.')) ++at;
  return at > kQueryTime.size() && text.substr(at).starts_with("  Lock_time: ");
}

/// The front of the next line at or behind `from` where a header starts, or the end.
std::size_t next_header(std::string_view text, std::size_t from) {
  for (auto at = text.find("\n# ", from); at != std::string_view::npos; at = text.find("\n# ", at + 1)) {
    if (starts_slow_header(text.substr(at + 1))) return at + 1;
  }
  return text.size();
}

/// Behind the lines with # of the record that starts at `begin`.
std::size_t header_end(std::string_view text, std::size_t begin) {
  bool past_query_time = false;
  std::size_t at = begin;
  for (; at < text.size() && text[at] == '#'; at = std::min(line_end(text, at) + 1, text.size())) {
    const auto rest = text.substr(at);
    if (past_query_time && starts_slow_header(rest)) break;  // a record without a statement
    past_query_time = past_query_time || is_query_time(rest);
  }
  return at;
}

/// Behind the literal or quoted name that opens at `at`, or npos where it does not close before `limit`. A quote within
/// is doubled or, in a literal, stands behind a backslash.
std::size_t after_quoted(std::string_view text, std::size_t at, std::size_t limit) {
  const char quote = text[at];
  text = text.substr(0, limit);
  const auto next = [&](std::size_t from) {
    if (quote == '`') return find_any<'`'>(text, from);
    return quote == '"' ? find_any<'"', '\\'>(text, from) : find_any<'\'', '\\'>(text, from);
  };
  for (at = next(at + 1); at < text.size(); at = next(at + 2)) {
    if (text[at] == quote && (at + 1 == text.size() || text[at + 1] != quote)) return at + 1;
  }
  return std::string_view::npos;
}

/// Behind the comment that begins at `at`, or behind the byte there that begins none, such as the /* of SQL that only
/// MySQL executes. One that is still open at `end` is none.
std::size_t after_comment(std::string_view text, std::size_t at, std::size_t end) {
  const auto rest = text.substr(at, end - at);
  const bool to_end_of_line = rest.starts_with('#') || rest.starts_with("-- ") || rest.starts_with("--\n");
  if (to_end_of_line) return std::min(line_end(rest, 0), rest.size()) + at;
  if (!rest.starts_with("/*") || rest.starts_with("/*!") || rest.starts_with("/*M!")) return at + 1;
  const auto close = rest.find("*/", 2);
  return close == std::string_view::npos ? at + 1 : at + close + 2;
}

/// Reads SQL from `at`, which is outside of literals, to `end`. Returns `end` if that is outside of literals too,
/// otherwise where the literal ends that is open there; npos when it does not end soon enough.
std::size_t skip_sql(std::string_view text, std::size_t at, std::size_t end) {
  const auto statement = text.substr(0, end);
  while (at < end) {
    at = find_any<'\'', '"', '`', '/', '#', '-', '\\'>(statement, at);
    if (at == end) break;
    const char c = text[at];
    if (c == '\'' || c == '"') {
      at = after_quoted(text, at, end + kMostQuoted);
    } else if (c == '`') {
      const auto close = after_quoted(text, at, end);
      at = close == std::string_view::npos ? at + 1 : close;
    } else {
      at = c == '\\' ? std::min(at + 2, end) : after_comment(text, at, end);
    }
  }
  return at;
}

/// What stands behind a literal that ends, rather than behind a quote that begins one.
bool may_follow_literal(std::string_view text) {
  return text.empty() || std::string_view(" \t\r\n),;").find(text.front()) != std::string_view::npos;
}

/// The end of the banner at `begin`, or of the lines there that are neither banner nor header.
std::size_t end_of_other(std::string_view text, std::size_t begin) {
  if (const std::size_t banner = banner_length(text.substr(begin))) return begin + banner;
  std::size_t at = begin;
  do {
    at = std::min(line_end(text, at) + 1, text.size());
  } while (at < text.size() && !starts_slow_header(text.substr(at)) && banner_length(text.substr(at)) == 0);
  return at;
}

bool is_banner_end(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line.starts_with("Time") && line.ends_with("Argument") && line.find("Id Command") != std::string_view::npos;
}

}  // namespace

bool starts_slow_header(std::string_view text) {
  constexpr int kMostOtherLines = 3;  // Thread_id, Schema … between User@Host and Query_time
  const bool timed = text.starts_with("# Time: ");
  if (timed) skip_line(text);
  const bool named = text.starts_with("# User@Host: ");
  if (named) skip_line(text);
  for (int i = 0; (timed || named) && i < kMostOtherLines && text.starts_with("# ") && !is_query_time(text); ++i) {
    skip_line(text);
  }
  return is_query_time(text);
}

std::size_t banner_length(std::string_view text) {
  const auto whole = text;
  auto line = text.substr(0, line_end(text, 0));
  if (line.find(", Version: ") == std::string_view::npos || line.find("started with:") == std::string_view::npos) {
    return 0;
  }
  skip_line(text);
  if (text.starts_with("Tcp port: ") || text.starts_with("TCP Port: ")) skip_line(text);
  if (is_banner_end(text.substr(0, line_end(text, 0)))) skip_line(text);
  return whole.size() - text.size();
}

std::size_t before_banners(std::string_view text, std::size_t begin, std::size_t end) {
  constexpr int kLines = 3;
  constexpr std::string_view kLastWord = "Argument";  // of a banner
  for (;;) {
    const auto written = text.substr(begin, end - begin);
    const auto last = written.find_last_not_of("\r\n");
    if (last == std::string_view::npos || !written.substr(0, last + 1).ends_with(kLastWord)) return end;
    std::size_t at = end;
    for (int i = 0; i < kLines && at > begin; ++i) {
      const auto newline = at < 2 ? std::string_view::npos : text.rfind('\n', at - 2);
      at = newline == std::string_view::npos ? 0 : newline + 1;
      if (i == 0 && !is_banner_end(text.substr(at, line_end(text, at) - at))) return end;
    }
    if (at <= begin || at == end || at + banner_length(text.substr(at, end - at)) != end) return end;
    end = at;
  }
}

std::optional<std::size_t> slow_record_end(std::string_view text, std::size_t begin, bool complete) {
  const auto at_end = complete ? std::optional(text.size()) : std::nullopt;
  if (!starts_slow_header(text.substr(begin))) {
    const std::size_t end = end_of_other(text, begin);
    return end == text.size() ? at_end : end;
  }
  const std::size_t body = header_end(text, begin);
  const std::size_t header = next_header(text, body - 1);
  if (header == text.size()) return at_end;
  const std::size_t behind = skip_sql(text, body, header);
  if (behind == header) return header;
  const bool may_close = !complete && text.size() - header < kMostQuoted;
  if (behind == std::string_view::npos) return may_close ? std::nullopt : std::optional(header);
  if (!may_follow_literal(text.substr(behind))) return header;
  const std::size_t next = next_header(text, behind);
  if (next == text.size() && !complete) return std::nullopt;
  return skip_sql(text, behind, next) == next ? next : header;
}

}  // namespace assay
