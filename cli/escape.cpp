#include "cli/escape.h"

#include <algorithm>

#include "parser/base/diagnostic.h"

namespace assay {
namespace {

std::size_t longest_run_of_backticks(std::string_view text) {
  std::size_t longest = 0, run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

}  // namespace

std::string code_span(std::string_view text) {
  if (text.empty()) return "(none)";
  const std::string inside = printable(text);
  const std::string fence(longest_run_of_backticks(inside) + 1, '`');
  const bool touches = inside.front() == '`' || inside.back() == '`';
  return touches ? fence + " " + inside + " " + fence : fence + inside + fence;
}

std::string table_code_span(std::string_view text) {
  std::string escaped;
  for (const char c : code_span(text)) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string plain_text(std::string_view text) {
  constexpr std::string_view kMarkup = "\\`*_[]<>&|~#";
  std::string escaped;
  for (const char c : printable(text)) {
    if (kMarkup.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string code_block(std::string_view text, std::string_view language) {
  const std::string fence(std::max<std::size_t>(3, longest_run_of_backticks(text) + 1), '`');
  std::string block = fence + std::string(language) + "\n";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    block += printable(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return block + fence + "\n";
}

std::string shortened(std::string_view text, std::size_t most) {
  std::size_t characters = 0, end = 0, cut = 0;
  for (; end < text.size(); ++end) {
    if (continues_character(text[end])) continue;
    if (++characters == most) cut = end;
    if (characters > most) return std::string(text.substr(0, cut)) + "…";
  }
  return std::string(text);
}

}  // namespace assay
