#include "analyzer/estimated/table_facts.h"

#include <algorithm>
#include <cmath>

#include "analyzer/array_text.h"
#include "analyzer/index_size.h"

namespace assay {
namespace {

std::vector<double> numbers_of(const std::optional<std::string>& array) {
  std::vector<double> numbers;
  if (!array) return numbers;
  for (const double number : array_numbers(*array)) numbers.push_back(std::clamp(number, 0.0, 1.0));
  return numbers;
}

/// All elements as values; none where one of them cannot be read.
std::vector<Value> values_of(const std::optional<std::string>& array, const ValueType& type, int zone_offset) {
  std::vector<Value> values;
  if (!array) return values;
  for (const auto& element : array_elements(*array)) {
    if (!element) continue;
    auto value = parse_value(*element, type, zone_offset);
    if (!value) return {};
    values.push_back(std::move(*value));
  }
  return values;
}

double bounded(double number, double most) { return std::isfinite(number) ? std::clamp(number, 0.0, most) : 0; }

bool is_pattern_class(std::string_view operator_class) {
  return operator_class.ends_with("_pattern_ops") || operator_class.ends_with("_pattern_ops\"");
}

IndexColumn key_facts(const IndexKey& key, const TableFacts& table, bool is_ordered_method) {
  IndexColumn column;
  column.descending = key.descending;
  column.nulls_first = key.nulls_first;
  column.pattern_ops = is_pattern_class(key.operator_class);
  const bool is_byte_order = key.collation == "\"C\"" || key.collation == "pg_catalog.\"C\"";
  column.pattern_ops = column.pattern_ops || is_byte_order;
  column.other_class =
      is_ordered_method && !key.operator_class.empty() && !column.pattern_ops && !key.operator_class.ends_with("_ops");
  if (key.column.empty()) {
    column.expression = parse_expression(key.expression);
  } else {
    column.column = table.find(key.column);
  }
  return column;
}

/// Nothing when a column is not the table's.
std::optional<IndexFacts> definition_facts(const IndexDefinition& definition, const TableFacts& table) {
  IndexFacts facts;
  facts.name = definition.name;
  facts.method = definition.method;
  facts.unique = definition.unique;
  for (const IndexKey& key : definition.keys) {
    facts.keys.push_back(key_facts(key, table, definition.method == "btree"));
    if (!key.column.empty() && facts.keys.back().column < 0) return std::nullopt;
  }
  for (const std::string& name : definition.include) {
    facts.includes.push_back(table.find(name));
    if (facts.includes.back() < 0) return std::nullopt;
  }
  if (!definition.predicate.empty()) {
    facts.predicate = parse_expression(definition.predicate);
    facts.opaque_predicate = !facts.predicate;
  }
  return facts;
}

/// "CREATE FUNCTION shop.initials(text) …": initials.
std::optional<std::string> created_function(std::string_view sql) {
  for (const std::string_view head : {"CREATE FUNCTION ", "CREATE OR REPLACE FUNCTION "}) {
    if (!sql.starts_with(head)) continue;
    std::string_view name = sql.substr(head.size());
    name = name.substr(0, name.find('('));
    const std::size_t dot = name.rfind('.');
    if (dot != std::string_view::npos) name.remove_prefix(dot + 1);
    return std::string(name);
  }
  return std::nullopt;
}

bool leads(const Index& index, const std::string& column) {
  const IndexDefinition& definition = index.definition;
  return index.valid && definition.method == "btree" && definition.predicate.empty() && !definition.keys.empty() &&
         definition.keys[0].column == column;
}

bool holds_alone(const Index& index, const std::string& column) {
  const IndexDefinition& definition = index.definition;
  return index.valid && definition.unique && definition.predicate.empty() && definition.keys.size() == 1 &&
         definition.keys[0].column == column;
}

}  // namespace

int average_width(const ValueType& type) {
  if (type.length > 0) return type.length;
  if (type.modifier <= 0 || type.kind != ValueKind::kText) return 32;
  const int most = type.modifier * 4 + 4;  // UTF-8 takes up to four bytes a character
  if (type.padded || most <= 32) return most;
  return most < 1000 ? 32 + (most - 32) / 2 : 32 + (1000 - 32) / 2;
}

ColumnFacts column_facts(std::string name, std::string_view type, const ColumnStatistics* statistics, int zone_offset) {
  ColumnFacts facts;
  facts.name = std::move(name);
  facts.type = value_type(type);
  facts.width = average_width(facts.type);
  if (statistics == nullptr) return facts;
  facts.known = true;
  facts.null_fraction = bounded(statistics->null_fraction, 1);
  facts.distinct = std::isfinite(statistics->distinct) ? statistics->distinct : 0;
  if (statistics->average_width > 0) facts.width = statistics->average_width;
  facts.frequencies = numbers_of(statistics->most_common_frequencies);
  facts.common = values_of(statistics->most_common_values, facts.type, zone_offset);
  if (facts.common.size() != facts.frequencies.size()) {
    facts.common.clear();
    facts.frequencies.clear();
  }
  facts.bounds = values_of(statistics->histogram_bounds, facts.type, zone_offset);
  if (!is_ordered(facts.type.kind)) facts.bounds.clear();
  facts.ordered_by_bytes =
      std::is_sorted(facts.bounds.begin(), facts.bounds.end(),
                     [](const Value& left, const Value& right) { return compare(left, right) < 0; });
  facts.correlation = statistics->correlation;
  return facts;
}

int TableFacts::find(std::string_view column) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == column) return static_cast<int>(i);
  }
  return -1;
}

double moment_of(const ZonedTime& time) {
  using namespace std::chrono;
  constexpr sys_days kEpoch = 2000y / January / 1;
  return static_cast<double>((time.utc - time_point_cast<Microseconds>(Timestamp(kEpoch))).count());
}

DatabaseFacts::DatabaseFacts(const Catalog& catalog) : search_path_(catalog.search_path) {
  if (catalog.taken_at) {
    taken_at_ = moment_of(*catalog.taken_at);
    zone_offset_ = static_cast<int>(catalog.taken_at->offset.count()) * 60;
  }
  for (const Table& table : catalog.tables) {
    tables_.emplace(Key(table.schema, table.name), table_facts(table, catalog));
  }
  for (const Index& index : catalog.indexes) {
    const auto found = tables_.find(Key(index.definition.schema, index.definition.table));
    if (found == tables_.end() || !index.valid) continue;
    TableFacts& table = *found->second;
    auto facts = definition_facts(index.definition, table);
    if (!facts) continue;
    facts->pages = std::max<double>(1, static_cast<double>(index.pages));
    facts->tuples =
        facts->predicate || facts->opaque_predicate ? std::min(bounded(index.rows, 1e15), table.tuples) : table.tuples;
    facts->height = index.height >= 0 ? index.height : btree_height(index.definition, *table.table, index.pages);
    for (std::size_t i = 0; i < facts->keys.size() && i < index.expression_statistics.size(); ++i) {
      if (facts->keys[i].column >= 0 || index.expression_statistics[i].empty()) continue;
      facts->keys[i].statistics = column_facts("", "text", &index.expression_statistics[i].front(), zone_offset_);
    }
    for (ColumnFacts& column : table.columns) {
      column.unique = column.unique || holds_alone(index, column.name);
      column.leads_index = column.leads_index || leads(index, column.name);
    }
    table.indexes.push_back(std::move(*facts));
  }
  for (const ForeignKey& key : catalog.foreign_keys) {
    ForeignKeyFacts facts{
        find_table(key.schema, key.table), find_table(key.referenced_schema, key.referenced_table), {}, {}};
    if (facts.table == nullptr || facts.referenced == nullptr) continue;
    for (const std::string& name : key.columns) facts.columns.push_back(facts.table->find(name));
    for (const std::string& name : key.referenced_columns) {
      facts.referenced_columns.push_back(facts.referenced->find(name));
    }
    if (facts.columns.size() == facts.referenced_columns.size()) foreign_keys_.push_back(std::move(facts));
  }
  for (const std::string& statement : catalog.ddl) {
    if (auto name = created_function(statement)) own_functions_.insert(std::move(*name));
  }
}

std::unique_ptr<TableFacts> DatabaseFacts::table_facts(const Table& table, const Catalog&) const {
  auto facts = std::make_unique<TableFacts>();
  facts->table = &table;
  facts->pages = std::max<double>(0, static_cast<double>(table.pages));
  facts->tuples = bounded(table.rows, 1e15);
  facts->all_visible_share =
      table.pages > 0
          ? std::clamp(static_cast<double>(table.all_visible_pages) / static_cast<double>(table.pages), 0.0, 1.0)
          : 0;
  for (const Column& column : table.columns) {
    const ColumnStatistics* own = nullptr;
    for (const ColumnStatistics& statistics : column.statistics) {
      if (!statistics.inherited || own == nullptr) own = &statistics;
    }
    facts->columns.push_back(column_facts(column.name, column.type, own, zone_offset_));
  }
  return facts;
}

const TableFacts* DatabaseFacts::find_table(std::string_view schema, std::string_view name) const {
  const auto exactly = [&](std::string_view wanted) -> const TableFacts* {
    const auto found = tables_.find(Key(wanted, name));
    return found == tables_.end() ? nullptr : found->second.get();
  };
  if (!schema.empty()) return exactly(schema);
  for (const std::string& candidate : search_path_) {
    if (const TableFacts* found = exactly(candidate)) return found;
  }
  return nullptr;
}

std::vector<const IndexFacts*> DatabaseFacts::find_indexes(const std::vector<IndexName>& names) const {
  std::vector<const IndexFacts*> found;
  if (names.empty()) return found;
  for (const auto& [key, table] : tables_) {
    for (const IndexFacts& index : table->indexes) {
      if (std::find(names.begin(), names.end(), IndexName{key.first, index.name}) != names.end()) {
        found.push_back(&index);
      }
    }
  }
  return found;
}

std::optional<IndexFacts> DatabaseFacts::index_facts(const HypotheticalIndex& index) const {
  const TableFacts* table = find_table(index.definition.schema, index.definition.table);
  if (table == nullptr) return std::nullopt;
  auto facts = definition_facts(index.definition, *table);
  if (!facts) return std::nullopt;
  facts->pages = std::max<double>(1, static_cast<double>(index.pages));
  facts->tuples =
      facts->predicate || facts->opaque_predicate ? std::min(bounded(index.rows, 1e15), table->tuples) : table->tuples;
  facts->height = index.height;
  return facts;
}

}  // namespace assay
