#include "cli/inputs.h"

#include <glob.h>

#include <algorithm>
#include <filesystem>

#include "parser/base/error.h"

namespace assay {
namespace {

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
    std::error_code ignored;
    if (entry.is_regular_file(ignored) && !entry.path().filename().string().starts_with('.')) {
      files.push_back(entry.path().string());
    }
  }
  if (failure) throw Error(folder + ": cannot be opened: " + failure.message(), "give a folder that you may read");
  if (files.empty())
    throw Error(folder + ": holds no file", "give a folder with log files in it, or the files themselves");
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> matches_of(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> files;
  if (::glob(pattern.c_str(), GLOB_ERR, nullptr, &found) == 0)
    files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (files.empty())
    throw Error(pattern + ": no file matches", "check the pattern, and quote it when the shell should not expand it");
  return files;
}

}  // namespace

std::vector<std::string> expand_inputs(const std::vector<std::string>& arguments) {
  std::vector<std::string> files;
  for (const std::string& argument : arguments) {
    std::error_code ignored;
    const bool exists = std::filesystem::exists(argument, ignored);
    std::vector<std::string> some = {argument};
    if (std::filesystem::is_directory(argument, ignored)) {
      some = files_in(argument);
    } else if (!exists && argument.find_first_of("*?[") != std::string::npos) {
      some = matches_of(argument);
    }
    files.insert(files.end(), some.begin(), some.end());
  }
  return files;
}

}  // namespace assay
