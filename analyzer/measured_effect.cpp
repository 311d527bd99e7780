#include "analyzer/measured_effect.h"

#include <algorithm>
#include <cassert>

namespace assay {
namespace {

Measured measured(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  const double median = values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {median, values.front(), values.back()};
}

template <typename Figure>
Measured over(const std::vector<ReplayRound>& rounds, Figure figure) {
  std::vector<double> values;
  for (const ReplayRound& round : rounds) values.push_back(figure(round));
  return measured(std::move(values));
}

template <typename Figure>
Measured ratio_over(const std::vector<ReplayRound>& before, const std::vector<ReplayRound>& after, Figure figure) {
  std::vector<double> values;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double base = figure(before[i]);
    values.push_back(base > 0 ? figure(after[i]) / base : 1);
  }
  return measured(std::move(values));
}

/// Ratios within which a class counts as unchanged.
struct Noise {
  double low = 1 - MeasuredEffect::kLeastChange, high = 1 + MeasuredEffect::kLeastChange;
};

bool can_be_judged(const ClassEffect& effect, std::size_t rounds) {
  return rounds >= 2 && effect.calls >= MeasuredEffect::kLeastCalls;
}

Noise noise_of(const std::vector<ClassEffect>& classes, const std::set<ClassId>& untouched) {
  Noise noise;
  for (const ClassEffect& effect : classes) {
    if (!untouched.contains(effect.id) || effect.calls < MeasuredEffect::kLeastCalls) continue;
    noise.low = std::min(noise.low, effect.ratio.high);
    noise.high = std::max(noise.high, effect.ratio.low);
  }
  return noise;
}

EffectVerdict verdict_on(const ClassEffect& effect, const Noise& noise) {
  const auto is_clear = [](const Measured& less, const Measured& more) {
    return more.low - less.high > 0 && more.value - less.value > MeasuredEffect::kLeastMs;
  };
  if (is_clear(effect.before_ms, effect.after_ms) && effect.ratio.low > noise.high) return EffectVerdict::kSlower;
  if (is_clear(effect.after_ms, effect.before_ms) && effect.ratio.high < noise.low) return EffectVerdict::kFaster;
  return EffectVerdict::kSame;
}

/// Of a class that every round has.
std::optional<ClassEffect> effect_on(ClassId id, const std::vector<ReplayRound>& before,
                                     const std::vector<ReplayRound>& after) {
  ClassEffect effect{.id = id, .calls = before.front().classes.at(id).calls};
  for (const auto* rounds : {&before, &after}) {
    for (const ReplayRound& round : *rounds) {
      if (!round.classes.contains(id)) return std::nullopt;
      effect.calls = std::min(effect.calls, round.classes.at(id).calls);
    }
  }
  const auto mean = [id](const ReplayRound& round) { return round.classes.at(id).mean_ms(); };
  effect.before_ms = over(before, mean);
  effect.after_ms = over(after, mean);
  effect.ratio = ratio_over(before, after, mean);
  return effect;
}

bool all_tell_server_time(const std::vector<ReplayRound>& rounds) {
  return std::all_of(rounds.begin(), rounds.end(), [](const ReplayRound& round) { return round.server_ms(); });
}

}  // namespace

double ClassSum::mean_ms() const {
  return calls > 0 ? static_cast<double>(total.count()) / static_cast<double>(calls) / 1e3 : 0;
}

double ReplayRound::response_ms() const {
  ClassSum sum;
  for (const auto& [id, one] : classes) {
    sum.calls += one.calls;
    sum.total += one.total;
  }
  return sum.mean_ms();
}

std::optional<double> ReplayRound::server_ms() const {
  if (!server_seconds || executions == 0) return std::nullopt;
  return *server_seconds * 1e3 / static_cast<double>(executions);
}

MeasuredEffect measure_effect(const std::vector<ReplayRound>& before, const std::vector<ReplayRound>& after,
                              const std::set<ClassId>& untouched) {
  assert(!before.empty() && before.size() == after.size());
  MeasuredEffect effect{.rounds = before.size()};
  const auto throughput = [](const ReplayRound& round) { return round.throughput; };
  const auto response = [](const ReplayRound& round) { return round.response_ms(); };
  const auto server = [](const ReplayRound& round) { return round.server_ms().value_or(0); };
  effect.throughput_before = over(before, throughput);
  effect.throughput_after = over(after, throughput);
  effect.throughput_ratio = ratio_over(before, after, throughput);
  effect.response_before = over(before, response);
  effect.response_after = over(after, response);
  effect.response_ratio = ratio_over(before, after, response);
  if (all_tell_server_time(before) && all_tell_server_time(after)) {
    effect.server_before = over(before, server);
    effect.server_after = over(after, server);
    effect.server_ratio = ratio_over(before, after, server);
  }
  for (const auto& [id, sum] : before.front().classes) {
    if (auto one = effect_on(id, before, after)) effect.classes.push_back(*one);
  }
  const Noise noise = noise_of(effect.classes, untouched);
  for (ClassEffect& one : effect.classes) {
    if (can_be_judged(one, effect.rounds)) one.verdict = verdict_on(one, noise);
  }
  std::stable_sort(effect.classes.begin(), effect.classes.end(), [](const ClassEffect& a, const ClassEffect& b) {
    return static_cast<double>(a.calls) * a.before_ms.value > static_cast<double>(b.calls) * b.before_ms.value;
  });
  return effect;
}

}  // namespace assay
