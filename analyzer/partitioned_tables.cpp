#include "analyzer/partitioned_tables.h"

#include <algorithm>

#include "parser/sql/ddl.h"

namespace assay {
namespace {

constexpr int kDeepest = 16;  // levels of partitions; a forged catalog may hold a circle

std::string full_name(const std::string& schema, const std::string& name) {
  return (schema.empty() ? "public" : schema) + '.' + name;
}

std::string full_name(const Table& table) { return full_name(table.schema, table.name); }

using Children = std::unordered_map<std::string, std::vector<const Table*>>;

Children children_of(const Catalog& catalog) {
  Children children;
  for (const Table& table : catalog.tables) {
    for (const QualifiedName& parent : table.parents) children[full_name(parent.schema, parent.name)].push_back(&table);
  }
  return children;
}

void add_leaves(const Children& children, const Table& table, int depth, std::vector<const Table*>& leaves) {
  const auto found = children.find(full_name(table));
  if (found == children.end() || depth > kDeepest) return;
  for (const Table* child : found->second) {
    if (child->kind == 'p') add_leaves(children, *child, depth + 1, leaves);
    if (child->kind == 'r') leaves.push_back(child);
  }
}

std::vector<const Table*> leaves_of(const Children& children, const Table& table) {
  std::vector<const Table*> leaves;
  if (table.kind == 'p') add_leaves(children, table, 0, leaves);
  return leaves;
}

void add(TableCounters& sum, const TableCounters& part) {
  sum.sequential_scans += part.sequential_scans;
  sum.index_scans += part.index_scans;
  sum.inserted += part.inserted;
  sum.updated += part.updated;
  sum.hot_updated += part.hot_updated;
  sum.deleted += part.deleted;
}

const Table* largest(const std::vector<const Table*>& leaves) {
  const auto found =
      std::max_element(leaves.begin(), leaves.end(), [](const Table* a, const Table* b) { return a->rows < b->rows; });
  return found == leaves.end() ? nullptr : *found;
}

void sum_up(Table& whole, const std::vector<const Table*>& leaves) {
  if (leaves.empty()) return;
  double rows = 0;
  whole.pages = whole.all_visible_pages = 0;
  for (const Table* leaf : leaves) {
    rows += std::max(0.0, leaf->rows);
    whole.pages += leaf->pages;
    whole.all_visible_pages += leaf->all_visible_pages;
    if (leaf->counters && !whole.counters) whole.counters.emplace();
    if (leaf->counters) add(*whole.counters, *leaf->counters);
    if (leaf->dead_rows && !whole.dead_rows) whole.dead_rows.emplace();
    if (leaf->dead_rows) whole.dead_rows->count += leaf->dead_rows->count;
  }
  const bool known = std::any_of(leaves.begin(), leaves.end(), [](const Table* leaf) { return leaf->rows >= 0; });
  if (known) whole.rows = rows;
  const Table& like = *largest(leaves);
  for (Column& column : whole.columns) {
    const Column* of_leaf = find_column(like, column.name);
    if (column.statistics.empty() && of_leaf) column.statistics = of_leaf->statistics;
  }
}

void sum_up(Index& whole, const std::vector<const Index*>& parts) {
  if (parts.empty()) return;
  whole.pages = 0;
  whole.rows = 0;
  whole.scans = 0;
  for (const Index* part : parts) {
    whole.pages += part->pages;
    whole.rows += std::max(0.0, part->rows);
    if (whole.scans) whole.scans = part->scans ? std::optional(*whole.scans + *part->scans) : std::nullopt;
  }
}

bool has_statistics(const Table& table) {
  return std::any_of(table.columns.begin(), table.columns.end(),
                     [](const Column& column) { return !column.statistics.empty(); });
}

}  // namespace

IndexParts::IndexParts(const Catalog& catalog) {
  for (const Index& index : catalog.indexes) {
    indexes_.emplace(full_name(index.definition.schema, index.definition.name), &index);
  }
  for (const std::string& sql : catalog.ddl) {
    if (!sql.starts_with("ALTER INDEX")) continue;
    Diagnostics ignored;
    for (const DdlStatement& statement : parse_ddl(sql, "catalog", ignored)) {
      if (statement.kind != DdlKind::kAttachPartition || !statement.is_index) continue;
      const std::string whole = full_name(statement.schema, statement.name);
      const std::string part = full_name(statement.partition.schema, statement.partition.name);
      if (whole_of_.emplace(part, whole).second) parts_of_[whole].push_back(part);
    }
  }
}

bool IndexParts::is_part(const IndexDefinition& index) const {
  return whole_of_.contains(full_name(index.schema, index.name));
}

std::vector<const Index*> IndexParts::leaves_of(const Index& whole) const {
  std::vector<const Index*> leaves;
  add_leaves(whole, 0, leaves);
  return leaves;
}

void IndexParts::add_leaves(const Index& whole, int depth, std::vector<const Index*>& leaves) const {
  const auto found = parts_of_.find(full_name(whole.definition.schema, whole.definition.name));
  if (found == parts_of_.end() || depth > kDeepest) return;
  for (const std::string& name : found->second) {
    const auto part = indexes_.find(name);
    if (part == indexes_.end()) continue;
    if (parts_of_.contains(name)) {
      add_leaves(*part->second, depth + 1, leaves);
    } else {
      leaves.push_back(part->second);
    }
  }
}

std::vector<const Table*> leaves_of(const Catalog& catalog, const Table& table) {
  return table.kind == 'p' ? leaves_of(children_of(catalog), table) : std::vector<const Table*>{};
}

bool has_partitioned_tables(const Catalog& catalog) {
  return std::any_of(catalog.tables.begin(), catalog.tables.end(),
                     [](const Table& table) { return table.kind == 'p'; });
}

Catalog with_whole_tables(Catalog catalog) {
  const Children children = children_of(catalog);
  const IndexParts parts(catalog);
  for (Table& table : catalog.tables) {
    if (table.kind == 'p') sum_up(table, leaves_of(children, table));
  }
  for (Index& index : catalog.indexes) sum_up(index, parts.leaves_of(index));
  return catalog;
}

std::vector<std::string> never_analyzed(const Catalog& catalog) {
  const Children children = children_of(catalog);
  std::vector<std::string> names;
  for (const Table& table : catalog.tables) {
    if (table.kind != 'p' || !table.parents.empty() || has_statistics(table)) continue;
    const std::vector<const Table*> leaves = leaves_of(children, table);
    if (std::any_of(leaves.begin(), leaves.end(), [](const Table* leaf) { return has_statistics(*leaf); })) {
      names.push_back(full_name(table));
    }
  }
  return names;
}

}  // namespace assay
