#include "analyzer/planned_index.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "parser/sql/lexer.h"

namespace assay {
namespace {

constexpr int kUsualWidth = 32;  // get_typavgwidth of a type of varying length

std::string name_of(const Table& table) { return quote_identifier(table.schema) + "." + quote_identifier(table.name); }

std::optional<PlanNode> plan_of(CostModel& model, const std::string& sql) {
  PlanAnswer answer = model.plan({sql, {}, {}}, {});
  if (auto* plan = std::get_if<PlanNode>(&answer)) return std::move(*plan);
  return std::nullopt;
}

/// Rows of a plan, up to the share of the table's that the planner counts with.
double row_share(const std::string& predicate, const Table& table, CostModel& model) {
  if (predicate.empty()) return 1;
  const auto all = plan_of(model, "SELECT FROM " + name_of(table));
  const auto some = plan_of(model, "SELECT FROM " + name_of(table) + " WHERE " + predicate);
  return all && some && all->rows > 0 ? std::clamp(some->rows / all->rows, 0.0, 1.0) : 1;
}

/// The column that an expression is about; nullptr when there are several.
const Column* only_column(const std::string& expression, const Table& table) {
  const Column* only = nullptr;
  Lexer lexer(expression);
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    const bool quoted = token.kind == TokenKind::kQuotedName;
    if (token.kind != TokenKind::kWord && !quoted) continue;
    const Column* column = find_column(table, quoted ? token.text.substr(1, token.text.size() - 2) : token.text);
    if (column && only && column != only) return nullptr;
    if (column) only = column;
  }
  return only;
}

/// A type of that width whose equal values are equal in their bytes, as most types' are.
std::string type_of_width(int width) {
  switch (width) {
    case 1:
      return "boolean";
    case 2:
      return "smallint";
    case 4:
      return "integer";
    case 8:
      return "bigint";
    default:
      return "text";
  }
}

Column expression_column(const std::string& expression, const Table& table, CostModel& model) {
  Column column;
  column.name = expression;
  const auto plan = plan_of(model, "SELECT (" + expression + ") FROM " + name_of(table) + " GROUP BY 1");
  if (!plan) return column;
  column.type = type_of_width(plan->width);
  ColumnStatistics& statistics = column.statistics.emplace_back();
  statistics.average_width = plan->width;
  statistics.distinct = plan->rows;
  const Column* about = only_column(expression, table);
  if (about && !about->statistics.empty()) {
    statistics.null_fraction = about->statistics.front().null_fraction;
    if (plan->width == kUsualWidth) statistics.average_width = about->statistics.front().average_width;
  }
  return column;
}

PlannedFigures figures_of(const IndexDefinition& definition, const Table& table, CostModel& model) {
  PlannedFigures figures{.row_share = row_share(definition.predicate, table, model)};
  for (const IndexKey& key : definition.keys) {
    if (key.column.empty()) figures.expressions.push_back(expression_column(key.expression, table, model));
  }
  return figures;
}

}  // namespace

HypotheticalIndex planned_size(IndexDefinition definition, const Table& table, const std::vector<const Table*>& leaves,
                               CostModel& model) {
  const PlannedFigures figures = figures_of(definition, table, model);
  HypotheticalIndex whole = sized(definition, table, figures);
  if (leaves.empty()) return whole;
  whole.pages = 0;
  for (const Table* leaf : leaves) whole.pages += sized(definition, *leaf, figures).pages;
  return whole;
}

HypotheticalIndex planned_size(IndexDefinition definition, const Table& table, CostModel& model) {
  const PlannedFigures figures = figures_of(definition, table, model);
  return sized(std::move(definition), table, figures);
}

}  // namespace assay
