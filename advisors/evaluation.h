// What a configuration is worth: the workload's planned costs, turned into logged time.
//
// A class's time is scaled by the ratio of its planned costs, time × cost(S) / cost(∅): the logged time is the
// truth about today, the planner about the change. Costs are call-weighted means over the class's sampled values.
// Maintenance is taken from the log: an INSERT that keeps a heap and k indexes spends about 1/(k + 1) of its time, all
// else counted as theirs, on each of them; one more costs as much again.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "advisors/candidates.h"
#include "advisors/recommendation.h"
#include "analyzer/cached_cost_model.h"
#include "analyzer/workload.h"

namespace assay {

/// A candidate with its size and what it costs the writers.
struct WeighedCandidate {
  Candidate candidate;
  HypotheticalIndex index;
  WriteLoad writes;
};

/// Positions in the list of weighed candidates, ascending.
using Configuration = std::vector<std::size_t>;

class Evaluation {
 public:
  Evaluation(const Workload& workload, const std::vector<ClassMeaning>& meanings, CachedCostModel& model)
      : workload_(workload), meanings_(meanings), model_(model) {}

  /// Planned cost of a class under these indexes, planner's units; or why there is none.
  std::variant<double, Unplannable> cost(std::size_t position,
                                         const std::vector<const HypotheticalIndex*>& indexes) const;

  /// The plan of the class's most frequent value.
  std::optional<PlanNode> plan(std::size_t position, const std::vector<const HypotheticalIndex*>& indexes) const;

  /// Names of the indexes that the plans of the class's sampled values use, these and existing ones.
  std::vector<std::string> used(std::size_t position, const std::vector<const HypotheticalIndex*>& indexes) const;

  /// Logged time of the class, ms per second of the log; in a log without durations, its share of calls × cost.
  double time_ms_per_s(std::size_t position, double cost_before) const;
  double calls_per_s(std::size_t position) const;

 private:
  const Workload& workload_;
  const std::vector<ClassMeaning>& meanings_;
  CachedCostModel& model_;
};

/// What the log of that database says of writing to the table of `index`. Without logged durations the price is
/// unknown, and zero.
WriteLoad write_load(const IndexDefinition& index, const Workload& workload, const std::vector<ClassMeaning>& meanings,
                     const std::string& database, const Catalog& catalog);

}  // namespace assay
