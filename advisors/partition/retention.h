// Retention: what deleting old rows costs today, and what dropping their partitions would.
//
// Today: the DELETEs' logged time, and VACUUM, which reads each deleted row's page and takes its entries out of every
// index. Where the log tells of autovacuum on the table, its time counts, by the share of dead rows that the deletes
// make; else kVacuumMsPerEntry for the row and for each index, of the rows that the log's DELETEs take by their plans.
// Then: once an interval, DETACH PARTITION CONCURRENTLY (two short transactions) and DROP TABLE, which unlinks files.
#pragma once

#include <optional>

#include "advisors/partition/partition_table.h"
#include "advisors/partition/table_signals.h"

namespace assay {

/// Measured with PostgreSQL 15 (docs/partitions.md): VACUUM reads 0.3 µs an entry of an index, all entries of all
/// indexes each time; autovacuum comes once a fifth of the rows are dead (autovacuum_vacuum_scale_factor).
inline constexpr double kVacuumMsPerEntry = 0.0015;
inline constexpr double kDetachAndDropMs = 100;
inline constexpr double kMostVacuum = 3;  ///< of the DELETEs' own time: their rows are estimates

/// Nothing unless the scheme is a RANGE on the column by which rows are deleted.
std::optional<RetentionSaving> retention_saving(const PartitionScheme& scheme, double interval_seconds,
                                                const TableSignals& signals);

}  // namespace assay
