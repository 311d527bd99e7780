#include "advisors/evaluation.h"

#include <algorithm>

#include "advisors/index_columns.h"

namespace assay {
namespace {

double seconds(const Workload& workload) {
  const auto span = workload.span();
  return span ? static_cast<double>(span->count()) / 1e6 : 1;
}

bool writes_to(const Statement& statement, const Table* table, const Catalog& catalog) {
  return std::any_of(statement.relations.begin(), statement.relations.end(), [&](const RelationUse& relation) {
    return relation.written && catalog.find_table(relation.schema, relation.name) == table;
  });
}

bool sets_key_of(const Statement& statement, const IndexDefinition& index, const Table& table) {
  const std::vector<std::string> columns = columns_of(index, table);
  return std::any_of(columns.begin(), columns.end(), [&](const std::string& name) {
    return std::any_of(statement.columns_written.begin(), statement.columns_written.end(),
                       [&](const ColumnUse& column) { return column.name == name; });
  });
}

}  // namespace

std::variant<double, Unplannable> Evaluation::cost(std::size_t position,
                                                   const std::vector<const HypotheticalIndex*>& indexes) const {
  double sum = 0, weights = 0;
  for (const WeightedQuery& query : meanings_[position].plannable) {
    const PlanAnswer& answer = model_.plan(query.query, indexes);
    if (const auto* failure = std::get_if<Unplannable>(&answer)) return *failure;
    sum += query.weight * std::get<PlanNode>(answer).total_cost;
    weights += query.weight;
  }
  return sum / weights;
}

std::optional<PlanNode> Evaluation::plan(std::size_t position,
                                         const std::vector<const HypotheticalIndex*>& indexes) const {
  const PlanAnswer& answer = model_.plan(meanings_[position].plannable.front().query, indexes);
  if (const auto* plan = std::get_if<PlanNode>(&answer)) return *plan;
  return std::nullopt;
}

std::vector<std::string> Evaluation::used(std::size_t position,
                                          const std::vector<const HypotheticalIndex*>& indexes) const {
  std::vector<std::string> names;
  for (const WeightedQuery& query : meanings_[position].plannable) {
    const PlanAnswer& answer = model_.plan(query.query, indexes);
    if (const auto* plan = std::get_if<PlanNode>(&answer)) {
      for (std::string& name : used_indexes(*plan)) names.push_back(std::move(name));
    }
  }
  return names;
}

double Evaluation::time_ms_per_s(std::size_t position, double cost_before) const {
  const QueryClass& query = workload_.classes[position];
  const double per_second = 1 / seconds(workload_);
  if (workload_.timed_executions > 0) return static_cast<double>(query.estimated_total().count()) / 1e3 * per_second;
  return static_cast<double>(query.estimated_calls()) * cost_before * per_second;
}

double Evaluation::calls_per_s(std::size_t position) const {
  return static_cast<double>(workload_.classes[position].estimated_calls()) / seconds(workload_);
}

WriteLoad write_load(const IndexDefinition& index, const Workload& workload, const std::vector<ClassMeaning>& meanings,
                     const std::string& database, const Catalog& catalog) {
  const Table* table = catalog.find_table(index.schema, index.table);
  const auto structures = static_cast<double>(catalog.indexes_of(*table).size() + 1);
  WriteLoad load;
  for (std::size_t position = 0; position < workload.classes.size(); ++position) {
    const QueryClass& query = workload.classes[position];
    const auto& statement = meanings[position].statement;
    if (query.database != database || !statement || !writes_to(*statement, table, catalog)) continue;
    const double rate = static_cast<double>(query.estimated_calls()) / seconds(workload);
    const double ms_per_s = static_cast<double>(query.estimated_total().count()) / 1e3 / seconds(workload);
    switch (statement->kind) {
      case StatementKind::kDelete:
        load.deletes += rate;
        continue;  // a DELETE leaves the index to VACUUM
      case StatementKind::kUpdate:
        if (!sets_key_of(*statement, index, *table)) continue;
        load.updates_of_columns += rate;
        break;
      default:
        load.inserts += rate;
        break;  // INSERT, MERGE, and either inside of a WITH
    }
    load.price_ms_per_s += ms_per_s / structures;
  }
  return load;
}

}  // namespace assay
