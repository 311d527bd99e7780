// Classes of bytes, as PostgreSQL's scan.l has them; MySQL's letters and digits are the same.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace assay {

enum CharClass : std::uint8_t { kSpace = 1, kWordStart = 2, kDigit = 4, kOperatorChar = 8 };

constexpr std::array<std::uint8_t, 256> make_char_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (char c : std::string_view(" \t\n\r\f\v")) classes[static_cast<unsigned char>(c)] = kSpace;
  for (char c : std::string_view("~!@#^&|`?+-*/%<>=")) classes[static_cast<unsigned char>(c)] = kOperatorChar;
  for (int c = '0'; c <= '9'; ++c) classes[static_cast<std::size_t>(c)] = kDigit;
  for (int c = 'a'; c <= 'z'; ++c) classes[static_cast<std::size_t>(c)] = kWordStart;
  for (int c = 'A'; c <= 'Z'; ++c) classes[static_cast<std::size_t>(c)] = kWordStart;
  for (int c = 0x80; c <= 0xff; ++c) classes[static_cast<std::size_t>(c)] = kWordStart;  // scan.l's "high bit" letters
  classes['_'] = kWordStart;
  return classes;
}

inline constexpr auto kCharClasses = make_char_classes();

inline bool is(unsigned char c, int classes) { return (kCharClasses[c] & classes) != 0; }

}  // namespace assay
