#include "advisors/forecast/recommendation_steps.h"

#include <catch2/catch.hpp>

#include "advisors/forecast/forecast_model.h"

namespace assay {
namespace {

Recommendation cache_of(std::size_t position, std::uint64_t reads, std::uint64_t hits) {
  CacheQuery cache;
  cache.position = position;
  cache.reads = reads;
  cache.chosen.hits = hits;
  Recommendation item{.id = "C1", .evidence = Evidence::kEstimated};
  item.change = cache;
  return item;
}

Recommendation index_of(std::size_t position, double before, double after) {
  Recommendation item{.id = "I1", .evidence = Evidence::kPlanned};
  item.queries.push_back({position, before, after, {}, {}});
  item.change = CreateIndex{};
  return item;
}

ForecastInput input_of(const Advice& advice, const std::vector<Recommendation>& caches) {
  return forecast_input(advice, {}, {}, {}, caches, {}, nullptr, nullptr);
}

}  // namespace

TEST_CASE("a cache leaves its misses to the database", "[forecast]") {
  const ForecastInput input = input_of({}, {cache_of(3, 100, 60)});
  REQUIRE(input.steps.size() == 1);
  CHECK(input.steps[0].id == "C1");
  REQUIRE(input.steps[0].effects.size() == 1);
  CHECK(input.steps[0].effects[0].query == 3);
  CHECK(input.steps[0].effects[0].factor == Approx(0.4));
  CHECK(input.steps[0].effects[0].extra == 0);
}

TEST_CASE("what a cache leaves, an index makes cheaper: their effects on a class multiply", "[forecast]") {
  Advice advice;
  advice.recommendations = {index_of(3, 100, 10)};
  DesignChange change;
  for (const ForecastStep& step : input_of(advice, {cache_of(3, 100, 60)}).steps) add_effects(change, step);
  REQUIRE(change.size() == 1);
  CHECK(change[3].before.planned == 100);
  CHECK(change[3].after.planned == 10);
  CHECK(change[3].factor == Approx(0.4));
}

TEST_CASE("a cache that was never asked changes nothing", "[forecast]") {
  CHECK(input_of({}, {cache_of(0, 0, 0)}).steps[0].effects[0].factor == 1);
}

}  // namespace assay
