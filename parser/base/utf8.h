// The one UTF-8 decoder: for printing safely and for telling bytes that are no text.
#pragma once

#include <cstddef>
#include <string_view>

namespace assay {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  ///< in bytes; 0 when `text` does not begin with a valid sequence
};

/// The code point at the front of `text`, which is not empty. Overlong forms, surrogates and values above
/// U+10FFFF are invalid (RFC 3629).
CodePoint decode_utf8(std::string_view text);

}  // namespace assay
