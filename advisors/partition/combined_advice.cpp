#include "advisors/partition/combined_advice.h"

#include <utility>

#include "advisors/index_steps.h"

namespace assay {
namespace {

void tell_against_today(const Advice& today, Advice& divided) {
  auto before = today.costs.begin();
  for (ClassCost& cost : divided.costs) {
    while (before != today.costs.end() && before->position < cost.position) ++before;
    if (before != today.costs.end() && before->position == cost.position) cost.before = before->before;
  }
  if (!today.selection || !divided.selection) return;
  divided.selection->objective_before = today.selection->objective_before;
  divided.selection->planned_cost_before = today.selection->planned_cost_before;
  divided.selection->whatif_calls += today.selection->whatif_calls;
  divided.selection->cache_hits += today.selection->cache_hits;
  divided.selection->limit_struck |= today.selection->limit_struck;
}

/// The index is made when the table has changed over and bears its name: it then has the partitions of that way.
void make_on_divided_table(const Recommendation& partitioning, const Catalog& after, Recommendation& item) {
  auto& created = std::get<CreateIndex>(item.change);
  created.after = partitioning.id;
  IndexSteps steps = create_steps(created.index, &after);
  created.partitioned = steps.partitioned;
  item.ddl = std::move(steps.ddl);
  item.rollback = std::move(steps.rollback);
  item.reasons.push_back("planned on the partitioned table (" + partitioning.id +
                         "), to be made once that has changed over; without that, another index may be the better one");
}

void drop_on_divided_table(const Recommendation& partitioning, const Catalog& after, Recommendation& item) {
  auto& dropped = std::get<DropIndex>(item.change);
  if (dropped.after.empty()) dropped.after = partitioning.id;
  const Index* index = after.find_index(dropped.index.schema, dropped.index.name);
  if (!index) return;
  IndexSteps steps = drop_steps(*index, after);
  item.ddl = std::move(steps.ddl);
  item.rollback = std::move(steps.rollback);
}

}  // namespace

Advice combined_advice(const Advice& today, Advice divided, const PartitionAdvice& partitions, const Catalog& catalog) {
  tell_against_today(today, divided);
  for (const Recommendation& partitioning : partitions.recommendations) {
    const auto& what = std::get<PartitionTable>(partitioning.change);
    const Catalog after = catalog_after(*recommended_way(what.migration), what.scheme, catalog);
    for (Recommendation& item : divided.recommendations) {
      if (item.table != partitioning.table) continue;
      if (std::holds_alternative<CreateIndex>(item.change)) make_on_divided_table(partitioning, after, item);
      if (std::holds_alternative<DropIndex>(item.change)) drop_on_divided_table(partitioning, after, item);
    }
  }
  return divided;
}

}  // namespace assay
