#include "advisors/forecast/recommendation_steps.h"

#include <algorithm>
#include <map>
#include <variant>

#include "advisors/forecast/cached_cost.h"
#include "analyzer/cached_cost_model.h"
#include "analyzer/planned_index.h"

namespace assay {
namespace {

/// What the index costs each class that writes, in proportion to the processor time that it takes.
void charge_writers(const CreateIndex& created, const Workload& workload, const ServiceDemand& demand,
                    ForecastStep& step) {
  for (const auto& [position, price] : created.writes.by_class) {
    const ClassDemand& writer = demand.classes[position];
    const double logged = static_cast<double>(workload.classes[position].estimated_total().count()) / 1e3;  // ms
    if (writer.response <= 0 || logged <= 0) continue;
    const double paid = price * demand.span / 1e3;  // ms of the whole log
    step.effects.push_back({.query = static_cast<std::uint32_t>(position), .extra = paid / logged * writer.demand});
  }
}

/// Plans with all pages in memory.
class CachedCosts {
 public:
  CachedCosts(const Catalog& catalog, CostModel& planner, const std::vector<ClassMeaning>& meanings)
      : catalog_(catalog), planner_(planner), model_(planner, &catalog), meanings_(meanings) {}

  /// In the recommendations' order; without a definition for what creates no index.
  std::vector<HypotheticalIndex> indexes_of(const std::vector<Recommendation>& recommendations) {
    std::vector<HypotheticalIndex> indexes;
    for (const Recommendation& item : recommendations) {
      indexes.emplace_back();
      const auto* created = std::get_if<CreateIndex>(&item.change);
      const Table* table = created ? catalog_.find_table(created->index.schema, created->index.table) : nullptr;
      if (table) indexes.back() = planned_size(created->index, *table, planner_);
    }
    return indexes;
  }

  /// Mean over the class's sampled values; nothing where one cannot be planned.
  std::optional<double> of(std::size_t position, const std::vector<const HypotheticalIndex*>& created) {
    double sum = 0, weights = 0;
    for (const WeightedQuery& query : meanings_[position].plannable) {
      const PlanAnswer& answer = model_.plan(query.query, created);
      const auto* plan = std::get_if<PlanNode>(&answer);
      if (!plan) return std::nullopt;
      sum += query.weight * cost_when_cached(*plan, catalog_);
      weights += query.weight;
    }
    return weights > 0 ? std::optional(sum / weights) : std::nullopt;
  }

 private:
  const Catalog& catalog_;
  CostModel& planner_;
  CachedCostModel model_;
  const std::vector<ClassMeaning>& meanings_;
};

void ask_for_cached_costs(const Advice& advice, const std::vector<ClassMeaning>& meanings, const Catalog& catalog,
                          CostModel& planner, ForecastInput& input) {
  CachedCosts costs(catalog, planner, meanings);
  const auto indexes = costs.indexes_of(advice.recommendations);
  std::vector<const HypotheticalIndex*> all;
  std::map<std::string, const HypotheticalIndex*> by_id;
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    if (indexes[i].definition.keys.empty()) continue;
    all.push_back(&indexes[i]);
    by_id[advice.recommendations[i].id] = &indexes[i];
  }
  const auto set = [&](PlanCost& cost, std::uint32_t query, const std::vector<const HypotheticalIndex*>& created) {
    cost.cached = std::min(cost.planned, costs.of(query, created).value_or(cost.planned));
  };
  for (ClassPlanCost& cost : input.costs) {
    set(cost.before, cost.query, {});
    if (cost.after.planned == cost.before.planned) {
      cost.after = cost.before;
    } else {
      set(cost.after, cost.query, all);
    }
  }
  for (ForecastStep& step : input.steps) {
    const auto index = by_id.find(step.id);
    if (index == by_id.end()) continue;
    for (DemandEffect& effect : step.effects) {
      if (effect.before.planned <= 0) continue;
      set(effect.before, effect.query, {});
      set(effect.after, effect.query, {index->second});
    }
  }
}

/// Hits need nothing of the server; they are answered statements all the same.
ForecastStep cache_step(const Recommendation& item) {
  const auto& cache = std::get<CacheQuery>(item.change);
  return {.id = item.id,
          .effects = {{.query = static_cast<std::uint32_t>(cache.position), .factor = cache.miss_ratio()}}};
}

}  // namespace

ForecastInput forecast_input(const Advice& advice, const Workload& workload, const std::vector<ClassMeaning>& meanings,
                             const ServiceDemand& demand, const std::vector<Recommendation>& caches,
                             const Catalog* catalog, CostModel* planner) {
  ForecastInput input;
  for (const ClassCost& cost : advice.costs) {
    input.costs.push_back(
        {static_cast<std::uint32_t>(cost.position), {cost.before, cost.before}, {cost.after, cost.after}});
  }
  for (const Recommendation& item : advice.recommendations) {
    const auto* created = std::get_if<CreateIndex>(&item.change);
    if (item.evidence == Evidence::kNone || !created) continue;
    ForecastStep step{.id = item.id};
    for (const ServedQuery& served : item.queries) {
      step.effects.push_back({.query = static_cast<std::uint32_t>(served.position),
                              .before = {served.cost_before, served.cost_before},
                              .after = {served.cost_after, served.cost_after}});
    }
    charge_writers(*created, workload, demand, step);
    input.steps.push_back(std::move(step));
  }
  if (catalog && planner && !input.steps.empty()) ask_for_cached_costs(advice, meanings, *catalog, *planner, input);
  for (const Recommendation& item : caches) input.steps.push_back(cache_step(item));
  return input;
}

}  // namespace assay
