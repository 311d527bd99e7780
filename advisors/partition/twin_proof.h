// The proof: every class of the table, planned against the table and against a design that changes it, at each of its
// sampled values; and what that is in time, by the calibrated ratio of the costs.
#pragma once

#include <string>
#include <vector>

#include "advisors/evaluation.h"
#include "advisors/partition/partition_table.h"
#include "advisors/partition/table_signals.h"
#include "analyzer/cached_cost_model.h"

namespace assay {

/// Measured with PostgreSQL 15 on partitions of one to three indexes (docs/partitions.md): what a plan takes longer for
/// each partition that it opens.
inline constexpr double kPlanningMsPerPartition = 0.01;
/// And what the executor takes to start and end each of them. The planner charges next to nothing for it, and pages
/// that are in memory hide nothing: a point read of microseconds feels it.
inline constexpr double kStartMsPerPartition = 0.003;
inline constexpr double kOpeningMsPerPartition = kPlanningMsPerPartition + kStartMsPerPartition;

struct TwinProof {
  std::vector<PartitionedClass> classes;                     ///< of the table, heaviest today first
  double before_ms_per_s = 0, after_ms_per_s = 0;            ///< planning counted
  double planning_ms_per_s = 0;                              ///< and starting
  std::vector<std::pair<std::size_t, std::string>> refused;  ///< positions that are planned today and not then, and why
};

/// What is asked beside Evaluation: the same workload, meanings and model.
struct ProofContext {
  const std::vector<ClassMeaning>& meanings;
  const std::vector<JudgedClass>& classes;
  const Evaluation& evaluation;
  CachedCostModel& model;
};

/// `design` may hold partitionings of the table (then partitions are counted) or indexes.
TwinProof prove(const TableSignals& signals, const DesignView& design, const ProofContext& context);

/// Names of the partitions that the plan reads, each once.
std::size_t partitions_scanned(const PlanNode& plan, const HypotheticalPartitioning& partitioning);

}  // namespace assay
