// What a configuration is worth: the workload's plans, turned into logged time.
//
// A class's time is scaled by the ratio of what its plans are predicted to take, time × ms(S) / ms(today): the logged
// time is the truth about today, the planner about the change, and the calibration turns planned cost into
// milliseconds. Several sampled values of a class are planned, each weighing as often as it was seen; a light
// class's others only when its plan is about to change. A value that is planned today as an earlier one, at the
// same cost, is asked about only in the end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisors/calibration.h"
#include "advisors/whatif.h"
#include "analyzer/workload.h"

namespace assay {

/// A plan that some configuration leads to.
struct KnownPlan {
  Configuration uses;
  const PlanNode* plan = nullptr;
};

/// One sampled value of a class.
struct JudgedValue {
  std::size_t value = 0;  ///< in ClassMeaning::plannable
  double weight = 1;
  const PlanNode* today = nullptr;
  std::size_t like = 0;             ///< in JudgedClass::values: the one that is asked in its place; itself
  std::vector<KnownPlan> known;     ///< each set of used candidates once
  const PlanNode* final = nullptr;  ///< under the chosen set; nothing: not planned, as today
};

/// A class that the model can plan.
struct JudgedClass {
  std::size_t position = 0;  ///< in Workload::classes
  double time_ms_per_s = 0;  ///< in a log without durations: planner's units × calls
  double calls_per_s = 0;
  std::vector<JudgedValue> values;
  Configuration relevant;  ///< candidates on the tables that it reads

  double cost_today() const;  ///< planner's units, mean over the values
};

class Evaluation {
 public:
  Evaluation(const Workload& workload, const std::vector<ClassMeaning>& meanings, const WhatIf& whatif)
      : workload_(workload), meanings_(meanings), whatif_(whatif) {}

  /// What each class's logged time is multiplied by, since "today" is another design than the log's; none: by 1.
  void scale_times(const std::vector<double>* factors) { factors_ = factors; }

  void calibrate(const std::vector<JudgedClass>& classes);
  const Calibration& calibration() const { return calibration_; }

  double time_ms_per_s(std::size_t position, double cost_today) const;
  double calls_per_s(std::size_t position) const;

  /// Time of one value's executions today, ms per second; those of the values like it are added with `group`.
  double time_today(const JudgedClass& query, std::size_t value, bool group) const;
  /// The same under a plan.
  double time_with(const JudgedClass& query, std::size_t value, const PlanNode& plan, bool group) const;
  /// Would a plausible error of its estimates make the plan slower than today's is with the same error?
  bool is_fragile(const JudgedValue& value, const PlanNode& plan) const;

  /// The value's known plans as atomic configurations; fragile ones gain nothing, and are left out.
  SelectionQuery atoms(const JudgedClass& query, std::size_t value, bool group) const;

 private:
  double predicted_today(const JudgedClass& query) const;
  double factor(std::size_t position) const { return factors_ ? (*factors_)[position] : 1; }

  const Workload& workload_;
  const std::vector<ClassMeaning>& meanings_;
  const WhatIf& whatif_;
  Calibration calibration_;
  const std::vector<double>* factors_ = nullptr;
};

/// Notes a plan; true when no plan with these candidates was known.
bool note(JudgedValue& value, const PlanNode& plan, Configuration uses);

/// Do the plans have the same nodes on the same relations, and costs within 5 %?
bool is_alike(const PlanNode& a, const PlanNode& b);

}  // namespace assay
