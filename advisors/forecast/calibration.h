// Calibration: planner's cost -> milliseconds of the processor, on the workload itself.
//
// demand = floor + slope · cost, the floor being the fixed price of a statement, which no plan makes cheaper. The fit
// minimises the absolute errors of the logarithms, since demands span five orders of magnitude and some classes are not
// the planner's to know. What it leaves unexplained, class by class, is the error of a forecast from a planned cost:
// residuals() is what the band draws from.
#pragma once

#include <limits>
#include <vector>

namespace assay {

struct CostedDemand {
  double cost = 0;    ///< planner's units, an execution
  double demand = 0;  ///< ms, an execution
};

struct DemandCalibration {
  double floor = 0;               ///< ms
  double slope = 0;               ///< ms a planner's unit
  std::vector<double> residuals;  ///< log(demand / fitted), one for each class that was fitted
  bool is_assumed = false;        ///< too few classes: the floor is not told by them

  double at(double cost) const { return floor + slope * cost; }

  /// Demand after / demand before, for a class whose cost changes so.
  double ratio(double cost_before, double cost_after) const;

  /// Median of |residuals|, as a factor: 1.3 means off by 30 % in the median.
  double typical_error() const;
};

/// Classes without cost or demand are left out. The floor is at most `most_floor` ms: no more than the cheapest
/// statement that is known of needs.
DemandCalibration calibrate(const std::vector<CostedDemand>& classes,
                      double most_floor = std::numeric_limits<double>::infinity());

}  // namespace assay
