#include "advisors/cache/result_size.h"

#include <algorithm>
#include <variant>

namespace assay {
namespace {

constexpr double kRowBytes = 8;  // separators, lengths, quotes

std::optional<double> counted_rows(const QueryClass& query) {
  if (query.rows && query.calls > 0) return static_cast<double>(query.rows->sent) / static_cast<double>(query.calls);
  if (query.rows_affected && query.summed_calls > 0) {
    return static_cast<double>(*query.rows_affected) / static_cast<double>(query.summed_calls);
  }
  return std::nullopt;
}

struct Planned {
  double rows = 0, width = 0;
};

std::optional<Planned> planned(const ClassMeaning& meaning, CostModel* model) {
  if (model == nullptr) return std::nullopt;
  Planned sum;
  double weight = 0;
  for (const WeightedQuery& query : meaning.plannable) {
    const PlanAnswer answer = model->plan(query.query, {});
    const auto* plan = std::get_if<PlanNode>(&answer);
    if (plan == nullptr) continue;
    sum.rows += query.weight * plan->rows;
    sum.width += query.weight * plan->width;
    weight += query.weight;
  }
  if (weight == 0) return std::nullopt;
  return Planned{sum.rows / weight, sum.width / weight};
}

/// An aggregate over everything gives one row.
bool gives_one_row(const Statement& statement) {
  const QueryBlock& top = statement.blocks.front();
  return top.aggregates && top.group.empty() && !top.distinct;
}

/// Of the columns that are read, which are not all returned: an upper bound but for what is computed.
std::optional<double> statistical_width(const Statement& statement, const Catalog* catalog) {
  if (catalog == nullptr || !catalog->has_statistics) return std::nullopt;
  double width = 0;
  for (std::size_t i = 0; i < statement.relations.size(); ++i) {
    const RelationUse& relation = statement.relations[i];
    const Table* table = catalog->find_table(relation.schema, relation.name);
    if (table == nullptr) return std::nullopt;
    for (const Column& column : table->columns) {
      const bool is_read =
          std::any_of(statement.columns_read.begin(), statement.columns_read.end(),
                      [&](const auto& c) { return c.relation == static_cast<int>(i) && c.name == column.name; });
      if (!is_read && !relation.all_columns) continue;
      width += column.statistics.empty() ? 8 : column.statistics.front().average_width;
    }
  }
  return width;
}

}  // namespace

std::optional<ResultSize> result_size(const QueryClass& query, const ClassMeaning& meaning, const Catalog* catalog,
                                      CostModel* model) {
  if (!meaning.statement || meaning.statement->blocks.empty()) return std::nullopt;
  const std::optional<double> counted = counted_rows(query);
  const auto size = [](double rows, double width, std::string source) {
    return ResultSize{kEntryBytes + rows * (width + kRowBytes), std::move(source)};
  };
  if (const auto plan = planned(meaning, model)) {
    if (counted) return size(*counted, plan->width, "rows counted, width planned");
    return size(plan->rows, plan->width, "rows and width planned");
  }
  const std::optional<double> width = statistical_width(*meaning.statement, catalog);
  if (!width) return std::nullopt;
  if (counted) return size(*counted, *width, "rows counted, width from the statistics");
  if (gives_one_row(*meaning.statement)) return size(1, *width, "one row, width from the statistics");
  return std::nullopt;
}

}  // namespace assay
