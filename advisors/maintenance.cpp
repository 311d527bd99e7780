#include "advisors/maintenance.h"

#include <algorithm>
#include <cstdlib>

#include "advisors/index_columns.h"

namespace assay {
namespace {

constexpr double kInOrder = 0.95;  // correlation from which on rows come in the order of the key
constexpr double kBytesPerWork = 128;
constexpr double kUnknownWidth = 16;  // bytes, of an expression

const ColumnStatistics* statistics_of(const Table& table, const std::string& name) {
  const Column* column = find_column(table, name);
  return column && !column->statistics.empty() ? &column->statistics.front() : nullptr;
}

double width_of(const Table& table, const std::string& column) {
  const ColumnStatistics* statistics = statistics_of(table, column);
  return statistics && statistics->average_width > 0 ? statistics->average_width : kUnknownWidth;
}

double width_of(const IndexDefinition& index, const Table& table) {
  double width = 0;
  for (const IndexKey& key : index.keys) width += key.column.empty() ? kUnknownWidth : width_of(table, key.column);
  for (const std::string& column : index.include) width += width_of(table, column);
  return width;
}

bool comes_in_order(const IndexDefinition& index, const Table& table) {
  const ColumnStatistics* first = index.keys.empty() ? nullptr : statistics_of(table, index.keys.front().column);
  return first && first->correlation.value_or(0) >= kInOrder;
}

// The last number of a histogram of element counts is their mean (pg_stats.elem_count_histogram).
double elements_of(const IndexDefinition& index, const Table& table) {
  double elements = 0;
  for (const IndexKey& key : index.keys) {
    const ColumnStatistics* statistics = statistics_of(table, key.column);
    const bool trigrams = key.operator_class.find("trgm") != std::string::npos;
    if (statistics && statistics->element_count_histogram && !trigrams) {
      const std::string& counts = *statistics->element_count_histogram;
      elements += std::strtod(counts.c_str() + counts.find_last_of("{,") + 1, nullptr);
    } else {
      const double width = key.column.empty() ? kUnknownWidth : width_of(table, key.column);
      elements += trigrams ? width : width / 8;
    }
  }
  return elements;
}

double seconds(const Workload& workload) {
  const auto span = workload.span();
  return span ? static_cast<double>(span->count()) / 1e6 : 1;
}

bool writes_to(const Statement& statement, const Table* table, const Catalog& catalog) {
  return std::any_of(statement.relations.begin(), statement.relations.end(), [&](const RelationUse& relation) {
    return relation.written && catalog.find_table(relation.schema, relation.name) == table;
  });
}

bool sets_column_of(const Statement& statement, const IndexDefinition& index, const Table& table) {
  const std::vector<std::string> columns = columns_of(index, table);
  return std::any_of(statement.columns_written.begin(), statement.columns_written.end(), [&](const ColumnUse& written) {
    return std::find(columns.begin(), columns.end(), written.name) != columns.end();
  });
}

/// What a row of a class costs, in this design, in units of work.
struct Share {
  double added = 0, today = 0;
};

}  // namespace

double maintenance_work(const IndexDefinition& index, const Table& table, double row_share) {
  if (index.method == "brin") return 0.05 * row_share;
  if (index.method == "gin") return std::max(2.0, elements_of(index, table) / 2) * row_share;
  if (index.method == "gist" || index.method == "spgist") return 2 * row_share;
  if (index.method == "hash") return row_share;
  return ((comes_in_order(index, table) ? 0.5 : 1) + width_of(index, table) / kBytesPerWork) * row_share;
}

double hot_share(const Table& table) {
  if (!table.counters || table.counters->updated <= 0) return 0;
  return std::clamp(static_cast<double>(table.counters->hot_updated) / static_cast<double>(table.counters->updated),
                    0.0, 1.0);
}

WriteLoad write_load(const IndexDefinition& index, double row_share, const Workload& workload,
                     const std::vector<ClassMeaning>& meanings, const std::string& database, const Catalog& catalog,
                     const RowsWritten& rows) {
  const Table* table = catalog.find_table(index.schema, index.table);
  if (!table) return {};
  const double own = maintenance_work(index, *table, row_share), hot = hot_share(*table);
  double others = 0;
  std::vector<const Index*> existing;
  for (const Index* other : catalog.indexes_of(*table)) {
    if (other->definition.name == index.name) continue;
    existing.push_back(other);
    others += maintenance_work(other->definition, *table);
  }
  WriteLoad load;
  for (std::size_t position = 0; position < workload.classes.size(); ++position) {
    const QueryClass& query = workload.classes[position];
    const auto& statement = meanings[position].statement;
    if (query.database != database || !statement || !writes_to(*statement, table, catalog)) continue;
    const double rate = static_cast<double>(query.estimated_calls()) / seconds(workload);
    Share work{own, 1 + others};
    if (statement->kind == StatementKind::kDelete) {
      load.deletes += rate;
      continue;  // a DELETE leaves the index to VACUUM
    }
    if (statement->kind == StatementKind::kUpdate) {
      if (!sets_column_of(*statement, index, *table)) continue;
      load.updates_of_columns += rate;
      const bool hot_today = std::none_of(existing.begin(), existing.end(), [&](const Index* other) {
        return sets_column_of(*statement, other->definition, *table);
      });
      if (hot_today) {
        work = {own + hot * others, 1 + (1 - hot) * others};
        if (hot > 0) load.hot_updates_lost += hot * rate;
      }
    } else {
      load.inserts += rate;  // INSERT, MERGE, and either inside of a WITH
    }
    if (workload.timed_executions == 0) continue;
    const double rows_written = rate * std::max(1.0, rows(position));
    const double ms_per_s = static_cast<double>(query.estimated_total().count()) / 1e3 / seconds(workload);
    const double ms_per_work = rows_written > 0 ? ms_per_s / rows_written / work.today : 0;
    const double price = rows_written * work.added * std::min(ms_per_work, kMostMsPerWork);
    load.price_ms_per_s += price;
    load.by_class.emplace_back(position, price);
  }
  return load;
}

}  // namespace assay
