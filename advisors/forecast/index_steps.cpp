#include "advisors/forecast/index_steps.h"

#include <algorithm>
#include <map>

#include "advisors/forecast/cached_cost.h"
#include "analyzer/cached_cost_model.h"
#include "analyzer/index_size.h"

namespace assay {
namespace {

/// The index that is to be created, and what that costs the writers: the two things here that only such a
/// recommendation has.
const IndexDefinition& index_of(const Recommendation& item) { return item.index; }
const WriteLoad& writers_of(const Recommendation& item) { return item.writes; }

bool writes_to(const Statement& statement, const IndexDefinition& index) {
  if (statement.kind == StatementKind::kDelete) return false;  // it leaves the index to VACUUM
  return std::any_of(statement.relations.begin(), statement.relations.end(), [&](const RelationUse& relation) {
    return relation.written && relation.name == index.table &&
           (relation.schema.empty() || relation.schema == index.schema);
  });
}

bool keeps(const Statement& statement, const IndexDefinition& index) {
  if (!writes_to(statement, index)) return false;
  if (statement.kind != StatementKind::kUpdate) return true;
  return std::any_of(index.keys.begin(), index.keys.end(), [&](const IndexKey& key) {
    return std::any_of(statement.columns_written.begin(), statement.columns_written.end(),
                       [&](const ColumnUse& column) { return column.name == key.column; });
  });
}

/// The price of all writers, shared among them by the processor time that they take.
void charge_writers(const Recommendation& item, const Workload& workload, const std::vector<ClassMeaning>& meanings,
                    const ServiceDemand& demand, ForecastStep& step) {
  if (writers_of(item).price_ms_per_s <= 0) return;
  std::vector<std::uint32_t> writers;
  double logged = 0;  // ms
  for (std::uint32_t i = 0; i < meanings.size(); ++i) {
    const bool same = workload.classes[i].database == item.database;
    if (!same || !meanings[i].statement || !keeps(*meanings[i].statement, index_of(item))) continue;
    writers.push_back(i);
    logged += static_cast<double>(workload.classes[i].total.count()) / 1e3;
  }
  if (logged <= 0) return;
  const double price = writers_of(item).price_ms_per_s * demand.span / 1e3;  // ms of the whole log
  for (const std::uint32_t query : writers) {
    const ClassDemand& writer = demand.classes[query];
    if (writer.response > 0) step.effects.push_back({.query = query, .extra = price / logged * writer.demand});
  }
}

/// Plans with all pages in memory.
class CachedCosts {
 public:
  CachedCosts(const Catalog& catalog, CostModel& planner, const std::vector<ClassMeaning>& meanings)
      : catalog_(catalog), model_(planner), meanings_(meanings) {}

  std::vector<HypotheticalIndex> indexes_of(const std::vector<Recommendation>& recommendations) const {
    std::vector<HypotheticalIndex> indexes;
    for (const Recommendation& item : recommendations) {
      if (const Table* table = catalog_.find_table(index_of(item).schema, index_of(item).table)) {
        indexes.push_back(sized(index_of(item), *table));
      } else {
        indexes.emplace_back();
      }
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

}  // namespace

ForecastInput forecast_input(const Advice& advice, const Workload& workload, const std::vector<ClassMeaning>& meanings,
                             const ServiceDemand& demand, const Catalog* catalog, CostModel* planner) {
  ForecastInput input;
  for (const ClassCost& cost : advice.costs) {
    input.costs.push_back(
        {static_cast<std::uint32_t>(cost.position), {cost.before, cost.before}, {cost.after, cost.after}});
  }
  for (const Recommendation& item : advice.recommendations) {
    if (item.evidence == Evidence::kNone) continue;
    ForecastStep step{.id = item.id};
    for (const ServedQuery& served : item.queries) {
      step.effects.push_back({.query = static_cast<std::uint32_t>(served.position),
                              .before = {served.cost_before, served.cost_before},
                              .after = {served.cost_after, served.cost_after}});
    }
    charge_writers(item, workload, meanings, demand, step);
    input.steps.push_back(std::move(step));
  }
  if (catalog && planner && !input.steps.empty()) ask_for_cached_costs(advice, meanings, *catalog, *planner, input);
  return input;
}

}  // namespace assay
