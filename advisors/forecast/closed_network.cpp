#include "advisors/forecast/closed_network.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace assay {
namespace {

// By power. The tails of the polynomial meet the largest weights, so they must not underflow early.
using Number = long double;
using Polynomial = std::vector<Number>;

Number log_factorial(Number n) { return lgammal(n + 1); }

/// (1 - q + q·x)ⁿ: the binomial distribution.
Polynomial binomial(std::size_t n, Number q) {
  Polynomial terms(n + 1, 0);
  if (q <= 0) return terms.front() = 1, terms;
  if (q >= 1) return terms.back() = 1, terms;
  const auto size = static_cast<Number>(n);
  for (std::size_t k = 0; k <= n; ++k) {
    const auto power = static_cast<Number>(k);
    terms[k] = std::exp(log_factorial(size) - log_factorial(power) - log_factorial(size - power) + power * std::log(q) +
                        (size - power) * std::log1p(-q));
  }
  return terms;
}

Polynomial product(const Polynomial& a, const Polynomial& b) {
  Polynomial result(a.size() + b.size() - 1, 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == 0) continue;
    for (std::size_t j = 0; j < b.size(); ++j) result[i + j] += a[i] * b[j];
  }
  return result;
}

double population_at(const std::vector<Chain>& chains, double slowdown) {
  double sum = 0;
  for (const Chain& chain : chains) {
    sum += chain.sessions * slowdown * chain.demand / (slowdown * chain.demand + chain.delay);
  }
  return sum;
}

/// θ of the operating point, where θ = max(1, population / servers).
double operating_slowdown(const std::vector<Chain>& chains, double servers) {
  double sessions = 0;
  for (const Chain& chain : chains) sessions += chain.sessions;
  double low = 1, high = std::max(1.0, sessions / servers);
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (population_at(chains, middle) > middle * servers ? low : high) = middle;
  }
  return low;
}

/// log(β(k) / θᵏ), zero at the operating point, and above it nearly everywhere else.
Polynomial log_weights(std::size_t sessions, double servers, double slowdown, double population) {
  Polynomial logs(sessions + 1, 0);
  for (std::size_t k = 1; k <= sessions; ++k) {
    logs[k] = logs[k - 1] + std::log(std::max<Number>(1, static_cast<Number>(k) / servers) / slowdown);
  }
  const Number there = logs[std::min(sessions, static_cast<std::size_t>(population))];
  for (Number& value : logs) value -= there;
  return logs;
}

Number weighted(const Polynomial& terms, const Polynomial& log_weights) {
  Number sum = 0;
  for (std::size_t k = 0; k < terms.size(); ++k) {
    if (terms[k] > 0) sum += std::exp(std::log(terms[k]) + log_weights[k]);
  }
  return sum;
}

/// log Σ over k of a(k) · b(n - k), for each n.
Polynomial log_convolution(const Polynomial& a, const Polynomial& b) {
  Polynomial result(a.size());
  for (std::size_t n = 0; n < a.size(); ++n) {
    Number most = -std::numeric_limits<Number>::infinity(), sum = 0;
    for (std::size_t k = 0; k <= n; ++k) most = std::max(most, a[k] + b[n - k]);
    for (std::size_t k = 0; k <= n; ++k) sum += std::exp(a[k] + b[n - k] - most);
    result[n] = std::isinf(most) ? most : most + std::log(sum);
  }
  return result;
}

Polynomial log_factors_of_delay(double delay, std::size_t sessions) {
  Polynomial logs(sessions + 1, 0);
  for (std::size_t n = 1; n <= sessions; ++n) {
    logs[n] = logs[n - 1] + std::log(static_cast<Number>(delay) / static_cast<Number>(n));
  }
  return logs;
}

Polynomial log_factors_of(const Station& station, std::size_t sessions) {
  Polynomial logs(sessions + 1, 0);
  for (std::size_t n = 1; n <= sessions; ++n) {
    logs[n] =
        logs[n - 1] + std::log(static_cast<Number>(station.demand) / static_cast<Number>(std::min(n, station.servers)));
  }
  return logs;
}

/// Mean number at the station, for each number of sessions.
Polynomial populations(const Polynomial& station, const Polynomial& others, const Polynomial& all) {
  Polynomial result(all.size(), 0);
  for (std::size_t n = 1; n < all.size(); ++n) {
    for (std::size_t k = 1; k <= n; ++k) {
      result[n] += static_cast<Number>(k) * std::exp(station[k] + others[n - k] - all[n]);
    }
  }
  return result;
}

}  // namespace

ClosedFlow solve_closed(const std::vector<Chain>& chains, std::size_t servers) {
  const auto m = static_cast<double>(std::max<std::size_t>(servers, 1));
  const double slowdown = operating_slowdown(chains, m);
  std::vector<Polynomial> before{{1}}, own,
      own_less_one;            // products of the chains before; a chain's, and less a session
  std::vector<double> cycles;  // the chain's cycle at the operating point, ms
  for (const Chain& chain : chains) {
    assert(chain.demand > 0 && chain.sessions >= 0);
    const auto sessions = static_cast<std::size_t>(chain.sessions);
    cycles.push_back(slowdown * chain.demand + chain.delay);
    const double q = slowdown * chain.demand / cycles.back();
    own.push_back(binomial(sessions, q));
    own_less_one.push_back(binomial(sessions == 0 ? 0 : sessions - 1, q));
    before.push_back(product(before.back(), own.back()));
  }
  const Polynomial factor = log_weights(before.back().size() - 1, m, slowdown, population_at(chains, slowdown));
  const Number all = weighted(before.back(), factor);
  ClosedFlow flow;
  flow.chains.resize(chains.size());
  Polynomial behind{1};
  for (std::size_t i = chains.size(); i-- > 0;) {
    const Chain& chain = chains[i];
    if (chain.sessions > 0) {
      const Number without_one = weighted(product(product(before[i], behind), own_less_one[i]), factor);
      flow.chains[i].throughput = static_cast<double>(chain.sessions / cycles[i] * without_one / all);
      flow.chains[i].residence = std::max(chain.demand, chain.sessions / flow.chains[i].throughput - chain.delay);
    }
    behind = product(behind, own[i]);
    flow.throughput += flow.chains[i].throughput;
    flow.utilisation += flow.chains[i].throughput * chain.demand / m;
  }
  return flow;
}

ClosedFlow solve_fluid(const std::vector<Chain>& chains, std::size_t servers) {
  const auto m = static_cast<double>(std::max<std::size_t>(servers, 1));
  const double slowdown = operating_slowdown(chains, m);
  ClosedFlow flow;
  for (const Chain& chain : chains) {
    const double residence = slowdown * chain.demand;
    flow.chains.push_back({chain.sessions / (residence + chain.delay), residence});
    flow.throughput += flow.chains.back().throughput;
    flow.utilisation += flow.chains.back().throughput * chain.demand / m;
  }
  flow.utilisation = std::min(flow.utilisation, 1.0);
  return flow;
}

std::vector<StationFlow> closed_curve(const std::vector<Station>& stations, double delay, std::size_t sessions) {
  std::vector<Polynomial> factors;
  for (const Station& station : stations) factors.push_back(log_factors_of(station, sessions));
  std::vector<Polynomial> before{log_factors_of_delay(delay, sessions)};
  for (const Polynomial& factor : factors) before.push_back(log_convolution(before.back(), factor));
  const Polynomial& all = before.back();
  std::vector<StationFlow> curve(sessions);
  for (std::size_t n = 1; n <= sessions; ++n) {
    StationFlow& flow = curve[n - 1];
    flow.throughput = static_cast<double>(std::exp(all[n - 1] - all[n]));
    flow.response = static_cast<double>(n) / flow.throughput - delay;
    flow.population.resize(stations.size());
    for (const Station& station : stations) {
      flow.utilisation.push_back(flow.throughput * station.demand / static_cast<double>(station.servers));
    }
  }
  Polynomial behind(sessions + 1, -std::numeric_limits<Number>::infinity());
  behind[0] = 0;
  for (std::size_t i = stations.size(); i-- > 0;) {
    const Polynomial mean = populations(factors[i], log_convolution(before[i], behind), all);
    for (std::size_t n = 1; n <= sessions; ++n) curve[n - 1].population[i] = static_cast<double>(mean[n]);
    behind = log_convolution(behind, factors[i]);
  }
  return curve;
}

}  // namespace assay
