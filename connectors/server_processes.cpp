#include "connectors/server_processes.h"

#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

namespace assay {
namespace {

struct ProcessTimes {
  pid_t parent = 0;
  std::uint64_t own = 0, children = 0;  ///< ticks; of children that have ended and were waited for
};

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// proc(5): behind the name, which may hold anything but ends with the last parenthesis, stand state, ppid and, as the
/// 12th to 15th, utime, stime, cutime, cstime.
std::optional<ProcessTimes> times_of(pid_t process) {
  const std::string stat = content_of("/proc/" + std::to_string(process) + "/stat");
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(stat.substr(name_end + 1));
  std::string state, skipped;
  ProcessTimes times;
  std::uint64_t user = 0, system = 0, child_user = 0, child_system = 0;
  fields >> state >> times.parent;
  for (int i = 0; i < 9; ++i) fields >> skipped;
  fields >> user >> system >> child_user >> child_system;
  if (!fields) return std::nullopt;
  times.own = user + system;
  times.children = child_user + child_system;
  return times;
}

}  // namespace

ServerProcesses::ServerProcesses(const ReplayConnection& connection) {
  if (!connection.is_local()) return;
  const pid_t backend = connection.process();
  // The server may be in a container, whose process numbers mean others here.
  if (!content_of("/proc/" + std::to_string(backend) + "/cmdline").starts_with("postgres: ")) return;
  if (const auto times = times_of(backend)) postmaster_ = times->parent;
}

std::optional<double> ServerProcesses::seconds() const {
  if (!postmaster_) return std::nullopt;
  const auto server = times_of(*postmaster_);
  if (!server) return std::nullopt;
  std::uint64_t ticks = server->own + server->children;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename().string();
    pid_t process = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), process).ec != std::errc()) continue;
    const auto times = times_of(process);
    if (times && times->parent == *postmaster_) ticks += times->own;
  }
  return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace assay
