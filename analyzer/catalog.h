// Catalog: what is known of a database without a row of it. Tables, columns, statistics, indexes,
// constraints, write counters, settings, and the DDL to build it all again.
//
// It comes from a live server or a snapshot of one (complete), or from a schema dump (no statistics).
// A value: built once, then only read.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/base/time.h"
#include "parser/sql/ddl.h"
#include "parser/sql/index_definition.h"

namespace assay {

/// In the terms of the view pg_stats, arrays as PostgreSQL prints them ("{a,b}").
struct ColumnStatistics {
  double null_fraction = 0;  ///< 0 to 1
  int average_width = 0;     ///< bytes
  double distinct = 0;       ///< > 0: a count; < 0: minus the share of rows; 0: unknown
  bool inherited = false;    ///< covers the table's children too
  std::optional<std::string> most_common_values, most_common_frequencies;
  std::optional<std::string> histogram_bounds;
  std::optional<double> correlation;  ///< of physical and logical order, -1 to 1
  std::optional<std::string> most_common_elements, most_common_element_frequencies, element_count_histogram;
  std::optional<std::string> range_length_histogram, range_bounds_histogram;  ///< of range types
  std::optional<double> range_empty_fraction;
};

struct Column {
  std::string name;
  std::string type;  ///< as format_type() prints it
  bool not_null = false;
  std::vector<ColumnStatistics> statistics;  ///< none, its own, or its own and the inherited ones
};

struct TableCounters {
  std::int64_t sequential_scans = 0, index_scans = 0;
  std::int64_t inserted = 0, updated = 0, hot_updated = 0, deleted = 0;
};

/// What VACUUM has still to do, and when it last did.
struct DeadRows {
  std::int64_t count = 0;                     ///< n_dead_tup: an estimate of the server's
  std::optional<ZonedTime> last_vacuum = {};  ///< by hand or by autovacuum
};

struct Table {
  std::string schema, name;
  char kind = 'r';  ///< pg_class.relkind: r table, p partitioned, m materialized view, v view, f foreign
  std::vector<Column> columns;
  std::vector<QualifiedName> parents;  ///< that it inherits from, or is a partition of
  std::string definition;              ///< of a view or materialized view: its query; empty for others
  double rows = -1;                    ///< pg_class.reltuples; -1: unknown
  std::int64_t pages = 0;              ///< of the file, now
  std::int64_t all_visible_pages = 0;
  bool row_security = false;         ///< policies hold for all but the owner
  bool row_security_forced = false;  ///< and for the owner
  int policies = 0;
  bool has_rules = false;  ///< CREATE RULE: a write may be another one, or more of them (Catalog::knows_rules)
  std::optional<TableCounters> counters;
  std::optional<DeadRows> dead_rows;
};

struct Index {
  IndexDefinition definition;
  std::string sql;         ///< pg_get_indexdef, or the dump's own; for a constraint's index as if it were made by hand
  std::string constraint;  ///< the primary key, unique or exclusion constraint that it backs; empty for none
  bool primary = false;
  bool valid = true;
  double rows = -1;
  std::int64_t pages = 0;
  int height = -1;                                                   ///< B-tree: levels above the leaves; -1: unknown
  std::optional<std::int64_t> scans;                                 ///< since the statistics were reset
  std::vector<std::vector<ColumnStatistics>> expression_statistics;  ///< one entry a key; empty for plain columns
};

struct ForeignKey {
  std::string name, schema, table;
  std::vector<std::string> columns;
  std::string referenced_schema, referenced_table;
  std::vector<std::string> referenced_columns;
  /// What becomes of the referencing rows (pg_constraint.confupdtype, confdeltype): a no action, r restrict, c cascade,
  /// n set null, d set default.
  char on_update = 'a', on_delete = 'a';
};

/// Of users, not the constraints' own.
struct Trigger {
  std::string schema, table, name;
  std::string function_schema, function;
  char time = 'a';  ///< a after, b before, i instead of the event
  bool on_insert = false, on_update = false, on_delete = false, on_truncate = false;
  bool for_each_row = false;
  bool enabled = true;
};

struct Function {
  std::string schema, name;
  std::string arguments;  ///< their types, as pg_get_function_identity_arguments() prints them; empty from a dump
  std::string language;
  std::string body;       ///< in SQL or PL/pgSQL; empty in other languages and where it was left out
  char kind = 'f';        ///< pg_proc.prokind: f function, p procedure, a aggregate, w window function
  char volatility = 'v';  ///< pg_proc.provolatile: i immutable, s stable, v volatile
};

/// CREATE OPERATOR, of users and of extensions.
struct OwnOperator {
  std::string schema, name;
  char volatility = 'v';  ///< of its function, as Function::volatility
};

/// CREATE CAST … WITH FUNCTION, of users and of extensions.
struct OwnCast {
  std::string source, target;  ///< as format_type() prints them
  bool implicit = false;       ///< also where no cast is written
  char volatility = 'v';       ///< of its function, as Function::volatility
};

/// A plain column of a statistics object, and the number by which the bytes below know it.
struct StatisticsKey {
  int number = 0;  ///< pg_attribute.attnum
  std::string column;
};

/// The values of a statistics object (CREATE STATISTICS), whose definition is in Catalog::ddl. The server's own bytes
/// (pg_ndistinct, pg_dependencies, pg_mcv_list), in hexadecimal digits.
struct ExtendedStatistics {
  std::string schema, name;
  bool inherited = false;
  std::vector<StatisticsKey> keys;  ///< by their numbers
  std::optional<std::string> distinct, dependencies, most_common;
  std::vector<ColumnStatistics> expressions;  ///< in the order of the definition
};

struct Extension {
  std::string name, version;
};

enum class CatalogSource { kServer, kSnapshot, kDump };

struct Catalog {
  CatalogSource source = CatalogSource::kServer;
  std::string database;
  int server_version = 0;  ///< server_version_num, 150018; 0: unknown
  std::optional<ZonedTime> taken_at, statistics_reset;
  bool has_statistics = false;                  ///< false for a dump: nothing can be planned
  std::map<std::string, std::string> settings;  ///< those that bear on plans, as SHOW prints them
  std::vector<Extension> extensions;
  std::vector<std::string> search_path;  ///< schemas of unqualified names, in order
  std::vector<Table> tables;
  std::vector<Index> indexes;
  std::vector<ForeignKey> foreign_keys;
  std::vector<Trigger> triggers;
  std::vector<Function> functions;  ///< of users and of extensions
  /// Of pg_catalog, by name: the most volatile of the overloads; empty from a dump.
  std::map<std::string, char, std::less<>> builtin_functions;
  std::vector<OwnOperator> operators;
  std::vector<OwnCast> casts;
  bool knows_rules = true;  ///< rules, operators and casts: false for a snapshot of version 2, which tells none
  std::vector<ExtendedStatistics> extended_statistics;
  std::vector<std::string> ddl;                ///< one statement each, in an order in which they can be executed
  std::vector<std::string> hidden_tables;      ///< whose statistics the role that read them may not see
  std::vector<std::string> hidden_statistics;  ///< statistics objects whose values it may not see, or not in full
  /// Of how many columns and expressions the values were left out; none: nothing was left out on purpose.
  std::optional<std::int64_t> redacted_columns;

  /// The table or view of that name, an empty schema meaning the search path; nullptr when there is none.
  const Table* find_table(std::string_view schema, std::string_view name) const;
  const Index* find_index(std::string_view schema, std::string_view name) const;
  /// In the catalog's order.
  std::vector<const Index*> indexes_of(const Table& table) const;
  /// The most volatile (i, s, v) of all functions of that name, whatever their arguments, an empty schema meaning
  /// pg_catalog and every schema of the search path: 'i' says that all are immutable. Nothing for an unknown name.
  std::optional<char> volatility_of(std::string_view schema, std::string_view function) const;
};

const Column* find_column(const Table& table, std::string_view name);

}  // namespace assay
