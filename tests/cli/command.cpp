#include "tests/cli/command.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace assay::test {
namespace {

// Root reads whatever it likes; a stranger does not. Has no effect on anybody else.
void become_stranger() {
  ::prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE);
  ::prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH);
}

[[noreturn]] void become_assay(const std::vector<std::string>& arguments, const Folder& folder, bool stranger) {
  std::vector<char*> argv;
  std::string program = ASSAY_BINARY;
  argv.push_back(program.data());
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const int in = ::open(folder.path("in").c_str(), O_RDONLY);
  const int out = ::open(folder.path("out").c_str(), O_WRONLY | O_CREAT, 0600);
  const int err = ::open(folder.path("err").c_str(), O_WRONLY | O_CREAT, 0600);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  if (stranger) become_stranger();
  ::execv(ASSAY_BINARY, argv.data());
  ::_exit(127);
}

Outcome run(const std::vector<std::string>& arguments, const std::string& input, bool stranger) {
  const Folder folder;
  folder.write("in", input);
  const pid_t child = ::fork();
  if (child == 0) become_assay(arguments, folder, stranger);
  int status = 0;
  ::waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(folder.path("out")), read_file(folder.path("err"))};
}

}  // namespace

Outcome assay(const std::vector<std::string>& arguments, const std::string& input) {
  return run(arguments, input, false);
}

Outcome assay_as_stranger(const std::vector<std::string>& arguments) { return run(arguments, {}, true); }

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "assay-test.XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string Folder::write(const std::string& name, const std::string& content) const {
  std::ofstream(path(name), std::ios::binary) << content;
  return path(name);
}

std::vector<std::string> Folder::files() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path_))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace assay::test
