#include "analyzer/catalog.h"

#include <algorithm>

namespace assay {
namespace {

template <typename Thing>
const Thing* find_in(const std::vector<Thing>& things, std::string_view schema, std::string_view name,
                     const std::vector<std::string>& search_path, std::string_view (*schema_of)(const Thing&),
                     std::string_view (*name_of)(const Thing&)) {
  const auto find_exactly = [&](std::string_view wanted) -> const Thing* {
    for (const Thing& thing : things) {
      if (name_of(thing) == name && schema_of(thing) == wanted) return &thing;
    }
    return nullptr;
  };
  if (!schema.empty()) return find_exactly(schema);
  for (const std::string& candidate : search_path) {
    if (const Thing* found = find_exactly(candidate)) return found;
  }
  return nullptr;
}

/// 'i' < 's' < 'v', as it happens.
void take_more_volatile(std::optional<char>& volatility, char other) {
  volatility = std::max(volatility.value_or(other), other);
}

}  // namespace

const Table* Catalog::find_table(std::string_view schema, std::string_view name) const {
  return find_in<Table>(
      tables, schema, name, search_path, [](const Table& table) { return std::string_view(table.schema); },
      [](const Table& table) { return std::string_view(table.name); });
}

const Index* Catalog::find_index(std::string_view schema, std::string_view name) const {
  return find_in<Index>(
      indexes, schema, name, search_path, [](const Index& index) { return std::string_view(index.definition.schema); },
      [](const Index& index) { return std::string_view(index.definition.name); });
}

std::vector<const Index*> Catalog::indexes_of(const Table& table) const {
  std::vector<const Index*> found;
  for (const Index& index : indexes) {
    if (index.definition.table == table.name && index.definition.schema == table.schema) found.push_back(&index);
  }
  return found;
}

std::optional<char> Catalog::volatility_of(std::string_view schema, std::string_view function) const {
  const auto is_meant = [&](const std::string& candidate) {
    if (!schema.empty()) return candidate == schema;
    return std::find(search_path.begin(), search_path.end(), candidate) != search_path.end();
  };
  std::optional<char> volatility;
  const auto builtin = builtin_functions.find(function);
  if (builtin != builtin_functions.end() && (schema.empty() || schema == "pg_catalog")) volatility = builtin->second;
  for (const Function& candidate : functions) {
    if (candidate.name == function && is_meant(candidate.schema)) take_more_volatile(volatility, candidate.volatility);
  }
  return volatility;
}

const Column* find_column(const Table& table, std::string_view name) {
  const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                  [&](const Column& column) { return column.name == name; });
  return found == table.columns.end() ? nullptr : &*found;
}

}  // namespace assay
