#include "connectors/cluster_template.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <string>
#include <system_error>

#include "parser/base/error.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

fs::path cache_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && cache[0] == '/') return fs::path(cache) / "assay";
  if (const char* home = std::getenv("HOME"); home && home[0] == '/') return fs::path(home) / ".cache" / "assay";
  return {};
}

/// The folder of the template; empty where there is no cache. The number counts changes of initdb's options below.
fs::path template_folder(const ServerPrograms& programs) {
  const fs::path cache = cache_folder();
  if (cache.empty()) return {};
  std::string version = programs.version;
  std::replace_if(
      version.begin(), version.end(), [](unsigned char c) { return !std::isalnum(c) && c != '.'; }, '_');
  return cache / ("cluster-1-" + version);
}

void give_to(const Account& account, const fs::path& tree) {
  std::error_code failure;
  const auto give = [&](const fs::path& path) {
    if (lchown(path.c_str(), account.user, account.group) != 0) failure.assign(errno, std::generic_category());
  };
  give(tree);
  for (const auto& entry : fs::recursive_directory_iterator(tree)) give(entry.path());
  if (failure) throw fs::filesystem_error("cannot change the owner", tree, failure);
}

/// Copies a whole tree; throws fs::filesystem_error.
void copy_tree(const fs::path& from, const fs::path& to) {
  fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  fs::permissions(to, fs::perms::owner_all);
}

bool copy_from_cache(const fs::path& cached, const std::optional<Account>& account, const fs::path& data) {
  std::error_code failure;
  if (cached.empty() || !fs::exists(cached, failure)) return false;
  try {
    copy_tree(cached, data);
    if (account) give_to(*account, data);
    return true;
  } catch (const fs::filesystem_error&) {
    fs::remove_all(data, failure);
    return false;
  }
}

/// Renamed into place at the end, so that nobody ever sees half a template.
void store_in_cache(const fs::path& data, const fs::path& cached) {
  if (cached.empty()) return;
  const fs::path unfinished = cached.string() + ".part-" + std::to_string(getpid());
  std::error_code ignored;
  try {
    fs::create_directories(cached.parent_path());
    copy_tree(data, unfinished);
    fs::rename(unfinished, cached);
  } catch (const fs::filesystem_error&) {
    fs::remove_all(unfinished, ignored);  // no cache, or another process was faster
  }
}

void run_initdb(const ServerPrograms& programs, const std::optional<Account>& account, std::string_view superuser,
                const fs::path& data, const fs::path& log) {
  ChildCommand command;
  command.arguments = {(programs.folder / "initdb").string(),
                       "-D",
                       data.string(),
                       "-U",
                       std::string(superuser),
                       "--auth=trust",
                       "--no-sync",
                       "--locale=C.UTF-8",
                       "--encoding=UTF8",
                       "--wal-segsize=1"};
  command.output = log;
  command.folder = data.parent_path();
  const int status = wait_for_child(start_child(command, account));
  if (status != 0) {
    throw Error("initdb failed: " + last_lines(log, 3), "TMPDIR must name a folder with room, open to that user");
  }
}

}  // namespace

void make_empty_cluster(const ServerPrograms& programs, const std::optional<Account>& account,
                        std::string_view superuser, const fs::path& data, const fs::path& log) {
  const fs::path cached = template_folder(programs);
  if (copy_from_cache(cached, account, data)) return;
  run_initdb(programs, account, superuser, data, log);
  store_in_cache(data, cached);
}

std::string last_lines(const fs::path& log, std::size_t lines) {
  std::ifstream file(log);
  std::deque<std::string> last;
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) continue;
    last.push_back(line);
    if (last.size() > lines) last.pop_front();
  }
  std::string joined;
  for (const std::string& line : last) joined += (joined.empty() ? "" : "; ") + line;
  return joined;
}

}  // namespace assay
