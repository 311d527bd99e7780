#include "advisors/check/check.h"

#include <algorithm>
#include <array>

namespace assay {
namespace {

constexpr std::array<std::string_view, 4> kLevels = {"off", "note", "warning", "error"};

Level level_of(const CheckRule& rule, const CheckSettings& settings) {
  const auto found = settings.levels.find(rule.id);
  return found == settings.levels.end() ? rule.level : found->second;
}

bool is_accepted(const Finding& finding, const CheckBaseline* baseline) {
  return baseline && baseline->accepted.contains({std::string(finding.rule), finding.subject});
}

}  // namespace

std::string_view to_string(Level level) { return kLevels[static_cast<std::size_t>(level)]; }

std::optional<Level> parse_level(std::string_view text) {
  const auto found = std::find(kLevels.begin(), kLevels.end(), text);
  if (found == kLevels.end()) return std::nullopt;
  return static_cast<Level>(found - kLevels.begin());
}

const std::vector<CheckRule>& check_rules() {
  static const std::vector<CheckRule> kRules = {
      {"delete-without-where", Level::kError, "a DELETE that empties its table", deletes_without_where},
      {"update-without-where", Level::kError, "an UPDATE of every row of its table", updates_without_where},
      {"sequential-scan", Level::kError, "a new class that reads a large table from end to end", sequential_scans},
      {"costlier", Level::kError, "a class that is planned costlier than the baseline has it", costlier_classes},
      {"request-budget", Level::kError, "a kind of request that takes longer than its budget", requests_over_budget},
      {"n-plus-one", Level::kWarning, "one class again and again, with other values", loops_of_statements},
      {"foreign-key-index", Level::kWarning, "a foreign key that no index serves", foreign_keys_without_index},
      {"unbounded", Level::kWarning, "a query that returns as many rows as there are", unbounded_queries},
      {"offset-paging", Level::kWarning, "OFFSET: rows are read to be thrown away", offsets},
      {"volatile", Level::kNote, "a query that calls a volatile function", volatile_queries},
  };
  return kRules;
}

bool CheckSubject::is_new(std::size_t position) const {
  return !baseline || !baseline->costs.contains(class_name(workload.classes[position].id));
}

const PlannedClass* CheckSubject::planned_class(std::size_t position) const {
  const auto found = std::lower_bound(planned.begin(), planned.end(), position,
                                      [](const PlannedClass& one, std::size_t value) { return one.position < value; });
  return found != planned.end() && found->position == position ? &*found : nullptr;
}

bool CheckSubject::is_read(std::size_t position) const {
  const auto& statement = meanings[position].statement;
  if (!statement || statement->kind == StatementKind::kUtility) return false;
  return std::none_of(statement->relations.begin(), statement->relations.end(), [](const RelationUse& use) {
    return use.schema == "pg_catalog" || use.schema == "information_schema" ||
           (use.schema.empty() && use.name.starts_with("pg_"));
  });
}

std::vector<PlannedClass> plan_classes(const std::vector<ClassMeaning>& meanings, CostModel* model) {
  std::vector<PlannedClass> planned;
  if (!model) return planned;
  static const PhysicalDesign kToday;
  std::vector<WhatIfQuestion> questions;
  for (const ClassMeaning& meaning : meanings) {
    for (const WeightedQuery& value : meaning.plannable) questions.push_back({&value.query, &kToday});
  }
  const std::vector<PlanAnswer> answers = model->plan_all(questions);
  auto answer = answers.begin();
  for (std::size_t position = 0; position < meanings.size(); ++position) {
    PlannedClass one{.position = position};
    double weight = 0;
    for (const WeightedQuery& value : meanings[position].plannable) {
      const auto* plan = std::get_if<PlanNode>(&*answer++);
      if (!plan) continue;
      one.cost += value.weight * plan->total_cost;
      weight += value.weight;
      one.plans.push_back(*plan);
    }
    if (weight > 0) one.cost /= weight;
    if (!one.plans.empty()) planned.push_back(std::move(one));
  }
  return planned;
}

Finding about_class(const CheckSubject& subject, std::size_t position, std::string word, std::string message,
                    std::string hint) {
  return {.subject = class_name(subject.workload.classes[position].id),
          .position = position,
          .word = std::move(word),
          .message = std::move(message),
          .hint = std::move(hint)};
}

std::vector<Finding> check(const CheckSubject& subject) {
  std::vector<Finding> all;
  for (const CheckRule& rule : check_rules()) {
    const Level level = level_of(rule, subject.settings);
    if (level == Level::kOff) continue;
    for (Finding& finding : rule.find(subject)) {
      finding.rule = rule.id;
      finding.level = level;
      if (!is_accepted(finding, subject.baseline)) all.push_back(std::move(finding));
    }
  }
  return all;
}

}  // namespace assay
