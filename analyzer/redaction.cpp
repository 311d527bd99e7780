#include "analyzer/redaction.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace assay {
namespace {

/// Of a type as format_type() prints it: "numeric(12,2)", "timestamp(3) with time zone".
bool keeps_values(std::string_view type) {
  static constexpr std::array<std::string_view, 13> kKept = {
      "smallint", "integer", "bigint", "numeric", "real",      "double precision", "boolean",
      "date",     "time",    "oid",    "money",   "timestamp", "interval"};
  if (type.ends_with("[]")) return false;
  return std::any_of(kKept.begin(), kKept.end(), [&](std::string_view kept) {
    const auto rest = type.starts_with(kept) ? type.substr(kept.size()) : std::string_view("x");
    return rest.empty() || rest.starts_with('(') || rest.starts_with(" with") || rest.starts_with(" day") ||
           rest.starts_with(" year") || rest.starts_with(" month") || rest.starts_with(" hour") ||
           rest.starts_with(" minute") || rest.starts_with(" second");
  });
}

bool holds_values(const ColumnStatistics& statistics) {
  return statistics.most_common_values || statistics.histogram_bounds || statistics.most_common_elements;
}

/// Frequencies go with the values whose they are. True when there were any.
bool leave_out_values(std::vector<ColumnStatistics>& all) {
  const bool any = std::any_of(all.begin(), all.end(), holds_values);
  for (ColumnStatistics& statistics : all) {
    statistics.most_common_values.reset();
    statistics.most_common_frequencies.reset();
    statistics.histogram_bounds.reset();
    statistics.most_common_elements.reset();
    statistics.most_common_element_frequencies.reset();
  }
  return any;
}

}  // namespace

Catalog redacted(Catalog catalog) {
  std::int64_t columns = 0;
  for (Table& table : catalog.tables) {
    for (Column& column : table.columns) {
      if (!keeps_values(column.type)) columns += leave_out_values(column.statistics) ? 1 : 0;
    }
  }
  for (Index& index : catalog.indexes) {
    for (auto& statistics : index.expression_statistics) columns += leave_out_values(statistics) ? 1 : 0;
  }
  catalog.redacted_columns = columns;
  return catalog;
}

}  // namespace assay
