// The replica advisor: Workload + Catalog + Forecast -> which reads may leave the primary, what so many replicas would
// bring, and by which policy.
//
// A replica is weighed last, on the demand that is left after the recommended indexes and caches, and recommended only
// where after them the processor is still the limit (or a target is missed) and it brings kWorthwhileGain: what an
// index does for some disk, no server is bought for. The simulation assumes that a session's own write has reached the
// replicas within kAssumedLag, and sends no read there before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "advisors/forecast/throughput.h"
#include "advisors/recommendation.h"
#include "advisors/replica/fleet.h"
#include "advisors/replica/replica_recipe.h"
#include "advisors/replica/routing.h"
#include "advisors/replica/safe_share.h"
#include "analyzer/catalog.h"
#include "analyzer/meaning.h"
#include "analyzer/workload.h"

namespace assay {

/// In kReplicaLags: the lag that the fleet is simulated with, 1 s.
inline constexpr std::size_t kAssumedLag = 3;

struct ReplicaAdvisorOptions {
  std::string database;                      ///< whose classes are judged
  double target_p95 = 0;                     ///< ms; 0: none
  double target_throughput = 0;              ///< statements a second; 0: none
  std::string incomplete = {};               ///< why the log does not hold all executions; then no share is told
  bool indexes_weighed = false;              ///< false: what an index would do for less is not known
  bool others_left_out = false;              ///< records of other users or applications were filtered out
  const MeasuredDemand* measured = nullptr;  ///< null where the log forbids a forecast
  const Throughput* throughput = nullptr;    ///< the forecast, and what it was made from
};

/// The fleet, and what it says.
struct FleetAdvice {
  std::vector<FleetPoint> curve;     ///< for P = 0, 1, 2, …
  std::vector<FleetPoint> policies;  ///< for `compared` replicas, in kRoutingPolicies' order
  std::size_t compared = 0;
  std::size_t useful = 0;               ///< beyond so many one more brings less than kNoGain
  std::string why_no_more;              ///< there
  std::optional<std::size_t> smallest;  ///< that meets the targets; nothing without any, or when none does
  bool has_targets = false;
  double gain = 0;        ///< of the first replica: throughput with it / without, everything else in place
  double gain_today = 0;  ///< likewise, with nothing else in place
  FleetDemand demand;     ///< a statement's, ms, everything else in place
  std::string cheaper;    ///< what brings more for less: a step of the forecast; empty where nothing does
};

struct ReplicaAdvice {
  bool is_judged = false;              ///< false: there was nothing to judge
  std::vector<ClassRouting> routings;  ///< by position in Workload::classes
  std::string refusal;                 ///< why no share is told; empty when it is
  SafeShare share;
  std::string fleet_refusal;  ///< why no fleet is simulated; empty when it is
  std::optional<FleetAdvice> fleet;
  std::vector<Recommendation> recommendations;  ///< none, or one of kind add_replica
  std::optional<StepForecast> step;             ///< its step of the forecast, the last one
  std::vector<ReplicaRecipe> recipes;           ///< where something may leave the primary
};

ReplicaAdvice advise_replicas(const Workload& workload, const std::vector<ClassMeaning>& meanings,
                              const Catalog* catalog, const ReplicaAdvisorOptions& options);

}  // namespace assay
