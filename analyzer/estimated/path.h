// Path: one way to compute a set of rows, with what it costs. Trees of them become the PlanNode of the answer.
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace assay {

/// A key of a sort order: the class of equal expressions that it is about, and its direction.
struct OrderKey {
  int expression = -1;
  bool descending = false, nulls_first = false;

  bool operator==(const OrderKey&) const = default;
};
using Order = std::vector<OrderKey>;

struct Path;
using PathPtr = std::shared_ptr<const Path>;

struct Path {
  std::string type;  ///< EXPLAIN's name of the node
  std::string relation, alias, index;
  double rows = 1, startup = 0, total = 0;  ///< planner's units
  int width = 0;                            ///< bytes
  double workers = 0;                       ///< of a partial path; rows and costs are then one worker's
  Order order;
  std::uint64_t outer = 0;  ///< relations whose values it needs
  std::vector<PathPtr> children;
  std::vector<std::pair<std::string, std::string>> details;
  double index_cost = 0, index_selectivity = 0, index_pages = 0;  ///< of an index scan, for bitmaps
  double rescan_startup = -1, rescan_total = -1;                  ///< where they differ from the first scan's
};

/// clamp_row_est (optimizer/path/costsize.c).
inline double clamped_rows(double rows) { return rows <= 1 || std::isnan(rows) ? 1 : std::rint(std::min(rows, 1e100)); }

/// Does `order` begin with `wanted`?
inline bool begins_with(const Order& order, const Order& wanted) {
  return wanted.size() <= order.size() && std::equal(wanted.begin(), wanted.end(), order.begin());
}

/// How many leading keys both have in common.
inline std::size_t common_prefix(const Order& order, const Order& wanted) {
  std::size_t count = 0;
  while (count < order.size() && count < wanted.size() && order[count] == wanted[count]) ++count;
  return count;
}

}  // namespace assay
