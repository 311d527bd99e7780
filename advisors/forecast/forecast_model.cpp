#include "advisors/forecast/forecast_model.h"

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

constexpr double kSchedulerError = 0.2;  // log, at a large slowdown: how far single classes depart from sharing alike
constexpr double kHiddenError = 0.35;    // log
constexpr double kWaitingError = 0.4;    // of what was taken for waiting and not for thinking
constexpr double kThinkError = 0.03;     // of the think time
constexpr double kPriorResidual = 0.35;  // log: of planners' costs, where the classes are too few to tell
constexpr std::size_t kManyResiduals = 8;
constexpr double kOtherCosts =
    0.15;                           // of the draws, with pages in memory where the estimate is without, or the reverse
constexpr double kMostExact = 128;  // sessions; bands of larger networks are drawn in the limit

double uniform(std::mt19937_64& random) { return (static_cast<double>(random() >> 11U) + 0.5) * 0x1p-53; }

/// By Box and Muller, so that it is the same with every library.
double normal(std::mt19937_64& random) {
  const double radius = std::sqrt(-2 * std::log(uniform(random)));
  return radius * std::cos(6.283185307179586 * uniform(random));
}

double over_classes(const ServiceDemand& demand, const std::vector<double>& values) {
  double sum = 0, count = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += static_cast<double>(demand.classes[i].executions) * values[i];
    count += static_cast<double>(demand.classes[i].executions);
  }
  return count > 0 ? sum / count : 0;
}

}  // namespace

void add_effects(DesignChange& change, const ForecastStep& step) {
  for (const DemandEffect& effect : step.effects) {
    ClassChange& own = change[effect.query];
    if (effect.before.planned > 0) {
      const bool first = own.before.planned <= 0;
      own.after.planned = first ? effect.after.planned : std::min(own.after.planned, effect.after.planned);
      own.after.cached = first ? effect.after.cached : std::min(own.after.cached, effect.after.cached);
      own.before = effect.before;
    }
    own.factor *= effect.factor;
    own.extra += effect.extra;
  }
}

DesignChange all_steps(const ForecastInput& input) {
  DesignChange all;
  for (const ForecastStep& step : input.steps) add_effects(all, step);
  if (all.empty()) return all;
  for (const ClassPlanCost& cost : input.costs) {
    if (cost.before.planned <= 0 || cost.after.planned == cost.before.planned) continue;
    all[cost.query].before = cost.before;
    all[cost.query].after = cost.after;
  }
  return all;
}

std::vector<DemandChange> demand_changes(const ForecastModel& model, const DesignChange& change) {
  const ModelDemand today = model.under({}), then = model.under(change);
  std::vector<DemandChange> changes(today.demand.size());
  for (const auto& [query, own] : change) {
    if (today.demand[query] > 0) changes[query].factor = then.demand[query] / today.demand[query];
  }
  return changes;
}

ForecastModel::ForecastModel(const ServiceDemand& demand, const std::vector<ClassPlanCost>& costs)
    : demand_(&demand),
      groups_(model_groups(demand)),
      model_(model_demand(demand)),
      cost_errors_(demand.classes.size(), 0) {
  constexpr std::uint64_t kFewestExecutions = 10;
  for (const ClassPlanCost& cost : costs) {
    const ClassDemand& query = demand.classes[cost.query];
    if (query.measured >= kFewestExecutions && query.demand > 0) costed_.emplace_back(cost.before, query.demand);
  }
  for (const auto& [plan, query_demand] : costed_) most_floor_ = std::min(most_floor_, query_demand);
  calibrate_on(false);
  const double planned = calibration_.typical_error();
  calibrate_on(true);
  // Memory holds most of most workloads; that this one's does not, many classes must say.
  if (costed_.size() >= kManyResiduals && std::log(planned) < 0.8 * std::log(calibration_.typical_error())) {
    calibrate_on(false);
  }
  const double modelled = solve({}).throughput;
  if (modelled > 0 && demand.rate > 0) mismatch_ = std::log(modelled / demand.rate);
}

void ForecastModel::calibrate_on(bool cached) {
  cached_ = cached;
  std::vector<CostedDemand> classes;
  for (const auto& [plan, demand] : costed_) classes.push_back({cost(plan), demand});
  calibration_ = calibrate(classes, most_floor_);
}

ForecastModel ForecastModel::drawn(std::mt19937_64& random, double waiting) const {
  ForecastModel other = *this;
  other.is_drawn_ = true;
  other.draw_demand(random);
  other.draw_thinking(random, waiting);
  other.draw_calibration(random);
  // Where the model does not give today's throughput, it may miss the next one by as much, either way.
  other.error_ = std::exp(std::hypot(Forecast::kModelError, mismatch_) * normal(random));
  return other;
}

// Totals obey processor sharing, single classes only nearly: so they vary, and their sum hardly does.
void ForecastModel::draw_demand(std::mt19937_64& random) {
  const double mean = demand_->mean_demand(), slowdown = mean > 0 ? demand_->mean_response() / mean : 1;
  const double scheduler = kSchedulerError * std::max(0.0, 1 - 1 / std::max(slowdown, 1.0));
  for (std::size_t i = 0; i < model_.demand.size(); ++i) model_.demand[i] *= std::exp(scheduler * normal(random));
  const double total = over_classes(*demand_, model_.demand);
  for (std::size_t i = 0; i < model_.demand.size(); ++i) {
    const ClassDemand& query = demand_->classes[i];
    if (total > 0) model_.demand[i] *= mean / total;
    const double variance = std::max(query.demand_squares - query.demand * query.demand, 0.0);
    if (query.measured == 0 || query.demand <= 0) continue;
    const double error = std::sqrt(variance / static_cast<double>(query.measured)) / query.demand;
    model_.demand[i] *= std::exp(std::min(error, 1.0) * normal(random));
  }
  model_.hidden *= std::exp(kHiddenError * normal(random));
}

void ForecastModel::draw_thinking(std::mt19937_64& random, double unclear_waiting) {
  const double waiting = kWaitingError * normal(random);
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const SessionGroup& group = demand_->groups[i];
    const double waited = group.is_hot ? 0 : std::max(group.gap - group.think - demand_->hidden, 0.0);
    const double think = groups_[i].think * (1 + kThinkError * normal(random)) + waiting * waited;
    groups_[i].think = std::max(think - unclear_waiting * group.unclear, 0.0);
  }
}

void ForecastModel::draw_calibration(std::mt19937_64& random) {
  const auto all = costed_;
  if (!calibration_.is_assumed) {
    for (auto& one : costed_) one = all[static_cast<std::size_t>(uniform(random) * static_cast<double>(all.size()))];
  }
  calibrate_on(uniform(random) < kOtherCosts ? !cached_ : cached_);
  const std::vector<double>& residuals = calibration_.residuals;
  // A line through a few classes leaves little unexplained of these, and says nothing of others.
  const bool tell = residuals.size() >= kManyResiduals;
  for (double& error : cost_errors_) {
    error = tell ? residuals[static_cast<std::size_t>(uniform(random) * static_cast<double>(residuals.size()))]
                 : kPriorResidual * normal(random);
  }
}

double ForecastModel::changed(std::uint32_t query, const ClassChange& change) const {
  double demand = model_.demand[query];
  if (change.before.planned > 0) {
    const double ratio = calibration_.ratio(cost(change.before), cost(change.after));
    // The more the plan changes, the less what is known of the old one says of the new one.
    const double newness = std::min(1.0, std::abs(std::log(std::max(ratio, 1e-9))) / std::log(10.0));
    demand *= ratio * std::exp(newness * cost_errors_[query]);
  }
  return demand * change.factor + change.extra;
}

ModelDemand ForecastModel::under(const DesignChange& change) const {
  ModelDemand demand = model_;
  for (const auto& [query, own] : change) demand.demand[query] = changed(query, own);
  return demand;
}

std::vector<Chain> ForecastModel::chains(const DesignChange& change, double growth) const {
  std::vector<Chain> chains = chains_of(groups_, under(change));
  for (Chain& chain : chains) chain.sessions = std::round(chain.sessions * growth);
  return chains;
}

ClosedFlow ForecastModel::solve(const DesignChange& change, double growth) const {
  const double most = is_drawn_ ? kMostExact : 4 * kMostExact;
  const auto all = chains(change, growth);
  return sessions() * growth > most ? solve_fluid(all, demand_->cores) : solve_closed(all, demand_->cores);
}

double ForecastModel::mean_demand(const DesignChange& change) const {
  return over_classes(*demand_, under(change).demand) + model_.hidden;
}

double ForecastModel::mean_wait() const { return over_classes(*demand_, model_.wait); }

// Of the residence at the processor, the hidden part's share is not seen in a response time.
double ForecastModel::mean_response(const DesignChange& change, const ClosedFlow& flow) const {
  const auto all = chains(change);
  double sum = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double told = 1 - std::min(model_.hidden / all[i].demand, 1.0);
    const double wait = all[i].delay - groups_[i].think;
    sum += flow.chains[i].throughput * (flow.chains[i].residence * told + wait);
  }
  return flow.throughput > 0 ? sum / flow.throughput : 0;
}

double ForecastModel::sessions() const {
  double sum = 0;
  for (const ModelGroup& group : groups_) sum += group.sessions;
  return sum;
}

}  // namespace assay
