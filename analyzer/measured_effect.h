// MeasuredEffect: what a change brought, from replays of one workload without it and with it, in turns.
//
// A round is a replay of each, one right after the other, so the ratio within a round is free of what changes slowly on
// the machine. The effect is the median of the rounds' ratios; their least and greatest are what noise may make of it.
// A class is called slower (or faster) only where the slowest round of one design is faster than the fastest of the
// other, every round says so by more than kLeastChange, and by more than what befell any class that the change cannot
// touch, and the difference can be seen (kLeastMs). That needs two rounds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "analyzer/workload.h"

namespace assay {

struct ClassSum {
  std::uint64_t calls = 0;
  Microseconds total{0};

  double mean_ms() const;
};

struct ReplayRound {
  double throughput = 0;  ///< executions a second
  std::uint64_t executions = 0;
  std::optional<double> server_seconds;  ///< of the server's processors
  std::map<ClassId, ClassSum> classes;   ///< of what succeeded

  double response_ms() const;               ///< mean
  std::optional<double> server_ms() const;  ///< an execution
};

/// Over the rounds: median, least, greatest.
struct Measured {
  double value = 0, low = 0, high = 0;
};

enum class EffectVerdict { kSame, kFaster, kSlower };

struct ClassEffect {
  ClassId id = 0;
  std::uint64_t calls = 0;  ///< a round
  Measured before_ms, after_ms, ratio;
  EffectVerdict verdict = EffectVerdict::kSame;
};

struct MeasuredEffect {
  std::size_t rounds = 0;
  Measured throughput_before, throughput_after, throughput_ratio;
  Measured response_before, response_after, response_ratio;           ///< ms
  std::optional<Measured> server_before, server_after, server_ratio;  ///< ms an execution
  std::vector<ClassEffect> classes;                                   ///< heaviest without the change first

  static constexpr double kLeastChange = 0.10;
  static constexpr double kLeastMs = 0.1;
  static constexpr std::uint64_t kLeastCalls = 5;  ///< a round
};

/// As many rounds without the change as with it, in their order; at least one. `untouched`: classes that the change
/// cannot touch; what befell them is noise.
MeasuredEffect measure_effect(const std::vector<ReplayRound>& before, const std::vector<ReplayRound>& after,
                              const std::set<ClassId>& untouched = {});

}  // namespace assay
