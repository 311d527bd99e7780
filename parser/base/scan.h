// What every reader of text needs to step over bytes. No locale, no allocation.
#pragma once

#include <bit>
#include <cstddef>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

/// The place of the first of the bytes `kWanted` from `at` on; the size of `text` where none is. What is looked for is
/// near in most texts that are taken apart, so nothing is called and nothing set up.
template <char... kWanted>
std::size_t find_any(std::string_view text, std::size_t at) {
#ifdef __SSE2__
  for (constexpr std::size_t kStep = 16; at + kStep <= text.size(); at += kStep) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const int found = (_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(kWanted))) | ...);
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(found)));
  }
#endif
  while (at < text.size() && ((text[at] != kWanted) && ...)) ++at;
  return at;
}

}  // namespace assay
