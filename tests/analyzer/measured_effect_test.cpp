#include "analyzer/measured_effect.h"

#include <catch2/catch.hpp>

namespace assay {
namespace {

/// A round of 100 calls of one class, of that mean.
ReplayRound round_of(double mean_ms, double throughput = 100) {
  ReplayRound round{.throughput = throughput, .executions = 100, .server_seconds = mean_ms / 10};
  round.classes[7] = {100, Microseconds(static_cast<std::int64_t>(mean_ms * 1e5))};
  return round;
}

std::string verdict_of(const std::vector<double>& before, const std::vector<double>& after) {
  std::vector<ReplayRound> without, with;
  for (const double mean : before) without.push_back(round_of(mean));
  for (const double mean : after) with.push_back(round_of(mean));
  const MeasuredEffect effect = measure_effect(without, with);
  switch (effect.classes.at(0).verdict) {
    case EffectVerdict::kFaster:
      return "faster";
    case EffectVerdict::kSlower:
      return "slower";
    default:
      return "same";
  }
}

}  // namespace

TEST_CASE("a class is slower or faster only where no noise can say otherwise") {
  CHECK(verdict_of({10, 11, 10}, {13, 14, 15}) == "slower");
  CHECK(verdict_of({13, 14, 15}, {10, 11, 10}) == "faster");
  CHECK(verdict_of({10, 13, 10}, {13, 14, 15}) == "same");           // one round without the change was as slow
  CHECK(verdict_of({10, 10, 10}, {10.5, 10.6, 10.7}) == "same");     // less than a tenth
  CHECK(verdict_of({0.05, 0.05, 0.05}, {0.1, 0.1, 0.1}) == "same");  // less than can be seen
  CHECK(verdict_of({10}, {20}) == "same");                           // one round tells nothing of noise
}

TEST_CASE("no class is called slower for what befell a class that the change cannot touch, too") {
  std::vector<ReplayRound> before{round_of(10), round_of(10)}, after{round_of(15), round_of(15)};
  for (ReplayRound& round : before) round.classes[8] = {100, Microseconds(1'000'000)};
  for (ReplayRound& round : after) round.classes[8] = {100, Microseconds(1'600'000)};
  const auto verdicts = [&](const std::set<ClassId>& untouched) {
    std::map<ClassId, EffectVerdict> verdicts;
    for (const ClassEffect& one : measure_effect(before, after, untouched).classes) verdicts[one.id] = one.verdict;
    return verdicts;
  };
  CHECK(verdicts({}).at(7) == EffectVerdict::kSlower);
  CHECK(verdicts({8}).at(7) == EffectVerdict::kSame);
  CHECK(verdicts({8}).at(8) == EffectVerdict::kSame);
  for (ReplayRound& round : after) round.classes[8].total = Microseconds(1'200'000);
  CHECK(verdicts({8}).at(7) == EffectVerdict::kSlower);
}

TEST_CASE("an effect is the median of the rounds' ratios, between the least and the greatest") {
  const MeasuredEffect effect = measure_effect({round_of(10, 100), round_of(10, 200), round_of(10, 50)},
                                               {round_of(5, 150), round_of(5, 260), round_of(5, 100)});
  CHECK(effect.throughput_ratio.value == Approx(1.5));
  CHECK(effect.throughput_ratio.low == Approx(1.3));
  CHECK(effect.throughput_ratio.high == Approx(2.0));
  CHECK(effect.response_ratio.value == Approx(0.5));
  REQUIRE(effect.server_ratio);
  CHECK(effect.server_ratio->value == Approx(0.5));
  CHECK(effect.server_before->value == Approx(10));
}

TEST_CASE("processor time that one round does not tell is not told") {
  ReplayRound silent = round_of(10);
  silent.server_seconds.reset();
  CHECK_FALSE(measure_effect({round_of(10)}, {silent}).server_ratio);
}

}  // namespace assay
