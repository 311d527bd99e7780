// The partition advisor: Workload + Catalog + planner -> for each large or painful table whether to divide it, how, and
// why not. More often than not it says no.
//
// A table passes the gate (gate.h), its signals (table_signals.h) speak for schemes (schemes.h), each is planned as a
// twin (twin_proof.h) beside what would do without dividing anything: BRIN or a B-tree on the key, and the indexes that
// are recommended anyway. A scheme is recommended where it is ahead of the best of these, planning time and retention
// (retention.h) in the account, by 1 ms/s, a twentieth of the table's time, and a quarter of what the best one leaves.
// Where a RANGE on time and a division by tenant both pay, two levels are named as what to consider (two_levels.h).
// Leaves out: keys that are no plain columns, and planning partitions of partitions, which the twin does not have.
#pragma once

#include <string>
#include <vector>

#include "advisors/partition/gate.h"
#include "advisors/partition/partition_table.h"
#include "advisors/partition/table_signals.h"
#include "advisors/recommendation.h"
#include "analyzer/catalog.h"
#include "analyzer/cost_model.h"
#include "analyzer/meaning.h"
#include "analyzer/workload.h"

namespace assay {

enum class PartitionVerdict { kRecommended, kNotRecommended, kNotPossible, kNotJudged };

/// "recommended", "not recommended", "not possible", "not judged".
std::string_view to_string(PartitionVerdict verdict);

/// A scheme that was planned.
struct WeighedScheme {
  PartitionTable what;
  std::vector<std::string> why;    ///< what speaks for it, one clause each
  double before_ms_per_s = 0;      ///< all statements on the table, today, and VACUUM for the rows that they delete
  double after_ms_per_s = 0;       ///< and then, with the recommended indexes if that is less
  double best_other_ms_per_s = 0;  ///< with the best alternative, today included
  std::string best_other;          ///< its name; empty: as it is today
  std::vector<std::string> obstacles;

  double saved_ms_per_s() const { return before_ms_per_s - after_ms_per_s; }
  double ahead_ms_per_s() const { return best_other_ms_per_s - after_ms_per_s; }
};

/// A table that passed the gate.
struct JudgedTable {
  TableSignals signals;
  Gate gate;
  PartitionVerdict verdict = PartitionVerdict::kNotRecommended;
  std::vector<std::string> reasons;    ///< why, one sentence each
  std::vector<std::string> watch;      ///< when to look again
  std::vector<std::string> consider;   ///< what was not planned
  std::vector<WeighedScheme> schemes;  ///< best first
  std::string recommendation;          ///< its id; empty without one
};

struct PartitionAdvice {
  std::string nothing;              ///< the one line where no table passed the gate, or nothing could be judged
  std::vector<JudgedTable> tables;  ///< largest first
  std::vector<Recommendation> recommendations;  ///< of kind partition_table, best first
  std::vector<double> time_factors;             ///< of each class, by what is recommended: logged time then / today
};

/// `indexes` is advice on the same workload with nothing partitioned. `catalog` and `model` may be null.
PartitionAdvice advise_partitions(const Workload& workload, const std::vector<ClassMeaning>& meanings,
                                  const Catalog* catalog, CostModel* model, const std::string& database,
                                  const Advice& indexes);

/// The recommended ones.
std::vector<HypotheticalPartitioning> recommended_partitionings(const PartitionAdvice& advice);

}  // namespace assay
