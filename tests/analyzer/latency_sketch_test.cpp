#include "analyzer/latency_sketch.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

namespace assay {
namespace {

using Durations = std::vector<std::int64_t>;

LatencySketch sketch_of(const Durations& durations) {
  LatencySketch sketch;
  for (const std::int64_t duration : durations) sketch.add(Microseconds{duration});
  return sketch;
}

std::int64_t exact(Durations durations, double share) {
  std::sort(durations.begin(), durations.end());
  return durations[static_cast<std::size_t>(std::ceil(share * static_cast<double>(durations.size()))) - 1];
}

void agrees_with_exact(const Durations& durations) {
  const LatencySketch sketch = sketch_of(durations);
  for (const double share : {0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0}) {
    const auto truth = static_cast<double>(exact(durations, share));
    const auto told = static_cast<double>(sketch.percentile(share).count());
    // Half a microsecond is what rounding to whole ones costs.
    CHECK(std::abs(told - truth) <= LatencySketch::kRelativeError * truth + 0.5001);
  }
}

Durations drawn(unsigned seed, std::size_t count) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> skewed(7, 3);
  Durations durations(count);
  for (auto& duration : durations) duration = static_cast<std::int64_t>(skewed(random));
  return durations;
}

}  // namespace

TEST_CASE("percentiles are within the stated error of exact ones") {
  agrees_with_exact({42});
  agrees_with_exact({1, 2, 3, 4, 5});
  agrees_with_exact(Durations(1000, 77'000));
  agrees_with_exact({1, 999'999'999'999});
  for (unsigned seed = 0; seed < 20; ++seed) agrees_with_exact(drawn(seed, 5000));
}

TEST_CASE("durations below a microsecond count as zero") {
  const LatencySketch sketch = sketch_of({0, 0, 0, 10});
  CHECK(sketch.count() == 4);
  CHECK(sketch.percentile(0.75).count() == 0);
  CHECK(sketch.percentile(1).count() == 10);
}

TEST_CASE("an empty sketch tells zero") { CHECK(LatencySketch{}.percentile(0.5).count() == 0); }

TEST_CASE("merged sketches equal the sketch of everything, in any order") {
  const Durations left = drawn(1, 3000), right = drawn(2, 10);
  Durations all = left;
  all.insert(all.end(), right.begin(), right.end());
  LatencySketch one = sketch_of(left), other = sketch_of(right);
  one.merge(other);
  other.merge(sketch_of(left));
  other.merge(LatencySketch{});
  for (const double share : {0.1, 0.5, 0.99, 1.0}) {
    CHECK(one.percentile(share) == sketch_of(all).percentile(share));
    CHECK(other.percentile(share) == one.percentile(share));
  }
  CHECK(one.count() == all.size());
}

}  // namespace assay
