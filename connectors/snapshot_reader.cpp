#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/snapshot.h"
#include "connectors/snapshot_schema.h"
#include "connectors/snapshot_seal.h"
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

/// One of the catalog's codes.
char letter(const SQLite::Column& column, std::string_view known) {
  const std::string value = text(column);
  if (value.size() != 1 || known.find(value[0]) == std::string_view::npos) throw Damaged{"a row of an unknown kind"};
  return value[0];
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
    if (!row.getColumn(6).isNull()) catalog.redacted_columns = integer(row.getColumn(6));
  });
  for_each(file, "SELECT name, value FROM settings",
           [&](auto& row) { catalog.settings[text(row.getColumn(0))] = text(row.getColumn(1)); });
  for_each(file, "SELECT name, version FROM extensions ORDER BY rowid", [&](auto& row) {
    catalog.extensions.push_back({text(row.getColumn(0)), text(row.getColumn(1))});
  });
  catalog.search_path = read_list(file, "search_path");
  catalog.hidden_tables = read_list(file, "hidden_tables");
  catalog.hidden_statistics = read_list(file, "hidden_statistics");
  catalog.ddl = read_list(file, "ddl");
}

void read_tables(SQLite::Database& file, Catalog& catalog) {
  for_each(file, "SELECT * FROM tables ORDER BY position", [&](auto& row) {
    expect_position(row.getColumn(0), catalog.tables.size());
    Table& table = catalog.tables.emplace_back();
    table.schema = text(row.getColumn(1));
    table.name = text(row.getColumn(2));
    table.kind = letter(row.getColumn(3), "rpmvf");
    table.definition = text(row.getColumn(4));
    table.rows = row.getColumn(5).getDouble();
    table.pages = integer(row.getColumn(6));
    table.all_visible_pages = integer(row.getColumn(7));
    table.row_security = flag(row.getColumn(8));
    table.row_security_forced = flag(row.getColumn(9));
    table.policies = small_integer(row.getColumn(10));
    if (!row.getColumn(11).isNull()) {
      table.counters =
          TableCounters{integer(row.getColumn(11)), integer(row.getColumn(12)), integer(row.getColumn(13)),
                        integer(row.getColumn(14)), integer(row.getColumn(15)), integer(row.getColumn(16))};
    }
  });
  for_each(file, "SELECT * FROM parents ORDER BY parent, position", [&](auto& row) {
    auto& parents = at(catalog.tables, row.getColumn(0)).parents;
    expect_position(row.getColumn(1), parents.size());
    parents.push_back({text(row.getColumn(2)), text(row.getColumn(3))});
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
  statistics.range_length_histogram = optional_text(row.getColumn(14));
  if (!row.getColumn(15).isNull()) statistics.range_empty_fraction = row.getColumn(15).getDouble();
  statistics.range_bounds_histogram = optional_text(row.getColumn(16));
  return statistics;
}

void read_extended_statistics(SQLite::Database& file, Catalog& catalog) {
  for_each(file, "SELECT * FROM extended_statistics ORDER BY position", [&](auto& row) {
    expect_position(row.getColumn(0), catalog.extended_statistics.size());
    catalog.extended_statistics.push_back({text(row.getColumn(1)),
                                           text(row.getColumn(2)),
                                           flag(row.getColumn(3)),
                                           {},
                                           optional_text(row.getColumn(4)),
                                           optional_text(row.getColumn(5)),
                                           optional_text(row.getColumn(6)),
                                           {}});
  });
  for_each(file, "SELECT * FROM extended_statistics_keys ORDER BY parent, position", [&](auto& row) {
    auto& keys = at(catalog.extended_statistics, row.getColumn(0)).keys;
    expect_position(row.getColumn(1), keys.size());
    keys.push_back({small_integer(row.getColumn(2)), text(row.getColumn(3))});
  });
}

void read_programs(SQLite::Database& file, Catalog& catalog) {
  for_each(file, "SELECT * FROM functions ORDER BY rowid", [&](auto& row) {
    Function& function = catalog.functions.emplace_back();
    function.schema = text(row.getColumn(0));
    function.name = text(row.getColumn(1));
    function.arguments = text(row.getColumn(2));
    function.language = text(row.getColumn(3));
    function.body = text(row.getColumn(4));
    function.kind = letter(row.getColumn(5), "fpaw");
    function.volatility = letter(row.getColumn(6), "isv");
  });
  for_each(file, "SELECT * FROM builtin_functions",
           [&](auto& row) { catalog.builtin_functions[text(row.getColumn(0))] = letter(row.getColumn(1), "isv"); });
  for_each(file, "SELECT * FROM triggers ORDER BY rowid", [&](auto& row) {
    catalog.triggers.push_back({.schema = text(row.getColumn(0)),
                                .table = text(row.getColumn(1)),
                                .name = text(row.getColumn(2)),
                                .function_schema = text(row.getColumn(3)),
                                .function = text(row.getColumn(4)),
                                .time = letter(row.getColumn(5), "abi"),
                                .on_insert = flag(row.getColumn(6)),
                                .on_update = flag(row.getColumn(7)),
                                .on_delete = flag(row.getColumn(8)),
                                .on_truncate = flag(row.getColumn(9)),
                                .for_each_row = flag(row.getColumn(10)),
                                .enabled = flag(row.getColumn(11))});
  });
}

void read_rules(SQLite::Database& file, Catalog& catalog) {
  std::set<std::pair<std::string, std::string>> ruled;
  for_each(file, "SELECT * FROM rules", [&](auto& row) {
    ruled.insert({text(row.getColumn(0)), text(row.getColumn(1))});
  });
  for (Table& table : catalog.tables) table.has_rules = ruled.contains({table.schema, table.name});
  for_each(file, "SELECT * FROM operators ORDER BY rowid", [&](auto& row) {
    catalog.operators.push_back({text(row.getColumn(0)), text(row.getColumn(1)), letter(row.getColumn(2), "isv")});
  });
  for_each(file, "SELECT * FROM casts ORDER BY rowid", [&](auto& row) {
    catalog.casts.push_back(
        {text(row.getColumn(0)), text(row.getColumn(1)), flag(row.getColumn(2)), letter(row.getColumn(3), "isv")});
  });
}

void read_dead_rows(SQLite::Database& file, Catalog& catalog) {
  for_each(file, "SELECT * FROM dead_rows ORDER BY parent", [&](auto& row) {
    at(catalog.tables, row.getColumn(0)).dead_rows = DeadRows{integer(row.getColumn(1)), time_in(row.getColumn(2))};
  });
}

void read_statistics(SQLite::Database& file, Catalog& catalog) {
  for_each(file, "SELECT * FROM column_statistics ORDER BY rowid", [&](auto& row) {
    const std::string of = text(row.getColumn(0));
    if (of == "expression") {
      at(catalog.extended_statistics, row.getColumn(1)).expressions.push_back(statistics_in(row));
    } else if (of == "column") {
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
                                    {},
                                    letter(row.getColumn(6), "arcnd"),
                                    letter(row.getColumn(7), "arcnd")});
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

/// A table that is really a view, a trigger or a computed column could run anything, so the schema must be ours to the
/// letter.
void check_soundness(SQLite::Database& file, std::uint32_t version) {
  SQLite::Database ours(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_MEMORY | SQLite::OPEN_CREATE);
  ours.exec(kSnapshotSchema);
  if (version >= 3) ours.exec(kSnapshotSchemaSince3);
  if (schema_of(file) != schema_of(ours)) throw Damaged{"its tables are not those of a snapshot"};
  for_each(file, "PRAGMA quick_check(1)", [&](auto& row) {
    if (text(row.getColumn(0)) != "ok") throw Damaged{text(row.getColumn(0))};
  });
}

/// SQLite's file header: 16 bytes of magic, user_version at byte 60, the application's id at 68.
using Header = std::array<char, 72>;

std::optional<Header> header_of(const fs::path& path) {
  Header header{};
  std::ifstream file(path, std::ios::binary);
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  if (!file.read(header.data(), header.size()) || std::string_view(header.data(), 16) != kMagic) return std::nullopt;
  return header;
}

/// Most significant byte first.
std::uint32_t number_at(const Header& header, std::size_t offset) {
  std::uint32_t number = 0;
  for (std::size_t i = offset; i < offset + 4; ++i) number = number << 8 | static_cast<unsigned char>(header[i]);
  return number;
}

/// Before SQLite sees a byte of it.
void check_version_and_seal(const fs::path& path, const Header& header) {
  const std::uint32_t version = number_at(header, 60);
  if (version < kOldestSnapshotVersion || version > kSnapshotVersion) {
    throw Error(fmt::format("the snapshot {} has format version {}, this assay reads versions {} to {}", path.string(),
                            version, kOldestSnapshotVersion, kSnapshotVersion),
                "take it again with this version: assay snapshot URI -o FILE");
  }
  if (!is_whole(path)) throw Damaged{"its checksum is wrong: it was cut short or changed on its way here"};
}

Catalog read_file(const fs::path& path, std::uint32_t version) {
  SQLite::Database file(path.string(), SQLite::OPEN_READONLY);
  sqlite3_limit(file.getHandle(), SQLITE_LIMIT_LENGTH, kLongestValue);
  sqlite3_limit(file.getHandle(), SQLITE_LIMIT_ATTACHED, 0);
  file.exec("PRAGMA trusted_schema = OFF");
  file.exec("PRAGMA cell_size_check = ON");
  file.exec("PRAGMA mmap_size = 0");
  check_soundness(file, version);
  Catalog catalog;
  catalog.source = CatalogSource::kSnapshot;
  read_lists(file, catalog);
  read_tables(file, catalog);
  read_indexes(file, catalog);
  read_programs(file, catalog);
  catalog.knows_rules = version >= 3;
  if (catalog.knows_rules) {
    read_rules(file, catalog);
    read_dead_rows(file, catalog);
  }
  read_extended_statistics(file, catalog);
  read_statistics(file, catalog);
  read_foreign_keys(file, catalog);
  return catalog;
}

Error cannot_read(const fs::path& path, const std::string& reason) {
  return Error("cannot read the snapshot " + path.string() + ": " + reason,
               "copy it again, as a binary file, or take it again: assay snapshot URI -o FILE");
}

}  // namespace

Catalog load_catalog(const fs::path& path) {
  const auto header = header_of(path);
  if (!header || number_at(*header, 68) != kSnapshotApplicationId) {
    throw cannot_read(path, "it is missing or no snapshot");
  }
  try {
    check_version_and_seal(path, *header);
    return read_file(path, number_at(*header, 60));
  } catch (const SQLite::Exception& exception) {
    throw cannot_read(path, exception.what());
  } catch (const Damaged& damage) {
    throw cannot_read(path, damage.what);
  }
}

bool is_snapshot(const fs::path& path) {
  const auto header = header_of(path);
  return header && number_at(*header, 68) == kSnapshotApplicationId;
}

}  // namespace assay
