// The open view: requests come from outside, at a rate that does not depend on how fast they are answered. Cheaper
// queries then do not raise the throughput; they lower utilisation and response time, and raise the rate that the
// server can bear.
//
// A processor of m servers that all active statements share alike answers in the mean as the queue M/M/m does, whatever
// the distribution of the demand (a symmetric queue: Kelly, Reversibility and Stochastic Networks, 1979, chapter 3),
// and slows every class by the same factor.
#pragma once

#include <cstddef>

namespace assay {

/// Erlang's C: the probability that all `servers` are busy, at an offered load of `load` (servers' worth, below
/// `servers`).
double erlang_c(std::size_t servers, double load);

struct OpenFlow {
  double utilisation = 0;  ///< may be 1 and more: then the rate cannot be borne
  double slowdown = 0;     ///< residence / demand; infinite where it cannot
  double most_rate = 0;    ///< requests a ms that saturate the processor
};

/// `rate` requests a ms of `demand` ms each.
OpenFlow solve_open(double rate, double demand, std::size_t servers);

}  // namespace assay
