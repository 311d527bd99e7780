// Two levels: each partition of a RANGE on time divided again by HASH of a tenant. The twin has one level, so this is
// named as what to consider, with its price and without a figure, and only where each level alone pays on its twin.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisors/partition/partition_scheme.h"
#include "advisors/partition/table_signals.h"
#include "analyzer/catalog.h"

namespace assay {

struct TwoLevels {
  PartitionScheme scheme;
  std::vector<std::string> price;      ///< one sentence each
  std::vector<std::string> obstacles;  ///< with one of them it is not possible as things stand
};

/// `by_time` is a RANGE, `by_tenant` a LIST or HASH of the same table. Nothing where both have the same column, or the
/// tables would be too many.
std::optional<TwoLevels> two_levels(const PartitionScheme& by_time, const PartitionScheme& by_tenant,
                                    const TableSignals& signals, const Catalog& catalog);

/// The one sentence or more that the report tells.
std::string told(const TwoLevels& what);

}  // namespace assay
