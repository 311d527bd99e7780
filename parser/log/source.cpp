#include "parser/log/source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "parser/base/error.h"
#include "parser/log/decompressor.h"

namespace assay {
namespace {

constexpr std::size_t kCompressedChunk = 256U << 10U;

std::string reason(int error) { return std::generic_category().message(error); }

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

class CompressedSource : public FileSource {
 public:
  CompressedSource(std::unique_ptr<File> file, std::unique_ptr<Decompressor> decompressor)
      : FileSource(std::move(file)), decompressor_(std::move(decompressor)), input_(kCompressedChunk) {}

  std::string_view compression() const override { return decompressor_->name(); }
  const std::string& damage() const override { return damage_; }

  std::size_t read(char* to, std::size_t size) override {
    std::size_t done = 0;
    while (done < size && damage_.empty()) {
      if (chunk_.empty() && !at_end_) refill();
      const auto step = decompressor_->decode(chunk_, to + done, size - done, at_end_);
      chunk_.remove_prefix(step.read);
      done += step.written;
      if (!step.problem.empty()) {
        tell_damage(step.problem);
      } else if (at_end_ && step.read == 0 && step.written == 0) {
        if (!decompressor_->complete()) tell_damage("unexpected end of file");
        break;
      }
    }
    return done;
  }

 private:
  void refill() {
    const std::size_t count = file_->read(input_.data(), input_.size());
    chunk_ = {input_.data(), count};
    at_end_ = count == 0;
  }

  void tell_damage(std::string_view why) {
    damage_ = fmt::format("the {} data is damaged at byte {}: {}", decompressor_->name(),
                          file_->position() - chunk_.size(), why);
  }

  std::unique_ptr<Decompressor> decompressor_;
  std::vector<char> input_;
  std::string_view chunk_;  // of input_, not decoded yet
  bool at_end_ = false;     // of the file
  std::string damage_;
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
  std::string_view compression() const override { return source_->compression(); }
  const std::string& damage() const override { return source_->damage(); }

 private:
  std::unique_ptr<ByteSource> source_;
  std::uint64_t left_;
};

struct OtherCompression {
  std::string_view magic, name, command;
};
constexpr OtherCompression kOtherCompressions[] = {
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
  if (auto decompressor = make_decompressor(file->magic())) {
    return std::make_unique<CompressedSource>(std::move(file), std::move(decompressor));
  }
  return std::make_unique<PlainSource>(std::move(file));
}

}  // namespace assay
