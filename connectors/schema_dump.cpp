#include "connectors/schema_dump.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "connectors/client_program.h"
#include "parser/base/error.h"
#include "parser/sql/ddl.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kLongest{50};  // below the idle_in_transaction_session_timeout of the snapshot
constexpr off_t kLargest = off_t{512} << 20;  // bytes; the largest real schemas are some tens of MB

/// A file in memory alone.
class Output {
 public:
  explicit Output(const char* name) : descriptor_(memfd_create(name, MFD_CLOEXEC)) {
    if (descriptor_ < 0) throw Error(std::string("no memory for pg_dump's output: ") + std::strerror(errno));
  }
  ~Output() { close(descriptor_); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  int descriptor() const { return descriptor_; }
  off_t size() const { return lseek(descriptor_, 0, SEEK_END); }
  std::string text() const {
    std::string text(static_cast<std::size_t>(size()), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t part = pread(descriptor_, text.data() + done, text.size() - done, static_cast<off_t>(done));
      if (part <= 0) break;
      done += static_cast<std::size_t>(part);
    }
    text.resize(done);
    return text;
  }

 private:
  int descriptor_;
};

/// Its status as waitpid tells it; one that takes too long or writes too much is ended.
int wait_for(pid_t child, const Output& output) {
  const auto deadline = std::chrono::steady_clock::now() + kLongest;
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline || output.size() > kLargest) kill(child, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return status;
}

}  // namespace

std::vector<std::string> dumped_ddl(const fs::path& program, const std::string& uri, const std::string& snapshot) {
  const Output output("schema"), errors("errors");
  const pid_t child =
      start_client_program({program.string(), "--schema-only", "--no-owner", "--no-privileges", "--no-comments",
                            "--no-publications", "--no-subscriptions", "--no-security-labels", "--no-tablespaces",
                            "--no-password", "--lock-wait-timeout=2000", "--snapshot=" + snapshot, "--dbname=" + uri},
                           output.descriptor(), errors.descriptor());
  if (wait_for(child, output) != 0) {
    const std::string words = errors.text();
    throw Error(words.empty() ? "pg_dump was ended" : words.substr(0, words.find('\n')));
  }
  Diagnostics ignored;
  std::vector<std::string> ddl;
  for (DdlStatement& statement : parse_ddl(output.text(), "pg_dump", ignored)) {
    if (statement.kind != DdlKind::kHarmless) ddl.push_back(std::move(statement.sql));
  }
  return ddl;
}

}  // namespace assay
