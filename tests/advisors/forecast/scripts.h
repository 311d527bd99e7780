// Scripts of sessions by chance, the same for every run: what the simulation's and the service demand's tests feed on.
#pragma once

#include <cmath>
#include <random>
#include <vector>

#include "advisors/forecast/simulation.h"

namespace assay {

enum class Spread { kFixed, kExponential, kWide };  ///< coefficients of variation of 0, 1 and 2

inline double draw(double mean, Spread spread, std::mt19937_64& random) {
  const double u = (static_cast<double>(random() >> 11U) + 0.5) * 0x1p-53;
  if (spread == Spread::kFixed) return mean;
  if (spread == Spread::kExponential) return -mean * std::log(u);
  const double v = (static_cast<double>(random() >> 11U) + 0.5) * 0x1p-53;  // a mixture of two exponentials
  return -mean * std::log(u) * (v < 0.1127 ? 0.5 / 0.1127 : 0.5 / 0.8873);
}

struct ClassLoad {
  double share = 1, demand = 1;  ///< of the executions; ms
  Spread spread = Spread::kExponential;
  double delay = 0;  ///< ms
};

inline std::vector<SessionScript> scripts_of(const std::vector<ClassLoad>& classes, std::size_t sessions,
                                             std::size_t length, double think, Spread spread = Spread::kExponential,
                                             double hidden = 0, unsigned seed = 5) {
  std::mt19937_64 random(seed);
  std::vector<SessionScript> scripts(sessions);
  for (SessionScript& script : scripts) {
    for (std::size_t i = 0; i < length; ++i) {
      double place = static_cast<double>(random() >> 11U) * 0x1p-53;
      std::uint32_t query = 0;
      while (query + 1 < classes.size() && place >= classes[query].share) place -= classes[query++].share;
      script.push_back({.query = query,
                        .think = static_cast<float>(draw(think, spread, random)),
                        .demand = static_cast<float>(draw(classes[query].demand, classes[query].spread, random)),
                        .delay = static_cast<float>(classes[query].delay),
                        .hidden = static_cast<float>(hidden)});
    }
  }
  return scripts;
}

}  // namespace assay
