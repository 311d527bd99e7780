// What every reader of text needs to step over bytes. No locale, no allocation.
#pragma once

#include <string_view>

namespace assay {

constexpr bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

/// In lower case, as PostgreSQL prints numbers in hexadecimal.
constexpr bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

/// Takes `expected` off the front of `text`; false where something else stands there.
inline bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

}  // namespace assay
