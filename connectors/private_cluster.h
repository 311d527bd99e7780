// A throw-away PostgreSQL cluster: made in a private folder, reachable through a socket in that folder only, gone
// with its folder when the object, or the process that holds it, is gone.
//
// A watcher, a small shell in a session of its own, waits for the end of a socket that only this process holds. When
// it comes, by the destructor, by Ctrl-C, by SIGKILL or by a crash, the watcher ends the server and removes the
// folder. PR_SET_PDEATHSIG would not do: it fires when the *thread* ends that started the server. A folder
// whose watcher was killed too is removed by the next cluster: a lock on it tells the living from the dead.
// Leaves out: durability (fsync is off) and every kind of network.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/child_process.h"
#include "connectors/server_programs.h"

namespace assay {

struct ClusterOptions {
  int preferred_major = 0;                      ///< PostgreSQL's major version; 0: the newest
  std::map<std::string, std::string> settings;  ///< of the server, over the throw-away ones
};

class PrivateCluster {
 public:
  /// The superuser's name in every private cluster.
  static constexpr std::string_view kSuperuser = "assay_admin";

  /// Makes the cluster and starts it. Throws Error with the server's own last words when that fails.
  explicit PrivateCluster(ClusterOptions options = {});
  ~PrivateCluster();
  PrivateCluster(const PrivateCluster&) = delete;
  PrivateCluster& operator=(const PrivateCluster&) = delete;

  /// A libpq connection string.
  std::string conninfo(std::string_view database, std::string_view role = kSuperuser) const;

  /// Shuts the server down cleanly and starts it again; in between, with the files at rest, calls `between`.
  template <typename Work>
  void restart(Work between) {
    stop();
    between();
    start();
  }

  const ServerPrograms& programs() const { return programs_; }
  std::filesystem::path data_folder() const { return folder_ / "data"; }
  /// The server's process, and whom its files belong to (nothing: to this process's user).
  pid_t server() const { return server_; }
  const std::optional<Account>& account() const { return account_; }
  /// What the server has logged so far.
  std::string log() const;

 private:
  void start();
  void stop();
  void remove() noexcept;
  void make_folder();
  void start_watcher();
  void tell_watcher(const std::string& line) const;
  void wait_until_ready();

  ClusterOptions options_;
  ServerPrograms programs_;
  std::optional<Account> account_;
  std::filesystem::path folder_;
  int folder_lock_ = -1;
  int watcher_socket_ = -1;
  pid_t watcher_ = -1;
  pid_t server_ = -1;
};

}  // namespace assay
