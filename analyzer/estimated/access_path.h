// Ways to read one table: sequential, by index, index-only, by bitmap, BRIN; with PostgreSQL's costs.
//
// cost_seqscan, cost_index, cost_bitmap_heap_scan, index_pages_fetched (optimizer/path/costsize.c), btcostestimate,
// genericcostestimate, brincostestimate (utils/adt/selfuncs.c), compute_parallel_worker (optimizer/path/allpaths.c).
// Leaves out: GIN, GiST and SP-GiST, whose operators the model does not estimate; TID scans.
#pragma once

#include <functional>
#include <vector>

#include "analyzer/estimated/base_relation.h"
#include "analyzer/estimated/index_match.h"
#include "analyzer/estimated/selectivity.h"
#include "analyzer/estimated/settings.h"

namespace assay {

/// What all scans of one query block have in common.
struct ScanContext {
  const PlannerSettings& settings;
  const Selectivity& selectivity;
  double total_pages = 1;  ///< of all tables of the statement, which share the cache
  /// The class of equal expressions that sorting by `key` is about; -1: no order can be about it, -2: a constant.
  std::function<int(const BoundExpression&)> order_class;
  bool parallel = true;
};

/// One table to be read, by itself or once for each row of others.
struct ScanRequest {
  const BaseRelation& relation;
  int position = 0;                                ///< in its block
  std::vector<const BoundExpression*> parameters;  ///< join clauses whose other side is known
  RelationSet outer = 0;                           ///< relations that give those values
  double loops = 1;                                ///< how often it is read
  double target_operators = 0;                     ///< evaluated for each row that it yields
};

/// index_pages_fetched: heap pages that are read for so many tuples in no order (Mackert and Lohman, "Index scans
/// using a finite LRU buffer", TODS 1989).
double index_pages_fetched(double tuples, double pages, double index_pages, const ScanContext& context);

struct ScanPaths {
  std::vector<PathPtr> paths;
  std::vector<PathPtr> partial;  ///< for parallel workers
};

/// All that are worth a thought. A request with parameters yields only scans that use them.
ScanPaths scan_paths(const ScanContext& context, const ScanRequest& request);

/// compute_parallel_worker; nothing given as -1.
double parallel_workers(double heap_pages, double index_pages, const PlannerSettings& settings);
/// get_parallel_divisor.
double parallel_divisor(double workers, const PlannerSettings& settings);

}  // namespace assay
