// What a run took, for --stats: never in the report, which is the same from run to run.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "analyzer/cost_model.h"
#include "analyzer/workload.h"

namespace assay {

class RunStats {
 public:
  /// The work at hand ends: its time is counted under that name, which is a key in JSON.
  void end_of(const std::string& stage);

  /// JSON: seconds of each stage, what was read and how fast, what a plan took, peak memory, workers.
  std::string to_json(const Workload& workload, unsigned jobs, const std::vector<PlanningTime>& planning = {}) const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Stage {
    std::string name;
    double seconds = 0;
  };

  Clock::time_point start_ = Clock::now(), stage_start_ = start_;
  std::vector<Stage> stages_;
};

}  // namespace assay
