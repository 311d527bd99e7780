#include "analyzer/sampled_executions.h"

#include <algorithm>
#include <limits>

namespace assay {
namespace {

constexpr std::size_t kMostRates = 16;  // a forged log may tell another rate with every statement

/// value · (weight / per - 1), rounded.
UnsignedInt128 scaled(UnsignedInt128 value, std::uint32_t weight, std::uint32_t per) {
  return (value * (weight - per) + per / 2) / per;
}

}  // namespace

SampledExecutions::Part& SampledExecutions::part_of(std::uint32_t weight, std::uint32_t per) {
  const auto found =
      std::find_if(parts_.begin(), parts_.end(), [&](auto& part) { return part.weight == weight && part.per == per; });
  if (found != parts_.end()) return *found;
  if (parts_.size() == kMostRates) return parts_.back();
  parts_.push_back({.weight = weight, .per = per});
  return parts_.back();
}

std::uint64_t SampledExecutions::add(const LogRecord& record) {
  Part& part = part_of(record.weight, record.weight_per);
  const auto us = static_cast<std::uint64_t>(record.duration.count());
  ++part.calls;
  part.total += us;
  part.squares += static_cast<UnsignedInt128>(us) * us;
  part.remainder += part.weight;
  const std::uint64_t whole = part.remainder / part.per;
  part.remainder %= part.per;
  return whole;
}

std::uint64_t SampledExecutions::missing_calls() const {
  UnsignedInt128 sum = 0;
  for (const Part& part : parts_) sum += scaled(part.calls, part.weight, part.per);
  return static_cast<std::uint64_t>(sum);
}

Microseconds SampledExecutions::missing_time() const {
  constexpr UnsignedInt128 kMost = std::numeric_limits<std::int64_t>::max() / 2;
  UnsignedInt128 sum = 0;
  for (const Part& part : parts_) sum += scaled(part.total, part.weight, part.per);
  return Microseconds(static_cast<std::int64_t>(std::min(sum, kMost)));
}

UnsignedInt128 SampledExecutions::missing_squares() const {
  UnsignedInt128 sum = 0;
  for (const Part& part : parts_) sum += scaled(part.squares, part.weight, part.per);
  return sum;
}

double SampledExecutions::calls_variance() const {
  double sum = 0;
  for (const Part& part : parts_) sum += static_cast<double>(part.calls) * part.excess() * (part.excess() + 1);
  return sum;
}

double SampledExecutions::time_variance() const {
  double sum = 0;
  for (const Part& part : parts_) sum += static_cast<double>(part.squares) * part.excess() * (part.excess() + 1);
  return sum;
}

}  // namespace assay
