#include "advisors/forecast/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace assay {
namespace {

constexpr std::size_t kFewestClasses = 3;
// Where the classes do not tell: a read by primary key costs about 8 units, and half of its time is the statement's
// fixed price (PostgreSQL 15, a cached table).
constexpr double kAssumedFloor = 10;  // planner's units

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

/// log(demand / (floor + cost)), the floor in planner's units.
std::vector<double> log_slopes(const std::vector<CostedDemand>& classes, double floor) {
  std::vector<double> slopes;
  for (const CostedDemand& query : classes) slopes.push_back(std::log(query.demand / (floor + query.cost)));
  return slopes;
}

double absolute_error(const std::vector<double>& slopes) {
  const double middle = median(slopes);
  double sum = 0;
  for (const double slope : slopes) sum += std::abs(slope - middle);
  return sum;
}

/// In planner's units: the best of a grid, steps of 12 %.
double best_floor(const std::vector<CostedDemand>& classes, double most_floor) {
  double best = 0, least = std::numeric_limits<double>::infinity();
  for (double floor = 0.1; floor < 1e5; floor *= 1.12) {
    const auto slopes = log_slopes(classes, floor);
    if (std::exp(median(slopes)) * floor > most_floor && best > 0) break;
    const double error = absolute_error(slopes);
    if (error < least) least = error, best = floor;
  }
  return best;
}

}  // namespace

double DemandCalibration::ratio(double cost_before, double cost_after) const {
  const double before = at(std::max(cost_before, 0.0));
  return before > 0 ? at(std::max(cost_after, 0.0)) / before : 1;
}

double DemandCalibration::typical_error() const {
  std::vector<double> sizes;
  for (const double residual : residuals) sizes.push_back(std::abs(residual));
  return sizes.empty() ? 1 : std::exp(median(sizes));
}

DemandCalibration calibrate(const std::vector<CostedDemand>& classes, double most_floor) {
  std::vector<CostedDemand> told;
  for (const CostedDemand& query : classes) {
    if (query.cost > 0 && query.demand > 0) told.push_back(query);
  }
  DemandCalibration calibration{.is_assumed = told.size() < kFewestClasses};
  if (told.empty()) return calibration;
  const double floor = calibration.is_assumed ? kAssumedFloor : best_floor(told, most_floor);
  const auto slopes = log_slopes(told, floor);
  const double middle = median(slopes);
  calibration.slope = std::exp(middle);
  calibration.floor = floor * calibration.slope;
  for (const double slope : slopes) calibration.residuals.push_back(slope - middle);
  return calibration;
}

}  // namespace assay
