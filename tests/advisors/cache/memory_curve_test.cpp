#include "advisors/cache/memory_curve.h"

#include <catch2/catch.hpp>
#include <random>

#include "advisors/recommendation.h"
#include "analyzer/workload_builder.h"

namespace assay {
namespace {

/// Reads of one class, one a millisecond: half of them of one key, the others of 20,000.
Workload skewed_reads(int count) {
  WorkloadBuilder builder({});
  std::mt19937_64 random(4);
  for (int i = 0; i < count; ++i) {
    builder.add({.kind = RecordKind::kExecution,
                 .timed = true,
                 .time = {Timestamp(std::chrono::milliseconds(i)), {}},
                 .duration = Microseconds{50},
                 .sql = "SELECT 1",
                 .shape = 1,
                 .values = random() % 2 == 0 ? 1 : 2 + random() % 20'000});
  }
  return builder.finish({});
}

std::vector<Recommendation> one_cache() {
  CacheQuery cache;
  cache.result_bytes = 100;
  cache.chosen.ttl_us = 3'600'000'000;
  Recommendation recommendation;
  recommendation.change = cache;
  return {recommendation};
}

}  // namespace

TEST_CASE("the memory curve of a sample of the keys is that of all, a hot key in it or not") {
  const Workload workload = skewed_reads(200'000);
  const TableWriters writers;
  const auto whole = memory_curve(one_cache(), workload, writers, 2'000'000);
  REQUIRE(whole.size() == 6);
  CHECK(whole.front().hit_ratio < whole.back().hit_ratio);
  for (const std::size_t most : {150'000, 100'000, 50'000, 30'000}) {
    const auto sample = memory_curve(one_cache(), workload, writers, 2'000'000, most);
    REQUIRE(sample.size() == whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i) {
      INFO("at most " << most << " reads, " << whole[i].bytes << " bytes");
      CHECK(sample[i].hit_ratio == Approx(whole[i].hit_ratio).margin(0.02));
    }
  }
}

}  // namespace assay
