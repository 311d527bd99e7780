// ForecastModel: one set of parameters for all points of a forecast. The best estimate is one, each draw of the band
// another.
#pragma once

#include <limits>
#include <map>
#include <random>
#include <vector>

#include "advisors/forecast/forecast.h"

namespace assay {

/// The effects of several steps on one class, put together: of indexes that serve the same class the best one counts,
/// factors multiply, what writers pay adds up.
struct ClassChange {
  PlanCost before, after;
  double factor = 1, extra = 0;
};
using DesignChange = std::map<std::uint32_t, ClassChange>;  // by class

void add_effects(DesignChange& change, const ForecastStep& step);

/// All steps at once: for planned classes by their costs under all of them, which may be less than the least alone.
DesignChange all_steps(const ForecastInput& input);

class ForecastModel {
 public:
  ForecastModel(const ServiceDemand& demand, const std::vector<ClassPlanCost>& costs);

  /// Another one that the log may have come from as well. `waiting`: the share, 0 to 1, of the unclear pauses that is.
  ForecastModel drawn(std::mt19937_64& random, double waiting) const;

  ModelDemand under(const DesignChange& change) const;
  std::vector<Chain> chains(const DesignChange& change, double growth = 1) const;
  ClosedFlow solve(const DesignChange& change, double growth = 1) const;

  double rate() const { return demand_->rate; }          ///< of the log, statements a ms
  double mean_demand(const DesignChange& change) const;  ///< with the hidden part, by the log's mix, ms
  double mean_wait() const;
  double mean_response(const DesignChange& change, const ClosedFlow& flow) const;  ///< ms
  double sessions() const;
  double error() const { return error_; }  ///< of the model, a factor
  std::size_t cores() const { return demand_->cores; }
  const DemandCalibration& calibration() const { return calibration_; }
  bool costs_are_cached() const { return cached_; }
  const std::vector<ModelGroup>& groups() const { return groups_; }

 private:
  double changed(std::uint32_t query, const ClassChange& change) const;
  void draw_demand(std::mt19937_64& random);
  void draw_thinking(std::mt19937_64& random, double unclear_waiting);
  void draw_calibration(std::mt19937_64& random);

  const ServiceDemand* demand_;
  std::vector<ModelGroup> groups_;
  ModelDemand model_;
  double cost(const PlanCost& cost) const { return cached_ ? cost.cached : cost.planned; }
  void calibrate_on(bool cached);

  std::vector<std::pair<PlanCost, double>> costed_;              ///< with the demand
  double most_floor_ = std::numeric_limits<double>::infinity();  ///< ms: the least demand of a class
  bool cached_ = true;
  DemandCalibration calibration_;
  std::vector<double> cost_errors_;  ///< by class: log of what the calibration leaves unexplained
  double error_ = 1;
  double mismatch_ = 0;  ///< log(throughput of the model of today / that of the log)
  bool is_drawn_ = false;
};

/// Statements that are counted where percentiles are simulated.
inline constexpr std::uint64_t kSimulatedStatements = 30'000;

/// A design's change as the simulation takes it, by class.
std::vector<DemandChange> demand_changes(const ForecastModel& model, const DesignChange& change);

}  // namespace assay
