#include "advisors/cache/result_size.h"

#include <algorithm>
#include <charconv>
#include <variant>

namespace assay {
namespace {

constexpr double kRowBytes = 8;  // separators, lengths, quotes

std::optional<double> counted_rows(const QueryClass& query) {
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

/// The number behind the first `name`, separators of any format between; nothing where that is not there.
std::optional<double> number_after(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t digits = text.find_first_not_of("\":=> ", at + name.size());
  if (digits == std::string_view::npos) return std::nullopt;
  double number = 0;
  const auto read = std::from_chars(text.data() + digits, text.data() + text.size(), number);
  const bool is_count = read.ec == std::errc() && number >= 0 && number < 1e15;
  return is_count ? std::optional(number) : std::nullopt;
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

LoggedSize logged_size(std::string_view plan) {
  const std::string_view line = plan.substr(0, plan.find('\n'));
  if (const std::size_t costs = line.find("(cost="); costs != std::string_view::npos) {
    const std::size_t actual = line.find("(actual ", costs);
    LoggedSize size{.rows = {}, .width = number_after(line.substr(costs), "width")};
    if (actual != std::string_view::npos) size.rows = number_after(line.substr(actual), "rows");
    return size;
  }
  // The other formats tell of the top before its children, whose plans begin with "Plans".
  const std::string_view top = plan.substr(0, plan.find("Plans"));
  LoggedSize size{.rows = number_after(top, "Actual Rows"), .width = number_after(top, "Plan Width")};
  if (!size.rows) size.rows = number_after(top, "Actual-Rows");
  if (!size.width) size.width = number_after(top, "Plan-Width");
  return size;
}

std::optional<ResultSize> result_size(const QueryClass& query, const ClassMeaning& meaning, const Catalog* catalog,
                                      CostModel* model) {
  if (!meaning.statement || meaning.statement->blocks.empty()) return std::nullopt;
  const LoggedSize logged = query.plan ? logged_size(query.plan->text) : LoggedSize{};
  const std::optional<double> counted = counted_rows(query), rows = counted ? counted : logged.rows;
  const std::string rows_told = counted ? "rows counted" : "rows of the slowest plan in the log";
  const auto size = [](double each, double width, std::string source) {
    return ResultSize{kEntryBytes + each * (width + kRowBytes), std::move(source)};
  };
  if (const auto plan = planned(meaning, model)) {
    if (rows) return size(*rows, plan->width, rows_told + ", width planned");
    return size(plan->rows, plan->width, "rows and width planned");
  }
  if (rows && logged.width) return size(*rows, *logged.width, rows_told + ", width planned in the log");
  const std::optional<double> width = statistical_width(*meaning.statement, catalog);
  if (!width) return std::nullopt;
  if (rows) return size(*rows, *width, rows_told + ", width from the statistics");
  if (gives_one_row(*meaning.statement)) return size(1, *width, "one row, width from the statistics");
  return std::nullopt;
}

}  // namespace assay
