// Dispatch: by which policy statements that may leave the primary are shared among servers, as the simulation takes it.
//
// Which execution of a class may go is told by the class's safe share, and taken evenly: of a share of 2/3, two of
// three. So transactions are not kept whole here; the demand that moves is that of the safe share.
// Least connections counts what is at work, as a balancer does that shares statements or transactions; one that shares
// connections which stay open for hours (HAProxy before a pool) knows less. Least loaded knows what each statement at
// work will still need, which no balancer does: a bound for the others.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "advisors/forecast/simulation.h"

namespace assay {

enum class RoutingPolicy { kRoundRobin, kWeighted, kLeastConnections, kLeastLoaded, kByClass };

inline constexpr RoutingPolicy kRoutingPolicies[] = {RoutingPolicy::kRoundRobin, RoutingPolicy::kWeighted,
                                                     RoutingPolicy::kLeastConnections, RoutingPolicy::kLeastLoaded,
                                                     RoutingPolicy::kByClass};

/// "round_robin", "weighted", "least_connections", "least_loaded", "by_class".
std::string_view to_string(RoutingPolicy policy);

struct DispatchRules {
  std::size_t replicas = 0;
  std::vector<double> routed;   ///< by class: share of its executions that may go, 0 to 1; none beyond its end
  std::vector<double> weights;  ///< kWeighted: of the primary and each replica
  std::vector<bool> is_long;    ///< kByClass: classes that run on the last replica alone
};

/// Keeps count of what it has sent; each simulation needs one of its own.
Dispatch dispatch_by(RoutingPolicy policy, DispatchRules rules);

}  // namespace assay
