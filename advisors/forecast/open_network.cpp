#include "advisors/forecast/open_network.h"

#include <limits>

namespace assay {

// By Erlang's B and its recursion, which neither overflows nor cancels.
double erlang_c(std::size_t servers, double load) {
  double blocked = 1;
  for (std::size_t i = 1; i <= servers; ++i) blocked = load * blocked / (static_cast<double>(i) + load * blocked);
  const double busy = load / static_cast<double>(servers);
  return blocked / (1 - busy * (1 - blocked));
}

OpenFlow solve_open(double rate, double demand, std::size_t servers) {
  const auto m = static_cast<double>(servers);
  OpenFlow flow{.utilisation = rate * demand / m, .most_rate = m / demand};
  flow.slowdown = flow.utilisation < 1 ? 1 + erlang_c(servers, rate * demand) / (m * (1 - flow.utilisation))
                                       : std::numeric_limits<double>::infinity();
  return flow;
}

}  // namespace assay
