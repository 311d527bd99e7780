// Processor time of a PostgreSQL server on this machine, as /proc tells it.
//
// Of all of the server's processes, those that have ended included (the postmaster's sum of its children holds them):
// so parallel workers are in it, and what other clients ask for at the same time, too.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "connectors/replay_connection.h"

namespace assay {

class ServerProcesses {
 public:
  /// Finds the server behind a connection, where it runs on this machine and its processes can be seen.
  explicit ServerProcesses(const ReplayConnection& connection);

  /// Processor seconds so far; nothing where the server was not found.
  std::optional<double> seconds() const;

 private:
  std::optional<pid_t> postmaster_;
};

}  // namespace assay
