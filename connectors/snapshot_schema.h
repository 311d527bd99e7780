// The tables of a snapshot. `position` counts from 0 in the catalog's order; `parent` is the position of what a row
// belongs to. Times are ISO 8601, sizes pages of the server's block size, arrays as PostgreSQL prints them,
// bytes as hexadecimal digits. Version 2 had no rules, operators, casts and dead rows; it is read, and tells none.
#pragma once

#include <cstdint>

namespace assay {

inline constexpr std::uint32_t kSnapshotApplicationId = 0x41535359;  // "ASSY"
inline constexpr int kSnapshotVersion = 3, kOldestSnapshotVersion = 2;

inline constexpr const char* kSnapshotSchema = R"(
CREATE TABLE snapshot (assay_version TEXT NOT NULL, database TEXT NOT NULL, server_version INTEGER NOT NULL,
  taken_at TEXT, statistics_reset TEXT, has_statistics INTEGER NOT NULL, redacted_columns INTEGER) STRICT;
CREATE TABLE settings (name TEXT NOT NULL, value TEXT NOT NULL) STRICT;
CREATE TABLE extensions (name TEXT NOT NULL, version TEXT NOT NULL) STRICT;
CREATE TABLE search_path (schema TEXT NOT NULL) STRICT;
CREATE TABLE hidden_tables (name TEXT NOT NULL) STRICT;
CREATE TABLE hidden_statistics (name TEXT NOT NULL) STRICT;
CREATE TABLE ddl (statement TEXT NOT NULL) STRICT;
CREATE TABLE tables (position INTEGER PRIMARY KEY, schema TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
  definition TEXT NOT NULL, rows REAL NOT NULL, pages INTEGER NOT NULL, all_visible_pages INTEGER NOT NULL, row_security INTEGER NOT NULL,
  row_security_forced INTEGER NOT NULL, policies INTEGER NOT NULL,
  sequential_scans INTEGER, index_scans INTEGER, inserted INTEGER, updated INTEGER, hot_updated INTEGER,
  deleted INTEGER) STRICT;
CREATE TABLE columns (parent INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
  not_null INTEGER NOT NULL, PRIMARY KEY (parent, position)) STRICT;
CREATE TABLE parents (parent INTEGER NOT NULL, position INTEGER NOT NULL, schema TEXT NOT NULL, name TEXT NOT NULL,
  PRIMARY KEY (parent, position)) STRICT;
CREATE TABLE indexes (position INTEGER PRIMARY KEY, schema TEXT NOT NULL, table_name TEXT NOT NULL,
  name TEXT NOT NULL, method TEXT NOT NULL, is_unique INTEGER NOT NULL, predicate TEXT NOT NULL, sql TEXT NOT NULL,
  constraint_name TEXT NOT NULL, is_primary INTEGER NOT NULL, is_valid INTEGER NOT NULL, rows REAL NOT NULL,
  pages INTEGER NOT NULL, height INTEGER NOT NULL, scans INTEGER) STRICT;
CREATE TABLE index_keys (parent INTEGER NOT NULL, position INTEGER NOT NULL, column_name TEXT NOT NULL,
  expression TEXT NOT NULL, descending INTEGER NOT NULL, nulls_first INTEGER NOT NULL, operator_class TEXT NOT NULL,
  collation TEXT NOT NULL, PRIMARY KEY (parent, position)) STRICT;
CREATE TABLE index_includes (parent INTEGER NOT NULL, position INTEGER NOT NULL, column_name TEXT NOT NULL,
  PRIMARY KEY (parent, position)) STRICT;
CREATE TABLE column_statistics (of TEXT NOT NULL, parent INTEGER NOT NULL, position INTEGER NOT NULL,
  null_fraction REAL NOT NULL, average_width INTEGER NOT NULL, n_distinct REAL NOT NULL, inherited INTEGER NOT NULL,
  most_common_values TEXT, most_common_frequencies TEXT, histogram_bounds TEXT, correlation REAL,
  most_common_elements TEXT, most_common_element_frequencies TEXT, element_count_histogram TEXT,
  range_length_histogram TEXT, range_empty_fraction REAL, range_bounds_histogram TEXT) STRICT;
CREATE TABLE extended_statistics (position INTEGER PRIMARY KEY, schema TEXT NOT NULL, name TEXT NOT NULL,
  inherited INTEGER NOT NULL, n_distinct TEXT, dependencies TEXT, most_common TEXT) STRICT;
CREATE TABLE extended_statistics_keys (parent INTEGER NOT NULL, position INTEGER NOT NULL, number INTEGER NOT NULL,
  column_name TEXT NOT NULL, PRIMARY KEY (parent, position)) STRICT;
CREATE TABLE functions (schema TEXT NOT NULL, name TEXT NOT NULL, arguments TEXT NOT NULL, language TEXT NOT NULL,
  body TEXT NOT NULL, kind TEXT NOT NULL, volatility TEXT NOT NULL) STRICT;
CREATE TABLE builtin_functions (name TEXT NOT NULL, volatility TEXT NOT NULL) STRICT;
CREATE TABLE triggers (schema TEXT NOT NULL, table_name TEXT NOT NULL, name TEXT NOT NULL,
  function_schema TEXT NOT NULL, function TEXT NOT NULL, time TEXT NOT NULL, on_insert INTEGER NOT NULL,
  on_update INTEGER NOT NULL, on_delete INTEGER NOT NULL, on_truncate INTEGER NOT NULL,
  for_each_row INTEGER NOT NULL, enabled INTEGER NOT NULL) STRICT;
CREATE TABLE foreign_keys (position INTEGER PRIMARY KEY, name TEXT NOT NULL, schema TEXT NOT NULL,
  table_name TEXT NOT NULL, referenced_schema TEXT NOT NULL, referenced_table TEXT NOT NULL,
  on_update TEXT NOT NULL, on_delete TEXT NOT NULL) STRICT;
CREATE TABLE foreign_key_columns (parent INTEGER NOT NULL, position INTEGER NOT NULL, column_name TEXT NOT NULL,
  referenced_column TEXT NOT NULL, PRIMARY KEY (parent, position)) STRICT;
)";

/// What version 3 holds besides.
inline constexpr const char* kSnapshotSchemaSince3 = R"(
CREATE TABLE dead_rows (parent INTEGER PRIMARY KEY, count INTEGER NOT NULL, last_vacuum TEXT) STRICT;
CREATE TABLE rules (schema TEXT NOT NULL, table_name TEXT NOT NULL) STRICT;
CREATE TABLE operators (schema TEXT NOT NULL, name TEXT NOT NULL, volatility TEXT NOT NULL) STRICT;
CREATE TABLE casts (source TEXT NOT NULL, target TEXT NOT NULL, is_implicit INTEGER NOT NULL,
  volatility TEXT NOT NULL) STRICT;
)";

}  // namespace assay
