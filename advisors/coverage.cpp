#include "advisors/coverage.h"

#include <algorithm>

namespace assay {
namespace {

std::optional<std::string> unserved_foreign_key(const Table& table, const Catalog& catalog) {
  for (const ForeignKey& key : catalog.foreign_keys) {
    if (key.referenced_table != table.name || key.referenced_schema != table.schema || has_index(key, catalog))
      continue;
    std::string columns;
    for (const std::string& column : key.columns) columns += (columns.empty() ? "" : ", ") + column;
    return "its plan does not show the foreign key without an index that each deleted row is looked up by: " +
           key.table + " (" + columns + ")";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> why_not_covered(const Statement& statement, const Catalog& catalog) {
  for (const RelationUse& relation : statement.relations) {
    const Table* table = catalog.find_table(relation.schema, relation.name);
    if (!table) continue;
    if (statement.kind == StatementKind::kDelete && relation.written) {
      if (auto reason = unserved_foreign_key(*table, catalog)) return reason;
    }
    if (table->kind == 'v') return "planned, but candidates are not derived through views: " + table->name;
    if (table->kind == 'f') return "planned, but a foreign table's indexes are elsewhere: " + table->name;
  }
  return std::nullopt;
}

// A DELETE looks for rows that refer to the deleted ones, in each referring table, by the key's columns.
bool has_index(const ForeignKey& key, const Catalog& catalog) {
  const Table* table = catalog.find_table(key.schema, key.table);
  if (!table || key.columns.empty()) return true;
  const auto indexes = catalog.indexes_of(*table);
  return std::any_of(indexes.begin(), indexes.end(), [&](const Index* index) {
    const IndexDefinition& definition = index->definition;
    return index->valid && definition.predicate.empty() && !definition.keys.empty() &&
           std::find(key.columns.begin(), key.columns.end(), definition.keys.front().column) != key.columns.end();
  });
}

}  // namespace assay
