// Forecast: what changes would bring in throughput, with a band that says how sure that is.
//
// The measured demand (analyzer/service_demand.h) goes into the closed network, exactly solved; a change alters
// classes' demands: by the calibrated ratio of the planner's costs, by a factor, by what it adds for writers. So
// today's state, each step alone, and the steps one upon another are points of one model. Beside it the open view, for
// requests that come from outside at their own rate. Percentiles come from the simulation of the same network
// (simulation.h).
//
// The band holds the middle 90 % of kDraws draws, in which everything varies that is not known: each class's demand by
// its spread over the executions and by how far schedulers depart from processor sharing (totals kept), the hidden
// demand, the think time by what was or may be taken for waiting, the calibration by its residuals, and the model by
// kModelError.
//
// What it leaves out: locks and hot rows, I/O, other loads of the machine; refusals.h says where that forbids a figure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "advisors/forecast/calibration.h"
#include "advisors/forecast/session_model.h"
#include "analyzer/service_demand.h"

namespace assay {

/// In planner's units; 0 for none.
struct PlanCost {
  double planned = 0;
  double cached = 0;  ///< with all pages in memory (cached_cost.h)
};

/// What a step does to one class: demand · ratio of costs · factor + extra.
struct DemandEffect {
  std::uint32_t query = 0;  ///< position in Workload::classes
  PlanCost before, after;
  double factor = 1;  ///< a cache's miss ratio, a measured ratio
  double extra = 0;   ///< ms an execution
};

struct ForecastStep {
  std::string id;  ///< of its recommendation
  std::vector<DemandEffect> effects;
};

struct ClassPlanCost {
  std::uint32_t query = 0;
  PlanCost before, after;  ///< today, and under all steps at once
};

struct ForecastInput {
  std::vector<ForecastStep> steps;
  std::vector<ClassPlanCost> costs;  ///< of all planned classes
};

struct Estimate {
  double value = 0, low = 0, high = 0;  ///< the band of 90 %
};

enum class Bottleneck { kProcessor, kWaits, kSessions };

/// Statements a second; ms.
struct ForecastPoint {
  Estimate throughput, capacity;  ///< capacity: at saturation
  Estimate response;              ///< mean
  double p50 = 0, p95 = 0;        ///< of the response time; 0 where not simulated
  double utilisation = 0;         ///< of the processor, 0 to 1
  double knee = 0;                ///< sessions at which thinking and working alone would saturate it
  Bottleneck bottleneck = Bottleneck::kSessions;
};

struct StepForecast {
  std::string id;
  ForecastPoint alone, together;  ///< together with the steps before it
  Estimate ratio;                 ///< throughput alone / today's
};

struct OpenPoint {
  double utilisation = 0;
  double response = 0;  ///< mean, ms; infinite where the rate cannot be borne
  double p95 = 0;
  double most_rate = 0;  ///< statements a second
};

struct GrowthPoint {
  double factor = 1, sessions = 0;
  double before = 0, after = 0;                          ///< statements a second
  double before_utilisation = 0, after_utilisation = 0;  ///< 0 to 1
  double before_response = 0, after_response = 0;        ///< mean, ms
};

struct Forecast {
  double sessions = 0;              ///< of the model
  double measured_throughput = 0;   ///< of the log, statements a second
  ForecastPoint before, after;      ///< after: all steps
  Estimate ratio;                   ///< of their throughputs
  std::vector<StepForecast> steps;  ///< most gain alone first
  OpenPoint open_before, open_after;
  std::vector<GrowthPoint> growth;  ///< of the sessions, until both are saturated
  DemandCalibration calibration;
  bool costs_are_cached = false;  ///< the calibration is on PlanCost::cached

  static constexpr int kDraws = 200;
  static constexpr double kModelError = 0.10;  ///< standard deviation of log(truth / model) beside all else
};

Forecast make_forecast(const MeasuredDemand& measured, const ForecastInput& input);

}  // namespace assay
