#include "parser/log/source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "parser/base/error.h"

namespace assay {
namespace {

constexpr std::size_t kMagicBytes = 6;
constexpr std::size_t kCompressedChunk = 256U << 10U;

std::string reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void throw_damaged(const std::string& path, std::string_view format, std::string_view why) {
  throw Error(fmt::format("{}: cannot decompress: {}", path, why),
              fmt::format("the {} file is damaged or was cut off; copy it again", format));
}

class File {
 public:
  explicit File(std::string path) : path_(std::move(path)), descriptor_(open_path()) {
    struct stat status {};
    if (fstat(descriptor_, &status) != 0) fail("cannot be examined", errno);
    if (S_ISDIR(status.st_mode)) {
      close_descriptor();
      throw Error(fmt::format("{}: is a folder, not a log", path_), "name the files in it");
    }
    total_ = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
    read_magic();
  }
  ~File() { close_descriptor(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  std::size_t read(char* to, std::size_t size) {
    const std::size_t from_magic = std::min(size, magic_.size() - magic_used_);
    std::memcpy(to, magic_.data() + magic_used_, from_magic);
    magic_used_ += from_magic;
    return from_magic + read_descriptor(to + from_magic, size - from_magic);
  }

  const std::string& path() const { return path_; }
  std::string_view magic() const { return magic_; }
  std::uint64_t position() const { return position_; }
  std::uint64_t total() const { return total_; }

 private:
  int open_path() const {
    if (path_ == "-") return STDIN_FILENO;
    const int descriptor = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor >= 0) return descriptor;
    const int error = errno;
    const bool forbidden = error == EACCES || error == EPERM;
    throw Error(fmt::format("{}: cannot be opened: {}", path_, reason(error)),
                forbidden
                    ? "PostgreSQL's logs belong to its own user: read them as that user, or set log_file_mode = 0640"
                    : "check the name of the file");
  }

  void close_descriptor() {
    if (descriptor_ > STDIN_FILENO) close(descriptor_);
    descriptor_ = -1;
  }

  [[noreturn]] void fail(std::string_view what, int error) {
    close_descriptor();
    throw Error(fmt::format("{}: {}: {}", path_, what, reason(error)), "check the disk or the network that it lies on");
  }

  void read_magic() {
    magic_.resize(kMagicBytes);
    magic_.resize(read_descriptor(magic_.data(), magic_.size()));
  }

  std::size_t read_descriptor(char* to, std::size_t size) {
    std::size_t done = 0;
    while (done < size) {
      const auto count = ::read(descriptor_, to + done, size - done);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail("cannot be read", errno);
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    position_ += done;
    return done;
  }

  std::string path_;
  int descriptor_;
  std::uint64_t total_ = 0, position_ = 0;
  std::string magic_;
  std::size_t magic_used_ = 0;
};

class FileSource : public ByteSource {
 public:
  explicit FileSource(std::unique_ptr<File> file) : file_(std::move(file)) {}
  std::uint64_t position() const override { return file_->position(); }
  std::uint64_t total() const override { return file_->total(); }

 protected:
  std::unique_ptr<File> file_;
};

class PlainSource : public FileSource {
 public:
  using FileSource::FileSource;
  std::size_t read(char* to, std::size_t size) override { return file_->read(to, size); }
};

/// Any number of gzip members behind each other, as `cat a.gz b.gz` and pigz write them.
class GzipSource : public FileSource {
 public:
  explicit GzipSource(std::unique_ptr<File> file) : FileSource(std::move(file)), input_(kCompressedChunk) {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~GzipSource() override { inflateEnd(&stream_); }

  std::size_t read(char* to, std::size_t size) override {
    std::size_t done = 0;
    while (done < size && refill()) {
      const std::size_t room = std::min<std::size_t>(size - done, 1U << 30U);
      stream_.next_out = reinterpret_cast<Bytef*>(to + done);
      stream_.avail_out = static_cast<uInt>(room);
      step();
      done += room - stream_.avail_out;
    }
    return done;
  }

 private:
  void step() {
    if (member_ended_) {
      inflateReset(&stream_);
      member_ended_ = false;
    }
    const int result = inflate(&stream_, Z_NO_FLUSH);
    member_ended_ = result == Z_STREAM_END;
    if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR) return;
    throw_damaged(file_->path(), "gzip", stream_.msg != nullptr ? stream_.msg : zError(result));
  }

  /// False at the end of the file, which must also be the end of a member.
  bool refill() {
    if (stream_.avail_in > 0) return true;
    stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
    stream_.avail_in = static_cast<uInt>(file_->read(input_.data(), input_.size()));
    if (stream_.avail_in > 0) return true;
    if (!member_ended_) throw_damaged(file_->path(), "gzip", "unexpected end of file");
    return false;
  }

  std::vector<char> input_;
  z_stream stream_{};
  bool member_ended_ = false;
};

class ZstdSource : public FileSource {
 public:
  explicit ZstdSource(std::unique_ptr<File> file)
      : FileSource(std::move(file)), input_(kCompressedChunk), stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) throw std::bad_alloc();
  }
  ~ZstdSource() override { ZSTD_freeDStream(stream_); }

  std::size_t read(char* to, std::size_t size) override {
    ZSTD_outBuffer out{to, size, 0};
    while (out.pos < out.size) {
      const bool more = refill();
      if (!more && !frame_open_) break;
      const std::size_t before = out.pos;
      const std::size_t result = ZSTD_decompressStream(stream_, &out, &chunk_);
      if (ZSTD_isError(result) != 0U) throw_damaged(file_->path(), "zstd", ZSTD_getErrorName(result));
      frame_open_ = result != 0;
      if (!more && out.pos == before && frame_open_) throw_damaged(file_->path(), "zstd", "unexpected end of file");
    }
    return out.pos;
  }

 private:
  bool refill() {
    if (chunk_.pos < chunk_.size) return true;
    const std::size_t count = file_->read(input_.data(), input_.size());
    chunk_ = {input_.data(), count, 0};
    return count > 0;
  }

  std::vector<char> input_;
  ZSTD_DStream* stream_;
  ZSTD_inBuffer chunk_{nullptr, 0, 0};
  bool frame_open_ = false;
};

class LimitedSource : public ByteSource {
 public:
  LimitedSource(std::unique_ptr<ByteSource> source, std::uint64_t most) : source_(std::move(source)), left_(most) {}

  std::size_t read(char* to, std::size_t size) override {
    const std::size_t count = source_->read(to, static_cast<std::size_t>(std::min<std::uint64_t>(size, left_)));
    left_ -= count;
    return count;
  }
  std::uint64_t position() const override { return source_->position(); }
  std::uint64_t total() const override { return source_->total(); }

 private:
  std::unique_ptr<ByteSource> source_;
  std::uint64_t left_;
};

struct OtherCompression {
  std::string_view magic, name, command;
};
constexpr OtherCompression kOtherCompressions[] = {
    {std::string_view("\xFD"
                      "7zXZ\0",
                      6),
     "xz", "xz"},
    {"BZh", "bzip2", "bzip2"},
    {"\x04\x22\x4D\x18", "lz4", "lz4"},
};

void refuse_other_compressions(const File& file) {
  for (const auto& [magic, name, command] : kOtherCompressions) {
    if (!file.magic().starts_with(magic)) continue;
    throw Error(fmt::format("{}: is compressed with {}, which is not supported", file.path(), name),
                fmt::format("decompress it first: {} -dc {} | assay report -", command, file.path()));
  }
}

}  // namespace

std::unique_ptr<ByteSource> limited(std::unique_ptr<ByteSource> source, std::uint64_t most) {
  if (most == UINT64_MAX) return source;
  return std::make_unique<LimitedSource>(std::move(source), most);
}

std::unique_ptr<ByteSource> open_source(const std::string& path) {
  auto file = std::make_unique<File>(path);
  refuse_other_compressions(*file);
  if (file->magic().starts_with("\x1F\x8B")) return std::make_unique<GzipSource>(std::move(file));
  if (file->magic().starts_with("\x28\xB5\x2F\xFD")) return std::make_unique<ZstdSource>(std::move(file));
  return std::make_unique<PlainSource>(std::move(file));
}

}  // namespace assay
