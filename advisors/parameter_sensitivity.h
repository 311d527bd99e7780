// Which query classes are sensitive to their parameters: planned with one value they cost far more than with another.
//
// Of such a class neither a mean nor one plan tells the truth: an index may serve the rare value and leave the typical
// one as it was, a generic plan is wrong for some, and a regression test with one value says little.
// Leaves out: values that the log did not show, and what the planner cannot see (rows that lie together).
#pragma once

#include <cstddef>
#include <vector>

#include "analyzer/cached_cost_model.h"
#include "analyzer/meaning.h"

namespace assay {

/// Under today's design, over the planned values of one class.
struct ParameterSensitivity {
  std::size_t position = 0;                  ///< in Workload::classes
  std::size_t values = 0;                    ///< that were planned
  std::size_t plans = 0;                     ///< of different shapes among them
  double lowest_cost = 0, highest_cost = 0;  ///< planner's units, an execution

  bool operator==(const ParameterSensitivity&) const = default;

  /// Another plan is chosen and its cost differs by half, or the cost differs fivefold under one plan.
  bool is_sensitive() const;
};

/// One for each of the classes `planned` of which several values were planned. Asks `model` nothing that was not asked
/// for their cost.
std::vector<ParameterSensitivity> parameter_sensitivities(const std::vector<std::size_t>& planned,
                                                          const std::vector<ClassMeaning>& meanings,
                                                          CachedCostModel& model);

}  // namespace assay
