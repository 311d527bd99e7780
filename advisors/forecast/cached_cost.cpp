#include "advisors/forecast/cached_cost.h"

#include <algorithm>
#include <charconv>

namespace assay {
namespace {

// Measured with PostgreSQL 15: 0.3 µs a page in a row and 1 µs at random, where a unit of the rows' work is 5 µs.
constexpr double kCachedShare = 0.05;
constexpr double kLeastShare = 0.002;  // of the planned cost: a plan is never free

double setting(const Catalog& catalog, const char* name, double fallback) {
  const auto found = catalog.settings.find(name);
  if (found == catalog.settings.end()) return fallback;
  double value = fallback;
  const std::string& text = found->second;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool has_filter(const PlanNode& node) {
  return std::any_of(node.details.begin(), node.details.end(),
                     [](const auto& detail) { return detail.first == "Filter"; });
}

class PageCharges {
 public:
  explicit PageCharges(const Catalog& catalog)
      : catalog_(catalog),
        sequential_(setting(catalog, "seq_page_cost", 1)),
        tuple_(setting(catalog, "cpu_tuple_cost", 0.01) + setting(catalog, "cpu_index_tuple_cost", 0.005) +
               setting(catalog, "cpu_operator_cost", 0.0025)) {}

  /// What the plan charges for pages, `share` of it executed, `loops` times.
  double of(const PlanNode& node, double share, double loops) const {
    double sum = own(node) * share * loops;
    const bool stops_early = node.children.size() == 1 && node.total_cost < node.children[0].total_cost;
    const double part = stops_early ? share * node.total_cost / node.children[0].total_cost : share;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const bool inner = node.type == "Nested Loop" && i == 1 && node.children[1].type != "Materialize";
      sum += of(node.children[i], part, inner ? loops * std::max(node.children[0].rows, 1.0) : loops);
    }
    return sum;
  }

 private:
  double own(const PlanNode& node) const {
    double cost = node.total_cost;
    for (const PlanNode& child : node.children) cost -= child.total_cost;
    cost = std::max(cost, 0.0);
    if (node.type == "Seq Scan" || node.type == "Sample Scan") {
      const Table* table = catalog_.find_table("", node.relation);
      return table ? std::min(cost, static_cast<double>(table->pages) * sequential_) : 0;
    }
    const bool by_index = node.type == "Index Scan" || node.type == "Index Only Scan" ||
                          node.type == "Bitmap Heap Scan" || node.type == "Bitmap Index Scan";
    if (!by_index) return 0;
    const double pages = std::max(cost - node.rows * tuple_ - std::min(cost, 0.3), 0.0);
    return has_filter(node) ? pages / 2 : pages;
  }

  const Catalog& catalog_;
  double sequential_, tuple_;
};

}  // namespace

double cost_when_cached(const PlanNode& plan, const Catalog& catalog) {
  const double charged = std::min(PageCharges(catalog).of(plan, 1, 1), plan.total_cost);
  return std::max(plan.total_cost - (1 - kCachedShare) * charged, kLeastShare * plan.total_cost);
}

}  // namespace assay
