// LIST on a column of few values, a tenant or a status: each common value gets a partition, the others share one.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "advisors/partition/schemes.h"
#include "advisors/partition/sql_template.h"
#include "analyzer/array_text.h"

namespace assay {
namespace {

constexpr double kOneValue = 0.9;      // of the rows: then one partition is the table
constexpr double kLeastShare = 0.002;  // of the rows, for a partition of its own
constexpr double kFewValues = 100;

/// Letters and digits of the value; what would be the same name gets its number instead.
std::string suffix_of(const std::string& value, std::size_t number) {
  std::string suffix = "_";
  for (const char c : value) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (!plain) return fmt::format("_{}", number + 1);
    suffix += c;
  }
  constexpr std::size_t kMostBytes = 20;
  return value.empty() || suffix.size() > kMostBytes ? fmt::format("_{}", number + 1) : suffix;
}

void add_partitions(const ColumnStatistics& statistics, HypotheticalPartitioning& what) {
  const auto values = array_elements(statistics.most_common_values.value_or("{}"));
  const auto frequencies = array_numbers(statistics.most_common_frequencies.value_or("{}"));
  for (std::size_t i = 0; i < std::min(values.size(), frequencies.size()); ++i) {
    if (!values[i] || frequencies[i] < kLeastShare) continue;
    std::string name = fitted_name(what.table, suffix_of(*values[i], i));
    const bool taken = std::any_of(what.partitions.begin(), what.partitions.end(),
                                   [&](const HypotheticalPartition& other) { return other.name == name; });
    if (taken || name == fitted_name(what.table, "_default")) {
      name = fitted_name(what.table, fmt::format("_value_{}", i + 1));
    }
    what.partitions.push_back({.name = std::move(name), .values = {*values[i]}});
  }
  what.partitions.push_back({.name = fitted_name(what.table, "_default"), .is_default = true});
}

}  // namespace

void propose_list(const TableSignals& signals, SchemeProposals& proposals) {
  for (const KeySignals& key : signals.keys) {
    const double share = signals.time_ms_per_s > 0 ? key.equality_ms_per_s / signals.time_ms_per_s : 0;
    if (key.is_time || share < kNearlyEverywhere || key.distinct < 1) continue;
    const std::string& name = key.column->name;
    if (key.distinct < 2 || key.most_common_share >= kOneValue) {
      proposals.unfit.push_back(
          fmt::format("{} has one value in {:.0f} % of the rows: its partition would be the table", name,
                      100 * std::max(key.most_common_share, 1 / key.distinct)));
      continue;
    }
    if (key.distinct > kFewValues) {
      const bool many = key.distinct > static_cast<double>(kMostPartitions);
      const bool unique = key.distinct >= signals.table->rows / 10;
      if (many && !unique) {
        proposals.unfit.push_back(fmt::format("a partition for each of about {:.0f} values of {} would be more than {}",
                                              key.distinct, name, kMostPartitions));
      }
      continue;
    }
    if (moves_rows(signals, key, proposals)) continue;
    ProposedScheme proposed;
    proposed.scheme.partitioning = {.schema = signals.table->schema,
                                    .table = signals.table->name,
                                    .strategy = PartitionStrategy::kList,
                                    .column = name,
                                    .partitions = {}};
    add_partitions(key.column->statistics.front(), proposed.scheme.partitioning);
    if (proposed.scheme.partitioning.partitions.size() < 3) continue;
    proposed.why.push_back(fmt::format("{:.0f} % of the table's time asks for one {}", 100 * share, name));
    proposed.why.push_back(fmt::format("it has {:.0f} values, the most common one in {:.0f} % of the rows",
                                       key.distinct, 100 * key.most_common_share));
    proposals.schemes.push_back(std::move(proposed));
    return;
  }
}

}  // namespace assay
