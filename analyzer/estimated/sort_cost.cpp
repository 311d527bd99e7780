#include "analyzer/estimated/sort_cost.h"

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

/// tuplesort_merge_order: tapes of 2 blocks each and a merge buffer of 32.
double merge_order(double bytes) {
  constexpr double kBlock = 8192;
  return std::clamp(std::floor(bytes / (2 * kBlock + 32 * kBlock)), 6.0, 500.0);
}

Path on_top_of(const PathPtr& input, const char* type, Order order) {
  Path path;
  path.type = type;
  path.rows = input->rows;
  path.width = input->width;
  path.workers = input->workers;
  path.outer = input->outer;
  path.order = std::move(order);
  path.children = {input};
  return path;
}

}  // namespace

double rows_bytes(double rows, int width) {
  const auto aligned = [](int size) { return (size + 7) / 8 * 8; };
  return rows * (aligned(width) + aligned(23));  // SizeofHeapTupleHeader
}

SortCost sort_cost(double rows, int width, double limit, const PlannerSettings& settings) {
  const double memory = settings.work_mem * 1024;
  const double comparison = 2 * settings.cpu_operator_cost;
  rows = std::max(2.0, rows);
  const double output = limit > 0 && limit < rows ? limit : rows;
  SortCost cost;
  if (rows_bytes(output, width) > memory) {
    const double pages = std::ceil(rows_bytes(rows, width) / 8192);
    const double runs = rows_bytes(rows, width) / memory, order = merge_order(memory);
    const double passes = runs > order ? std::ceil(std::log(runs) / std::log(order)) : 1;
    cost.startup = comparison * rows * std::log2(rows) +
                   2 * pages * passes * (settings.seq_page_cost * 0.75 + settings.random_page_cost * 0.25);
  } else if (rows > 2 * output || rows_bytes(rows, width) > memory) {
    cost.startup = comparison * rows * std::log2(2 * output);
  } else {
    cost.startup = comparison * rows * std::log2(rows);
  }
  cost.run = settings.cpu_operator_cost * rows;
  return cost;
}

Path sorted(const PathPtr& input, Order order, double limit, const PlannerSettings& settings) {
  Path path = on_top_of(input, "Sort", std::move(order));
  const SortCost cost = sort_cost(input->rows, input->width, limit, settings);
  path.startup = input->total + cost.startup + (settings.sort ? 0 : kDisableCost);
  path.total = path.startup + cost.run;
  return path;
}

Path sorted_incrementally(const PathPtr& input, Order order, double groups, double limit,
                          const PlannerSettings& settings) {
  Path path = on_top_of(input, "Incremental Sort", std::move(order));
  const double rows = std::max(2.0, input->rows);
  groups = std::clamp(groups, 1.0, rows);
  const double input_run = (input->total - input->startup) / groups;
  constexpr double kUneven = 1.5;  // "pessimistic about incremental sort performance"
  const SortCost group = sort_cost(kUneven * rows / groups, input->width, limit, settings);
  path.startup = input->startup + group.startup + input_run;
  path.total = path.startup + group.run + (group.run + group.startup) * (groups - 1) + input_run * (groups - 1) +
               settings.cpu_tuple_cost * rows + 2 * settings.cpu_tuple_cost * groups;
  return path;
}

}  // namespace assay
