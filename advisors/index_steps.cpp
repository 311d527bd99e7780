#include "advisors/index_steps.h"

#include <fmt/format.h>

#include <algorithm>

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

void create_below(const IndexDefinition& index, const Table& table, const Catalog& catalog,
                  std::vector<std::string>& taken, std::vector<std::string>& ddl, int depth) {
  ddl.push_back(on_only(index) + ";");
  for (const Table* partition : partitions_of(table, catalog)) {
    if (partition->kind == 'f' || depth >= kDeepest) continue;  // a foreign table's indexes are elsewhere
    IndexDefinition part = index;
    part.schema = partition->schema;
    part.table = partition->name;
    part.name = free_name(part, catalog, taken);
    taken.push_back(part.name);
    if (partition->kind == 'p') {
      create_below(part, *partition, catalog, taken, ddl, depth + 1);
    } else {
      ddl.push_back(create_index_sql(part, true) + ";");
    }
    ddl.push_back(fmt::format("ALTER INDEX {} ATTACH PARTITION {};", full_name(index.schema, index.name),
                              full_name(part.schema, part.name)));
  }
}

}  // namespace

IndexSteps create_steps(const IndexDefinition& index, const Catalog* catalog) {
  const Table* table = catalog ? catalog->find_table(index.schema, index.table) : nullptr;
  IndexSteps steps;
  if (table && table->kind == 'p') {
    steps.partitioned = true;
    std::vector<std::string> taken{index.name};
    create_below(index, *table, *catalog, taken, steps.ddl, 0);
    steps.rollback = {fmt::format("DROP INDEX IF EXISTS {};", full_name(index.schema, index.name))};
    return steps;
  }
  steps.ddl = {create_index_sql(index, true) + ";"};
  steps.rollback = {fmt::format("DROP INDEX CONCURRENTLY IF EXISTS {};", full_name(index.schema, index.name))};
  return steps;
}

IndexSteps drop_steps(const Index& index) {
  const IndexDefinition& definition = index.definition;
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
