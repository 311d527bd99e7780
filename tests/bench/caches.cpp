// How long the cache simulation takes, and in how much memory: 10 million executions at 12 times to live, both regimes.
//
// usage: bench_caches [MILLIONS]
#include <fmt/format.h>
#include <sys/resource.h>

#include <cmath>
#include <cstdlib>
#include <ctime>
#include <random>

#include "advisors/cache/cache_simulation.h"
#include "advisors/cache/traced_read.h"

int main(int count, char** arguments) {
  using namespace assay;
  const auto millions = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 10UL;
  const std::size_t wanted = millions * 1'000'000;
  constexpr double kSpan = 86'400e6;  // µs: a day
  struct Mix {
    const char* name;
    double keys;      // how many
    double exponent;  // of their popularity, as Zipf's law has it
    int writes;
  };
  for (const Mix mix :
       {Mix{"a million keys, few hot", 1e6, 1.1, 10'000}, Mix{"10 thousand keys, nearly even", 1e4, 0.3, 100'000},
        Mix{"as many keys as reads", 1e9, 0.0, 1000}}) {
    std::mt19937_64 random(1);
    std::uniform_real_distribution<double> even(0, 1);
    std::vector<CacheRead> reads;
    reads.reserve(wanted);
    for (std::size_t i = 0; i < wanted; ++i) {
      // A power law by the inverse of its distribution function.
      const double u = even(random);
      const double rank = mix.exponent == 1
                              ? std::pow(mix.keys, u)
                              : std::pow(1 + u * (std::pow(mix.keys, 1 - mix.exponent) - 1), 1 / (1 - mix.exponent));
      reads.push_back({.key = mixed(static_cast<std::uint64_t>(rank)),
                       .start = static_cast<std::int64_t>(even(random) * kSpan),
                       .duration = static_cast<std::int64_t>(1 + even(random) * 20'000)});
    }
    std::vector<std::int64_t> writes;
    for (int i = 0; i < mix.writes; ++i) writes.push_back(static_cast<std::int64_t>(kSpan / mix.writes * i));
    const std::clock_t start = std::clock();
    const CacheSimulation simulation = simulate_cache(reads, writes, usual_ttls());
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    fmt::print(
        "{} million executions, {}, {} writes: {:.2f} s of CPU time for {} TTLs, {} keys, hit ratio at 10 min {:.1f} "
        "%; {} MB at "
        "most\n",
        millions, mix.name, mix.writes, seconds, simulation.curve.size(), simulation.keys,
        100 * simulation.curve[6].by_writes.hit_ratio(), usage.ru_maxrss / 1024);
  }
}
