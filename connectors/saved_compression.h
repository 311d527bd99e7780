// A column of a saved workload, compressed by zstd.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace assay {

inline constexpr std::size_t kLongestSavedColumn = 256U << 20U;  // bytes, not compressed

std::string compress_saved(std::string_view bytes);

/// `size`: of the bytes that come out. Throws SavedDamage, also where they are more or fewer, or too many.
std::string decompress_saved(std::string_view compressed, std::size_t size);

}  // namespace assay
