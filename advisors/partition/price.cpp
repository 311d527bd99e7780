#include "advisors/partition/price.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay {
namespace {

using Sentences = std::vector<std::string>;

bool holds(const IndexDefinition& index, const std::string& column) {
  return std::any_of(index.keys.begin(), index.keys.end(), [&](const IndexKey& key) { return key.column == column; });
}

std::string columns_of(const IndexDefinition& index) {
  std::string text;
  for (const IndexKey& key : index.keys) {
    text += (text.empty() ? "" : ", ") + (key.column.empty() ? key.expression : key.column);
  }
  return text;
}

/// Other unique indexes that lack the column are obstacles (migration_obstacles.h).
void primary_key(const std::string& column, const Table& table, const Catalog& catalog, Sentences& price) {
  for (const Index* index : catalog.indexes_of(table)) {
    const IndexDefinition& definition = index->definition;
    if (!index->primary || holds(definition, column)) continue;
    price.push_back(
        fmt::format("the primary key ({0}) must take in {1}: that {0} alone is unique, the database will no "
                    "longer see to",
                    columns_of(definition), column));
  }
}

void foreign_keys(const Table& table, const Catalog& catalog, Sentences& price) {
  for (const ForeignKey& key : catalog.foreign_keys) {
    if (key.schema != table.schema || key.table != table.name) continue;
    price.push_back(fmt::format("the foreign key{} to {} is made anew on the partitioned table, which checks all rows",
                                key.name.empty() ? "" : " " + key.name, key.referenced_table));
  }
}

void key_itself(const PartitionScheme& scheme, const TableSignals& signals, Sentences& price) {
  const HypotheticalPartitioning& what = scheme.partitioning;
  const Column* column = find_column(*signals.table, what.column);
  if (column && !column->not_null && what.strategy == PartitionStrategy::kRange) {
    price.push_back(what.column + " must be NOT NULL: a row without it would fit no partition");
  }
  const KeySignals* key = signals.key(what.column);
  if (key && key->updates_per_s > 0) {
    price.push_back(fmt::format("{:.2g} updates a second set {}: one that crosses a bound moves the row",
                                key->updates_per_s, what.column));
  }
  if (what.strategy == PartitionStrategy::kRange) {
    price.push_back(
        "partitions must be made ahead (pg_partman, or a job): a row beyond the last one is "
        "refused");
  }
  if (what.strategy == PartitionStrategy::kList) {
    price.push_back("a new value lands in the default partition until it gets its own, which then scans that");
  }
}

void triggers(const Table& table, const Catalog& catalog, Sentences& price) {
  const auto count = std::count_if(catalog.triggers.begin(), catalog.triggers.end(), [&](const Trigger& trigger) {
    return trigger.schema == table.schema && trigger.table == table.name;
  });
  if (count > 0) {
    price.push_back(fmt::format("{} trigger{} must be made on the new table too", count, count == 1 ? "" : "s"));
  }
}

}  // namespace

std::vector<std::string> price_of(const PartitionScheme& scheme, const TableSignals& signals, const Catalog& catalog) {
  Sentences price;
  const Table& table = *signals.table;
  primary_key(scheme.partitioning.column, table, catalog, price);
  foreign_keys(table, catalog, price);
  key_itself(scheme, signals, price);
  triggers(table, catalog, price);
  return price;
}

}  // namespace assay
