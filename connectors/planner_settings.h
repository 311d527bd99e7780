// The settings that bear on plans: read from a server, set in the shadow planner's sessions. Every one of them may be
// set by any role, so that nothing but planning can be changed through a hostile snapshot.
#pragma once

#include <array>

namespace assay {

constexpr std::array kPlannerSettings{
    "DateStyle", "IntervalStyle", "TimeZone", "constraint_exclusion", "cpu_index_tuple_cost", "cpu_operator_cost",
    "cpu_tuple_cost", "cursor_tuple_fraction", "default_statistics_target", "effective_cache_size",
    "enable_async_append", "enable_bitmapscan", "enable_gathermerge", "enable_group_by_reordering",
    "enable_hashagg", "enable_hashjoin", "enable_incremental_sort", "enable_indexonlyscan", "enable_indexscan",
    "enable_material", "enable_memoize", "enable_mergejoin", "enable_nestloop", "enable_parallel_append",
    "enable_parallel_hash", "enable_partition_pruning", "enable_partitionwise_aggregate",
    "enable_partitionwise_join", "enable_presorted_aggregate", "enable_seqscan", "enable_sort", "enable_tidscan",
    "from_collapse_limit", "geqo", "geqo_effort", "geqo_generations", "geqo_pool_size", "geqo_seed",
    "geqo_selection_bias", "geqo_threshold", "hash_mem_multiplier", "join_collapse_limit",
    "max_parallel_workers", "max_parallel_workers_per_gather", "min_parallel_index_scan_size",
    "min_parallel_table_scan_size", "parallel_leader_participation", "parallel_setup_cost",
    "parallel_tuple_cost", "random_page_cost", "recursive_worktable_factor", "seq_page_cost", "work_mem"};

}  // namespace assay
