#include "parser/log/json_text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "parser/base/scan.h"

namespace assay {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::optional<std::uint32_t> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : text.substr(0, 4)) {
    const auto digit = static_cast<unsigned char>(c);
    value <<= 4;
    if (digit >= '0' && digit <= '9') {
      value |= digit - '0';
    } else if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f') {
      value |= (digit | 0x20) - 'a' + 10;
    } else {
      return std::nullopt;
    }
  }
  return value;
}

char* write_utf8(std::uint32_t c, char* to) {
  const auto put = [&](std::uint32_t byte) { *to++ = static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
  return to;
}

/// The code point of "XXXX" or "XXXX\uXXXX"; moves `text` behind it.
std::optional<std::uint32_t> take_code_point(std::string_view& text) {
  const auto unit = hex4(text);
  if (!unit) return std::nullopt;
  text.remove_prefix(4);
  if (*unit < 0xD800 || *unit > 0xDFFF) return unit;
  if (*unit < 0xDC00 && text.starts_with("\\u")) {
    const auto low = hex4(text.substr(2));
    if (low && *low >= 0xDC00 && *low <= 0xDFFF) {
      text.remove_prefix(6);
      return 0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00);
    }
  }
  return 0xFFFD;
}

/// What a one-letter escape stands for; '\0' for none.
char plain_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return '\0';
  }
}

}  // namespace

JsonObject::JsonObject(std::string_view text) : text_(text) {
  skip_blanks();
  if (!take('{')) text_ = text_.substr(0, at_);
}

std::optional<JsonMember> JsonObject::next() {
  skip_blanks();
  if (take('}')) {
    closed_ = true;
    skip_blanks();
    well_formed_ = at_ == text_.size();
    return std::nullopt;
  }
  if (!first_ && !take(',')) return std::nullopt;
  first_ = false;
  skip_blanks();
  JsonMember member;
  bool escaped_key = false;
  if (!read_string(member.key, escaped_key)) return std::nullopt;
  skip_blanks();
  if (!take(':')) return std::nullopt;
  skip_blanks();
  if (!read_value(member)) return std::nullopt;
  return member;
}

void JsonObject::skip_blanks() {
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
}

bool JsonObject::take(char c) {
  if (at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

bool JsonObject::read_string(std::string_view& text, bool& escaped) {
  if (!take('"')) return false;
  const std::size_t begin = at_;
  at_ = find_any<'"', '\\'>(text_, at_);
  escaped = at_ < text_.size() && text_[at_] == '\\';
  if (!escaped && at_ < text_.size()) {
    text = text_.substr(begin, at_++ - begin);
    return true;
  }
  std::size_t backslashes = 0;
  do {  // a quote behind an odd number of backslashes does not end the string
    const auto quote = text_.find('"', at_);
    if (quote == std::string_view::npos) return false;
    for (backslashes = 0; quote - backslashes > begin && text_[quote - backslashes - 1] == '\\';) ++backslashes;
    at_ = quote + 1;
  } while (backslashes % 2 == 1);
  text = text_.substr(begin, at_ - 1 - begin);
  return true;
}

bool JsonObject::read_value(JsonMember& member) {
  if (at_ >= text_.size()) return false;
  if (text_[at_] == '"') {
    member.is_string = true;
    return read_string(member.value, member.escaped);
  }
  const std::size_t begin = at_;
  if (text_[at_] == '{' || text_[at_] == '[') {
    if (!skip_nested()) return false;
  } else {
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}') ++at_;
  }
  member.value = text_.substr(begin, at_ - begin);
  return !member.value.empty();
}

bool JsonObject::skip_nested() {
  std::size_t depth = 0;
  do {
    if (at_ >= text_.size()) return false;
    const char c = text_[at_];
    if (c == '"') {
      std::string_view text;
      bool escaped = false;
      if (!read_string(text, escaped)) return false;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++at_;
  } while (depth > 0);
  return true;
}

std::optional<std::string_view> unescape_json_in_place(std::string_view text) {
  char* const begin = const_cast<char*>(text.data());  // the caller's promise: the bytes are writable
  char* to = begin;
  for (;;) {
    const auto plain = find_any<'\\'>(text, 0);
    std::memmove(to, text.data(), plain);
    to += plain;
    text.remove_prefix(plain);
    if (text.empty()) return std::string_view(begin, static_cast<std::size_t>(to - begin));
    if (text.size() < 2) return std::nullopt;
    const char letter = text[1];
    text.remove_prefix(2);
    if (letter == 'u') {
      const auto c = take_code_point(text);
      if (!c) return std::nullopt;
      to = write_utf8(*c, to);
    } else {
      const char c = plain_escape(letter);
      if (c == '\0') return std::nullopt;
      *to++ = c;
    }
  }
}

}  // namespace assay
