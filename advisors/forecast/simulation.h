// Simulation: the closed network and the open one, statement by statement, for what the exact solution does not tell:
// percentiles, bursts, the order in which sessions ask. It is also the solver's oracle, and the other way round.
//
// A statement thinks, uses the processor, is delayed (I/O, the commit's flush: nobody queues there), is answered, and
// then costs the processor its hidden part (protocol, logging, a client on the same machine). All active statements
// share the processor's m servers alike, in virtual time: V(t) = ∫ min(1, m/n) dt, and a statement is done when V has
// grown by its demand. Sessions follow scripts (what the log says that they did) and begin again at the end.
//
// A fleet is the same network with replicas beside the primary, each a processor of m servers: a dispatcher says where
// a statement runs, and what the primary writes every replica applies, one core at the most, since one process does it.
//
// Deterministic: the seed only sets where and when sessions begin, and the times of arrivals from outside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "analyzer/latency_sketch.h"

namespace assay {

/// Times in ms.
struct ScriptedStatement {
  std::uint32_t query = 0;  ///< its class
  float think = 0, demand = 0, delay = 0, hidden = 0;
};
using SessionScript = std::vector<ScriptedStatement>;

/// How a class's demand differs from what the scripts say.
struct DemandChange {
  double factor = 1, extra = 0;  ///< demand · factor + extra ms
};

struct SimulationOptions {
  std::size_t servers = 1;
  std::size_t sessions = 0;           ///< that follow the scripts in turn; 0: one a script
  std::uint64_t statements = 50'000;  ///< that are counted, after a tenth as many that are not
  std::uint64_t seed = 1;
  std::vector<DemandChange> changes;  ///< by class; none beyond its end
};

struct SimulatedStatement {
  double start = 0, end = 0;  ///< ms
  std::uint32_t session = 0, query = 0;
  double demand = 0;       ///< ms
  std::size_t server = 0;  ///< of a fleet: 0 is the primary
};
using StatementObserver = std::function<void(const SimulatedStatement&)>;

struct SimulatedClass {
  std::uint64_t statements = 0;
  double response = 0;  ///< mean, ms
};

struct SimulationResult {
  double throughput = 0;        ///< statements a ms
  double throughput_error = 0;  ///< half of the 90 % confidence interval, by the means of 20 batches
  double utilisation = 0;       ///< of the processor, 0 to 1
  double response = 0;          ///< mean, ms
  LatencySketch responses;
  std::vector<SimulatedClass> classes;
  std::vector<double> utilisations;  ///< of each processor of a closed simulation, the primary's first

  double percentile(double share) const;  ///< of the response times, ms
};

/// Sessions that wait for their answers. Scripts that are empty are left out; nothing is simulated without any.
SimulationResult simulate_closed(const std::vector<SessionScript>& scripts, const SimulationOptions& options,
                                 const StatementObserver& observe = {});

struct ServerLoad {
  std::size_t statements = 0;  ///< at work, with the one that applies
  double left = 0;             ///< ms of a core that they still need
};
/// Where a statement runs, given its demand in ms: 0 for the primary, from 1 on for the replicas.
using Dispatch =
    std::function<std::size_t(const ScriptedStatement& statement, double demand, const std::vector<ServerLoad>& loads)>;

struct FleetOptions {
  std::size_t replicas = 0;   ///< with as many servers (cores) as the primary
  Dispatch dispatch;          ///< nothing: all on the primary
  std::vector<double> apply;  ///< by class: work of each replica for a ms of demand on the primary; none beyond its end
};

/// As simulate_closed(), which is the fleet without a replica.
SimulationResult simulate_fleet(const std::vector<SessionScript>& scripts, const SimulationOptions& options,
                                const FleetOptions& fleet, const StatementObserver& observe = {});

/// Statements of the scripts, in their order, that arrive by chance (Poisson) at `rate` a ms, whoever else is served.
SimulationResult simulate_open(const std::vector<SessionScript>& scripts, double rate,
                               const SimulationOptions& options);

}  // namespace assay
