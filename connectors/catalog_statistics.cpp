// The part of a Catalog that tells of statistics.
#include <set>
#include <utility>

#include "connectors/catalog_rows.h"
#include "connectors/extended_statistics.h"
#include "connectors/sql_value.h"

namespace assay {
namespace {

/// Columns 3 to 16 (17 tells whether values were left out) of the answers "statistics" and "extended_expressions".
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
  statistics.range_length_histogram = row[14];
  if (row[15]) statistics.range_empty_fraction = as_number<double>(row[15]);
  statistics.range_bounds_histogram = row[16];
  return statistics;
}

/// How many columns and expressions are there whose values were left out, in whichever of their rows?
std::int64_t count_redacted(const CatalogRows& rows) {
  std::set<std::pair<std::string, std::string>> redacted;
  for (const SqlRow& row : answer(rows, "statistics")) {
    if (as_bool(row[17])) redacted.emplace(as_text(row[0]), as_text(row[2]));
  }
  for (const SqlRow& row : answer(rows, "extended_expressions")) {
    if (as_bool(row[17])) redacted.emplace("x" + as_text(row[0]), as_text(row[2]));
  }
  return static_cast<std::int64_t>(redacted.size());
}

void add_of_relations(const CatalogRows& rows, const RelationPositions& positions, Catalog& catalog) {
  for (const SqlRow& row : answer(rows, "statistics")) {
    const std::string oid = as_text(row[0]);
    if (const auto table = positions.tables.find(oid); table != positions.tables.end()) {
      for (Column& column : catalog.tables[table->second].columns) {
        if (column.name == row[1]) column.statistics.push_back(statistics_from(row));
      }
    } else if (const auto found = positions.indexes.find(oid); found != positions.indexes.end()) {
      Index& index = catalog.indexes[found->second];
      const auto key = as_number<std::size_t>(row[2]);
      if (key == 0 || key > index.definition.keys.size()) continue;
      index.expression_statistics.resize(index.definition.keys.size());
      index.expression_statistics[key - 1].push_back(statistics_from(row));
    }
  }
}

/// The server's bytes, or those that the view's words stand for.
std::optional<std::string> bytes_of(const SqlValue& hex, const SqlValue& text,
                                    std::optional<std::string> (*from_text)(std::string_view)) {
  if (hex || !text) return hex;
  const auto bytes = from_text(*text);
  return bytes ? std::optional(to_hex(*bytes)) : std::nullopt;
}

/// What one statistics object is, before its values are read.
struct Object {
  std::string name, schema, kinds;
  bool readable = false;  ///< all of it: else only what the view shows
  std::vector<StatisticsKey> keys;
  std::vector<std::size_t> statistics;  ///< positions in Catalog::extended_statistics
};

using Objects = std::map<std::string, Object>;

Objects objects_of(const CatalogRows& rows) {
  Objects objects;
  for (const SqlRow& row : answer(rows, "statistics_objects")) {
    objects[as_text(row[0])] = {as_text(row[2]), as_text(row[1]), as_text(row[3]), as_bool(row[4]), {}, {}};
  }
  for (const SqlRow& row : answer(rows, "statistics_keys")) {
    const auto object = objects.find(as_text(row[0]));
    if (object != objects.end()) object->second.keys.push_back({as_number<int>(row[1]), as_text(row[2])});
  }
  return objects;
}

void add_of_objects(const CatalogRows& rows, Objects& objects, Catalog& catalog) {
  for (const SqlRow& row : answer(rows, "extended")) {
    const auto object = objects.find(as_text(row[0]));
    if (object == objects.end()) continue;
    object->second.statistics.push_back(catalog.extended_statistics.size());
    catalog.extended_statistics.push_back({object->second.schema,
                                           object->second.name,
                                           as_bool(row[1]),
                                           object->second.keys,
                                           bytes_of(row[2], row[5], distinct_from_text),
                                           bytes_of(row[3], row[6], dependencies_from_text),
                                           row[4],
                                           {}});
  }
  for (const SqlRow& row : answer(rows, "extended_expressions")) {
    const auto object = objects.find(as_text(row[0]));
    if (object == objects.end()) continue;
    for (const std::size_t position : object->second.statistics) {
      ExtendedStatistics& statistics = catalog.extended_statistics[position];
      if (statistics.inherited != as_bool(row[1])) continue;
      if (as_number<std::size_t>(row[2]) != statistics.expressions.size() + 1) continue;
      statistics.expressions.push_back(statistics_from(row));
    }
  }
}

}  // namespace

void add_statistics(const CatalogRows& rows, const RelationPositions& positions, bool redacted, Catalog& catalog) {
  if (redacted) catalog.redacted_columns = count_redacted(rows);
  add_of_relations(rows, positions, catalog);
  Objects objects = objects_of(rows);
  add_of_objects(rows, objects, catalog);
  for (const SqlRow& row : answer(rows, "statistics_objects")) {
    const Object& object = objects[as_text(row[0])];
    const bool shown = !object.statistics.empty() && object.kinds.find('m') == std::string::npos;
    if (!object.readable && !shown) catalog.hidden_statistics.push_back(object.schema + "." + object.name);
  }
}

}  // namespace assay
