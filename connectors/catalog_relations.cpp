// The part of a Catalog that tells of tables, columns, indexes and keys.
#include <set>
#include <string>
#include <utility>

#include "connectors/catalog_rows.h"
#include "connectors/sql_value.h"

namespace assay {
namespace {

using Integer = std::int64_t;

Positions add_tables(const CatalogRows& rows, Catalog& catalog) {
  Positions positions;
  for (const SqlRow& row : answer(rows, "tables")) {
    positions[as_text(row[0])] = catalog.tables.size();
    Table& table = catalog.tables.emplace_back();
    table.schema = as_text(row[1]);
    table.name = as_text(row[2]);
    table.kind = as_letter(row[3], 'r');
    table.rows = as_number<double>(row[4], -1);
    table.pages = as_number<Integer>(row[5]);
    table.all_visible_pages = as_number<Integer>(row[6]);
    table.row_security = as_bool(row[7]);
    table.row_security_forced = as_bool(row[8]);
    table.policies = as_number<int>(row[9]);
    if (row[10]) {
      table.counters =
          TableCounters{as_number<Integer>(row[10]), as_number<Integer>(row[11]), as_number<Integer>(row[12]),
                        as_number<Integer>(row[13]), as_number<Integer>(row[14]), as_number<Integer>(row[15])};
    }
    table.definition = as_text(row[17]);
    if (as_bool(row[16])) catalog.hidden_tables.push_back(table.schema + "." + table.name);
  }
  return positions;
}

void mark_ruled_tables(const CatalogRows& rows, Catalog& catalog) {
  std::set<std::pair<std::string, std::string>> ruled;
  for (const SqlRow& row : answer(rows, "rules")) ruled.insert({as_text(row[0]), as_text(row[1])});
  for (Table& table : catalog.tables) table.has_rules = ruled.contains({table.schema, table.name});
}

void add_dead_rows(const CatalogRows& rows, const Positions& tables, Catalog& catalog) {
  for (const SqlRow& row : answer(rows, "dead_rows")) {
    const auto found = tables.find(as_text(row[0]));
    if (found == tables.end()) continue;
    DeadRows& dead = catalog.tables[found->second].dead_rows.emplace();
    dead.count = as_number<Integer>(row[1]);
    if (row[2]) dead.last_vacuum = ZonedTime{Timestamp(Microseconds(as_number<Integer>(row[2]))), UtcOffset{0}};
  }
}

void add_columns(const CatalogRows& rows, const Positions& tables, Catalog& catalog) {
  for (const SqlRow& row : answer(rows, "columns")) {
    const auto found = tables.find(as_text(row[0]));
    if (found == tables.end()) continue;
    catalog.tables[found->second].columns.push_back({as_text(row[1]), as_text(row[2]), as_bool(row[3]), {}});
  }
}

void add_parents(const CatalogRows& rows, const Positions& tables, Catalog& catalog) {
  for (const SqlRow& row : answer(rows, "parents")) {
    const auto found = tables.find(as_text(row[0]));
    if (found != tables.end()) catalog.tables[found->second].parents.push_back({as_text(row[1]), as_text(row[2])});
  }
}

/// "a + b" from "(a + b)"; "(a + b) * (c)" stays, since its first parenthesis ends before the last.
std::string without_outer_parentheses(std::string text) {
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') return text;
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const char c = text[i];
    if (quote ? c == quote : c == '\'' || c == '"') {
      quote = quote ? '\0' : c;
    } else if (!quote) {
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (depth == 0) return text;
    }
  }
  return text.substr(1, text.size() - 2);
}

Positions add_indexes(const CatalogRows& rows, Catalog& catalog) {
  Positions positions;
  for (const SqlRow& row : answer(rows, "indexes")) {
    positions[as_text(row[0])] = catalog.indexes.size();
    Index& index = catalog.indexes.emplace_back();
    index.definition.schema = as_text(row[1]);
    index.definition.table = as_text(row[2]);
    index.definition.name = as_text(row[3]);
    index.definition.method = as_text(row[4]);
    index.definition.unique = as_bool(row[5]);
    index.primary = as_bool(row[6]);
    index.valid = as_bool(row[7]);
    index.sql = as_text(row[8]);
    index.constraint = as_text(row[9]);
    index.definition.predicate = without_outer_parentheses(as_text(row[10]));
    index.rows = as_number<double>(row[12], -1);
    index.pages = as_number<Integer>(row[13]);
    if (row[14]) index.scans = as_number<Integer>(row[14]);
  }
  return positions;
}

void add_index_keys(const CatalogRows& rows, const Positions& indexes, Catalog& catalog) {
  for (const SqlRow& row : answer(rows, "index_keys")) {
    const auto found = indexes.find(as_text(row[0]));
    if (found == indexes.end()) continue;
    IndexDefinition& definition = catalog.indexes[found->second].definition;
    if (as_bool(row[1])) {
      definition.include.push_back(as_text(row[2]));
      continue;
    }
    IndexKey& key = definition.keys.emplace_back();
    key.column = as_text(row[2]);
    if (!row[2]) key.expression = without_outer_parentheses(as_text(row[3]));
    key.descending = as_bool(row[4]);
    key.nulls_first = as_bool(row[5]);
    key.operator_class = as_text(row[6]);
    key.collation = as_text(row[7]);
  }
}

void add_heights(const CatalogRows& rows, const Positions& indexes, Catalog& catalog) {
  for (const SqlRow& row : answer(rows, "heights")) {
    if (const auto found = indexes.find(as_text(row[0])); found != indexes.end()) {
      catalog.indexes[found->second].height = as_number<int>(row[1], -1);
    }
  }
}

void add_foreign_keys(const CatalogRows& rows, Catalog& catalog) {
  SqlValue last;
  for (const SqlRow& row : answer(rows, "foreign_keys")) {
    if (catalog.foreign_keys.empty() || row[0] != last) {
      last = row[0];
      catalog.foreign_keys.push_back({as_text(row[1]),
                                      as_text(row[2]),
                                      as_text(row[3]),
                                      {},
                                      as_text(row[4]),
                                      as_text(row[5]),
                                      {},
                                      as_letter(row[8], 'a'),
                                      as_letter(row[9], 'a')});
    }
    catalog.foreign_keys.back().columns.push_back(as_text(row[6]));
    catalog.foreign_keys.back().referenced_columns.push_back(as_text(row[7]));
  }
}

}  // namespace

RelationPositions add_relations(const CatalogRows& rows, Catalog& catalog) {
  RelationPositions positions;
  positions.tables = add_tables(rows, catalog);
  mark_ruled_tables(rows, catalog);
  add_dead_rows(rows, positions.tables, catalog);
  add_columns(rows, positions.tables, catalog);
  add_parents(rows, positions.tables, catalog);
  positions.indexes = add_indexes(rows, catalog);
  add_index_keys(rows, positions.indexes, catalog);
  add_heights(rows, positions.indexes, catalog);
  add_foreign_keys(rows, catalog);
  return positions;
}

}  // namespace assay
