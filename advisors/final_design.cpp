#include "advisors/final_design.h"

#include <algorithm>

#include "advisors/fragility.h"
#include "advisors/judged_classes.h"

namespace assay {
namespace {

bool touches(const JudgedClass& query, const Configuration& chosen) {
  return std::any_of(chosen.begin(), chosen.end(), [&](std::size_t c) { return holds(query.relevant, c); });
}

bool take_final(JudgedValue& value, const PlanNode& plan, const WhatIf& whatif) {
  value.final = &plan;
  Configuration uses = whatif.used_by(plan);
  return !uses.empty() && note(value, plan, std::move(uses));
}

/// Questions for all values that have been planned.
bool plan_values(std::vector<JudgedClass*> classes, const Configuration& chosen, WhatIf& whatif) {
  std::vector<Question> questions;
  std::vector<JudgedValue*> asking;
  for (JudgedClass* query : classes) {
    for (JudgedValue& value : query->values) {
      questions.push_back({query->position, value.value, chosen});
      asking.push_back(&value);
    }
  }
  const auto answers = whatif.ask(questions);
  bool news = false;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto* plan = answers[i] ? std::get_if<PlanNode>(answers[i]) : nullptr;
    if (plan) news |= take_final(*asking[i], *plan, whatif);
  }
  return news;
}

bool has_parameters(const ClassMeaning& meaning) { return !meaning.plannable.front().query.parameters.empty(); }

}  // namespace

bool plan_final(std::vector<JudgedClass>& classes, const Configuration& chosen,
                const std::vector<ClassMeaning>& meanings, WhatIf& whatif) {
  std::vector<JudgedClass*> touched, changed;
  for (JudgedClass& query : classes) {
    for (JudgedValue& value : query.values) value.final = nullptr;
    if (touches(query, chosen)) touched.push_back(&query);
  }
  bool news = plan_values(touched, chosen, whatif);
  for (JudgedClass* query : touched) {
    const bool more = query->values.back().value + 1 < meanings[query->position].plannable.size();
    if (more && !final_uses(*query, whatif).empty()) changed.push_back(query);
  }
  if (plan_other_values(changed, meanings, whatif)) news |= plan_values(changed, chosen, whatif);
  return news;
}

void plan_without_each(std::vector<JudgedClass>& classes, const Configuration& chosen, WhatIf& whatif) {
  std::vector<Question> questions;
  std::vector<JudgedValue*> asking;
  for (JudgedClass& query : classes) {
    for (std::size_t v = 0; v < query.values.size(); ++v) {
      JudgedValue& value = query.values[v];
      if (value.like != v || !value.final) continue;
      for (const std::size_t used : whatif.used_by(*value.final)) {
        questions.push_back({query.position, value.value, without(chosen, used)});
        asking.push_back(&value);
      }
    }
  }
  const auto answers = whatif.ask(questions);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto* plan = answers[i] ? std::get_if<PlanNode>(answers[i]) : nullptr;
    if (!plan) continue;
    Configuration uses = whatif.used_by(*plan);
    if (!uses.empty()) note(*asking[i], *plan, std::move(uses));
  }
}

double final_cost(const JudgedClass& query) {
  double sum = 0, weights = 0;
  for (const JudgedValue& value : query.values) {
    sum += value.weight * (value.final ? value.final : value.today)->total_cost;
    weights += value.weight;
  }
  return weights > 0 ? sum / weights : 0;
}

Configuration final_uses(const JudgedClass& query, const WhatIf& whatif) {
  Configuration uses;
  for (const JudgedValue& value : query.values) {
    if (!value.final) continue;
    for (const std::size_t candidate : whatif.used_by(*value.final)) uses = with(std::move(uses), candidate);
  }
  return uses;
}

std::vector<Slower> slower_classes(const std::vector<JudgedClass>& classes, const Evaluation& evaluation,
                                   const WhatIf& whatif) {
  std::vector<Slower> slower;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const JudgedClass& query = classes[i];
    double time = 0;
    for (std::size_t v = 0; v < query.values.size(); ++v) {
      const PlanNode* plan = query.values[v].final;
      time += plan ? evaluation.time_with(query, v, *plan, false) : evaluation.time_today(query, v, false);
    }
    if (time <= kRegression * query.time_ms_per_s) continue;
    slower.push_back({i, time - query.time_ms_per_s, query.cost_today(), final_cost(query), final_uses(query, whatif)});
  }
  return slower;
}

std::vector<Slower> slower_generic_plans(const std::vector<JudgedClass>& classes, const Configuration& chosen,
                                         const std::vector<ClassMeaning>& meanings, const Evaluation& evaluation,
                                         WhatIf& whatif) {
  std::vector<std::size_t> asking;
  std::vector<Question> questions;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (!touches(classes[i], chosen) || !has_parameters(meanings[classes[i].position])) continue;
    if (final_uses(classes[i], whatif).empty()) continue;
    asking.push_back(i);
    questions.push_back({classes[i].position, 0, {}, true});
    questions.push_back({classes[i].position, 0, chosen, true});
  }
  const auto answers = whatif.ask(questions);
  std::vector<Slower> slower;
  for (std::size_t i = 0; i < asking.size(); ++i) {
    if (!answers[2 * i] || !answers[2 * i + 1]) continue;
    const auto* before = std::get_if<PlanNode>(answers[2 * i]);
    const auto* after = std::get_if<PlanNode>(answers[2 * i + 1]);
    if (!before || !after) continue;
    const Calibration& calibration = evaluation.calibration();
    if (calibration.predict(*after) <= kRegression * calibration.predict(*before)) continue;
    slower.push_back({asking[i], 0, before->total_cost, after->total_cost, whatif.used_by(*after)});
  }
  return slower;
}

}  // namespace assay
