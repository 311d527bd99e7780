// PartitionTable: the recommendation to divide one table, with its proof and its price. A value.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/partition/migration.h"
#include "advisors/partition/partition_scheme.h"

namespace assay {

/// A class of the table's statements, planned against the table and against its partitioned twin.
struct PartitionedClass {
  std::size_t position = 0;                          ///< in Workload::classes
  double cost_before = 0, cost_after = 0;            ///< planner's units, an execution, mean over the sampled values
  double before_ms_per_s = 0, after_ms_per_s = 0;    ///< by the calibrated ratio; planning counted
  std::size_t fewest_scanned = 0, most_scanned = 0;  ///< partitions in the plans, over the values
  std::size_t values = 0;                            ///< planned
  bool is_generic = false;    ///< planned for any value: what is pruned shows at run time only, and counts as nothing
  bool is_retention = false;  ///< no longer needed: partitions are detached and dropped instead
  double calls_per_s = 0;
  double planning_ms = 0;  ///< an execution: modelled, for planning and starting the partitions that its plan opens
};

/// An index that would do part of it without dividing anything.
struct PartitionAlternative {
  std::string what;  ///< "BRIN on (created_at)", "the indexes I1, I2"
  double saved_ms_per_s = 0;
};

/// Old rows deleted today, against partitions dropped.
struct RetentionSaving {
  std::vector<std::size_t> classes;  ///< of the DELETEs
  double rows_per_month = 0;
  std::string rows_source;     ///< "the server's counters", "the plans' estimates"
  double delete_ms_per_s = 0;  ///< logged time of the DELETEs: heap, and the look-up of the rows
  double vacuum_ms_per_s = 0;  ///< of VACUUM, for the rows' entries in heap and indexes
  std::string vacuum_source;   ///< "logged", "modelled"
  double detach_ms_per_s = 0;  ///< of DETACH CONCURRENTLY and DROP TABLE, once an interval
};

struct PartitionTable {
  static constexpr std::string_view kKind = "partition_table";

  PartitionScheme scheme;
  std::size_t empty_partitions = 0;       ///< thereof: still to be filled
  std::vector<std::string> price;         ///< one sentence each
  std::vector<PartitionedClass> classes;  ///< heaviest first
  std::vector<PartitionAlternative> alternatives;
  std::optional<RetentionSaving> retention;
  double planning_ms_per_s = 0;  ///< for the partitions that plans open: planning them, starting the executor
  MigrationPlan migration;       ///< the way there, or what stands in it
};

}  // namespace assay
