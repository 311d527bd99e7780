#include "advisors/partition/retention.h"

#include <algorithm>

namespace assay {

std::optional<RetentionSaving> retention_saving(const PartitionScheme& scheme, double interval_seconds,
                                                const TableSignals& signals) {
  const auto& deleted = signals.retention;
  if (!deleted || scheme.partitioning.strategy != PartitionStrategy::kRange ||
      scheme.partitioning.column != deleted->column) {
    return std::nullopt;
  }
  RetentionSaving saving{.classes = deleted->classes,
                         .rows_per_month = deleted->rows_per_month,
                         .rows_source = deleted->rows_source,
                         .delete_ms_per_s = deleted->ms_per_s,
                         .vacuum_source = "modelled"};
  const double entries = deleted->rows_per_s * static_cast<double>(1 + signals.indexes);
  saving.vacuum_ms_per_s = std::min(entries * kVacuumMsPerEntry, kMostVacuum * deleted->ms_per_s);
  if (signals.vacuum_ms_per_s > 0) {
    const double dead = signals.dead_rows_per_month;
    const bool known = dead > 0 && saving.rows_per_month > 0;
    const double share = known ? std::min(1.0, saving.rows_per_month / dead) : 1;
    saving.vacuum_ms_per_s = share * signals.vacuum_ms_per_s;
    saving.vacuum_source = "logged";
  }
  saving.detach_ms_per_s = kDetachAndDropMs / std::max(86400.0, interval_seconds);
  return saving;
}

}  // namespace assay
