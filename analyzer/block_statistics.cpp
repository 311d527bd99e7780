#include "analyzer/block_statistics.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

namespace assay {
namespace {

constexpr std::size_t kLags = 2;             // windows
constexpr double kLeastRunToRun = 0.02;      // 2 %: no two runs are more alike
constexpr std::size_t kFewestToCompare = 8;  // classes that tell what is common
// Equivalent degrees of freedom of a variance with Bartlett's weights, a window: 3 / (2 (lags + 1)) (Priestley,
// "Spectral Analysis and Time Series", 1981, table 6.2).
constexpr double kFreedomAWindow = 3.0 / (2 * (kLags + 1));
constexpr double kMedianOfAbsoluteNormal = 0.6745;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Of the sum of all deviations, which stand in the order of time.
double variance_of_sum(const std::array<double, kWindows>& deviations, std::size_t active) {
  double own = 0, shared = 0;
  for (const double deviation : deviations) own += deviation * deviation;
  for (std::size_t lag = 1; lag <= kLags; ++lag) {
    const double weight = 1 - static_cast<double>(lag) / (kLags + 1);
    for (std::size_t w = 0; w + lag < kWindows; ++w) shared += 2 * weight * deviations[w] * deviations[w + lag];
  }
  const auto windows = static_cast<double>(active);
  return windows / (windows - 1) * std::max(own, own + shared);
}

double mean_value(const WindowSums& sums) {
  return std::accumulate(sums.sum.begin(), sums.sum.end(), 0.0) / static_cast<double>(sums.total_count());
}

/// Of each window: the median of its classes' deviations from their means in all; 0 where too few tell.
std::array<double, kWindows> common_levels(const std::vector<WindowSums>& classes) {
  constexpr std::uint32_t kFewest = 2;  // calls in a window
  std::array<std::vector<double>, kWindows> deviations;
  for (const WindowSums& one : classes) {
    if (one.active() < 2) continue;
    const double mean = mean_value(one);
    for (std::size_t w = 0; w < kWindows; ++w) {
      if (one.count[w] >= kFewest) deviations[w].push_back(one.sum[w] / one.count[w] - mean);
    }
  }
  std::array<double, kWindows> levels{};
  for (std::size_t w = 0; w < kWindows; ++w) {
    if (deviations[w].size() >= kFewestToCompare) levels[w] = median(std::move(deviations[w]));
  }
  return levels;
}

/// How strongly a class follows the common level: by least squares, 1 where it has too little to tell.
double slope_on(const std::array<double, kWindows>& levels, const WindowSums& one) {
  constexpr std::uint64_t kEnough = 200;  // calls
  constexpr double kSteepest = 3;
  const auto count = static_cast<double>(one.total_count());
  const double mean = mean_value(one);
  double mean_level = 0, products = 0, squares = 0;
  for (std::size_t w = 0; w < kWindows; ++w) mean_level += levels[w] * one.count[w] / count;
  for (std::size_t w = 0; w < kWindows; ++w) {
    products += (levels[w] - mean_level) * (one.sum[w] - mean * one.count[w]);
    squares += (levels[w] - mean_level) * (levels[w] - mean_level) * one.count[w];
  }
  return one.total_count() < kEnough || squares <= 0 ? 1 : std::clamp(products / squares, 0.0, kSteepest);
}

/// The deviation that makes half of all differences lie within 0.67 of their errors.
double run_to_run_of(const std::vector<UncertainMean>& differences, double common) {
  const auto typical = [&](double deviation) {
    std::vector<double> scaled;
    for (const UncertainMean& one : differences) {
      scaled.push_back(std::abs(one.value - common) / std::sqrt(one.variance + deviation * deviation));
    }
    return median(std::move(scaled));
  };
  double low = kLeastRunToRun, high = 10;
  if (differences.size() < kFewestToCompare || typical(low) <= kMedianOfAbsoluteNormal) return low;
  for (int step = 0; step < 60; ++step) {
    const double middle = (low + high) / 2;
    (typical(middle) > kMedianOfAbsoluteNormal ? low : high) = middle;
  }
  return high;
}

double two_sided(double distance, double freedom) {
  const boost::math::students_t distribution(std::max(1.0, freedom));
  return 2 * boost::math::cdf(boost::math::complement(distribution, std::abs(distance)));
}

/// The distance that is exceeded, on both sides together, with that probability.
double quantile_of(double probability, double freedom) {
  const boost::math::students_t distribution(std::max(1.0, freedom));
  return boost::math::quantile(boost::math::complement(distribution, probability / 2));
}

}  // namespace

void WindowSums::add(std::size_t window, double value) {
  ++count[window];
  sum[window] += value;
  squares += value * value;
}

std::uint64_t WindowSums::total_count() const { return std::accumulate(count.begin(), count.end(), std::uint64_t{0}); }

std::size_t WindowSums::active() const {
  return static_cast<std::size_t>(std::count_if(count.begin(), count.end(), [](auto c) { return c > 0; }));
}

void take_off_common(std::vector<WindowSums>& classes) {
  const std::array<double, kWindows> levels = common_levels(classes);
  for (WindowSums& one : classes) {
    if (one.active() < 2) continue;
    const double slope = slope_on(levels, one);
    for (std::size_t w = 0; w < kWindows; ++w) {
      const double level = slope * levels[w];
      one.squares += one.count[w] * level * level - 2 * level * one.sum[w];
      one.sum[w] -= level * one.count[w];
    }
  }
}

std::size_t WindowSums::sightings() const {
  constexpr std::size_t kStretch = 4;
  std::size_t seen = 0;
  for (std::size_t w = 0; w < kWindows; w += kStretch) {
    seen += std::any_of(count.begin() + w, count.begin() + w + kStretch, [](auto c) { return c > 0; }) ? 1 : 0;
  }
  return seen;
}

UncertainMean mean_of(const WindowSums& sums) {
  const auto count = static_cast<double>(sums.total_count());
  const double mean = mean_value(sums);
  std::array<double, kWindows> deviations{};
  for (std::size_t w = 0; w < kWindows; ++w) deviations[w] = sums.sum[w] - mean * sums.count[w];
  const double of_windows = variance_of_sum(deviations, sums.active()) / (count * count);
  const double independent = std::max(0.0, sums.squares / count - mean * mean) / (count - 1);
  return {mean, std::max(of_windows, independent), kFreedomAWindow * (static_cast<double>(sums.active()) - 1)};
}

UncertainMean log_count_of(const WindowSums& sums) {
  const auto count = static_cast<double>(sums.total_count());
  std::array<double, kWindows> deviations{};
  for (std::size_t w = 0; w < kWindows; ++w) deviations[w] = sums.count[w] - count / kWindows;
  const double of_windows = variance_of_sum(deviations, kWindows);
  return {std::log(count), std::max(of_windows, count) / (count * count), kFreedomAWindow * (kWindows - 1)};
}

UncertainMean difference(const UncertainMean& before, const UncertainMean& after) {
  const double variance = before.variance + after.variance;
  const double welch =
      before.variance * before.variance / before.freedom + after.variance * after.variance / after.freedom;
  return {after.value - before.value, variance,
          welch > 0 ? variance * variance / welch : before.freedom + after.freedom};
}

Judgement judge(const std::vector<UncertainMean>& differences, double significance) {
  Judgement judgement;
  if (differences.empty()) return judgement;
  if (differences.size() >= kFewestToCompare) {
    std::vector<double> values;
    for (const UncertainMean& one : differences) values.push_back(one.value);
    judgement.common = median(std::move(values));
  }
  judgement.run_to_run = run_to_run_of(differences, judgement.common);
  const double shared = judgement.run_to_run * judgement.run_to_run;
  const auto classes = static_cast<double>(differences.size());
  std::vector<double> significances, needed;
  for (const UncertainMean& one : differences) {
    const double effect = one.value - judgement.common, variance = one.variance + shared;
    // Satterthwaite's: what differs from run to run is known from all classes.
    const double freedom =
        variance * variance / (one.variance * one.variance / one.freedom + shared * shared / classes);
    judgement.all.push_back({effect, std::sqrt(variance)});
    significances.push_back(two_sided(effect / std::sqrt(variance), freedom));
    needed.push_back(std::sqrt(variance) * quantile_of(significance / classes, freedom));
  }
  judgement.detectable = median(std::move(needed));
  adjust(significances);
  for (std::size_t i = 0; i < significances.size(); ++i) judgement.all[i].significance = significances[i];
  return judgement;
}

double binomial_significance(double before, double after, double exposure_before, double exposure_after) {
  const double all = std::floor(before + after);
  if (all <= 0 || exposure_before <= 0 || exposure_after <= 0) return 1;
  const boost::math::binomial distribution(all, exposure_after / (exposure_before + exposure_after));
  const double events = std::min(all, std::floor(after));
  const double upper = events <= 0 ? 1 : boost::math::cdf(boost::math::complement(distribution, events - 1));
  return std::min(1.0, 2 * std::min(upper, boost::math::cdf(distribution, events)));
}

void adjust(std::vector<double>& significances) {
  std::vector<std::size_t> order(significances.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return significances[a] < significances[b]; });
  double least = 1;
  for (std::size_t rank = order.size(); rank > 0; --rank) {
    double& one = significances[order[rank - 1]];
    least = std::min(least, one * static_cast<double>(order.size()) / static_cast<double>(rank));
    one = least;
  }
}

}  // namespace assay
