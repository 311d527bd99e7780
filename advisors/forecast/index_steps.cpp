#include "advisors/forecast/index_steps.h"

#include <algorithm>

namespace assay {
namespace {

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
  if (item.writes.price_ms_per_s <= 0) return;
  std::vector<std::uint32_t> writers;
  double logged = 0;  // ms
  for (std::uint32_t i = 0; i < meanings.size(); ++i) {
    const bool same = workload.classes[i].database == item.database;
    if (!same || !meanings[i].statement || !keeps(*meanings[i].statement, item.index)) continue;
    writers.push_back(i);
    logged += static_cast<double>(workload.classes[i].total.count()) / 1e3;
  }
  if (logged <= 0) return;
  const double price = item.writes.price_ms_per_s * demand.span / 1e3;  // ms of the whole log
  for (const std::uint32_t query : writers) {
    const ClassDemand& writer = demand.classes[query];
    if (writer.response > 0) step.effects.push_back({.query = query, .extra = price / logged * writer.demand});
  }
}

}  // namespace

ForecastInput forecast_input(const Advice& advice, const Workload& workload, const std::vector<ClassMeaning>& meanings,
                             const ServiceDemand& demand) {
  ForecastInput input;
  for (const ClassCost& cost : advice.costs) {
    input.costs.push_back({static_cast<std::uint32_t>(cost.position), cost.before, cost.after});
  }
  for (const Recommendation& item : advice.recommendations) {
    if (item.evidence == Evidence::kNone) continue;
    ForecastStep step{.id = item.id};
    for (const ServedQuery& served : item.queries) {
      step.effects.push_back({.query = static_cast<std::uint32_t>(served.position),
                              .cost_before = served.cost_before,
                              .cost_after = served.cost_after});
    }
    charge_writers(item, workload, meanings, demand, step);
    input.steps.push_back(std::move(step));
  }
  return input;
}

}  // namespace assay
