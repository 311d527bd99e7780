// The chosen design, planned as a whole: every class that could use any of it, every sampled value, and the plan for
// any value. Nothing is to be made slower without a word about it.
#pragma once

#include <vector>

#include "advisors/evaluation.h"

namespace assay {

/// Fills in JudgedValue::final; true when a plan came up that was not known.
bool plan_final(std::vector<JudgedClass>& classes, const Configuration& chosen,
                const std::vector<ClassMeaning>& meanings, WhatIf& whatif);

/// For each class and each index that its final plan uses: the plan without that one, so that its own part can be told.
void plan_without_each(std::vector<JudgedClass>& classes, const Configuration& chosen, WhatIf& whatif);

struct Slower {
  std::size_t query = 0;  ///< in the judged classes
  double loss_ms_per_s = 0;
  double cost_before = 0, cost_after = 0;
  Configuration uses;  ///< of the chosen ones, in its final plans
};

/// Classes that the final plans make slower by more than 5 %, in time or, where that is not calibrated, in cost.
std::vector<Slower> slower_classes(const std::vector<JudgedClass>& classes, const Evaluation& evaluation,
                                   const WhatIf& whatif);

/// Those whose plan for any value becomes slower by more than 5 %: a prepared statement may run by it from its sixth
/// execution on. No loss is told.
std::vector<Slower> slower_generic_plans(const std::vector<JudgedClass>& classes, const Configuration& chosen,
                                         const std::vector<ClassMeaning>& meanings, const Evaluation& evaluation,
                                         WhatIf& whatif);

/// Mean over the values under the final design, planner's units.
double final_cost(const JudgedClass& query);

/// Of the chosen ones, in the class's final plans.
Configuration final_uses(const JudgedClass& query, const WhatIf& whatif);

}  // namespace assay
