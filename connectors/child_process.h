// Running the server's programs as children: the account that they run as, and a start that cannot leak
// file descriptors, signals or environment into them.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace assay {

/// Who the server runs as. PostgreSQL refuses to run as root.
struct Account {
  uid_t user = 0;
  gid_t group = 0;
};

/// Nothing when this process may run the server itself; for root, the user `postgres`, else `nobody`.
std::optional<Account> server_account();

struct ChildCommand {
  std::vector<std::string> arguments;  ///< the program's full path first
  std::filesystem::path output;        ///< file that standard output and error are appended to
  std::filesystem::path folder;        ///< working directory
  int standard_input = -1;             ///< a file descriptor; -1: /dev/null
};

/// Starts the command in a session of its own, so that the terminal's Ctrl-C does not reach it. A program that cannot
/// be executed ends with status 127 and the reason in `output`. Throws Error when no process can be made.
pid_t start_child(const ChildCommand& command, const std::optional<Account>& account);

/// Waits for the end; the exit status, 128 + the signal when one ended it.
int wait_for_child(pid_t child);

}  // namespace assay
