#include "connectors/replaced_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

namespace assay {
namespace {

namespace fs = std::filesystem;

/// what() is the reason alone.
[[noreturn]] void fail(int reason) { throw std::system_error(reason, std::generic_category()); }

/// errno knows no such failure.
class NoRegularFile : public std::error_category {
 public:
  static const NoRegularFile& category() {
    static const NoRegularFile one;
    return one;
  }
  const char* name() const noexcept override { return "file"; }
  std::string message(int) const override { return "it is no regular file"; }
};

int synchronise(const fs::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return errno;
  const int reason = fsync(descriptor) == 0 ? 0 : errno;
  close(descriptor);
  return reason;
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

}  // namespace

ReplacedFile::ReplacedFile(fs::path place) : place_(std::move(place)) {
  std::error_code ignored;
  const fs::file_status status = fs::status(place_, ignored);
  if (fs::is_directory(status)) fail(EISDIR);
  if (fs::exists(status) && !fs::is_regular_file(status)) throw std::system_error(1, NoRegularFile::category());
  std::string name = (folder_of(place_) / ("." + place_.filename().string() + ".XXXXXX")).string();
  const int descriptor = mkstemp(name.data());
  if (descriptor < 0) fail(errno);
  close(descriptor);
  path_ = name;
}

ReplacedFile::~ReplacedFile() {
  if (!path_.empty()) unlink(path_.c_str());
}

void ReplacedFile::put_in_place() {
  if (const int reason = synchronise(path_)) fail(reason);
  if (std::rename(path_.c_str(), place_.c_str()) != 0) fail(errno);
  path_.clear();
  synchronise(folder_of(place_));
}

}  // namespace assay
