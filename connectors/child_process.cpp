#include "connectors/child_process.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <pwd.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "parser/base/error.h"

namespace assay {
namespace {

/// A backend that plans needs some 100 MB; this stops one that a hostile function makes grow.
constexpr rlim_t kAddressSpace = rlim_t{4} << 30;  // bytes

[[noreturn]] void fail_in_child(const char* what) {
  const char* reason = strerrordesc_np(errno);
  for (const char* part : {what, ": ", reason ? reason : "unknown error", "\n"}) {
    if (write(STDERR_FILENO, part, strlen(part)) < 0) break;
  }
  _exit(127);
}

void limit(int resource, rlim_t most) {
  const rlimit value{most, most};
  setrlimit(resource, &value);
}

/// Between fork and exec only async-signal-safe calls are allowed: other threads may hold any lock.
[[noreturn]] void become(const char* const* arguments, const ChildCommand& command, const Account* account) {
  static constexpr std::array<const char*, 4> environment{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC", nullptr};
  setsid();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  const int input = command.standard_input >= 0 ? command.standard_input : open("/dev/null", O_RDONLY);
  const int output = open(command.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_AS, kAddressSpace);
  umask(077);
  if (account && (setgroups(0, nullptr) != 0 || setgid(account->group) != 0 || setuid(account->user) != 0)) {
    fail_in_child("cannot drop root's rights");
  }
  if (chdir(command.folder.c_str()) != 0) fail_in_child(command.folder.c_str());
  execve(arguments[0], const_cast<char* const*>(arguments), const_cast<char* const*>(environment.data()));
  fail_in_child(arguments[0]);
}

}  // namespace

std::optional<Account> server_account() {
  if (geteuid() != 0) return std::nullopt;
  for (const char* name : {"postgres", "nobody"}) {
    if (const passwd* entry = getpwnam(name)) return Account{entry->pw_uid, entry->pw_gid};
  }
  throw Error("PostgreSQL cannot run as root, and there is no user postgres or nobody", "run assay as another user");
}

pid_t start_child(const ChildCommand& command, const std::optional<Account>& account) {
  std::vector<const char*> arguments;
  for (const std::string& argument : command.arguments) arguments.push_back(argument.c_str());
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child < 0) throw Error(std::string("cannot start a process: ") + std::strerror(errno));
  if (child == 0) become(arguments.data(), command, account ? &*account : nullptr);
  return child;
}

int wait_for_child(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return 0;  // somebody else has collected it: it is gone
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace assay
