// A change of the physical design, tried out: a workload is replayed on copies of a database without it and with it, in
// turns, so that what others do on the machine meets both alike.
//
// Both designs get VACUUM (ANALYZE). A workload that writes gets a fresh copy for each replay, so that each begins with
// the same data; else both databases stay for all rounds. What was created counts as used where a scan of it was
// counted by the server.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/replay.h"
#include "connectors/scratch_server.h"

namespace assay {

struct TrialPlan {
  std::optional<std::string> template_database;  ///< of the scratch server; or …
  std::filesystem::path dump;                    ///< … this
  std::vector<std::string> ddl;                  ///< one statement each
  std::vector<std::string> created;              ///< indexes among these, as SQL names them: schema.name
  int rounds = 3;                                ///< replays of each design
  ReplayPlan replay;                             ///< server and database are the trial's own
  std::function<void(const std::string&)> note;  ///< what is done now, for people; may be empty
};

struct Trial {
  std::vector<Replay> before, after;           ///< one a round
  std::map<std::string, std::uint64_t> scans;  ///< of the created indexes, over all rounds
};

/// Throws Error: the server, the template, the dump, the DDL, the stop flag. All databases are gone with `server`.
Trial run_trial(const ReplayScript& script, ScratchServer& server, const TrialPlan& plan, const StopFlag& stop);

}  // namespace assay
