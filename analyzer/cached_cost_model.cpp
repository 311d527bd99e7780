#include "analyzer/cached_cost_model.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace assay {
namespace {

template <typename Value>
bool contains(const std::vector<Value>& larger, const std::vector<Value>& smaller) {
  return std::includes(larger.begin(), larger.end(), smaller.begin(), smaller.end());
}

std::string key_of(const PlannableQuery& query) {
  std::string key = query.sql;
  for (const ParameterValue& value : query.parameters) {
    key += '\0';
    key += value ? "v" + *value : "n";
  }
  if (query.ran_at) key += '\0' + std::to_string(query.ran_at->utc.time_since_epoch().count());
  return key;
}

template <typename List, typename Structure>
std::size_t number_in(List& list, const Structure& structure, std::size_t& next) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const auto& known) { return known.structure == structure; });
  if (found != list.end()) return found->number;
  list.push_back({structure, next});
  return next++;
}

/// Are the planner's estimates other ones as soon as it exists?
bool changes_estimates(const IndexDefinition& definition) {
  return definition.unique || std::any_of(definition.keys.begin(), definition.keys.end(),
                                          [](const IndexKey& key) { return key.column.empty(); });
}

std::string full_name(const std::string& schema, const std::string& name) { return schema + '.' + name; }

}  // namespace

CachedCostModel::CachedCostModel(CostModel& model, const Catalog* catalog) : model_(model) {
  if (!catalog) return;
  for (const Table& table : catalog->tables) {
    if (table.kind == 'r' || table.kind == 'm') plain_tables_.insert(full_name(table.schema, table.name));
  }
  for (const Index& index : catalog->indexes) {
    const IndexDefinition& definition = index.definition;
    if (changes_estimates(definition) || !is_plain(definition.schema, definition.table)) continue;
    harmless_.emplace(full_name(definition.schema, definition.name), &index);
  }
}

CachedCostModel::Query& CachedCostModel::query_of(const PlannableQuery& query) { return queries_[key_of(query)]; }

bool CachedCostModel::is_plain(const std::string& schema, const std::string& table) const {
  return plain_tables_.contains(full_name(schema, table));
}

const Index* CachedCostModel::harmless_to_drop(const IndexName& name) const {
  const auto found = harmless_.find(full_name(name.schema, name.name));
  return found == harmless_.end() ? nullptr : found->second;
}

DesignView CachedCostModel::what_matters(const Query& query, DesignView design) const {
  // Without a unique index a table may come back that it kept from being joined.
  const bool all_harmless = std::all_of(design.dropped.begin(), design.dropped.end(),
                                        [&](const IndexName& name) { return harmless_to_drop(name) != nullptr; });
  if (!query.tables || !all_harmless) return design;
  const auto matters = [&](const std::string& schema, const std::string& table) {
    return query.tables->contains(table) || !is_plain(schema, table);
  };
  std::erase_if(design.created, [&](const HypotheticalIndex* index) {
    return !matters(index->definition.schema, index->definition.table);
  });
  std::erase_if(design.partitionings, [&](const auto* p) { return !matters(p->schema, p->table); });
  std::erase_if(design.statistics, [&](const auto* s) { return !matters(s->schema, s->table); });
  std::erase_if(design.dropped, [&](const IndexName& name) {
    const Index* index = harmless_to_drop(name);
    return !query.tables->contains(index->definition.table);
  });
  return design;
}

std::size_t CachedCostModel::number_of(const HypotheticalIndex& index) {
  return number_in(indexes_[index.definition.name], index, numbers_);
}

CachedCostModel::Structures CachedCostModel::numbers_of(const DesignView& design) {
  Structures structures;
  for (const HypotheticalIndex* index : design.created) structures.created.push_back(number_of(*index));
  for (const IndexName& name : design.dropped) structures.dropped.push_back(number_in(dropped_, name, numbers_));
  for (const auto* p : design.partitionings) structures.others.push_back(number_in(partitionings_, *p, numbers_));
  for (const auto* s : design.statistics) structures.others.push_back(number_in(statistics_, *s, numbers_));
  for (Numbers* numbers : {&structures.created, &structures.dropped, &structures.others}) {
    std::sort(numbers->begin(), numbers->end());
    numbers->erase(std::unique(numbers->begin(), numbers->end()), numbers->end());
  }
  return structures;
}

/// Is the design, but for structures that the known plan does not use and that no estimate rests on, the known one?
bool CachedCostModel::takes_away_unused(const Known& known, const Structures& design, const DesignView& view) {
  if (!known.planned) return known.design == design;  // why it failed is not known
  if (known.design.others != design.others) return false;
  if (!contains(known.design.created, design.created) || !contains(design.created, known.used)) return false;
  if (known.design.dropped == design.dropped) return true;
  if (!contains(design.dropped, known.design.dropped)) return false;
  return std::all_of(view.dropped.begin(), view.dropped.end(), [&](const IndexName& name) {
    const std::size_t number = number_in(dropped_, name, numbers_);
    if (std::binary_search(known.design.dropped.begin(), known.design.dropped.end(), number)) return true;
    return harmless_to_drop(name) && !std::binary_search(known.read.begin(), known.read.end(), name.name);
  });
}

const CachedCostModel::Known* CachedCostModel::find(const Query& query, const Structures& design,
                                                    const DesignView& view) {
  for (const Known& known : query.known) {
    if (takes_away_unused(known, design, view)) return &known;
  }
  return nullptr;
}

const PlanAnswer& CachedCostModel::learn(Query& query, Structures structures, const DesignView& design,
                                         PlanAnswer answer) {
  Known known{false, std::move(structures), {}, {}, std::make_unique<PlanAnswer>(std::move(answer))};
  const auto* plan = std::get_if<PlanNode>(known.answer.get());
  known.planned = plan != nullptr;
  if (plan) {
    known.read = used_indexes(*plan);
    std::sort(known.read.begin(), known.read.end());
    bool removes_no_join = design.partitionings.empty();
    for (const HypotheticalIndex* index : design.created) {
      const IndexDefinition& definition = index->definition;
      const bool used = std::binary_search(known.read.begin(), known.read.end(), definition.name);
      if (used || definition.unique) known.used.push_back(number_of(*index));
      removes_no_join = removes_no_join && !definition.unique;
    }
    std::sort(known.used.begin(), known.used.end());
    const std::vector<std::string> tables = used_relations(*plan);
    if (!query.tables && removes_no_join && !tables.empty()) query.tables.emplace(tables.begin(), tables.end());
  }
  query.known.push_back(std::move(known));
  return *query.known.back().answer;
}

const PlanAnswer& CachedCostModel::plan(const PlannableQuery& query, const DesignView& design) {
  return *plan_all({{&query, design}}).front();
}

std::vector<const PlanAnswer*> CachedCostModel::plan_all(const std::vector<CachedQuestion>& questions) {
  struct Asked {
    Query* query;
    DesignView view;
    Structures structures;
    PhysicalDesign design;
    const PlanAnswer* answer = nullptr;
  };
  std::vector<const PlanAnswer*> answers(questions.size());
  std::vector<Asked> asked;
  std::vector<std::pair<std::size_t, std::size_t>> later;  // a question, and which of the asked ones answers it
  std::unordered_map<const Query*, Numbers> asked_of;
  std::vector<WhatIfQuestion> batch;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    Query& query = query_of(*questions[i].query);
    DesignView view = what_matters(query, questions[i].design);
    Structures structures = numbers_of(view);
    if (const Known* known = find(query, structures, view)) {
      ++hits_;
      answers[i] = known->answer.get();
      continue;
    }
    Numbers& same_query = asked_of[&query];
    const auto same = std::find_if(same_query.begin(), same_query.end(),
                                   [&](std::size_t at) { return asked[at].structures == structures; });
    hits_ += same != same_query.end();
    later.emplace_back(i, same != same_query.end() ? *same : asked.size());
    if (same != same_query.end()) continue;
    same_query.push_back(asked.size());
    PhysicalDesign design;
    for (const auto* index : view.created) design.created_indexes.push_back(*index);
    for (const auto* p : view.partitionings) design.partitionings.push_back(*p);
    for (const auto* s : view.statistics) design.created_statistics.push_back(*s);
    design.dropped_indexes = view.dropped;
    asked.push_back({&query, std::move(view), std::move(structures), std::move(design)});
    batch.push_back({questions[i].query, nullptr});
  }
  if (asked.empty()) return answers;
  calls_ += asked.size();
  for (std::size_t i = 0; i < asked.size(); ++i) batch[i].design = &asked[i].design;
  std::vector<PlanAnswer> given = model_.plan_all(batch);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    Asked& one = asked[i];
    one.answer = &learn(*one.query, std::move(one.structures), one.view, std::move(given[i]));
  }
  for (const auto& [question, position] : later) answers[question] = asked[position].answer;
  return answers;
}

}  // namespace assay
