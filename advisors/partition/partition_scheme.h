// PartitionScheme: how one table is to be divided. The partition advisor proposes it, the migration carries it out.
#pragma once

#include <optional>
#include <string>

#include "analyzer/physical_design.h"

namespace assay {

/// How one table is to be divided. Two levels: `sub` divides each partition of the first again.
struct PartitionScheme {
  HypotheticalPartitioning partitioning;  ///< analyzer/physical_design.h: table, strategy, key column, partitions
  std::string interval = {};              ///< range on time: an interval as PostgreSQL reads it, '1 month'; else empty
  std::optional<std::string> retention = {};  ///< rows older than this are deleted today, '12 months'
  std::optional<int> sub_hash_modulus = {};   ///< second level: HASH of `sub_column` in so many parts
  std::string sub_column = {};
};

}  // namespace assay
