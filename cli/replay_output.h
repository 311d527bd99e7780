// Where a replay's measurements go: a saved workload, or a csvlog where the name ends in .csv. Either is an INPUT.
//
// A saved workload keeps microseconds and is small, but texts with values only of the samples, as any saved workload
// does. A csvlog is what a server would have logged: milliseconds, and every execution in full.
#pragma once

#include <optional>
#include <string>

#include "analyzer/replay_script.h"
#include "analyzer/workload.h"
#include "cli/replay_options.h"
#include "connectors/replay.h"
#include "connectors/saved_workload.h"

namespace assay {

class ReplayOutput {
 public:
  /// Before the replay, so that an hour of it does not end at a place that cannot be written. `others_left_out`: the
  /// log's statements of other users or applications are not replayed. Throws Error.
  ReplayOutput(const ReplayOptions& options, bool others_left_out);

  /// Writes the file, and returns what was measured as a workload of one input. Throws Error.
  Workload write(const ReplayScript& script, const Replay& replay);

 private:
  std::string path_, replayed_;
  bool redacts_;
  std::optional<SavedWorkloadWriter> saving_;
};

/// The server's messages quote values.
void redact_errors(Replay& replay);

}  // namespace assay
