#include "advisors/partition/migration_names.h"

#include <algorithm>
#include <set>

#include "parser/sql/index_definition.h"

namespace assay {
namespace {

/// Names of tables, indexes and sequences share a schema.
class FreeNames {
 public:
  FreeNames(const Catalog& catalog, const std::string& schema) : catalog_(catalog), schema_(schema) {}

  std::string take(const std::string& name, const std::string& suffix) {
    std::string candidate = fitted_name(name, suffix);
    for (int number = 1; is_used(candidate); ++number) candidate = fitted_name(name, suffix + std::to_string(number));
    taken_.insert(candidate);
    return candidate;
  }

 private:
  bool is_used(const std::string& name) const {
    return taken_.contains(name) || catalog_.find_table(schema_, name) || catalog_.find_index(schema_, name);
  }

  const Catalog& catalog_;
  std::string schema_;
  std::set<std::string> taken_;
};

/// A key of the new table: the old one's columns, and those of the partition keys that it lacks.
void extend_key(MigratedIndex& migrated, const std::vector<std::string>& keys) {
  for (const IndexKey& key : migrated.index->definition.keys) migrated.columns.push_back(key.column);
  for (const std::string& key : keys) {
    if (std::find(migrated.columns.begin(), migrated.columns.end(), key) != migrated.columns.end()) continue;
    migrated.columns.push_back(key);
    migrated.extended = true;
  }
}

/// For rows before the first range.
std::optional<HypotheticalPartition> partition_before(const PartitionScheme& scheme) {
  const HypotheticalPartitioning& what = scheme.partitioning;
  if (what.strategy != PartitionStrategy::kRange || what.partitions.empty()) return std::nullopt;
  for (const HypotheticalPartition& partition : what.partitions) {
    if (partition.is_default || !partition.from) return std::nullopt;
  }
  return HypotheticalPartition{.name = fitted_name(what.table, "_before"), .to = what.partitions.front().from};
}

NamedPartition named(const HypotheticalPartition& partition, const PartitionScheme& scheme, FreeNames& free) {
  NamedPartition named{partition, free.take(partition.name.empty() ? "part" : partition.name, ""), {}};
  for (int i = 0; i < scheme.sub_hash_modulus.value_or(0); ++i) {
    named.leaves.push_back(free.take(named.name, "_h" + std::to_string(i)));
  }
  if (named.leaves.empty()) named.leaves.push_back(named.name);
  return named;
}

/// As the server itself would name them.
std::vector<std::string> names_of_parts(const IndexDefinition& definition, const NamedPartition& partition,
                                        FreeNames& free) {
  std::vector<std::string> tables = partition.leaves;
  if (tables.front() != partition.name) tables.insert(tables.begin(), partition.name);
  IndexDefinition part = definition;
  for (std::string& name : tables) {
    part.table = name;
    name = free.take(conventional_index_name(part), "");
  }
  return tables;
}

}  // namespace

const MigratedIndex* MigrationNames::primary_key() const {
  const auto found =
      std::find_if(indexes.begin(), indexes.end(), [](const MigratedIndex& item) { return item.index->primary; });
  return found == indexes.end() ? nullptr : &*found;
}

std::vector<std::string> MigrationNames::key_columns() const {
  std::vector<std::string> columns{scheme->partitioning.column};
  if (scheme->sub_hash_modulus && scheme->sub_column != columns.front()) columns.push_back(scheme->sub_column);
  return columns;
}

std::map<std::string, std::string, std::less<>> MigrationNames::places() const {
  return {{"table", qualified(schema(), table->name)},
          {"parent", qualified(schema(), parent)},
          {"legacy", qualified(schema(), legacy)},
          {"table_name", quote_identifier(table->name)},
          {"parent_name", quote_identifier(parent)},
          {"legacy_name", quote_identifier(legacy)},
          {"table_class", regclass_literal(schema(), table->name)},
          {"parent_class", regclass_literal(schema(), parent)},
          {"legacy_class", regclass_literal(schema(), legacy)},
          {"key", quote_identifier(scheme->partitioning.column)},
          {"key_literal", quote_literal(scheme->partitioning.column)},
          {"check", quote_identifier(boundary_check)},
          {"mirror", qualified(schema(), mirror)},
          {"mirror_name", quote_identifier(mirror)},
          {"mirror_literal", quote_literal(mirror)},
          {"mirror_back", qualified(schema(), mirror_back)},
          {"mirror_back_name", quote_identifier(mirror_back)},
          {"mirror_back_literal", quote_literal(mirror_back)},
          {"backfill", qualified(schema(), backfill)},
          {"progress", qualified(schema(), progress)}};
}

MigrationNames names_of(const PartitionScheme& scheme, const Catalog& catalog, const Table& table) {
  MigrationNames names{.scheme = &scheme, .catalog = &catalog, .table = &table};
  FreeNames free(catalog, table.schema);
  if (const auto before = partition_before(scheme)) {
    names.partitions.push_back(named(*before, scheme, free));
    names.has_before = true;
  }
  for (const HypotheticalPartition& partition : scheme.partitioning.partitions) {
    names.partitions.push_back(named(partition, scheme, free));
  }
  names.parent = free.take(table.name, "_partitioned");
  names.legacy = free.take(table.name, "_legacy");
  names.boundary_check = fitted_name(table.name, "_before_boundary");
  names.mirror = free.take(table.name, "_mirror");
  names.mirror_back = free.take(table.name, "_mirror_back");
  names.backfill = free.take(table.name, "_backfill");
  names.progress = free.take(table.name, "_progress");
  for (const Index* index : catalog.indexes_of(table)) {
    if (!index->valid) continue;
    MigratedIndex& migrated = names.indexes.emplace_back();
    migrated.index = index;
    const std::string& name = index->definition.name;
    migrated.made = free.take(name, "_new");
    migrated.legacy = free.take(name, "_legacy");
    if (index->primary) {
      extend_key(migrated, names.key_columns());
      names.old_key = free.take(name, "_old");
    } else if (!index->constraint.empty()) {
      extend_key(migrated, {});
    } else {
      for (const NamedPartition& partition : names.partitions) {
        migrated.parts.push_back(names_of_parts(index->definition, partition, free));
      }
    }
  }
  return names;
}

}  // namespace assay
