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
  std::optional<double> of(std::size_t position, const DesignView& design) {
    double sum = 0, weights = 0;
    for (const WeightedQuery& query : meanings_[position].plannable) {
      const PlanAnswer& answer = model_.plan(query.query, design);
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

/// Indexes are planned on what is partitioned, and so is everything together.
void ask_for_cached_costs(const Advice& advice, const std::vector<ClassMeaning>& meanings,
                          const std::vector<Recommendation>& partitions, const Catalog& catalog, CostModel& planner,
                          ForecastInput& input) {
  CachedCosts costs(catalog, planner, meanings);
  const auto indexes = costs.indexes_of(advice.recommendations);
  DesignView divided;
  for (const Recommendation& item : partitions) {
    divided.partitionings.push_back(&std::get<PartitionTable>(item.change).scheme.partitioning);
  }
  DesignView all = divided;
  std::map<std::string, const HypotheticalIndex*> by_id;
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    if (indexes[i].definition.keys.empty()) continue;
    all.created.push_back(&indexes[i]);
    by_id[advice.recommendations[i].id] = &indexes[i];
  }
  const auto set = [&](PlanCost& cost, std::uint32_t query, const DesignView& design) {
    cost.cached = std::min(cost.planned, costs.of(query, design).value_or(cost.planned));
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
    const bool partitions_a_table = std::any_of(partitions.begin(), partitions.end(),
                                                [&](const Recommendation& item) { return item.id == step.id; });
    if (index == by_id.end() && !partitions_a_table) continue;
    DesignView after = divided;
    if (!partitions_a_table) after.created = {index->second};
    for (DemandEffect& effect : step.effects) {
      if (effect.before.planned <= 0) continue;
      set(effect.before, effect.query, partitions_a_table ? DesignView{} : divided);
      set(effect.after, effect.query, after);
    }
  }
}

/// Hits need nothing of the server; they are answered statements all the same.
ForecastStep cache_step(const Recommendation& item) {
  const auto& cache = std::get<CacheQuery>(item.change);
  return {.id = item.id,
          .effects = {{.query = static_cast<std::uint32_t>(cache.position), .factor = cache.miss_ratio()}}};
}

/// The classes of the table by their plans on the twin; planning takes longer; old rows are no longer deleted.
ForecastStep partition_step(const Recommendation& item) {
  const auto& table = std::get<PartitionTable>(item.change);
  ForecastStep step{.id = item.id};
  for (const PartitionedClass& query : table.classes) {
    DemandEffect effect{.query = static_cast<std::uint32_t>(query.position)};
    if (query.is_retention) {
      effect.factor = 0;
    } else if (!query.is_generic) {
      effect.before = {query.cost_before, query.cost_before};
      effect.after = {query.cost_after, query.cost_after};
    }
    effect.extra = query.planning_ms;
    step.effects.push_back(effect);
  }
  return step;
}

}  // namespace

ForecastInput forecast_input(const Advice& advice, const Workload& workload, const std::vector<ClassMeaning>& meanings,
                             const ServiceDemand& demand, const std::vector<Recommendation>& caches,
                             const std::vector<Recommendation>& partitions, const Catalog* catalog,
                             CostModel* planner) {
  ForecastInput input;
  for (const ClassCost& cost : advice.costs) {
    input.costs.push_back(
        {static_cast<std::uint32_t>(cost.position), {cost.before, cost.before}, {cost.after, cost.after}});
  }
  for (const Recommendation& item : partitions) input.steps.push_back(partition_step(item));
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
  if (catalog && planner && !input.steps.empty()) {
    ask_for_cached_costs(advice, meanings, partitions, *catalog, *planner, input);
  }
  for (const Recommendation& item : caches) input.steps.push_back(cache_step(item));
  return input;
}

}  // namespace assay
