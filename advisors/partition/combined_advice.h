// The indexes with the recommended partitionings in place, told against today.
//
// Indexes are advised twice: on today's tables, which is what a partitioning has to beat, and, where one is
// recommended, on the twins, by the times that the partitioning leaves. The second advice is what the report tells; its
// "before" is put back to today's.
#pragma once

#include "advisors/partition/partition_advisor.h"
#include "advisors/recommendation.h"

namespace assay {

/// `today` and `divided`: without and with the partitionings that `partitions` recommends. An index on such a table is
/// made once that has changed over, partition by partition.
Advice combined_advice(const Advice& today, Advice divided, const PartitionAdvice& partitions, const Catalog& catalog);

}  // namespace assay
