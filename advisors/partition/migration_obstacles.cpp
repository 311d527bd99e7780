#include "advisors/partition/migration_obstacles.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "parser/sql/ddl.h"
#include "parser/sql/index_definition.h"

namespace assay {
namespace {

using Names = std::vector<std::string>;

bool holds(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Names partition_keys(const PartitionScheme& scheme) {
  Names keys{scheme.partitioning.column};
  if (scheme.sub_hash_modulus) keys.push_back(scheme.sub_column);
  return keys;
}

std::string listed(const Names& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + quote_identifier(name);
  return text;
}

/// Those of `keys` that `columns` lacks.
Names lacking(const Names& columns, const Names& keys) {
  Names missing;
  for (const std::string& key : keys) {
    if (!holds(columns, key)) missing.push_back(key);
  }
  return missing;
}

void add_of_index(const Index& index, const Names& keys, Names& obstacles) {
  const std::string name = quote_identifier(index.definition.name);
  if (!index.constraint.empty() && !index.definition.unique) {
    obstacles.push_back(
        fmt::format("The exclusion constraint {} cannot be kept: before PostgreSQL 17 a partitioned table "
                    "has none, and none over partitions.",
                    name));
    return;
  }
  if (!index.valid) return;
  Diagnostics problems;
  const auto parsed = parse_ddl(create_index_sql(index.definition, false), "catalog", problems);
  if (!problems.empty() || parsed.size() != 1 || parsed[0].kind != DdlKind::kCreateIndex) {
    obstacles.push_back("The definition of the index " + name + " cannot be read.");
    return;
  }
  if (!index.definition.unique || index.primary) return;
  Names columns;
  for (const IndexKey& key : index.definition.keys) columns.push_back(key.column);
  const Names missing = lacking(columns, keys);
  if (missing.empty()) return;
  obstacles.push_back(
      fmt::format("{} makes {} unique in the whole table. A partitioned table can only keep what includes {}, which "
                  "would allow the "
                  "same value once in each partition. Drop it if that is enough, or keep the unique values in a plain "
                  "table beside.",
                  name, describe(index.definition), listed(missing)));
}

void add_of_foreign_key(const ForeignKey& key, const Table& table, const Names& keys, Names& obstacles) {
  if (key.referenced_schema != table.schema || key.referenced_table != table.name) return;
  const std::string name =
      fmt::format("{} of {}.{}", key.name.empty() ? "A foreign key" : "The foreign key " + quote_identifier(key.name),
                  quote_identifier(key.schema), quote_identifier(key.table));
  if (key.schema == table.schema && key.table == table.name) {
    obstacles.push_back(name + " refers to the table itself: drop it first.");
    return;
  }
  const Names missing = lacking(key.referenced_columns, keys);
  if (missing.empty()) return;
  obstacles.push_back(fmt::format(
      "{} refers to ({}), which is not unique without {} once the table is partitioned. Drop it and check in the "
      "application, or give the referring table {} as well and refer to both.",
      name, listed(key.referenced_columns), listed(missing), listed(missing)));
}

void add_of_scheme(const PartitionScheme& scheme, const Table& table, Names& obstacles) {
  for (const std::string& key : partition_keys(scheme)) {
    if (!find_column(table, key)) obstacles.push_back("It has no column " + quote_identifier(key) + ".");
  }
  if (scheme.partitioning.partitions.empty()) obstacles.emplace_back("The scheme names no partition.");
  if (scheme.sub_hash_modulus && *scheme.sub_hash_modulus < 1) obstacles.emplace_back("The second level has no parts.");
}

}  // namespace

Names table_obstacles(const Table& table, const Catalog& catalog) {
  Names obstacles;
  constexpr int kFirstWithKeys = 110000;
  if (catalog.server_version > 0 && catalog.server_version < kFirstWithKeys) {
    obstacles.push_back(
        fmt::format("PostgreSQL {} has no primary keys and indexes on partitioned tables: upgrade the server first.",
                    catalog.server_version / 10000));
  }
  if (table.kind != 'r') obstacles.emplace_back("It is not an ordinary table.");
  if (!table.parents.empty()) obstacles.emplace_back("It is a partition, or inherits from another table.");
  const bool has_children = std::any_of(catalog.tables.begin(), catalog.tables.end(), [&](const Table& other) {
    return std::any_of(other.parents.begin(), other.parents.end(), [&](const QualifiedName& parent) {
      return parent.schema == table.schema && parent.name == table.name;
    });
  });
  if (has_children) obstacles.emplace_back("Other tables inherit from it.");
  if (table.has_rules)
    obstacles.emplace_back("It has rules (CREATE RULE), which no step carries over: drop them first.");
  return obstacles;
}

Names obstacles_to(const PartitionScheme& scheme, const Catalog& catalog) {
  const Table* table = catalog.find_table(scheme.partitioning.schema, scheme.partitioning.table);
  if (!table) return {"The catalog has no such table."};
  const Names keys = partition_keys(scheme);
  Names obstacles;
  add_of_scheme(scheme, *table, obstacles);
  for (std::string& obstacle : table_obstacles(*table, catalog)) obstacles.push_back(std::move(obstacle));
  for (const Index* index : catalog.indexes_of(*table)) add_of_index(*index, keys, obstacles);
  for (const ForeignKey& key : catalog.foreign_keys) add_of_foreign_key(key, *table, keys, obstacles);
  return obstacles;
}

}  // namespace assay
