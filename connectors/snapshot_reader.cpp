#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/snapshot.h"
#include "connectors/snapshot_schema.h"
#include "parser/base/error.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr int kLongestValue = 256 << 20;  // bytes; the longest real ones are histograms of long texts

struct Damaged {
  std::string what;
};

/// PostgreSQL knows no text with a NUL; one in a snapshot would cut DDL short in a script.
std::string text(const SQLite::Column& column) {
  std::string value = column.getString();
  if (value.find('\0') != std::string::npos) throw Damaged{"a text holds a NUL byte"};
  return value;
}
bool flag(const SQLite::Column& column) { return column.getInt64() != 0; }
std::int64_t integer(const SQLite::Column& column) { return column.getInt64(); }
int small_integer(const SQLite::Column& column) {
  return static_cast<int>(
      std::clamp<std::int64_t>(column.getInt64(), std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
}

std::optional<std::string> optional_text(const SQLite::Column& column) {
  return column.isNull() ? std::nullopt : std::optional(text(column));
}

/// The element that a row belongs to.
template <typename Element>
Element& at(std::vector<Element>& elements, const SQLite::Column& position) {
  const std::int64_t index = position.getInt64();
  if (index < 0 || index >= static_cast<std::int64_t>(elements.size())) throw Damaged{"a row belongs to nothing"};
  return elements[static_cast<std::size_t>(index)];
}

/// Rows that have positions of their own must count from 0 without a gap.
void expect_position(const SQLite::Column& position, std::size_t expected) {
  if (position.getInt64() != static_cast<std::int64_t>(expected)) throw Damaged{"the rows are not numbered in order"};
}

template <typename Read>
void for_each(SQLite::Database& file, const std::string& sql, Read read) {
  for (SQLite::Statement rows(file, sql); rows.executeStep();) read(rows);
}

std::optional<ZonedTime> time_in(const SQLite::Column& column) {
  return column.isNull() ? std::nullopt : parse_iso8601(column.getString(), UtcOffset{0});
}

std::vector<std::string> read_list(SQLite::Database& file, const std::string& table) {
  std::vector<std::string> texts;
  for_each(file, "SELECT * FROM " + table + " ORDER BY rowid",
           [&](auto& row) { texts.push_back(text(row.getColumn(0))); });
  return texts;
}

void read_lists(SQLite::Database& file, Catalog& catalog) {
  for_each(file, "SELECT * FROM snapshot", [&](auto& row) {
    catalog.database = text(row.getColumn(1));
    catalog.server_version = small_integer(row.getColumn(2));
    catalog.taken_at = time_in(row.getColumn(3));
    catalog.statistics_reset = time_in(row.getColumn(4));
    catalog.has_statistics = flag(row.getColumn(5));
  });
  for_each(file, "SELECT name, value FROM settings",
           [&](auto& row) { catalog.settings[text(row.getColumn(0))] = text(row.getColumn(1)); });
  catalog.extensions = read_list(file, "extensions");
  catalog.search_path = read_list(file, "search_path");
  catalog.hidden_tables = read_list(file, "hidden_tables");
  catalog.ddl = read_list(file, "ddl");
}

void read_tables(SQLite::Database& file, Catalog& catalog) {
  for_each(file, "SELECT * FROM tables ORDER BY position", [&](auto& row) {
    expect_position(row.getColumn(0), catalog.tables.size());
    Table& table = catalog.tables.emplace_back();
    table.schema = text(row.getColumn(1));
    table.name = text(row.getColumn(2));
    const std::string kind = text(row.getColumn(3));
    if (kind.size() != 1 || std::string_view("rpmvf").find(kind[0]) == std::string_view::npos)
      throw Damaged{"a table of an unknown kind"};
    table.kind = kind[0];
    table.rows = row.getColumn(4).getDouble();
    table.pages = integer(row.getColumn(5));
    table.all_visible_pages = integer(row.getColumn(6));
    table.row_security = flag(row.getColumn(7));
    if (!row.getColumn(8).isNull()) {
      table.counters =
          TableCounters{integer(row.getColumn(8)),  integer(row.getColumn(9)),  integer(row.getColumn(10)),
                        integer(row.getColumn(11)), integer(row.getColumn(12)), integer(row.getColumn(13))};
    }
  });
  for_each(file, "SELECT * FROM columns ORDER BY parent, position", [&](auto& row) {
    auto& columns = at(catalog.tables, row.getColumn(0)).columns;
    expect_position(row.getColumn(1), columns.size());
    columns.push_back({text(row.getColumn(2)), text(row.getColumn(3)), flag(row.getColumn(4)), {}});
  });
}

void read_indexes(SQLite::Database& file, Catalog& catalog) {
  for_each(file, "SELECT * FROM indexes ORDER BY position", [&](auto& row) {
    expect_position(row.getColumn(0), catalog.indexes.size());
    Index& index = catalog.indexes.emplace_back();
    index.definition = {text(row.getColumn(1)),
                        text(row.getColumn(2)),
                        text(row.getColumn(3)),
                        text(row.getColumn(4)),
                        flag(row.getColumn(5)),
                        {},
                        {},
                        text(row.getColumn(6))};
    index.sql = text(row.getColumn(7));
    index.constraint = text(row.getColumn(8));
    index.primary = flag(row.getColumn(9));
    index.valid = flag(row.getColumn(10));
    index.rows = row.getColumn(11).getDouble();
    index.pages = integer(row.getColumn(12));
    index.height = small_integer(row.getColumn(13));
    if (!row.getColumn(14).isNull()) index.scans = integer(row.getColumn(14));
  });
  for_each(file, "SELECT * FROM index_keys ORDER BY parent, position", [&](auto& row) {
    auto& keys = at(catalog.indexes, row.getColumn(0)).definition.keys;
    expect_position(row.getColumn(1), keys.size());
    keys.push_back({text(row.getColumn(2)), text(row.getColumn(3)), flag(row.getColumn(4)), flag(row.getColumn(5)),
                    text(row.getColumn(6)), text(row.getColumn(7))});
  });
  for_each(file, "SELECT * FROM index_includes ORDER BY parent, position", [&](auto& row) {
    auto& include = at(catalog.indexes, row.getColumn(0)).definition.include;
    expect_position(row.getColumn(1), include.size());
    include.push_back(text(row.getColumn(2)));
  });
}

ColumnStatistics statistics_in(SQLite::Statement& row) {
  ColumnStatistics statistics;
  statistics.null_fraction = row.getColumn(3).getDouble();
  statistics.average_width = small_integer(row.getColumn(4));
  statistics.distinct = row.getColumn(5).getDouble();
  statistics.inherited = flag(row.getColumn(6));
  statistics.most_common_values = optional_text(row.getColumn(7));
  statistics.most_common_frequencies = optional_text(row.getColumn(8));
  statistics.histogram_bounds = optional_text(row.getColumn(9));
  if (!row.getColumn(10).isNull()) statistics.correlation = row.getColumn(10).getDouble();
  statistics.most_common_elements = optional_text(row.getColumn(11));
  statistics.most_common_element_frequencies = optional_text(row.getColumn(12));
  statistics.element_count_histogram = optional_text(row.getColumn(13));
  return statistics;
}

void read_statistics(SQLite::Database& file, Catalog& catalog) {
  for_each(file, "SELECT * FROM column_statistics ORDER BY rowid", [&](auto& row) {
    if (text(row.getColumn(0)) == "column") {
      at(at(catalog.tables, row.getColumn(1)).columns, row.getColumn(2)).statistics.push_back(statistics_in(row));
    } else {
      Index& index = at(catalog.indexes, row.getColumn(1));
      index.expression_statistics.resize(index.definition.keys.size());
      at(index.expression_statistics, row.getColumn(2)).push_back(statistics_in(row));
    }
  });
}

void read_foreign_keys(SQLite::Database& file, Catalog& catalog) {
  for_each(file, "SELECT * FROM foreign_keys ORDER BY position", [&](auto& row) {
    expect_position(row.getColumn(0), catalog.foreign_keys.size());
    catalog.foreign_keys.push_back({text(row.getColumn(1)),
                                    text(row.getColumn(2)),
                                    text(row.getColumn(3)),
                                    {},
                                    text(row.getColumn(4)),
                                    text(row.getColumn(5)),
                                    {}});
  });
  for_each(file, "SELECT * FROM foreign_key_columns ORDER BY parent, position", [&](auto& row) {
    ForeignKey& key = at(catalog.foreign_keys, row.getColumn(0));
    expect_position(row.getColumn(1), key.columns.size());
    key.columns.push_back(text(row.getColumn(2)));
    key.referenced_columns.push_back(text(row.getColumn(3)));
  });
}

std::vector<std::string> schema_of(SQLite::Database& file) {
  std::vector<std::string> schema;
  for_each(file, "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name",
           [&](auto& row) {
             for (int i = 0; i < 4; ++i) schema.push_back(text(row.getColumn(i)));
           });
  return schema;
}

bool is_redacted(SQLite::Database& file) { return file.tableExists("redaction"); }

void read_redaction(SQLite::Database& file, Catalog& catalog) {
  if (!is_redacted(file)) return;
  catalog.redacted_columns = 0;
  for_each(file, "SELECT columns FROM redaction",
           [&](auto& row) { catalog.redacted_columns = integer(row.getColumn(0)); });
}

/// A table that is really a view, a trigger or a computed column could run anything, so the schema must be ours to the
/// letter.
void check_soundness(SQLite::Database& file) {
  SQLite::Database ours(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_MEMORY | SQLite::OPEN_CREATE);
  ours.exec(kSnapshotSchema);
  if (is_redacted(file)) ours.exec(kRedactionSchema);
  if (schema_of(file) != schema_of(ours)) throw Damaged{"its tables are not those of a snapshot"};
  for_each(file, "PRAGMA quick_check(1)", [&](auto& row) {
    if (text(row.getColumn(0)) != "ok") throw Damaged{text(row.getColumn(0))};
  });
}

Catalog read_file(const fs::path& path) {
  SQLite::Database file(path.string(), SQLite::OPEN_READONLY);
  sqlite3_limit(file.getHandle(), SQLITE_LIMIT_LENGTH, kLongestValue);
  sqlite3_limit(file.getHandle(), SQLITE_LIMIT_ATTACHED, 0);
  file.exec("PRAGMA trusted_schema = OFF");
  file.exec("PRAGMA cell_size_check = ON");
  file.exec("PRAGMA mmap_size = 0");
  const int version = file.execAndGet("PRAGMA user_version").getInt();
  if (version != kSnapshotVersion) {
    throw Error(fmt::format("the snapshot {} has format version {}, this assay reads version {}", path.string(),
                            version, kSnapshotVersion),
                "take it again with this version: assay snapshot URI -o FILE");
  }
  check_soundness(file);
  Catalog catalog;
  catalog.source = CatalogSource::kSnapshot;
  read_lists(file, catalog);
  read_tables(file, catalog);
  read_indexes(file, catalog);
  read_statistics(file, catalog);
  read_foreign_keys(file, catalog);
  read_redaction(file, catalog);
  return catalog;
}

Error cannot_read(const fs::path& path, const std::string& reason) {
  return Error("cannot read the snapshot " + path.string() + ": " + reason,
               "take it again: assay snapshot URI -o FILE");
}

}  // namespace

Catalog load_catalog(const fs::path& path) {
  if (!is_snapshot(path)) throw cannot_read(path, "it is missing or no snapshot");
  try {
    return read_file(path);
  } catch (const SQLite::Exception& exception) {
    throw cannot_read(path, exception.what());
  } catch (const Damaged& damage) {
    throw cannot_read(path, damage.what);
  }
}

/// SQLite's file header: 16 bytes of magic, the application's id at byte 68, most significant byte first.
bool is_snapshot(const fs::path& path) {
  std::array<char, 72> header{};
  std::ifstream file(path, std::ios::binary);
  if (!file.read(header.data(), header.size())) return false;
  std::uint32_t id = 0;
  for (std::size_t i = 68; i < 72; ++i) id = id << 8 | static_cast<unsigned char>(header[i]);
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  return std::string_view(header.data(), 16) == kMagic && id == kSnapshotApplicationId;
}

}  // namespace assay
