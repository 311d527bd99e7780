// Decompressor: gzip, zstd, xz and bzip2 behind one interface, piece by piece in bounded memory.
//
// Each takes any number of streams behind each other, as `cat a.gz b.gz` and parallel compressors write them. What is
// damaged is told, not thrown: what was decoded before it is still worth reading.
// What this leaves out: lz4 and .lzma, which log rotation does not write.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace assay {

class Decompressor {
 public:
  struct Step {
    std::size_t read = 0, written = 0;  ///< bytes
    std::string problem;                ///< why decoding cannot go on; empty when it can
  };

  virtual ~Decompressor() = default;

  /// "gzip", "zstd", "xz", "bzip2".
  virtual std::string_view name() const = 0;

  /// Decodes from `in` to `to`; `at_end` says that nothing comes behind `in`.
  virtual Step decode(std::string_view in, char* to, std::size_t size, bool at_end) = 0;

  /// Whether the input may end where decoding stands: behind a whole stream.
  virtual bool complete() const = 0;
};

inline constexpr std::size_t kMagicBytes = 6;

/// Recognised by the first kMagicBytes of the input; nullptr where it is not compressed in one of these ways.
std::unique_ptr<Decompressor> make_decompressor(std::string_view magic);

}  // namespace assay
