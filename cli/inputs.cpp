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

std::vector<std::string> files_in(const std::string& folder, Diagnostics& problems) {
  std::vector<std::string> files;
  std::error_code failure;
  std::filesystem::directory_iterator entry(folder, failure);
  for (; !failure && entry != std::filesystem::directory_iterator(); entry.increment(failure)) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored) && !entry->path().filename().string().starts_with('.')) {
      files.push_back(entry->path().string());
    }
  }
  if (failure) {
    fail(folder, "cannot be opened: " + failure.message(), "give a folder that you may read", problems);
  } else if (files.empty()) {
    fail(folder, "holds no file", "give a folder with log files in it, or the files themselves", problems);
  }
  std::sort(files.begin(), files.end());
  return files;
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
