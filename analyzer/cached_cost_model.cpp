#include "analyzer/cached_cost_model.h"

#include <algorithm>

namespace assay {
namespace {

bool contains(const std::vector<std::string>& larger, const std::vector<std::string>& smaller) {
  return std::includes(larger.begin(), larger.end(), smaller.begin(), smaller.end());
}

std::string key_of(const PlannableQuery& query) {
  std::string key = query.sql;
  for (const ParameterValue& value : query.parameters) {
    key += '\0';
    key += value ? "v" + *value : "n";
  }
  return key;
}

std::vector<std::string> used_of(const PlanAnswer& answer, const std::vector<std::string>& design) {
  const PlanNode* plan = std::get_if<PlanNode>(&answer);
  if (!plan) return design;  // why it failed is not known: it holds for this very design only
  std::vector<std::string> used;
  for (const std::string& name : used_indexes(*plan)) {
    if (std::binary_search(design.begin(), design.end(), name)) used.push_back(name);
  }
  std::sort(used.begin(), used.end());
  return used;
}

}  // namespace

const CachedCostModel::Known* CachedCostModel::find(const std::vector<Known>& known, const Names& design) {
  for (const Known& earlier : known) {
    if (contains(earlier.design, design) && contains(design, earlier.used)) return &earlier;
  }
  return nullptr;
}

const PlanAnswer& CachedCostModel::plan(const PlannableQuery& query,
                                        const std::vector<const HypotheticalIndex*>& created) {
  Names design;
  for (const HypotheticalIndex* index : created) design.push_back(index->definition.name);
  std::sort(design.begin(), design.end());
  std::vector<Known>& known = known_[key_of(query)];
  if (const Known* earlier = find(known, design)) {
    ++hits_;
    return *earlier->answer;
  }
  ++calls_;
  PhysicalDesign asked;
  for (const HypotheticalIndex* index : created) asked.created_indexes.push_back(*index);
  auto answer = std::make_unique<PlanAnswer>(model_.plan(query, asked));
  Names used = used_of(*answer, design);
  known.push_back({std::move(design), std::move(used), std::move(answer)});
  return *known.back().answer;
}

}  // namespace assay
