#include "advisors/calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

constexpr double kWorstUsualFactor = 3;  // with a worse fit, ratios are the better guess
constexpr double kHuber = 1;             // relative error from which on an observation counts less
constexpr int kReweightings = 20, kDescents = 200;
constexpr std::size_t kUnknowns = kWorkKinds + 1;  // the floor, then the kinds

using Unknowns = std::array<double, kUnknowns>;

WorkKind kind_of(const PlanNode& node) {
  const std::string& type = node.type;
  if (type == "Seq Scan" || type == "Sample Scan") return WorkKind::kSequential;
  if (type.starts_with("Index") || type.starts_with("Bitmap") || type == "Tid Scan") return WorkKind::kByIndex;
  if (type == "Sort" || type == "Incremental Sort") return WorkKind::kSort;
  return WorkKind::kOther;
}

double sum(const Work& work) { return work[0] + work[1] + work[2] + work[3]; }

void add_scaled(Work& total, const Work& part, double cost) {
  const double own = sum(part);
  for (std::size_t k = 0; own > 0 && k < kWorkKinds; ++k) total[k] += part[k] * cost / own;
}

// Each child with what it contributes: once, or as often as a nested loop repeats it. A LIMIT reads a part of it.
Work divide(const PlanNode& node, double cost) {
  std::vector<double> shares;
  double below = 0;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    double share = std::max(0.0, node.children[i].total_cost);
    const bool repeated = node.type == "Nested Loop" && i == 1;
    if (repeated) share = std::max(share, node.total_cost - node.children[0].total_cost);
    shares.push_back(share);
    below += share;
  }
  const double scale = below > cost && below > 0 ? cost / below : 1;
  Work work{};
  work[static_cast<std::size_t>(kind_of(node))] = std::max(0.0, cost - below * scale);
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const PlanNode& child = node.children[i];
    add_scaled(work, divide(child, std::max(0.0, child.total_cost)), shares[i] * scale);
  }
  return work;
}

Unknowns features(const Observation& observation) {
  Unknowns row{1 / observation.ms};
  for (std::size_t k = 0; k < kWorkKinds; ++k) row[k + 1] = observation.work[k] / observation.ms;
  return row;
}

double product(const Unknowns& a, const Unknowns& b) {
  double result = 0;
  for (std::size_t k = 0; k < kUnknowns; ++k) result += a[k] * b[k];
  return result;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

/// Coordinate descent: each unknown in turn at its best given the others, not below its least.
Unknowns least_squares(const std::vector<Unknowns>& rows, const std::vector<double>& weights, const Unknowns& least,
                       Unknowns x) {
  for (int pass = 0; pass < kDescents; ++pass) {
    for (std::size_t k = 0; k < kUnknowns; ++k) {
      double above = 0, below = 0;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const double rest = product(rows[i], x) - rows[i][k] * x[k];
        above += weights[i] * rows[i][k] * (1 - rest);
        below += weights[i] * rows[i][k] * rows[i][k];
      }
      if (below > 0) x[k] = std::max(least[k], above / below);
    }
  }
  return x;
}

Unknowns robust_fit(const std::vector<Unknowns>& rows, const Unknowns& least) {
  std::vector<double> weights(rows.size(), 1);
  Unknowns x = least;
  for (int round = 0; round < kReweightings; ++round) {
    x = least_squares(rows, weights, least, x);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const double error = std::abs(product(rows[i], x) - 1);
      weights[i] = error <= kHuber ? 1 : kHuber / error;
    }
  }
  return x;
}

}  // namespace

Work work_of(const PlanNode& plan) { return divide(plan, std::max(0.0, plan.total_cost)); }

Calibration Calibration::fit(const std::vector<Observation>& observations) {
  Calibration result;
  result.observations_ = observations.size();
  if (observations.size() < kLeastObservations) return result;
  std::vector<Unknowns> rows;
  std::vector<double> ms_a_unit, ms;
  for (const Observation& observation : observations) {
    rows.push_back(features(observation));
    ms_a_unit.push_back(observation.ms / std::max(sum(observation.work), 1e-3));
    ms.push_back(observation.ms);
  }
  // No statement takes less than a tenth of the quickest class's median.
  Unknowns least{*std::min_element(ms.begin(), ms.end()) / 10};
  std::fill(least.begin() + 1, least.end(), median(ms_a_unit) / 10);
  const Unknowns x = robust_fit(rows, least);
  std::vector<double> factors;
  for (const Unknowns& row : rows) factors.push_back(std::exp(std::abs(std::log(std::max(product(row, x), 1e-9)))));
  result.usual_factor_ = median(factors);
  if (result.usual_factor_ > kWorstUsualFactor) return result;
  result.fitted_ = true;
  result.floor_ = x[0];
  std::copy(x.begin() + 1, x.end(), result.prices_.begin());
  return result;
}

double Calibration::of_work(const Work& work) const {
  double ms = floor_;
  for (std::size_t k = 0; k < kWorkKinds; ++k) ms += prices_[k] * work[k];
  return ms;
}

double Calibration::predict(const PlanNode& plan) const {
  return fitted_ ? of_work(work_of(plan)) : std::max(0.0, plan.total_cost);
}

std::string Calibration::told() const {
  if (!fitted_ && observations_ < kLeastObservations) {
    return fmt::format(
        "Costs were not calibrated: {} timed and planned classes are too few (at least {}), so a class's time goes "
        "with "
        "the ratio of its planned costs",
        observations_, kLeastObservations);
  }
  if (!fitted_) {
    return fmt::format(
        "Costs were not calibrated: over {} classes no price per kind of work tells the time (half are off by more "
        "than "
        "a factor of {:.1f}), so a class's time goes with the ratio of its planned costs",
        observations_, usual_factor_);
  }
  return fmt::format(
      "Costs were calibrated to milliseconds on the median times of {} classes: {:.3g} ms a statement, and for 1,000 "
      "units of planned cost {:.3g} ms of sequential reading, {:.3g} ms of reading by an index, {:.3g} ms of sorting, "
      "{:.3g} ms of other work; half of the classes are told within a factor of {:.2f}. A class's time goes with the "
      "ratio of what that predicts",
      observations_, floor_, 1e3 * prices_[0], 1e3 * prices_[1], 1e3 * prices_[2], 1e3 * prices_[3], usual_factor_);
}

}  // namespace assay
