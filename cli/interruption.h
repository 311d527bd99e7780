// Ctrl-C and SIGTERM as a flag, for commands that have something to put away before they end.
#pragma once

#include <csignal>

#include "connectors/replay_connection.h"

namespace assay {

/// While one lives, SIGINT, SIGTERM and SIGHUP set the flag. One at a time.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  static const StopFlag& flag();

 private:
  struct sigaction before_[3]{};
};

}  // namespace assay
