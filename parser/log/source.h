// Bytes of a log, wherever they lie: a file, a pipe, standard input; plain, gzip,
// zstd, xz or bzip2.
//
// Files are read, not mapped: a log may be truncated under us (logrotate's copytruncate), which would end a
// mapped reader with SIGBUS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace assay {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  /// Fills `to` with up to `size` bytes; fewer only at the end, 0 behind it. Throws Error.
  virtual std::size_t read(char* to, std::size_t size) = 0;

  /// Bytes of the file that were read so far, compressed or not.
  virtual std::uint64_t position() const = 0;

  /// Of the file in bytes; 0 where it cannot be known (a pipe).
  virtual std::uint64_t total() const = 0;

  /// "gzip", "zstd", "xz", "bzip2"; empty for none.
  virtual std::string_view compression() const { return {}; }

  /// Why the bytes ended before their time: the file is damaged or was cut off. Empty when they did not.
  virtual const std::string& damage() const { return kNone; }

 private:
  static inline const std::string kNone;
};

/// Opens `path` ("-": standard input) and recognises compression by its first bytes. Throws Error when it cannot
/// be opened, is a folder, or is compressed in a way that is not known here.
std::unique_ptr<ByteSource> open_source(const std::string& path);

/// The first `most` bytes of `source`, to have a look at it.
std::unique_ptr<ByteSource> limited(std::unique_ptr<ByteSource> source, std::uint64_t most);

}  // namespace assay
