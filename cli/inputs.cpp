#include "cli/inputs.h"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

namespace assay {
namespace {

void fail(const std::string& argument, const std::string& message, const std::string& hint, Diagnostics& problems) {
  problems.push_back({.file = argument, .severity = Severity::kError, .message = message, .hint = hint});
}

bool is_hidden(const std::filesystem::path& path) { return path.filename().string().starts_with('.'); }

bool is_sql_file(const std::filesystem::path& path) {
  const auto compressed = {".gz", ".zst", ".xz", ".bz2"};
  const bool is_packed = std::find(compressed.begin(), compressed.end(), path.extension()) != compressed.end();
  return (is_packed ? path.stem() : path.filename()).extension() == ".sql";
}

// Regular files below a folder that may be opened, at any depth. Links to folders are not followed.
std::vector<std::filesystem::path> files_below(const std::string& folder, std::error_code& failure) {
  std::vector<std::filesystem::path> files;
  constexpr auto kOptions = std::filesystem::directory_options::skip_permission_denied;
  std::filesystem::recursive_directory_iterator entry(folder, kOptions, failure);
  for (; !failure && entry != std::filesystem::recursive_directory_iterator(); entry.increment(failure)) {
    std::error_code ignored;
    if (is_hidden(entry->path())) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file(ignored)) {
      files.push_back(entry->path());
    }
  }
  return files;
}

// A folder of queries is its .sql files, at any depth; a folder of logs is the files that lie right in it.
std::vector<std::string> files_in(const std::string& folder, Diagnostics& problems) {
  std::error_code failure;
  std::filesystem::directory_iterator(folder, failure);
  const auto below = failure ? std::vector<std::filesystem::path>() : files_below(folder, failure);
  std::vector<std::string> sql, direct;
  std::size_t others = 0;
  for (const auto& path : below) {
    const bool is_direct = std::filesystem::path(folder) / path.filename() == path;
    if (is_sql_file(path)) sql.push_back(path.string());
    if (is_direct) direct.push_back(path.string());
    others += is_direct && !is_sql_file(path) ? 1 : 0;
  }
  if (failure) {
    fail(folder, "cannot be opened: " + failure.message(), "give a folder that you may read", problems);
  } else if (sql.empty() && direct.empty()) {
    fail(folder, "holds no file", "give a folder with log files in it, or the files themselves", problems);
  } else if (!sql.empty() && others > 0) {
    problems.push_back({.file = folder,
                        .severity = Severity::kNote,
                        .message = "its .sql files are read, and no others",
                        .hint = "name the others too, if they are logs"});
  }
  std::vector<std::string>& files = sql.empty() ? direct : sql;
  std::sort(files.begin(), files.end());
  return std::move(files);
}

std::vector<std::string> matches_of(const std::string& pattern, Diagnostics& problems) {
  glob_t found{};
  std::vector<std::string> files;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  if (files.empty()) fail(pattern, "no file matches", "check the pattern", problems);
  return files;
}

std::vector<std::string> files_of(const std::string& argument, Diagnostics& problems) {
  std::error_code ignored;
  if (std::filesystem::is_directory(argument, ignored)) return files_in(argument, problems);
  const bool is_pattern = argument.find_first_of("*?[") != std::string::npos;
  if (is_pattern && !std::filesystem::exists(argument, ignored)) return matches_of(argument, problems);
  return {argument};
}

}  // namespace

Inputs expand_inputs(const std::vector<std::string>& arguments, Diagnostics& problems) {
  Inputs inputs;
  std::map<std::pair<dev_t, ino_t>, std::string> known;
  for (const std::string& argument : arguments) {
    for (std::string& file : files_of(argument, problems)) {
      struct stat state {};
      if (::stat(file.c_str(), &state) == 0 && S_ISREG(state.st_mode)) {
        const auto [same, is_new] = known.try_emplace({state.st_dev, state.st_ino}, file);
        if (!is_new) {
          problems.push_back({.file = file, .severity = Severity::kWarning, .message = "given twice: read once"});
          inputs.given_twice.push_back({std::move(file), same->second});
          continue;
        }
      }
      inputs.files.push_back(std::move(file));
    }
  }
  return inputs;
}

}  // namespace assay
