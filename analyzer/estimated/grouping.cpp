#include "analyzer/estimated/grouping.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "analyzer/estimated/sort_cost.h"

namespace assay {
namespace {

bool is_numeric(const BoundExpression& aggregate) {
  return !aggregate.arguments.empty() && aggregate.arguments[0].type && aggregate.arguments[0].type->name == "numeric";
}

bool is_wide_integer(const BoundExpression& aggregate) {
  return !aggregate.arguments.empty() && aggregate.arguments[0].type &&
         aggregate.arguments[0].type->kind == ValueKind::kInteger && aggregate.arguments[0].type->length == 8;
}

/// pg_aggregate.dat: does it have a final function?
bool has_final(const BoundExpression& aggregate) {
  const std::string& name = aggregate.name;
  if (name == "count" || name == "min" || name == "max" || name == "bool_and" || name == "bool_or" || name == "every" ||
      name == "bit_and" || name == "bit_or") {
    return false;
  }
  if (name == "sum") return is_numeric(aggregate) || is_wide_integer(aggregate);
  return true;
}

/// Bytes of a transition value that is kept outside of the tuple (aggtransspace, pg_aggregate.dat).
double transition_space(const BoundExpression& aggregate) {
  const std::string& name = aggregate.name;
  if (name == "sum" || name == "avg") return is_numeric(aggregate) ? 128 : is_wide_integer(aggregate) ? 48 : 0;
  if (name == "count" || name == "bool_and" || name == "bool_or") return 0;
  if (name == "min" || name == "max") {
    const auto& type = aggregate.type;
    return type && type->length > 0 && type->length <= 8 ? 0 : average_width(type.value_or(ValueType{})) + 16;
  }
  return 8192;  // ALLOCSET_DEFAULT_INITSIZE
}

/// cost_agg: what does not fit the memory is written out and read again.
void add_spill(const PathPtr& input, const GroupRequest& request, const PlannerSettings& settings, Path& path) {
  constexpr double kHeader = 16, kEntry = 24, kPerGroup = 16;
  double entry = kEntry + kHeader + 16 + request.width;
  if (request.aggregates > 0) entry += kHeader + kPerGroup * request.aggregates;
  if (request.space > 0) entry += kHeader + request.space;
  const double memory = settings.work_mem * settings.hash_mem_multiplier * 1024;
  const double batches = std::max(1.0, std::ceil(std::max(request.groups * entry / memory, 1.0)));
  if (request.groups * entry <= memory) return;
  const double partitions =
      std::clamp(std::exp2(std::ceil(std::log2(1.5 * request.groups * entry / memory))), 4.0, 1024.0);
  const double depth = std::ceil(std::log(batches) / std::log(partitions));
  const double pages = std::ceil(rows_bytes(input->rows, input->width) / 8192) * depth * 2;
  const double cpu = depth * input->rows * 2 * settings.cpu_tuple_cost;
  path.startup += pages * settings.random_page_cost + cpu;
  path.total += pages * settings.random_page_cost + pages * settings.seq_page_cost + cpu;
}

}  // namespace

void collect_aggregates(const BoundExpression& expression, std::vector<const BoundExpression*>& aggregates) {
  if (expression.kind != ExpressionKind::kAggregate) {
    for (const BoundExpression& argument : expression.arguments) collect_aggregates(argument, aggregates);
    return;
  }
  const bool repeated = std::any_of(aggregates.begin(), aggregates.end(), [&](const BoundExpression* known) {
    return same(*known, expression) && known->distinct == expression.distinct;
  });
  if (!repeated) aggregates.push_back(&expression);
}

AggregateCost aggregate_cost(const std::vector<const BoundExpression*>& aggregates) {
  AggregateCost cost;
  for (const BoundExpression* aggregate : aggregates) {
    cost.transition += 1;
    for (const BoundExpression& argument : aggregate->arguments) cost.transition += argument.operators;
    if (has_final(*aggregate)) cost.final += 1;
    const double space = transition_space(*aggregate);
    cost.combine += 1;
    if (space > 0 && aggregate->name != "min" && aggregate->name != "max") cost.combine += 1;  // deserialised first
    cost.space += space;
    cost.count += 1;
    cost.width += aggregate->type ? average_width(*aggregate->type) : 32;
    if (aggregate->distinct) cost.partial = false;
    constexpr std::string_view kPartial[] = {"count", "sum", "avg", "min", "max", "bool_and", "bool_or"};
    if (std::find(std::begin(kPartial), std::end(kPartial), aggregate->name) == std::end(kPartial)) {
      cost.partial = false;
    }
  }
  return cost;
}

Path grouped(const PathPtr& input, const GroupRequest& request, const PlannerSettings& settings) {
  Path path;
  path.rows = request.groups;
  path.width = request.width;
  path.workers = input->workers;
  path.children = {input};
  const double op = settings.cpu_operator_cost, rows = input->rows;
  const double work = (request.transition + request.keys) * op * rows;
  const double results = request.final * op * request.groups + settings.cpu_tuple_cost * request.groups;
  switch (request.strategy) {
    case Grouping::kPlain:
      path.type = "Aggregate";
      path.rows = 1;
      path.startup = input->total + request.transition * op * rows + request.final * op;
      path.total = path.startup + settings.cpu_tuple_cost;
      break;
    case Grouping::kSorted:
      path.type = "GroupAggregate";
      path.order = input->order;
      path.startup = input->startup;
      path.total = input->total + work + results;
      break;
    case Grouping::kHashed:
      path.type = "HashAggregate";
      path.startup = input->total + work + (settings.hashagg ? 0 : kDisableCost);
      path.total = path.startup + results;
      add_spill(input, request, settings, path);
      break;
  }
  return path;
}

}  // namespace assay
