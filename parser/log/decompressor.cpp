#include "parser/log/decompressor.h"

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <new>

namespace assay {
namespace {

// A stream may ask for any amount of memory; `xz -9` asks for 65 MB, and zstd has its own limit of 128 MB.
constexpr std::uint64_t kMostMemory = 256U << 20U;  // bytes

/// zlib and libbz2 count in unsigned int.
unsigned clamped(std::size_t size) {
  return static_cast<unsigned>(std::min<std::size_t>(size, std::numeric_limits<unsigned>::max()));
}

class GzipDecompressor : public Decompressor {
 public:
  GzipDecompressor() {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~GzipDecompressor() override { inflateEnd(&stream_); }

  std::string_view name() const override { return "gzip"; }
  bool complete() const override { return ended_; }

  Step decode(std::string_view in, char* to, std::size_t size, bool) override {
    if (in.empty()) return {};
    if (ended_) inflateReset(&stream_);
    const unsigned input = clamped(in.size()), room = clamped(size);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = input;
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    stream_.avail_out = room;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    ended_ = result == Z_STREAM_END;
    Step step{input - stream_.avail_in, room - stream_.avail_out, {}};
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      step.problem = stream_.msg != nullptr ? stream_.msg : zError(result);
    }
    return step;
  }

 private:
  z_stream stream_{};
  bool ended_ = false;
};

class ZstdDecompressor : public Decompressor {
 public:
  ZstdDecompressor() : stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) throw std::bad_alloc();
  }
  ~ZstdDecompressor() override { ZSTD_freeDStream(stream_); }

  std::string_view name() const override { return "zstd"; }
  bool complete() const override { return ended_; }

  Step decode(std::string_view in, char* to, std::size_t size, bool) override {
    if (in.empty() && ended_) return {};
    // A call that fails tells nothing of what it decoded before: so each gets one block, whose size the last one told.
    ZSTD_inBuffer input{in.data(), std::min(in.size(), next_), 0};
    ZSTD_outBuffer output{to, size, 0};
    const std::size_t result = ZSTD_decompressStream(stream_, &output, &input);
    Step step{input.pos, output.pos, {}};
    if (ZSTD_isError(result) != 0U) {
      step.problem = ZSTD_getErrorName(result);
    } else {
      ended_ = result == 0;
      next_ = ended_ ? kFrameStart : result;
    }
    return step;
  }

 private:
  static constexpr std::size_t kFrameStart = 5;  // bytes: magic number and one more

  ZSTD_DStream* stream_;
  std::size_t next_ = kFrameStart;
  bool ended_ = false;
};

std::string_view text_of(lzma_ret result) {
  switch (result) {
    case LZMA_MEMLIMIT_ERROR:
      return "it asks for more than 256 MB of memory";
    case LZMA_OPTIONS_ERROR:
      return "it uses filters that are not known here";
    case LZMA_FORMAT_ERROR:
      return "what follows is no xz stream";
    default:
      return "the data is corrupt";
  }
}

class XzDecompressor : public Decompressor {
 public:
  XzDecompressor() {
    if (lzma_stream_decoder(&stream_, kMostMemory, LZMA_CONCATENATED) != LZMA_OK) throw std::bad_alloc();
  }
  ~XzDecompressor() override { lzma_end(&stream_); }

  std::string_view name() const override { return "xz"; }
  bool complete() const override { return ended_; }

  Step decode(std::string_view in, char* to, std::size_t size, bool at_end) override {
    if (ended_) return {};
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    stream_.avail_in = in.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(to);
    stream_.avail_out = size;
    const lzma_ret result = lzma_code(&stream_, at_end ? LZMA_FINISH : LZMA_RUN);
    if (result == LZMA_MEM_ERROR) throw std::bad_alloc();
    ended_ = result == LZMA_STREAM_END;
    Step step{in.size() - stream_.avail_in, size - stream_.avail_out, {}};
    if (result != LZMA_OK && result != LZMA_STREAM_END && result != LZMA_BUF_ERROR) step.problem = text_of(result);
    return step;
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool ended_ = false;
};

class Bzip2Decompressor : public Decompressor {
 public:
  Bzip2Decompressor() { open(); }
  ~Bzip2Decompressor() override { BZ2_bzDecompressEnd(&stream_); }

  std::string_view name() const override { return "bzip2"; }
  bool complete() const override { return ended_; }

  Step decode(std::string_view in, char* to, std::size_t size, bool) override {
    if (ended_) {
      if (in.empty()) return {};
      BZ2_bzDecompressEnd(&stream_);
      open();
    }
    const unsigned input = clamped(in.size()), room = clamped(size);
    stream_.next_in = const_cast<char*>(in.data());
    stream_.avail_in = input;
    stream_.next_out = to;
    stream_.avail_out = room;
    const int result = BZ2_bzDecompress(&stream_);
    if (result == BZ_MEM_ERROR) throw std::bad_alloc();
    ended_ = result == BZ_STREAM_END;
    Step step{input - stream_.avail_in, room - stream_.avail_out, {}};
    if (result == BZ_DATA_ERROR_MAGIC) {
      step.problem = "what follows is no bzip2 stream";
    } else if (result != BZ_OK && result != BZ_STREAM_END) {
      step.problem = "the data is corrupt";
    }
    return step;
  }

 private:
  void open() {
    stream_ = {};
    if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) throw std::bad_alloc();
    ended_ = false;
  }

  bz_stream stream_{};
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Decompressor> make_decompressor(std::string_view magic) {
  constexpr std::string_view kXz(
      "\xFD"
      "7zXZ\0",
      6);
  if (magic.starts_with("\x1F\x8B")) return std::make_unique<GzipDecompressor>();
  if (magic.starts_with("\x28\xB5\x2F\xFD")) return std::make_unique<ZstdDecompressor>();
  if (magic.starts_with(kXz)) return std::make_unique<XzDecompressor>();
  if (magic.starts_with("BZh")) return std::make_unique<Bzip2Decompressor>();
  return nullptr;
}

}  // namespace assay
