// Bounds and names of partitions: as SQL, as pg_partman names them, and where the old table may end.
#pragma once

#include <optional>
#include <string>

#include "advisors/partition/partition_scheme.h"
#include "analyzer/catalog.h"

namespace assay {

/// An interval that pg_partman 4 has a word for.
struct NamedInterval {
  std::string word;    ///< 'monthly'
  std::string format;  ///< of to_char, behind "_p": 'YYYY_MM'
};

/// Nothing where pg_partman has no word for it.
std::optional<NamedInterval> named_interval(const std::string& interval);

/// "table_p2026_11": the name that pg_partman gives to the partition that starts there; nothing where the interval has
/// no word, or `from` is no time at which such a partition starts.
std::optional<std::string> conventional_partition_name(const std::string& table, const std::string& from,
                                                       const std::string& interval);

/// Is the key a date or a timestamp, and the scheme by range?
bool is_range_on_time(const PartitionScheme& scheme, const Table& table);

/// "FOR VALUES FROM ('2026-11-01') TO ('2026-12-01')", "DEFAULT" …
std::string bound_of(const PartitionScheme& scheme, const HypotheticalPartition& partition);

/// Where a range on time begins that has no beginning: pg_partman 4.7 reads every bound as a time.
inline constexpr const char* kBeginningOfTime = "'-infinity'";

/// The first bound, at which a partition begins, that no row reaches before the migration is done: a week after the
/// catalog was taken, and beyond the largest value known. Nothing where the scheme has none.
std::optional<std::string> boundary_of(const PartitionScheme& scheme, const Table& table, const Catalog& catalog);

}  // namespace assay
