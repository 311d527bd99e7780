#include "advisors/partition/price.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay {
namespace {

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

bool is_referenced(const ForeignKey& key, const Table& table) {
  return key.referenced_schema == table.schema && key.referenced_table == table.name;
}

void unique_constraints(const std::string& column, const Table& table, const Catalog& catalog, SchemePrice& result) {
  for (const Index* index : catalog.indexes_of(table)) {
    const IndexDefinition& definition = index->definition;
    if (!index->constraint.empty() && !definition.unique && !index->primary) {
      result.obstacles.push_back("the exclusion constraint " + index->constraint + ": PostgreSQL " +
                                 std::to_string(catalog.server_version / 10000) + " has none on partitioned tables");
      continue;
    }
    if (!definition.unique || holds(definition, column)) continue;
    const bool expressions = std::any_of(definition.keys.begin(), definition.keys.end(),
                                         [](const IndexKey& key) { return key.column.empty(); });
    if (expressions) {
      result.obstacles.push_back("the unique index " + definition.name + " is on an expression, which " +
                                 "a partitioned table cannot have as unique together with its key");
      continue;
    }
    result.price.push_back(
        fmt::format("{} ({}) must take in {}: that {} alone is unique, the database will no longer "
                    "see to",
                    index->primary ? "the primary key" : "the unique index " + definition.name, columns_of(definition),
                    column, columns_of(definition)));
  }
}

void foreign_keys(const std::string& column, const Table& table, const Catalog& catalog, SchemePrice& result) {
  for (const ForeignKey& key : catalog.foreign_keys) {
    if (is_referenced(key, table)) {
      const auto& columns = key.referenced_columns;
      if (std::find(columns.begin(), columns.end(), column) != columns.end()) continue;
      result.obstacles.push_back(
          fmt::format("{}.{} references {} ({}){}, which can be unique only together with "
                      "{}: drop that foreign key, or give {} the column {}",
                      key.schema, key.table, table.name, fmt::join(columns, ", "),
                      key.name.empty() ? "" : " by " + key.name, column, key.table, column));
    } else if (key.schema == table.schema && key.table == table.name) {
      result.price.push_back(
          fmt::format("the foreign key{} to {} is made anew on the partitioned table, which checks "
                      "all rows",
                      key.name.empty() ? "" : " " + key.name, key.referenced_table));
    }
  }
}

void key_itself(const PartitionScheme& scheme, const TableSignals& signals, SchemePrice& result) {
  const HypotheticalPartitioning& what = scheme.partitioning;
  const Column* column = find_column(*signals.table, what.column);
  if (column && !column->not_null && what.strategy == PartitionStrategy::kRange) {
    result.price.push_back(what.column + " must be NOT NULL: a row without it would fit no partition");
  }
  const KeySignals* key = signals.key(what.column);
  if (key && key->updates_per_s > 0) {
    result.price.push_back(fmt::format("{:.2g} updates a second set {}: one that crosses a bound moves the row",
                                       key->updates_per_s, what.column));
  }
  if (what.strategy == PartitionStrategy::kRange) {
    result.price.push_back(
        "partitions must be made ahead (pg_partman, or a job): a row beyond the last one is "
        "refused");
  }
  if (what.strategy == PartitionStrategy::kList) {
    result.price.push_back("a new value lands in the default partition until it gets its own, which then scans that");
  }
}

void triggers(const Table& table, const Catalog& catalog, SchemePrice& result) {
  const auto count = std::count_if(catalog.triggers.begin(), catalog.triggers.end(), [&](const Trigger& trigger) {
    return trigger.schema == table.schema && trigger.table == table.name;
  });
  if (count > 0) {
    result.price.push_back(fmt::format("{} trigger{} must be made on the new table too", count, count == 1 ? "" : "s"));
  }
}

}  // namespace

SchemePrice price_of(const PartitionScheme& scheme, const TableSignals& signals, const Catalog& catalog) {
  SchemePrice result;
  const Table& table = *signals.table;
  unique_constraints(scheme.partitioning.column, table, catalog, result);
  foreign_keys(scheme.partitioning.column, table, catalog, result);
  key_itself(scheme, signals, result);
  triggers(table, catalog, result);
  return result;
}

std::vector<std::string> table_obstacles(const Table& table, const Catalog& catalog) {
  std::vector<std::string> obstacles;
  constexpr int kFirstWithKeys = 110000;
  if (catalog.server_version > 0 && catalog.server_version < kFirstWithKeys) {
    obstacles.push_back(fmt::format("PostgreSQL {} has no primary keys and indexes on partitioned tables: upgrade",
                                    catalog.server_version / 10000));
  }
  if (!table.parents.empty()) obstacles.push_back("it inherits from " + table.parents.front().name);
  const auto child = std::find_if(catalog.tables.begin(), catalog.tables.end(), [&](const Table& other) {
    return std::any_of(other.parents.begin(), other.parents.end(), [&](const QualifiedName& parent) {
      return parent.schema == table.schema && parent.name == table.name;
    });
  });
  if (child != catalog.tables.end()) obstacles.push_back(child->name + " inherits from it");
  if (table.has_rules) obstacles.push_back("it has rules, which rewrite what is written to it");
  return obstacles;
}

}  // namespace assay
