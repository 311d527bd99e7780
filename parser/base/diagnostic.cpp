#include "parser/base/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>

#include "parser/base/utf8.h"

namespace assay {
namespace {

constexpr std::size_t kExcerptBytes = 120;     // what fits a terminal's line
constexpr std::size_t kBytesBeforeCaret = 60;  // of a long excerpt
constexpr std::string_view kIndent = "    ";

std::string_view word(Severity severity) {
  switch (severity) {
    case Severity::kNote:
      return "note";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
  }
  return "";
}

/// Characters that steer a terminal or reorder what is read: C0, DEL, C1, line separators, marks and
/// overrides of direction ("Trojan Source", CVE-2021-42574), zero-width ones.
bool is_unsafe(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x61C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

std::string escape(char32_t c) {
  if (c == '\n') return "\\n";
  if (c == '\t') return "\\t";
  if (c == '\r') return "\\r";
  const auto value = static_cast<unsigned>(c);
  return value < 0x80 ? fmt::format("\\x{:02x}", value) : fmt::format("\\u{:04x}", value);
}

bool is_continuation_byte(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Code points: a terminal's columns, but for wide and combining characters.
std::size_t width(std::string_view utf8) {
  return utf8.size() - static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), is_continuation_byte));
}

struct Excerpt {
  std::string text;
  std::size_t caret = 0;  ///< columns before it
};

/// The part of the line around `column`, escaped; "…" stands where it was cut.
Excerpt cut_excerpt(std::string_view line, std::uint64_t column) {
  const std::size_t at = std::min<std::uint64_t>(column == 0 ? 0 : column - 1, line.size());
  std::size_t begin = line.size() > kExcerptBytes && at > kBytesBeforeCaret ? at - kBytesBeforeCaret : 0;
  while (begin < at && is_continuation_byte(line[begin])) ++begin;
  std::size_t end = std::min(line.size(), begin + kExcerptBytes);
  while (end < line.size() && end > at && is_continuation_byte(line[end])) --end;
  Excerpt excerpt;
  if (begin > 0) excerpt.text = "…";
  excerpt.text += printable(line.substr(begin, at - begin));
  excerpt.caret = width(excerpt.text);
  excerpt.text += printable(line.substr(at, end - at));
  if (end < line.size()) excerpt.text += "…";
  return excerpt;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint c = decode_utf8(text);
    if (c.length == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
      continue;
    }
    if (is_unsafe(c.value)) {
      out += escape(c.value);
    } else {
      out += text.substr(0, c.length);
    }
    text.remove_prefix(c.length);
  }
  return out;
}

std::string to_string(const Diagnostic& diagnostic) {
  std::string out = printable(diagnostic.file);
  if (diagnostic.line > 0) out += fmt::format(":{}", diagnostic.line);
  out += fmt::format(": {}: {}\n", word(diagnostic.severity), printable(diagnostic.message));
  if (!diagnostic.excerpt.empty()) {
    const Excerpt excerpt = cut_excerpt(diagnostic.excerpt, diagnostic.column);
    out += fmt::format("{}{}\n", kIndent, excerpt.text);
    if (diagnostic.column > 0) out += fmt::format("{}{:>{}}\n", kIndent, "^", excerpt.caret + 1);
  }
  if (!diagnostic.hint.empty()) out += fmt::format("hint: {}\n", printable(diagnostic.hint));
  return out;
}

}  // namespace assay
