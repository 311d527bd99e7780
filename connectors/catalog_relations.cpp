#include "connectors/catalog_relations.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "connectors/sql_value.h"

namespace assay {
namespace {

/// Positions of tables and indexes in the catalog by their oid, while it is being read.
using Positions = std::unordered_map<std::string, std::size_t>;

/// Relations of users, extensions' included. `c` is pg_class, `n` its pg_namespace.
#define ASSAY_USER_SCHEMA "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"

/// The size is asked for at most once a relation, and partitioned tables, views and foreign tables have none.
/// Rows are brought to the size of now, as the planner does (estimate_rel_size): reltuples / relpages x pages.
constexpr const char* kTables = R"(
SELECT c.oid, n.nspname, c.relname, c.relkind,
       CASE WHEN c.relkind NOT IN ('r', 'm') THEN c.reltuples::float8
            WHEN c.relpages > 0 AND c.reltuples >= 0 THEN c.reltuples::float8 * f.pages / c.relpages
            WHEN f.pages = 0 THEN c.reltuples::float8 ELSE -1 END,
       f.pages, c.relallvisible, c.relrowsecurity,
       s.seq_scan, s.idx_scan, s.n_tup_ins, s.n_tup_upd, s.n_tup_hot_upd, s.n_tup_del,
       c.relkind IN ('r', 'p', 'm') AND c.reltuples > 0
         AND (NOT has_any_column_privilege(c.oid, 'SELECT') OR (c.relrowsecurity AND row_security_active(c.oid)))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid AND c.relkind IN ('r', 'm')
CROSS JOIN LATERAL (SELECT CASE WHEN c.relkind IN ('r', 'm')
    THEN coalesce(pg_relation_size(c.oid, 'main'), 0) / current_setting('block_size')::bigint ELSE 0 END AS pages) f
WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f') AND )" ASSAY_USER_SCHEMA R"(
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C")";

constexpr const char* kColumns = R"(
SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'm', 'v', 'f') AND )" ASSAY_USER_SCHEMA R"(
ORDER BY a.attrelid, a.attnum)";

/// Of tables and, under the index's name, of index expressions.
constexpr const char* kStatistics = R"(
SELECT c.oid, s.attname, a.attnum, s.null_frac, s.avg_width, s.n_distinct, s.inherited,
       s.most_common_vals::text, s.most_common_freqs::text, s.histogram_bounds::text, s.correlation,
       s.most_common_elems::text, s.most_common_elem_freqs::text, s.elem_count_histogram::text
FROM pg_stats s JOIN pg_namespace n ON n.nspname = s.schemaname
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = s.tablename
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = s.attname
WHERE )" ASSAY_USER_SCHEMA R"(
ORDER BY c.oid, a.attnum, s.inherited)";

constexpr const char* kIndexes = R"(
SELECT i.indexrelid, n.nspname, t.relname, c.relname, am.amname, i.indisunique, i.indisprimary, i.indisvalid,
       pg_get_indexdef(i.indexrelid), k.conname, pg_get_expr(i.indpred, i.indrelid), i.indnkeyatts,
       CASE WHEN c.relkind <> 'i' THEN c.reltuples::float8
            WHEN c.relpages > 1 AND f.pages > 1 THEN c.reltuples::float8 * (f.pages - 1) / (c.relpages - 1)
            ELSE c.reltuples::float8 END,
       f.pages, s.idx_scan
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_am am ON am.oid = c.relam
LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_stat_all_indexes s ON s.indexrelid = i.indexrelid
CROSS JOIN LATERAL (SELECT CASE WHEN c.relkind = 'i'
    THEN coalesce(pg_relation_size(c.oid, 'main'), 0) / current_setting('block_size')::bigint ELSE 0 END AS pages) f
WHERE t.relkind IN ('r', 'p', 'm') AND )" ASSAY_USER_SCHEMA R"(
ORDER BY n.nspname COLLATE "C", t.relname COLLATE "C", c.relname COLLATE "C")";

/// indoption: bit 0 DESC, bit 1 NULLS FIRST (INDOPTION_* in src/include/catalog/pg_index.h).
constexpr const char* kIndexKeys = R"(
SELECT i.indexrelid, p.n > i.indnkeyatts, a.attname, pg_get_indexdef(i.indexrelid, p.n, true),
       (i.indoption[p.n - 1] & 1) <> 0, (i.indoption[p.n - 1] & 2) <> 0,
       CASE WHEN NOT o.opcdefault
            THEN CASE WHEN os.nspname <> 'pg_catalog' THEN quote_ident(os.nspname) || '.' ELSE '' END
                 || quote_ident(o.opcname) END,
       CASE WHEN l.oid IS NOT NULL AND l.oid <> coalesce(a.attcollation, y.typcollation)
            THEN CASE WHEN ls.nspname <> 'pg_catalog' THEN quote_ident(ls.nspname) || '.' ELSE '' END
                 || quote_ident(l.collname) END
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
CROSS JOIN LATERAL generate_series(1, i.indnatts) AS p(n)
JOIN pg_attribute x ON x.attrelid = i.indexrelid AND x.attnum = p.n JOIN pg_type y ON y.oid = x.atttypid
LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p.n - 1] AND a.attnum > 0
LEFT JOIN pg_opclass o ON o.oid = i.indclass[p.n - 1] LEFT JOIN pg_namespace os ON os.oid = o.opcnamespace
LEFT JOIN pg_collation l ON l.oid = i.indcollation[p.n - 1] LEFT JOIN pg_namespace ls ON ls.oid = l.collnamespace
WHERE t.relkind IN ('r', 'p', 'm') AND )" ASSAY_USER_SCHEMA R"(
ORDER BY i.indexrelid, p.n)";

constexpr const char* kForeignKeys = R"(
SELECT k.oid, k.conname, n.nspname, t.relname, rn.nspname, r.relname, a.attname, ra.attname
FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_class r ON r.oid = k.confrelid JOIN pg_namespace rn ON rn.oid = r.relnamespace
CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS p(here, there, position)
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.here
JOIN pg_attribute ra ON ra.attrelid = k.confrelid AND ra.attnum = p.there
WHERE k.contype = 'f' AND )" ASSAY_USER_SCHEMA R"(
ORDER BY n.nspname COLLATE "C", t.relname COLLATE "C", k.conname COLLATE "C", k.oid, p.position)";

/// bt_metap reads one page of the index; pageinspect lets only superusers call it.
constexpr const char* kHeightFunction = R"(
SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = 'pageinspect' AND current_setting('is_superuser') = 'on')";

#undef ASSAY_USER_SCHEMA

using Integer = std::int64_t;

Positions read_tables(Session& session, Catalog& catalog) {
  Positions positions;
  for (const SqlRow& row : session.query(kTables)) {
    positions[*row[0]] = catalog.tables.size();
    Table& table = catalog.tables.emplace_back();
    table.schema = as_text(row[1]);
    table.name = as_text(row[2]);
    table.kind = row[3]->at(0);
    table.rows = as_number<double>(row[4], -1);
    table.pages = as_number<Integer>(row[5]);
    table.all_visible_pages = as_number<Integer>(row[6]);
    table.row_security = as_bool(row[7]);
    if (row[8]) {
      table.counters =
          TableCounters{as_number<Integer>(row[8]),  as_number<Integer>(row[9]),  as_number<Integer>(row[10]),
                        as_number<Integer>(row[11]), as_number<Integer>(row[12]), as_number<Integer>(row[13])};
    }
    if (as_bool(row[14])) catalog.hidden_tables.push_back(table.schema + "." + table.name);
  }
  return positions;
}

void read_columns(Session& session, const Positions& tables, Catalog& catalog) {
  for (const SqlRow& row : session.query(kColumns)) {
    const auto found = tables.find(*row[0]);
    if (found == tables.end()) continue;
    catalog.tables[found->second].columns.push_back({as_text(row[1]), as_text(row[2]), as_bool(row[3]), {}});
  }
}

ColumnStatistics statistics_from(const SqlRow& row) {
  ColumnStatistics statistics;
  statistics.null_fraction = as_number<double>(row[3]);
  statistics.average_width = as_number<int>(row[4]);
  statistics.distinct = as_number<double>(row[5]);
  statistics.inherited = as_bool(row[6]);
  statistics.most_common_values = row[7];
  statistics.most_common_frequencies = row[8];
  statistics.histogram_bounds = row[9];
  if (row[10]) statistics.correlation = as_number<double>(row[10]);
  statistics.most_common_elements = row[11];
  statistics.most_common_element_frequencies = row[12];
  statistics.element_count_histogram = row[13];
  return statistics;
}

void read_statistics(Session& session, const Positions& tables, const Positions& indexes, Catalog& catalog) {
  for (const SqlRow& row : session.query(kStatistics)) {
    if (const auto table = tables.find(*row[0]); table != tables.end()) {
      for (Column& column : catalog.tables[table->second].columns) {
        if (column.name == row[1]) column.statistics.push_back(statistics_from(row));
      }
    } else if (const auto found = indexes.find(*row[0]); found != indexes.end()) {
      Index& index = catalog.indexes[found->second];
      const auto key = as_number<std::size_t>(row[2]);
      if (key == 0 || key > index.definition.keys.size()) continue;
      index.expression_statistics.resize(index.definition.keys.size());
      index.expression_statistics[key - 1].push_back(statistics_from(row));
    }
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

Positions read_indexes(Session& session, Catalog& catalog) {
  Positions positions;
  for (const SqlRow& row : session.query(kIndexes)) {
    positions[*row[0]] = catalog.indexes.size();
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

void read_index_keys(Session& session, const Positions& indexes, Catalog& catalog) {
  for (const SqlRow& row : session.query(kIndexKeys)) {
    const auto found = indexes.find(*row[0]);
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

void read_heights(Session& session, const Positions& indexes, Catalog& catalog) {
  const SqlRows function = session.query(kHeightFunction);
  if (function.empty()) return;
  const std::string sql = "SELECT i.oid, (" + as_text(function[0][0]) +
                          ".bt_metap(quote_ident(n.nspname) || '.' || quote_ident(i.relname))).level "
                          "FROM pg_class i JOIN pg_namespace n ON n.oid = i.relnamespace "
                          "JOIN pg_am am ON am.oid = i.relam AND am.amname = 'btree' "
                          "WHERE i.relkind = 'i' AND i.relpersistence <> 't' AND n.nspname !~ '^pg_'";
  for (const SqlRow& row : session.query(sql)) {
    if (const auto found = indexes.find(*row[0]); found != indexes.end()) {
      catalog.indexes[found->second].height = as_number<int>(row[1], -1);
    }
  }
}

void read_foreign_keys(Session& session, Catalog& catalog) {
  std::string last;
  for (const SqlRow& row : session.query(kForeignKeys)) {
    if (row[0] != last) {
      last = *row[0];
      catalog.foreign_keys.push_back(
          {as_text(row[1]), as_text(row[2]), as_text(row[3]), {}, as_text(row[4]), as_text(row[5]), {}});
    }
    catalog.foreign_keys.back().columns.push_back(as_text(row[6]));
    catalog.foreign_keys.back().referenced_columns.push_back(as_text(row[7]));
  }
}

}  // namespace

void read_relations(Session& session, Catalog& catalog) {
  const Positions tables = read_tables(session, catalog);
  read_columns(session, tables, catalog);
  const Positions indexes = read_indexes(session, catalog);
  read_index_keys(session, indexes, catalog);
  read_statistics(session, tables, indexes, catalog);
  read_heights(session, indexes, catalog);
  read_foreign_keys(session, catalog);
}

}  // namespace assay
