// HASH on a column of many values, by which nearly all time is asked for: weak, since an index on that column does as
// much for each statement, and no partition ever becomes old.
#include <fmt/format.h>

#include "advisors/partition/schemes.h"
#include "advisors/partition/sql_template.h"

namespace assay {

void propose_hash(const TableSignals& signals, SchemeProposals& proposals) {
  constexpr int kParts = 16;
  constexpr double kFewestValues = 1000;
  constexpr double kUneven = 0.05;  // of the rows: then one partition would be much larger than the others
  for (const KeySignals& key : signals.keys) {
    const double share = signals.time_ms_per_s > 0 ? key.equality_ms_per_s / signals.time_ms_per_s : 0;
    if (share < kNearlyEverywhere || key.distinct < kFewestValues || key.most_common_share > kUneven) continue;
    if (moves_rows(signals, key, proposals)) continue;
    ProposedScheme proposed;
    HypotheticalPartitioning& what = proposed.scheme.partitioning;
    what = {.schema = signals.table->schema,
            .table = signals.table->name,
            .strategy = PartitionStrategy::kHash,
            .column = key.column->name,
            .partitions = {}};
    for (int i = 0; i < kParts; ++i) {
      what.partitions.push_back({.name = fitted_name(what.table, fmt::format("_p{}", i)), .remainder = i});
    }
    proposed.why.push_back(fmt::format("{:.0f} % of the table's time asks for one {}", 100 * share, what.column));
    proposed.why.emplace_back("HASH is weak: it prunes for that column alone, and makes no retention cheaper");
    proposals.schemes.push_back(std::move(proposed));
    return;
  }
}

}  // namespace assay
