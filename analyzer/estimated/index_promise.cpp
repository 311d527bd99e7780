#include "analyzer/estimated/index_promise.h"

namespace assay {
namespace {

std::string key_of(const PlannableQuery& query) {
  std::string key = query.sql;
  for (const ParameterValue& value : query.parameters) {
    key += '\0';
    key += value ? "v" + *value : "n";
  }
  return key;
}

}  // namespace

std::optional<double> IndexPromise::cost_today(const PlannableQuery& query) {
  std::string key = key_of(query);
  const auto found = today_.find(key);
  if (found != today_.end()) return found->second;
  return today_.emplace(std::move(key), model_.cost(query, {})).first->second;
}

Promise IndexPromise::of(const PlannableQuery& query, const HypotheticalIndex& index) {
  const std::optional<double> today = cost_today(query);
  if (!today) return Promise::kUnknown;
  const std::optional<double> with_index = model_.cost(query, {{index}, {}}, 1 / safety_);
  if (!with_index) return Promise::kUnknown;
  return *with_index < *today ? Promise::kPossible : Promise::kHopeless;
}

}  // namespace assay
