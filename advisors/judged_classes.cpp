#include "advisors/judged_classes.h"

#include <algorithm>
#include <set>

namespace assay {
namespace {

constexpr double kLight = 0.001;     // share of the time below which one value is enough
constexpr std::size_t kAtOnce = 64;  // questions between two words on the progress
constexpr const char* kNoCallsLeft = "the limit of what-if calls struck before it was planned";

/// The first earlier value that is planned alike.
std::size_t like_of(const std::vector<JudgedValue>& values, std::size_t value) {
  for (std::size_t v = 0; v < value; ++v) {
    if (values[v].like == v && is_alike(*values[v].today, *values[value].today)) return v;
  }
  return value;
}

void add_value(JudgedClass& query, std::size_t value, double weight, const PlanNode& plan) {
  query.values.push_back({.value = value, .weight = weight, .today = &plan});
  query.values.back().like = like_of(query.values, query.values.size() - 1);
}

std::set<std::string> tables_of(const JudgedClass& query, const Statement& statement) {
  std::set<std::string> tables;
  for (const RelationUse& relation : statement.relations) tables.insert(relation.name);
  for (const JudgedValue& value : query.values) {
    for (std::string& name : used_relations(*value.today)) tables.insert(std::move(name));
  }
  return tables;
}

/// Made for the columns or the rows of few classes.
bool is_tailored(const IndexDefinition& index) { return !index.include.empty() || !index.predicate.empty(); }

const PlanNode* find_modification(const PlanNode& plan) {
  if (plan.type == "ModifyTable" || plan.type == "Insert" || plan.type == "Update") return &plan;
  for (const PlanNode& child : plan.children) {
    if (const PlanNode* found = find_modification(child)) return found;
  }
  return nullptr;
}

}  // namespace

JudgedWorkload plan_today(const std::vector<std::size_t>& positions, const std::vector<ClassMeaning>& meanings,
                          WhatIf& whatif, const Evaluation& evaluation, const PlanningProgress& progress) {
  JudgedWorkload result;
  double all_time = 0;
  for (std::size_t from = 0; from < positions.size(); from += kAtOnce) {
    if (progress) progress(from, positions.size());
    std::vector<Question> questions;
    for (std::size_t i = from; i < std::min(from + kAtOnce, positions.size()); ++i)
      questions.push_back({positions[i], 0});
    const auto answers = whatif.ask(questions);
    for (std::size_t i = 0; i < questions.size(); ++i) {
      const std::size_t position = questions[i].position;
      const auto* plan = answers[i] ? std::get_if<PlanNode>(answers[i]) : nullptr;
      if (!plan) {
        result.unjudged.push_back({position, answers[i] ? std::get<Unplannable>(*answers[i]).reason : kNoCallsLeft});
        continue;
      }
      JudgedClass query{.position = position, .calls_per_s = evaluation.calls_per_s(position)};
      add_value(query, 0, meanings[position].plannable.front().weight, *plan);
      query.time_ms_per_s = evaluation.time_ms_per_s(position, query.cost_today());
      all_time += query.time_ms_per_s;
      result.classes.push_back(std::move(query));
    }
  }
  std::vector<JudgedClass*> heavy;
  for (JudgedClass& query : result.classes) {
    if (query.time_ms_per_s >= kLight * all_time) heavy.push_back(&query);
  }
  plan_other_values(heavy, meanings, whatif);
  for (JudgedClass* query : heavy) {
    query->time_ms_per_s = evaluation.time_ms_per_s(query->position, query->cost_today());
  }
  return result;
}

// A value that cannot be planned is left to the others: the class can.
bool plan_other_values(std::vector<JudgedClass*> classes, const std::vector<ClassMeaning>& meanings, WhatIf& whatif) {
  std::vector<Question> questions;
  std::vector<JudgedClass*> asking;
  for (JudgedClass* query : classes) {
    for (std::size_t v = query->values.back().value + 1; v < meanings[query->position].plannable.size(); ++v) {
      questions.push_back({query->position, v});
      asking.push_back(query);
    }
  }
  const auto answers = whatif.ask(questions);
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const auto* plan = answers[i] ? std::get_if<PlanNode>(answers[i]) : nullptr;
    const std::size_t value = questions[i].value;
    if (plan) add_value(*asking[i], value, meanings[questions[i].position].plannable[value].weight, *plan);
  }
  return !questions.empty();
}

void find_relevant(std::vector<JudgedClass>& classes, const std::vector<ClassMeaning>& meanings,
                   const std::vector<WeighedCandidate>& candidates) {
  for (JudgedClass& query : classes) {
    const std::set<std::string> tables = tables_of(query, *meanings[query.position].statement);
    query.relevant.clear();
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const Candidate& candidate = candidates[i].candidate;
      const bool asks = std::binary_search(candidate.classes.begin(), candidate.classes.end(), query.position);
      const bool may = !is_tailored(candidate.definition) && tables.contains(candidate.definition.table);
      if (asks || may) query.relevant.push_back(i);
    }
  }
}

double rows_written(const JudgedClass& query) {
  const PlanNode* write = find_modification(*query.values.front().today);
  return write && !write->children.empty() ? std::max(1.0, write->children.front().rows) : 1;
}

}  // namespace assay
