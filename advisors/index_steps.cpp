#include "advisors/index_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "analyzer/partitioned_tables.h"

namespace assay {
namespace {

constexpr double kPageBytes = 8192;
constexpr int kDeepest = 16;  // levels of partitions; a forged catalog may hold a circle

std::string full_name(const std::string& schema, const std::string& name) {
  return quote_identifier(schema) + '.' + quote_identifier(name);
}

std::vector<const Table*> partitions_of(const Table& parent, const Catalog& catalog) {
  std::vector<const Table*> partitions;
  for (const Table& table : catalog.tables) {
    const bool child = std::any_of(table.parents.begin(), table.parents.end(), [&](const QualifiedName& name) {
      return name.name == parent.name && (name.schema == parent.schema || name.schema.empty());
    });
    if (child) partitions.push_back(&table);
  }
  return partitions;
}

std::string free_name(const IndexDefinition& index, const Catalog& catalog, const std::vector<std::string>& taken) {
  for (int number = 0;; ++number) {
    std::string name = conventional_index_name(index, number);
    const bool used = catalog.find_index(index.schema, name) || catalog.find_table(index.schema, name) ||
                      std::find(taken.begin(), taken.end(), name) != taken.end();
    if (!used) return name;
  }
}

/// CREATE INDEX name ON table … becomes CREATE INDEX name ON ONLY table …
std::string on_only(const IndexDefinition& index) {
  std::string sql = create_index_sql(index, false);
  const std::string on = " ON " + full_name(index.schema, index.table);
  const std::size_t at = sql.find(on);
  return at == std::string::npos ? sql : sql.insert(at + 4, "ONLY ");
}

/// An index of the partition's own that can be attached as it is.
const Index* same_on(const Table& partition, const IndexDefinition& wanted, const Catalog& catalog,
                     const IndexParts& parts) {
  for (const Index* index : catalog.indexes_of(partition)) {
    const IndexDefinition& have = index->definition;
    const bool same = have.method == wanted.method && have.unique == wanted.unique && have.keys == wanted.keys &&
                      have.include == wanted.include && have.predicate == wanted.predicate;
    if (same && index->valid && index->constraint.empty() && !parts.is_part(have)) return index;
  }
  return nullptr;
}

class PartitionedIndex {
 public:
  /// `takes_in`: attaches what partitions have of their own.
  PartitionedIndex(const IndexDefinition& index, const Catalog& catalog, bool takes_in)
      : catalog_(catalog), parts_(catalog), takes_in_(takes_in), taken_{index.name} {
    steps_.partitioned = true;
    steps_.rollback = {fmt::format("DROP INDEX IF EXISTS {};", full_name(index.schema, index.name))};
  }

  IndexSteps steps(const IndexDefinition& index, const Table& table) {
    create_below(index, table, 0);
    return std::move(steps_);
  }

 private:
  void create_below(const IndexDefinition& index, const Table& table, int depth) {
    steps_.ddl.push_back(on_only(index) + ";");
    for (const Table* partition : partitions_of(table, catalog_)) {
      if (partition->kind == 'f' || depth >= kDeepest) continue;  // a foreign table's indexes are elsewhere
      IndexDefinition part = index;
      part.schema = partition->schema;
      part.table = partition->name;
      const bool is_leaf = partition->kind != 'p';
      if (const Index* same = takes_in_ && is_leaf ? same_on(*partition, part, catalog_, parts_) : nullptr) {
        part.name = same->definition.name;
        steps_.rollback.push_back(create_index_sql(same->definition, true) + ";");
      } else {
        part.name = free_name(part, catalog_, taken_);
        taken_.push_back(part.name);
        if (is_leaf) {
          steps_.ddl.push_back(create_index_sql(part, true) + ";");
        } else {
          create_below(part, *partition, depth + 1);
        }
      }
      steps_.ddl.push_back(fmt::format("ALTER INDEX {} ATTACH PARTITION {};", full_name(index.schema, index.name),
                                       full_name(part.schema, part.name)));
    }
  }

  const Catalog& catalog_;
  IndexParts parts_;
  bool takes_in_;
  std::vector<std::string> taken_;
  IndexSteps steps_;
};

}  // namespace

IndexSteps create_steps(const IndexDefinition& index, const Catalog* catalog) {
  const Table* table = catalog ? catalog->find_table(index.schema, index.table) : nullptr;
  if (table && table->kind == 'p') return PartitionedIndex(index, *catalog, true).steps(index, *table);
  IndexSteps steps;
  steps.ddl = {create_index_sql(index, true) + ";"};
  steps.rollback = {fmt::format("DROP INDEX CONCURRENTLY IF EXISTS {};", full_name(index.schema, index.name))};
  return steps;
}

IndexSteps drop_steps(const Index& index, const Catalog& catalog) {
  const IndexDefinition& definition = index.definition;
  const Table* table = catalog.find_table(definition.schema, definition.table);
  if (table && table->kind == 'p') {
    IndexSteps again = PartitionedIndex(definition, catalog, false).steps(definition, *table);
    return {.ddl = std::move(again.rollback), .rollback = std::move(again.ddl), .partitioned = true};
  }
  return {.ddl = {fmt::format("DROP INDEX CONCURRENTLY IF EXISTS {};", full_name(definition.schema, definition.name))},
          .rollback = {create_index_sql(definition, true) + ";"}};
}

BuildEffort build_effort(const HypotheticalIndex& index, const Table& table) {
  BuildEffort effort;
  effort.pages_read = 2 * static_cast<double>(table.pages);
  effort.rows_sorted = std::max(0.0, index.rows);
  effort.seconds = (effort.pages_read * kPageBytes + static_cast<double>(index.bytes())) / kBytesPerSecond +
                   effort.rows_sorted / kRowsSortedPerSecond;
  return effort;
}

}  // namespace assay
