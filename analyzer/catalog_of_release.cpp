#include "analyzer/catalog_of_release.h"

#include <utility>

#include "analyzer/index_size.h"

namespace assay {
namespace {

void take_over(Table& table, const Table& known) {
  table.rows = known.rows;
  table.pages = known.pages;
  table.all_visible_pages = known.all_visible_pages;
  table.counters = known.counters;
  for (Column& column : table.columns) {
    const Column* same = find_column(known, column.name);
    if (same && same->type == column.type) column.statistics = same->statistics;
  }
}

bool same_index(const IndexDefinition& a, IndexDefinition b) {
  b.schema = a.schema;
  b.name = a.name;
  return a == b;
}

const Index* counterpart(const Index& index, const Table& table, const Catalog& production) {
  for (const Index* known : production.indexes_of(table)) {
    if (same_index(index.definition, known->definition)) return known;
  }
  return nullptr;
}

void size_of_its_own(Index& index, const Table& table) {
  const HypotheticalIndex fresh = sized(index.definition, table);
  index.rows = fresh.rows;
  index.pages = fresh.pages;
  index.height = fresh.height;
}

}  // namespace

Catalog catalog_of_release(Catalog schema, const Catalog& production) {
  for (Table& table : schema.tables) {
    if (const Table* known = production.find_table(table.schema, table.name)) take_over(table, *known);
  }
  for (Index& index : schema.indexes) {
    const Table* known = production.find_table(index.definition.schema, index.definition.table);
    const Table* table = schema.find_table(index.definition.schema, index.definition.table);
    if (!known || !table || table->rows < 0) continue;
    if (const Index* same = counterpart(index, *known, production)) {
      index.rows = same->rows;
      index.pages = same->pages;
      index.height = same->height;
      index.expression_statistics = same->expression_statistics;
    } else {
      size_of_its_own(index, *table);
    }
  }
  schema.source = production.source;
  schema.database = production.database;
  schema.server_version = production.server_version;
  schema.taken_at = production.taken_at;
  schema.has_statistics = production.has_statistics;
  schema.settings = production.settings;
  schema.builtin_functions = production.builtin_functions;
  return schema;
}

}  // namespace assay
