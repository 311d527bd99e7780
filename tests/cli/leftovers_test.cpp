// However a report ends that had started the shadow planner, no process and no file of it is left.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/cli/command.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

/// Few statements, so that a report takes a second.
const std::string& query_file() {
  static const test::Folder folder;
  static const std::string path =
      folder.write("q.sql", "SELECT * FROM notes WHERE parent_id = 7;\nSELECT * FROM accounts WHERE phone = '1';\n");
  return path;
}

/// Empty once the process has ended, also while it is being read.
std::string command_line(const fs::path& process) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen((process / "cmdline").c_str(), "r"), std::fclose);
  std::string line(4096, '\0');
  line.resize(file ? std::fread(line.data(), 1, line.size(), file.get()) : 0);
  return line;
}

/// TMPDIR for the reports of one test, open to the account that the server runs as.
class Workplace {
 public:
  Workplace() {
    query_file();  // not in here
    std::string name = "/tmp/assay-left-XXXXXX";
    folder_ = mkdtemp(name.data());
    fs::permissions(folder_, fs::perms::all | fs::perms::sticky_bit);
    setenv("TMPDIR", folder_.c_str(), 1);
  }
  ~Workplace() {
    unsetenv("TMPDIR");
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  bool is_empty() const { return fs::is_empty(folder_); }

  /// Processes on whose command line the folder stands: servers and watchers.
  std::vector<pid_t> processes(const std::string& word = "") const {
    std::vector<pid_t> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
      const std::string name = entry.path().filename();
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      const std::string line = command_line(entry.path());
      if (line.find(folder_.string() + "/assay-cluster-") == std::string::npos) continue;
      if (line.find(word) != std::string::npos) found.push_back(static_cast<pid_t>(std::stoi(name)));
    }
    return found;
  }

  bool has_cluster() const { return !is_empty(); }

  bool has_ready_server() const {
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator(folder_, gone)) {
      if (test::read_file(entry.path() / "data" / "postmaster.pid").find("\nready") != std::string::npos) return true;
    }
    return false;
  }

 private:
  fs::path folder_;
};

bool becomes_true(const std::function<bool()>& condition) {
  for (int i = 0; i < 2000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return condition();
}

std::vector<std::string> report_of_the_crm(const std::string& output) {
  const std::string snapshot = std::string(ASSAY_SAMPLES) + "/crm/recorded/crm.snapshot";
  return {"report", query_file(), "--catalog", snapshot, "--quiet", "-o", output};
}

/// The report, in a process that goes on; `assay` itself, no shell.
pid_t start_report() {
  std::vector<std::string> arguments = report_of_the_crm("/dev/null");
  arguments.insert(arguments.begin(), ASSAY_BINARY);
  const pid_t child = fork();
  if (child != 0) return child;
  for (const int number : {SIGINT, SIGTERM}) signal(number, SIG_DFL);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const int null = open("/dev/null", O_RDWR);
  for (const int descriptor : {0, 1, 2}) dup2(null, descriptor);
  execv(ASSAY_BINARY, argv.data());
  _exit(127);
}

/// Ends the report by that signal as soon as `stage` is reached.
void end_report_by(int number, const std::function<bool()>& stage) {
  const pid_t report = start_report();
  REQUIRE(becomes_true(stage));
  kill(report, number);
  int status = 0;
  REQUIRE(waitpid(report, &status, 0) == report);
  CHECK(WIFSIGNALED(status));  // it had not ended before
}

}  // namespace

TEST_CASE("a report leaves no process and no file, whether it succeeds or fails at its end", "[leftovers]") {
  const Workplace workplace;
  CHECK(test::assay(report_of_the_crm("/dev/null")).status == 0);
  CHECK(workplace.processes().empty());
  CHECK(workplace.is_empty());
  CHECK(test::assay(report_of_the_crm("/proc/no/report.md")).status == 1);
  CHECK(workplace.processes().empty());
  CHECK(workplace.is_empty());
}

TEST_CASE("a report that is ended while it plans leaves no process and no file", "[leftovers]") {
  const Workplace workplace;
  const int number = GENERATE(SIGINT, SIGTERM, SIGKILL);
  end_report_by(number, [&] { return workplace.has_ready_server(); });
  CHECK(becomes_true([&] { return workplace.processes().empty() && workplace.is_empty(); }));
}

TEST_CASE("a report that is killed while its server is being made leaves nothing but what the next one removes",
          "[leftovers]") {
  const Workplace workplace;
  end_report_by(SIGKILL, [&] { return workplace.has_cluster(); });
  CHECK(becomes_true([&] { return workplace.processes().empty(); }));
  CHECK(test::assay(report_of_the_crm("/dev/null")).status == 0);
  CHECK(workplace.processes().empty());
  CHECK(workplace.is_empty());
}

TEST_CASE("when the watcher is killed too, the next report ends the server and removes the folder", "[leftovers]") {
  const Workplace workplace;
  end_report_by(SIGKILL, [&] {
    if (!workplace.has_ready_server()) return false;
    for (const pid_t watcher : workplace.processes("assay-watcher")) kill(watcher, SIGKILL);
    return workplace.processes("assay-watcher").empty() || workplace.has_ready_server();
  });
  CHECK(test::assay(report_of_the_crm("/dev/null")).status == 0);
  CHECK(becomes_true([&] { return workplace.processes().empty(); }));
  CHECK(workplace.is_empty());
}

}  // namespace assay
