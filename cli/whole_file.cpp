#include "cli/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "parser/base/error.h"

namespace assay {
namespace {

[[noreturn]] void fail(const std::string& path) {
  const std::string reason = std::strerror(errno);
  throw Error(path + ": cannot be written: " + reason, "choose another place for it");
}

bool write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

void write_directly(const std::string& path, std::string_view content) {
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file < 0) fail(path);
  const bool written = write_all(file, content);
  if (::close(file) != 0 || !written) fail(path);
}

// A file that is replaced keeps its mode. A new one gets what open() would give it: mkostemp's own 0600 would hide a
// report from colleagues.
mode_t mode_for(const std::string& path) {
  struct stat old {};
  if (::stat(path.c_str(), &old) == 0) return old.st_mode & 07777;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

}  // namespace

void write_whole_file(const std::string& path, std::string_view content) {
  const bool is_device = path.starts_with("/dev/") && !path.starts_with("/dev/shm/");  // where shared memory's files lie
  if (is_device) return write_directly(path, content);
  std::error_code ignored;
  const auto target = std::filesystem::weakly_canonical(path, ignored);  // a link stays a link
  const std::string place = target.empty() ? path : target.string();
  const auto status = std::filesystem::status(place, ignored);
  if (std::filesystem::is_directory(status)) {
    errno = EISDIR;
    fail(path);
  }
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    return write_directly(place, content);
  std::string temporary = place + ".XXXXXX";
  const int file = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (file < 0) fail(path);
  const bool written = write_all(file, content) && ::fchmod(file, mode_for(place)) == 0 && ::fsync(file) == 0;
  if (::close(file) != 0 || !written || ::rename(temporary.c_str(), place.c_str()) != 0) {
    const int reason = errno;
    ::unlink(temporary.c_str());
    errno = reason;
    fail(path);
  }
}

}  // namespace assay
