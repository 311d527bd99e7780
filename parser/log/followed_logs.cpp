#include "parser/log/followed_logs.h"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace assay {
namespace {

struct FoundFile {
  std::string path;
  struct stat status {};
};

std::vector<std::string> matches_of(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return paths;
}

/// Files that an argument names, whether or not a plain name is there yet.
std::vector<std::string> files_of(const std::string& argument) {
  std::error_code ignored;
  if (std::filesystem::is_directory(argument, ignored)) {
    std::vector<std::string> paths;
    for (std::filesystem::directory_iterator entry(argument, ignored), end; !ignored && entry != end;
         entry.increment(ignored)) {
      if (!entry->path().filename().string().starts_with('.')) paths.push_back(entry->path().string());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }
  const bool is_pattern = argument.find_first_of("*?[") != std::string::npos;
  return is_pattern && !std::filesystem::exists(argument, ignored) ? matches_of(argument)
                                                                   : std::vector<std::string>{argument};
}

bool is_pattern_of_many(const std::string& argument) { return files_of(argument) != std::vector{argument}; }

std::string front_of(const std::string& path) {
  std::string front(LogFollower::kFrontBytes, '\0');
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  const ssize_t size = file < 0 ? 0 : pread(file, front.data(), front.size(), 0);
  if (file >= 0) close(file);
  front.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return front;
}

void add(FollowAccount& sum, const FollowAccount& more) {
  sum.bytes += more.bytes;
  sum.lines += more.lines;
  sum.record_lines += more.record_lines;
  sum.continuation_lines += more.continuation_lines;
  sum.skipped_lines += more.skipped_lines;
  sum.rotations += more.rotations;
  sum.truncations += more.truncations;
}

}  // namespace

FollowedLogs::FollowedLogs(std::vector<std::string> arguments, FollowOptions options, RecordSink sink)
    : arguments_(std::move(arguments)), options_(std::move(options)), sink_(std::move(sink)) {}

LogFollower& FollowedLogs::follow(const std::string& path, bool from_start) {
  FollowOptions options = options_;
  options.from_start = from_start;
  return *(followers_[path] = std::make_unique<LogFollower>(path, options, sink_));
}

/// Whether a follower reads that very file, or read one that begins alike: a copy made before a truncation.
bool FollowedLogs::is_known(const std::string& path) const {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return true;
  const FileIdentity identity{static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino)};
  const std::string front = front_of(path);
  return std::any_of(followers_.begin(), followers_.end(), [&](const auto& known) {
    const LogFollower& follower = *known.second;
    if (follower.is_open() && follower.file() == identity) return true;
    const auto& fronts = follower.fronts();
    return front.size() == LogFollower::kFrontBytes && std::find(fronts.begin(), fronts.end(), front) != fronts.end();
  });
}

/// Files that a pattern names for the first time are followed from their front, but not those that were there at first.
void FollowedLogs::look_for_files(bool at_first) {
  for (const std::string& argument : arguments_) {
    const bool is_of_many = is_pattern_of_many(argument);
    for (const std::string& path : files_of(argument)) {
      if (followers_.contains(path) || passed_over_.contains(path)) continue;
      if (followers_.size() >= kMostFiles) return;
      if (!at_first && is_of_many && is_known(path)) {
        if (passed_over_.size() < 100'000) passed_over_.insert(path);
        continue;
      }
      follow(path, options_.from_start || !at_first);
    }
  }
}

std::size_t FollowedLogs::poll(Tick now, Diagnostics& diagnostics) {
  if (is_first_ || now - looked_ >= kLookAgain) {
    look_for_files(std::exchange(is_first_, false) && followers_.empty());
    looked_ = now;
  }
  std::size_t done = 0;
  for (auto& [path, follower] : followers_) done += follower->poll(now, diagnostics);
  return done;
}

void FollowedLogs::finish() {
  for (auto& [path, follower] : followers_) follower->finish();
}

void FollowedLogs::save(StateWriter& state) const {
  state.number(followers_.size());
  for (const auto& [path, follower] : followers_) {
    state.text(path);
    follower->save(state);
  }
  state.number(passed_over_.size());
  for (const std::string& path : passed_over_) state.text(path);
}

void FollowedLogs::restore(StateReader& state, Diagnostics& diagnostics) {
  for (std::size_t left = state.count(); left > 0; --left) {
    const std::string path = state.text();
    follow(path, true).restore(state, diagnostics);
  }
  for (std::size_t left = state.count(); left > 0; --left) passed_over_.insert(state.text());
}

FollowAccount FollowedLogs::account() const {
  FollowAccount sum;
  for (const auto& [path, follower] : followers_) add(sum, follower->account());
  return sum;
}

std::uint64_t FollowedLogs::unread() const {
  std::uint64_t bytes = 0;
  for (const auto& [path, follower] : followers_) bytes += follower->unread();
  return bytes;
}

std::size_t FollowedLogs::open_files() const {
  return static_cast<std::size_t>(
      std::count_if(followers_.begin(), followers_.end(), [](const auto& known) { return known.second->is_open(); }));
}

}  // namespace assay
