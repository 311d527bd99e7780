#include "advisors/forecast/forecast.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "advisors/forecast/forecast_model.h"
#include "advisors/forecast/open_network.h"

namespace assay {
namespace {

constexpr double kPerSecond = 1e3;
constexpr double kBusy = 0.9;  // utilisation from which the processor is the limit
constexpr double kMostGrownSessions = 20'000;

/// The middle 90 % of the draws, moved so that it holds the estimate.
Estimate with_band(double value, std::vector<double> draws) {
  if (draws.empty()) return {value, value, value};
  std::sort(draws.begin(), draws.end());
  const auto at = [&](double share) {
    return draws[static_cast<std::size_t>(share * static_cast<double>(draws.size() - 1) + 0.5)];
  };
  return {value, std::min(value, at(0.05)), std::max(value, at(0.95))};
}

class Forecaster {
 public:
  Forecaster(const MeasuredDemand& measured, const ForecastInput& input)
      : input_(input), model_(measured.demand, input.costs) {
    std::mt19937_64 random(20'250'101);
    for (int i = 0; i < Forecast::kDraws; ++i) {
      // Unclear pauses are thinking, all of them, or some share of which nothing is known is not: of even chances.
      draws_.push_back(model_.drawn(random, std::max(0.0, 2 * (i + 0.5) / Forecast::kDraws - 1)));
    }
    scripts_ = scripts_from(measured, model_.groups());
  }

  Forecast run() {
    forecast_.calibration = model_.calibration();
    forecast_.costs_are_cached = model_.costs_are_cached();
    forecast_.sessions = model_.sessions();
    forecast_.measured_throughput = model_.rate() * kPerSecond;
    forecast_.before = point({}, true);
    make_steps();
    const DesignChange all = all_steps(input_);
    forecast_.after = all.empty() ? forecast_.before : point(all, true);
    forecast_.ratio = ratio(all);
    forecast_.open_before = open_point({});
    forecast_.open_after = open_point(all);
    grow(all);
    return std::move(forecast_);
  }

 private:
  template <typename Value>
  Estimate estimate(Value value) const {
    std::vector<double> values;
    for (const ForecastModel& draw : draws_) values.push_back(value(draw));
    return with_band(value(model_), std::move(values));
  }

  ForecastPoint point(const DesignChange& change, bool simulated) const {
    ForecastPoint point;
    const ClosedFlow flow = model_.solve(change);
    point.throughput = estimate(
        [&](const ForecastModel& model) { return model.solve(change).throughput * model.error() * kPerSecond; });
    point.capacity = estimate([&](const ForecastModel& model) {
      return static_cast<double>(model.cores()) / model.mean_demand(change) * model.error() * kPerSecond;
    });
    point.response = estimate(
        [&](const ForecastModel& model) { return model.mean_response(change, model.solve(change)) / model.error(); });
    point.utilisation = std::min(flow.utilisation, 1.0);
    point.knee = knee(change);
    point.bottleneck = bottleneck(point);
    if (simulated) simulate(change, point);
    return point;
  }

  /// Sessions at which the asymptotes of the throughput meet.
  double knee(const DesignChange& change) const {
    double light = 0;  // throughput if nobody ever waited
    for (const Chain& chain : model_.chains(change)) light += chain.sessions / (chain.demand + chain.delay);
    return light > 0 ? model_.sessions() * static_cast<double>(model_.cores()) / model_.mean_demand(change) / light : 0;
  }

  Bottleneck bottleneck(const ForecastPoint& point) const {
    if (point.utilisation >= kBusy) return Bottleneck::kProcessor;
    return model_.mean_wait() > point.response.value / 2 ? Bottleneck::kWaits : Bottleneck::kSessions;
  }

  void simulate(const DesignChange& change, ForecastPoint& point) const {
    const SimulationResult result = simulate_closed(
        scripts_,
        {.servers = model_.cores(), .statements = kSimulatedStatements, .changes = demand_changes(model_, change)});
    point.p50 = result.percentile(0.5);
    point.p95 = result.percentile(0.95);
  }

  Estimate ratio(const DesignChange& change) const {
    return estimate(
        [&](const ForecastModel& model) { return model.solve(change).throughput / model.solve({}).throughput; });
  }

  void make_steps() {
    std::vector<std::pair<Estimate, const ForecastStep*>> order;
    for (const ForecastStep& step : input_.steps) {
      DesignChange change;
      add_effects(change, step);
      order.emplace_back(ratio(change), &step);
    }
    std::stable_sort(order.begin(), order.end(),
                     [](const auto& a, const auto& b) { return a.first.value > b.first.value; });
    DesignChange together;
    for (const auto& [gain, step] : order) {
      DesignChange alone;
      add_effects(alone, *step);
      add_effects(together, *step);
      const bool is_last = step == order.back().second;
      forecast_.steps.push_back({.id = step->id,
                                 .alone = point(alone, false),
                                 .together = point(is_last ? all_steps(input_) : together, true),
                                 .ratio = gain});
    }
  }

  OpenPoint open_point(const DesignChange& change) const {
    const double demand = model_.mean_demand(change), hidden = model_.under(change).hidden;
    const OpenFlow flow = solve_open(model_.rate(), demand, model_.cores());
    OpenPoint point{.utilisation = flow.utilisation,
                    .response = (demand - hidden) * flow.slowdown + model_.mean_wait(),
                    .most_rate = flow.most_rate * kPerSecond};
    if (flow.utilisation < 0.98) {
      point.p95 = simulate_open(scripts_, model_.rate(),
                                {.servers = model_.cores(),
                                 .statements = kSimulatedStatements,
                                 .changes = demand_changes(model_, change)})
                      .percentile(0.95);
    }
    return point;
  }

  void grow(const DesignChange& all) {
    constexpr double kSaturated = 0.99;  // utilisation
    for (double factor = 1; factor == 1 || factor * model_.sessions() <= kMostGrownSessions;
         factor = next_factor(factor)) {
      const ClosedFlow before = model_.solve({}, factor), after = model_.solve(all, factor);
      GrowthPoint point{.factor = factor,
                        .sessions = model_.sessions() * factor,
                        .before = before.throughput * kPerSecond,
                        .after = after.throughput * kPerSecond,
                        .before_utilisation = std::min(before.utilisation, 1.0),
                        .after_utilisation = std::min(after.utilisation, 1.0),
                        .before_response = model_.mean_response({}, before),
                        .after_response = model_.mean_response(all, after)};
      forecast_.growth.push_back(point);
      if (point.before_utilisation >= kSaturated && point.after_utilisation >= kSaturated) break;
    }
  }

  /// 1, 2, 3, 4, 6, 8, 12, 16, …
  static double next_factor(double factor) {
    if (factor < 4) return factor + 1;
    const double power = std::exp2(std::floor(std::log2(factor)));
    return factor == power ? power * 1.5 : power * 2;
  }

  const ForecastInput& input_;
  ForecastModel model_;
  std::vector<ForecastModel> draws_;
  std::vector<SessionScript> scripts_;
  Forecast forecast_;
};

}  // namespace

Forecast make_forecast(const MeasuredDemand& measured, const ForecastInput& input) {
  return Forecaster(measured, input).run();
}

}  // namespace assay
