// Today's design, planned: the classes that can be judged, and why the others cannot.
#pragma once

#include <functional>
#include <vector>

#include "advisors/evaluation.h"

namespace assay {

struct JudgedWorkload {
  std::vector<JudgedClass> classes;  ///< in the workload's order
  std::vector<Unjudged> unjudged;
};

using PlanningProgress = std::function<void(std::size_t done, std::size_t total)>;

/// Plans the classes at these positions. Of a class that takes less than a thousandth of the time only the most
/// frequent value is planned.
JudgedWorkload plan_today(const std::vector<std::size_t>& positions, const std::vector<ClassMeaning>& meanings,
                          WhatIf& whatif, const Evaluation& evaluation, const PlanningProgress& progress);

/// Plans the values of these classes that have not been planned; true when there were any.
bool plan_other_values(std::vector<JudgedClass*> classes, const std::vector<ClassMeaning>& meanings, WhatIf& whatif);

/// Fills in JudgedClass::relevant: candidates that the class asked for, and those on the tables that its statement
/// names or its plan reads, unless INCLUDE columns or a predicate tailor them to other classes.
void find_relevant(std::vector<JudgedClass>& classes, const std::vector<ClassMeaning>& meanings,
                   const std::vector<WeighedCandidate>& candidates);

/// Rows that an execution writes, as its plan of today estimates; 1 where it does not tell.
double rows_written(const JudgedClass& query);

}  // namespace assay
