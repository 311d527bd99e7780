#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <system_error>
#include <vector>

#include "connectors/replaced_file.h"
#include "connectors/snapshot.h"
#include "connectors/snapshot_schema.h"
#include "connectors/snapshot_seal.h"
#include "parser/base/error.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

/// One INSERT, used again and again.
class Inserter {
 public:
  Inserter(SQLite::Database& file, const std::string& table, int columns)
      : statement_(file, "INSERT INTO " + table + " VALUES (" + placeholders(columns) + ")") {}

  template <typename... Values>
  void add(const Values&... values) {
    int position = 0;
    (bind(++position, values), ...);
    statement_.exec();
    statement_.reset();
    statement_.clearBindings();
  }

 private:
  static std::string placeholders(int columns) {
    std::string list = "?";
    for (int i = 1; i < columns; ++i) list += ", ?";
    return list;
  }
  void bind(int position, const std::string& text) { statement_.bind(position, text); }
  void bind(int position, double number) { statement_.bind(position, std::isfinite(number) ? number : 0.0); }
  void bind(int position, std::int64_t number) { statement_.bind(position, number); }
  void bind(int position, std::size_t number) { statement_.bind(position, static_cast<std::int64_t>(number)); }
  void bind(int position, int number) { statement_.bind(position, number); }
  void bind(int position, bool flag) { statement_.bind(position, flag ? 1 : 0); }
  template <typename Value>
  void bind(int position, const std::optional<Value>& value) {
    if (value) bind(position, *value);
  }

  SQLite::Statement statement_;
};

std::optional<std::string> iso(const std::optional<ZonedTime>& time) {
  return time ? std::optional(to_iso8601(*time)) : std::nullopt;
}

void write_lists(SQLite::Database& file, const Catalog& catalog) {
  Inserter(file, "snapshot", 7)
      .add(std::string(ASSAY_VERSION), catalog.database, catalog.server_version, iso(catalog.taken_at),
           iso(catalog.statistics_reset), catalog.has_statistics, catalog.redacted_columns);
  Inserter settings(file, "settings", 2);
  for (const auto& [name, value] : catalog.settings) settings.add(name, value);
  const auto write = [&](const char* table, const std::vector<std::string>& texts) {
    Inserter inserter(file, table, 1);
    for (const std::string& text : texts) inserter.add(text);
  };
  Inserter extensions(file, "extensions", 2);
  for (const Extension& extension : catalog.extensions) extensions.add(extension.name, extension.version);
  write("search_path", catalog.search_path);
  write("hidden_tables", catalog.hidden_tables);
  write("hidden_statistics", catalog.hidden_statistics);
  write("ddl", catalog.ddl);
}

void write_statistics(Inserter& inserter, const std::string& of, std::size_t parent, std::size_t position,
                      const std::vector<ColumnStatistics>& all) {
  for (const ColumnStatistics& s : all) {
    inserter.add(of, parent, position, s.null_fraction, s.average_width, s.distinct, s.inherited, s.most_common_values,
                 s.most_common_frequencies, s.histogram_bounds, s.correlation, s.most_common_elements,
                 s.most_common_element_frequencies, s.element_count_histogram, s.range_length_histogram,
                 s.range_empty_fraction, s.range_bounds_histogram);
  }
}

void write_tables(SQLite::Database& file, const Catalog& catalog) {
  Inserter tables(file, "tables", 17), columns(file, "columns", 5), parents(file, "parents", 4);
  Inserter statistics(file, "column_statistics", 17), dead_rows(file, "dead_rows", 3);
  for (std::size_t i = 0; i < catalog.tables.size(); ++i) {
    const Table& t = catalog.tables[i];
    const auto counter = [&](std::int64_t TableCounters::*member) {
      return t.counters ? std::optional((*t.counters).*member) : std::nullopt;
    };
    tables.add(i, t.schema, t.name, std::string(1, t.kind), t.definition, t.rows, t.pages, t.all_visible_pages,
               t.row_security, t.row_security_forced, t.policies, counter(&TableCounters::sequential_scans),
               counter(&TableCounters::index_scans), counter(&TableCounters::inserted),
               counter(&TableCounters::updated), counter(&TableCounters::hot_updated),
               counter(&TableCounters::deleted));
    if (t.dead_rows) dead_rows.add(i, t.dead_rows->count, iso(t.dead_rows->last_vacuum));
    for (std::size_t p = 0; p < t.parents.size(); ++p) parents.add(i, p, t.parents[p].schema, t.parents[p].name);
    for (std::size_t c = 0; c < t.columns.size(); ++c) {
      columns.add(i, c, t.columns[c].name, t.columns[c].type, t.columns[c].not_null);
      write_statistics(statistics, "column", i, c, t.columns[c].statistics);
    }
  }
}

void write_indexes(SQLite::Database& file, const Catalog& catalog) {
  Inserter indexes(file, "indexes", 15), keys(file, "index_keys", 8), includes(file, "index_includes", 3);
  Inserter statistics(file, "column_statistics", 17);
  for (std::size_t i = 0; i < catalog.indexes.size(); ++i) {
    const Index& index = catalog.indexes[i];
    const IndexDefinition& d = index.definition;
    indexes.add(i, d.schema, d.table, d.name, d.method, d.unique, d.predicate, index.sql, index.constraint,
                index.primary, index.valid, index.rows, index.pages, index.height, index.scans);
    for (std::size_t k = 0; k < d.keys.size(); ++k) {
      const IndexKey& key = d.keys[k];
      keys.add(i, k, key.column, key.expression, key.descending, key.nulls_first, key.operator_class, key.collation);
    }
    for (std::size_t k = 0; k < d.include.size(); ++k) includes.add(i, k, d.include[k]);
    for (std::size_t k = 0; k < index.expression_statistics.size(); ++k) {
      write_statistics(statistics, "index key", i, k, index.expression_statistics[k]);
    }
  }
}

void write_foreign_keys(SQLite::Database& file, const Catalog& catalog) {
  Inserter foreign_keys(file, "foreign_keys", 8), columns(file, "foreign_key_columns", 4);
  for (std::size_t i = 0; i < catalog.foreign_keys.size(); ++i) {
    const ForeignKey& key = catalog.foreign_keys[i];
    foreign_keys.add(i, key.name, key.schema, key.table, key.referenced_schema, key.referenced_table,
                     std::string(1, key.on_update), std::string(1, key.on_delete));
    const std::size_t pairs = std::min(key.columns.size(), key.referenced_columns.size());
    for (std::size_t c = 0; c < pairs; ++c) columns.add(i, c, key.columns[c], key.referenced_columns[c]);
  }
}

void write_programs(SQLite::Database& file, const Catalog& catalog) {
  Inserter functions(file, "functions", 7), builtins(file, "builtin_functions", 2), triggers(file, "triggers", 12);
  for (const Function& f : catalog.functions) {
    functions.add(f.schema, f.name, f.arguments, f.language, f.body, std::string(1, f.kind),
                  std::string(1, f.volatility));
  }
  for (const auto& [name, volatility] : catalog.builtin_functions) builtins.add(name, std::string(1, volatility));
  for (const Trigger& t : catalog.triggers) {
    triggers.add(t.schema, t.table, t.name, t.function_schema, t.function, std::string(1, t.time), t.on_insert,
                 t.on_update, t.on_delete, t.on_truncate, t.for_each_row, t.enabled);
  }
  Inserter rules(file, "rules", 2), operators(file, "operators", 3), casts(file, "casts", 4);
  for (const Table& t : catalog.tables) {
    if (t.has_rules) rules.add(t.schema, t.name);
  }
  for (const OwnOperator& o : catalog.operators) operators.add(o.schema, o.name, std::string(1, o.volatility));
  for (const OwnCast& c : catalog.casts) casts.add(c.source, c.target, c.implicit, std::string(1, c.volatility));
}

void write_extended_statistics(SQLite::Database& file, const Catalog& catalog) {
  Inserter extended(file, "extended_statistics", 7), keys(file, "extended_statistics_keys", 4),
      statistics(file, "column_statistics", 17);
  for (std::size_t i = 0; i < catalog.extended_statistics.size(); ++i) {
    const ExtendedStatistics& s = catalog.extended_statistics[i];
    extended.add(i, s.schema, s.name, s.inherited, s.distinct, s.dependencies, s.most_common);
    for (std::size_t k = 0; k < s.keys.size(); ++k) keys.add(i, k, s.keys[k].number, s.keys[k].column);
    for (std::size_t e = 0; e < s.expressions.size(); ++e) {
      write_statistics(statistics, "expression", i, e, {s.expressions[e]});
    }
  }
}

void write_file(const Catalog& catalog, const fs::path& path) {
  SQLite::Database file(path.string(), SQLite::OPEN_READWRITE);
  file.exec("PRAGMA journal_mode = OFF");
  file.exec("PRAGMA synchronous = OFF");
  file.exec(fmt::format("PRAGMA application_id = {}", kSnapshotApplicationId));
  file.exec(fmt::format("PRAGMA user_version = {}", kSnapshotVersion));
  SQLite::Transaction transaction(file);
  file.exec(kSnapshotSchema);
  file.exec(kSnapshotSchemaSince3);
  write_lists(file, catalog);
  write_tables(file, catalog);
  write_indexes(file, catalog);
  write_foreign_keys(file, catalog);
  write_programs(file, catalog);
  write_extended_statistics(file, catalog);
  transaction.commit();
}

Error cannot_write(const fs::path& path, const std::string& reason) {
  return Error("cannot write the snapshot " + path.string() + ": " + reason,
               "-o must name a file in a folder that exists and can be written");
}

}  // namespace

void save_snapshot(const Catalog& catalog, const fs::path& path) {
  try {
    ReplacedFile file(path);
    write_file(catalog, file.path());
    seal(file.path());
    file.put_in_place();
  } catch (const SQLite::Exception& exception) {
    throw cannot_write(path, exception.what());
  } catch (const std::system_error& failure) {
    throw cannot_write(path, failure.what());
  }
}

}  // namespace assay
