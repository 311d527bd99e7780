// assay replay: runs a logged workload against a server, and measures it.
#pragma once

#include <string>

#include "analyzer/replay_script.h"
#include "cli/read_inputs.h"
#include "cli/replay_options.h"
#include "connectors/replay.h"

namespace assay {

/// True when all inputs were read and the replay ran to its end (a time limit is one). Throws UsageError and Error.
bool run_replay_command(const ReplayOptions& options);

/// A log as it was, and as something to run.
struct ReplayInput {
  ReadLogs logs;
  ReplayScript script;
};

/// Reads the inputs. `preferred_database`: of the log's statements, those of this one, where the filter names none.
/// Throws Error where there is nothing to replay.
ReplayInput read_for_replay(const ReportOptions& reading, bool allow_writes, const std::string& preferred_database);

/// What was sent, how fast it was, and what was left out and why.
std::string replay_summary(const ReplayInput& input, const Replay& replay, const Workload& measured,
                           const ReplayOptions& options);

}  // namespace assay
