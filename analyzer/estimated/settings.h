// The settings that PostgreSQL's cost formulas rest on, read from a catalog, with PostgreSQL's defaults
// (utils/misc/guc.c, optimizer/cost.h).
#pragma once

#include "analyzer/catalog.h"

namespace assay {

struct PlannerSettings {
  double seq_page_cost = 1;
  double random_page_cost = 4;
  double cpu_tuple_cost = 0.01;
  double cpu_index_tuple_cost = 0.005;
  double cpu_operator_cost = 0.0025;
  double parallel_tuple_cost = 0.1;
  double parallel_setup_cost = 1000;
  double effective_cache_size = 524288;        ///< pages of 8 kB
  double work_mem = 4096;                      ///< kB
  double hash_mem_multiplier = 2;              ///< 1 before PostgreSQL 15
  double min_parallel_table_scan_size = 1024;  ///< pages
  double min_parallel_index_scan_size = 64;    ///< pages
  double max_parallel_workers_per_gather = 2;
  bool parallel_leader_participation = true;
  bool seqscan = true, indexscan = true, indexonlyscan = true, bitmapscan = true, sort = true, incremental_sort = true;
  bool hashagg = true, hashjoin = true, mergejoin = true, nestloop = true, material = true;
};

/// PostgreSQL's disable_cost (costsize.c): what a path costs on top that a setting switched off.
inline constexpr double kDisableCost = 1.0e10;

/// A value that cannot be read counts as the default.
PlannerSettings planner_settings(const Catalog& catalog);

}  // namespace assay
