// The closed network of sessions that think and then ask: how often, and how long do they wait?
//
// Each session goes around between delays (thinking, known I/O, the commit's flush: nobody queues there) and a
// processor of m servers that all active statements share alike. Such networks have a product form, whatever the
// distributions (Baskett, Chandy, Muntz, Palacios: Open, Closed, and Mixed Networks of Queues with Different Classes of
// Customers, JACM 1975), and what is computed here is exact.
//
// Many chains, one processor. With D the demand of a chain's cycle, Z its delays and N its sessions, the normalising
// constant is G = Σₖ β(k) · [xᵏ] Π (D·x + Z)ᴺ / N!, where β(k) = k! / Π min(i, m): a polynomial, not a lattice over the
// chains' populations, so any number of chains is solved exactly. β(k) and the polynomial each leave the range of
// floating point; scaled by the slowdown θ of the operating point, D·θ, both stay near their largest terms.
//
// One chain, any number of queues: convolution in logarithms (Buzen: Computational algorithms for closed queueing
// networks with exponential servers, CACM 1973).
//
// What it leaves out: percentiles, bursts, queues for locks (simulation.h).
#pragma once

#include <cstddef>
#include <vector>

namespace assay {

/// Sessions that are alike. Times in ms, for one cycle.
struct Chain {
  double sessions = 0;  ///< a whole number
  double delay = 0;     ///< spent without the processor
  double demand = 0;    ///< of the processor, above zero
};

struct ChainFlow {
  double throughput = 0;  ///< cycles a ms
  double residence = 0;   ///< at the processor, ms a cycle; residence / demand is the slowdown
};

struct ClosedFlow {
  std::vector<ChainFlow> chains;
  double throughput = 0;   ///< of all chains, cycles a ms
  double utilisation = 0;  ///< of the processor, 0 to 1
};

ClosedFlow solve_closed(const std::vector<Chain>& chains, std::size_t servers);

/// The limit of very many sessions, in no time: exact but near the knee, where it promises too much. For bands and for
/// networks of thousands of sessions.
ClosedFlow solve_fluid(const std::vector<Chain>& chains, std::size_t servers);

struct Station {
  double demand = 0;  ///< ms a cycle
  std::size_t servers = 1;
};

struct StationFlow {
  double throughput = 0;                        ///< cycles a ms
  double response = 0;                          ///< ms a cycle, without the delay
  std::vector<double> utilisation, population;  ///< by station
};

/// For 1, 2, … `sessions` sessions of one chain.
std::vector<StationFlow> closed_curve(const std::vector<Station>& stations, double delay, std::size_t sessions);

}  // namespace assay
