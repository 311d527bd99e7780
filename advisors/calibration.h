// Milliseconds for planner's units: the planner's cost ranks sets of indexes poorly against time, so each kind of work
// gets a price of its own, from the workload's own durations.
//
//     ms(plan) = floor + Σ over kinds of price(kind) × cost(kind)
//
// The kinds' costs add up to the plan's: those of nodes that read in sequence, that read by an index, that sort, and
// of all others. What a nested loop repeats counts with what it repeats. Prices are fitted by least squares of the
// relative error, none negative, reweighted after Huber (1964), on the classes' median times; none is less than a tenth
// of what a unit costs on average, since a kind that the workload hardly shows is not free.
// Where there is too little to fit on, or where it does not fit, ms(plan) is the planner's cost: then only ratios
// count. Left out: what is read from memory and what from disk. The medians hold the mixture that the workload has.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "analyzer/plan.h"

namespace assay {

enum class WorkKind { kSequential, kByIndex, kSort, kOther };
inline constexpr std::size_t kWorkKinds = 4;

/// Planner's units by kind.
using Work = std::array<double, kWorkKinds>;

Work work_of(const PlanNode& plan);

struct Observation {
  Work work{};
  double ms = 0;  ///< of one execution, > 0
};

inline constexpr std::size_t kLeastObservations = 20;

class Calibration {
 public:
  /// One observation a class.
  static Calibration fit(const std::vector<Observation>& observations);

  bool is_fitted() const { return fitted_; }
  double floor_ms() const { return floor_; }
  const Work& prices() const { return prices_; }  ///< ms a unit
  /// Milliseconds when fitted, otherwise planner's units.
  double predict(const PlanNode& plan) const;
  /// What was done, for the report: one sentence.
  std::string told() const;

 private:
  double of_work(const Work& work) const;

  bool fitted_ = false;
  std::size_t observations_ = 0;
  double floor_ = 0;
  double usual_factor_ = 0;  ///< half of the classes are predicted within this factor
  Work prices_{};
};

}  // namespace assay
