// The fleet: what so many read replicas would bring, by the forecast's own network and simulation.
//
// The primary and P replicas are processors of m cores each, which the statements at work share alike. The sessions of
// the log follow their scripts (forecast/session_model.h); what may go runs on replicas (dispatch.h), all else on the
// primary, and whatever the primary writes costs every replica kApplyShare of it, on one core at the most:
//   utilisation of the primary = (pinned demand a second) / m,
//   utilisation of a replica   = (routed demand a second / P + applied demand a second) / m.
// Capacity is the bottleneck law's: the server whose cores are used up first. Without a replica, all of it is the
// forecast's simulation itself.
// What this leaves out: the network between the servers, a replica's cold memory, queries cancelled by what is applied,
// and what sending the log of writes costs the primary.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "advisors/forecast/session_model.h"
#include "advisors/replica/dispatch.h"

namespace assay {

/// Assumed: what applying costs a replica, for each ms of the processor that writing takes on the primary. It executes
/// no statement, plans nothing and checks nothing, but touches the same pages and indexes.
inline constexpr double kApplyShare = 0.5;

/// More are not looked at.
inline constexpr std::size_t kMostReplicas = 8;
/// From this gain on, a further replica is worth a server; below the other one, it brings nothing.
inline constexpr double kWorthwhileGain = 0.10, kNoGain = 0.05;

struct FleetModel {
  std::vector<SessionScript> scripts;
  std::vector<DemandChange> changes;  ///< by class: what the design does that is in place before
  std::vector<double> routed;         ///< by class: share that may go
  std::vector<bool> writes;           ///< by class: what it does is applied by every replica
  std::size_t cores = 1;
  std::uint64_t statements = 30'000;  ///< that are simulated
};

struct FleetPoint {
  std::size_t replicas = 0;
  RoutingPolicy policy = RoutingPolicy::kLeastConnections;
  double throughput = 0, throughput_error = 0;  ///< statements a second; half of the 90 % interval
  double response = 0, p95 = 0;                 ///< ms
  double primary = 0;                           ///< utilisation, 0 to 1
  std::vector<double> each_replica;             ///< likewise
  double capacity = 0;                          ///< statements a second at saturation
  double moved_share = 0;                       ///< of the statements: those that ran on replicas
};

/// Demand of one statement of the scripts' mix on each kind of server, ms.
struct FleetDemand {
  double pinned = 0, routed = 0, applied = 0;
};
FleetDemand fleet_demand(const FleetModel& model);

/// Statements a ms at saturation: the least of m / demand over the servers. Infinite where nothing is asked for.
/// `primary_reads`: what may go is shared among all servers by what they have to spare, the primary with them.
double fleet_capacity(const FleetDemand& demand, std::size_t cores, std::size_t replicas, bool primary_reads = false);

/// Of the primary and each replica, for a weighted sharing: cores that they have to spare at saturation.
std::vector<double> fleet_weights(const FleetModel& model, std::size_t replicas);

FleetPoint fleet_point(const FleetModel& model, std::size_t replicas, RoutingPolicy policy);

/// By least connections among the replicas, or weighted, with the primary, where that brings more: where nearly all
/// may go, a primary that answers no read would stand idle.
FleetPoint best_fleet_point(const FleetModel& model, std::size_t replicas);

/// For 0, 1, 2, … replicas, up to the first that brings less than kNoGain and one more, kMostReplicas at the most.
/// With targets (0: none), on until they are met.
std::vector<FleetPoint> fleet_curve(const FleetModel& model, double target_p95, double target_throughput);

/// Whether a point meets the targets: p95 in ms with the sessions of the log, statements a second by its capacity.
bool meets_targets(const FleetPoint& point, double target_p95, double target_throughput);

/// The first P beyond which one more brings less than kNoGain of throughput; the last one where all bring more.
std::size_t last_useful(const std::vector<FleetPoint>& curve);

/// Why one more brings nothing there: a sentence without capital and full stop.
std::string why_no_more(const FleetPoint& point, const FleetDemand& demand, std::size_t cores);

}  // namespace assay
