// Means of what executions did, with an error that believes in windows of time and not in single executions.
//
// Executions of one session, and of one moment, share its noise: a busy disk, a cold cache, a neighbour. Taken one by
// one they would make every difference significant. So the log is cut into windows of equal length, and the variance of
// a mean is that of its windows' sums (the linearised ratio estimator of cluster sampling: Särndal, Swensson, Wretman,
// "Model Assisted Survey Sampling", 1992, section 5.6), with the covariance of windows up to two apart added
// (Bartlett's weights: Newey, West, Econometrica 55, 1987). What differs from run to run and not within one is told
// from the classes themselves: most of them did not change (judge()).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace assay {

inline constexpr std::size_t kWindows = 48;

/// Sums of one class in one log, by window.
struct WindowSums {
  std::array<std::uint32_t, kWindows> count{};
  std::array<double, kWindows> sum{};
  double squares = 0;

  void add(std::size_t window, double value);
  std::uint64_t total_count() const;
  std::size_t active() const;  ///< windows with something in them
  /// Stretches of four windows with something in them: what comes in a burst is one sighting.
  std::size_t sightings() const;
};

/// An estimate, with its variance and the degrees of freedom of that.
struct UncertainMean {
  double value = 0, variance = 0, freedom = 1;
};

/// The mean of the values; needs some in two windows at the least. Never surer than if all were independent.
UncertainMean mean_of(const WindowSums& sums);

/// Takes off each window what it does to the classes alike: the median, over classes with calls in it, of how far their
/// means there are from their means in all, times how strongly the class follows it. So a machine that is busy for a
/// while is no noise of a class. Nothing where fewer than eight classes tell of a window.
void take_off_common(std::vector<WindowSums>& classes);

/// The logarithm of the count; likewise, and never surer than a Poisson process.
UncertainMean log_count_of(const WindowSums& sums);

/// A difference of logarithms, after less before. Freedom by Welch's formula.
UncertainMean difference(const UncertainMean& before, const UncertainMean& after);

struct Judged {
  double effect = 0;        ///< the difference less what is common to all
  double error = 0;         ///< standard error, with what differs from run to run
  double significance = 1;  ///< p value, adjusted for the number of comparisons (Benjamini, Hochberg, 1995)
};

struct Judgement {
  double common = 0;      ///< the median of all differences; 0 where there are too few to tell
  double detectable = 0;  ///< difference that one class alone among them would need, at the median of their errors
  double run_to_run = 0;  ///< standard deviation of what differs from run to run, beyond what varies within one
  std::vector<Judged> all;
};

/// Weighs differences of many classes against each other. What all share is the load or the machine; how far those in
/// the middle lie apart, beyond their errors, is what two runs differ by without any cause (the empirical null: Efron,
/// JASA 99, 2004, here as a variance that is added).
/// `significance`: the largest adjusted one that will be told.
Judgement judge(const std::vector<UncertainMean>& differences, double significance);

/// Two-sided, of `after` of all events falling on a share of the exposure; adjusted like the others by adjust().
double binomial_significance(double before, double after, double exposure_before, double exposure_after);

/// Benjamini-Hochberg, in place.
void adjust(std::vector<double>& significances);

}  // namespace assay
