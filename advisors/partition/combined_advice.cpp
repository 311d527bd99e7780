#include "advisors/partition/combined_advice.h"

#include <algorithm>

#include "advisors/partition/schemes.h"

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

/// The index is made on the new table while that is empty: then it needs no CONCURRENTLY and takes no time.
void make_on_new_table(const std::string& partitioning, Recommendation& item) {
  auto& created = std::get<CreateIndex>(item.change);
  created.partitioned = true;
  IndexDefinition definition = created.index;
  definition.table = partition_name(definition.table, "_partitioned");
  item.ddl = {create_index_sql(definition, false) + ";"};
  item.rollback = {"DROP INDEX " + quote_identifier(definition.schema) + "." + quote_identifier(definition.name) + ";"};
  item.reasons.push_back("planned on the partitioned table (" + partitioning +
                         "); without that, another index may be the better one");
}

}  // namespace

Advice combined_advice(const Advice& today, Advice divided, const PartitionAdvice& partitions) {
  tell_against_today(today, divided);
  for (Recommendation& item : divided.recommendations) {
    if (!std::holds_alternative<CreateIndex>(item.change)) continue;
    const auto found = std::find_if(partitions.recommendations.begin(), partitions.recommendations.end(),
                                    [&](const Recommendation& partitioned) { return partitioned.table == item.table; });
    if (found != partitions.recommendations.end()) make_on_new_table(found->id, item);
  }
  return divided;
}

}  // namespace assay
