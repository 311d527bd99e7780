#include "analyzer/cost_model.h"

namespace assay {

std::string_view to_string(Evidence evidence) {
  switch (evidence) {
    case Evidence::kMeasured:
      return "measured";
    case Evidence::kPlanned:
      return "planned";
    case Evidence::kEstimated:
      return "estimated";
    case Evidence::kNone:
      return "none";
  }
  return "none";
}

std::vector<PlanAnswer> CostModel::plan_all(const std::vector<WhatIfQuestion>& questions) {
  std::vector<PlanAnswer> answers;
  answers.reserve(questions.size());
  for (const WhatIfQuestion& question : questions) answers.push_back(plan(*question.query, *question.design));
  return answers;
}

}  // namespace assay
