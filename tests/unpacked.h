// Recorded samples, unpacked.
#pragma once

#include <string>

#include "parser/log/source.h"

namespace assay::test {

/// All of samples/NAME.
inline std::string unpacked(const std::string& name) {
  const auto source = open_source(std::string(ASSAY_SAMPLES) + "/" + name);
  std::string text;
  for (std::size_t more = 1; more > 0;) {
    constexpr std::size_t kPiece = 1U << 20U;
    const std::size_t had = text.size();
    text.resize(had + kPiece);
    more = source->read(text.data() + had, kPiece);
    text.resize(had + more);
  }
  return text;
}

}  // namespace assay::test
