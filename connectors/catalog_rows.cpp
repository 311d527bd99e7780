#include "connectors/catalog_rows.h"

#include "connectors/sql_value.h"

namespace assay {
namespace {

std::optional<ZonedTime> time_at(const SqlValue& microseconds, const SqlValue& offset_seconds) {
  if (!microseconds) return std::nullopt;
  return ZonedTime{Timestamp(Microseconds(as_number<std::int64_t>(microseconds))),
                   UtcOffset(as_number<int>(offset_seconds) / 60)};
}

void add_identity(const CatalogRows& rows, Catalog& catalog) {
  for (const SqlRow& row : answer(rows, "database")) {
    catalog.database = as_text(row[0]);
    catalog.server_version = as_number<int>(row[1]);
    catalog.settings["server_version"] = as_text(row[2]);
    catalog.taken_at = time_at(row[3], row[4]);
    catalog.statistics_reset = time_at(row[5], row[6]);
  }
  for (const char* name : {"settings", "settings_of_database"}) {
    for (const SqlRow& row : answer(rows, name)) {
      if (row[0] && row[1]) catalog.settings[*row[0]] = *row[1];
    }
  }
  for (const SqlRow& row : answer(rows, "search_path")) catalog.search_path.push_back(as_text(row[0]));
  for (const SqlRow& row : answer(rows, "extensions")) catalog.extensions.push_back({as_text(row[0]), as_text(row[1])});
}

void add_functions(const CatalogRows& rows, Catalog& catalog) {
  for (const SqlRow& row : answer(rows, "functions")) {
    Function& function = catalog.functions.emplace_back();
    function.schema = as_text(row[0]);
    function.name = as_text(row[1]);
    function.arguments = as_text(row[2]);
    function.language = as_text(row[3]);
    function.kind = as_letter(row[4], function.kind);
    function.volatility = as_letter(row[5], function.volatility);
    function.body = as_text(row[6]);
  }
  for (const SqlRow& row : answer(rows, "builtin_functions")) {
    catalog.builtin_functions[as_text(row[0])] = as_letter(row[1], 'v');
  }
}

void add_triggers(const CatalogRows& rows, Catalog& catalog) {
  for (const SqlRow& row : answer(rows, "triggers")) {
    catalog.triggers.push_back({.schema = as_text(row[0]),
                                .table = as_text(row[1]),
                                .name = as_text(row[2]),
                                .function_schema = as_text(row[3]),
                                .function = as_text(row[4]),
                                .time = as_letter(row[5], 'a'),
                                .on_insert = as_bool(row[6]),
                                .on_update = as_bool(row[7]),
                                .on_delete = as_bool(row[8]),
                                .on_truncate = as_bool(row[9]),
                                .for_each_row = as_bool(row[10]),
                                .enabled = as_bool(row[11])});
  }
}

void add_operators_and_casts(const CatalogRows& rows, Catalog& catalog) {
  for (const SqlRow& row : answer(rows, "operators")) {
    catalog.operators.push_back({as_text(row[0]), as_text(row[1]), as_letter(row[2], 'v')});
  }
  for (const SqlRow& row : answer(rows, "casts")) {
    catalog.casts.push_back({as_text(row[0]), as_text(row[1]), as_bool(row[2]), as_letter(row[3], 'v')});
  }
}

}  // namespace

const SqlRows& answer(const CatalogRows& rows, std::string_view name) {
  static const SqlRows none;
  const auto found = rows.find(name);
  return found == rows.end() ? none : found->second;
}

Catalog catalog_from_rows(const CatalogRows& rows, bool redacted) {
  Catalog catalog;
  catalog.source = CatalogSource::kServer;
  catalog.has_statistics = true;
  add_identity(rows, catalog);
  add_functions(rows, catalog);
  add_triggers(rows, catalog);
  add_operators_and_casts(rows, catalog);
  const RelationPositions positions = add_relations(rows, catalog);
  add_statistics(rows, positions, redacted, catalog);
  catalog.ddl = ordered_ddl(rows);
  return catalog;
}

}  // namespace assay
