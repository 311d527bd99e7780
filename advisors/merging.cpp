#include "advisors/merging.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "advisors/screening.h"

namespace assay {
namespace {

constexpr std::size_t kMostIncluded = 8;
constexpr std::size_t kMostCompared = 120;  // candidates of one table, so that pairs stay few

bool is_mergeable(const Candidate& candidate) {
  const IndexDefinition& index = candidate.definition;
  return index.method == "btree" && !index.unique &&
         std::all_of(index.keys.begin(), index.keys.end(), [](const IndexKey& key) {
           return !key.column.empty() && key.operator_class.empty() && key.collation.empty();
         });
}

bool has_key(const std::vector<IndexKey>& keys, const std::string& column) {
  return std::any_of(keys.begin(), keys.end(), [&](const IndexKey& key) { return key.column == column; });
}

/// The INCLUDE columns of both, and the keys of `smaller` that are none of `index`.
void include_both(IndexDefinition& index, const Candidate& larger, const Candidate& smaller) {
  index.include.clear();
  for (const Candidate* side : {&larger, &smaller}) {
    for (const std::string& column : side->definition.include) {
      const bool known = std::find(index.include.begin(), index.include.end(), column) != index.include.end();
      if (!known && !has_key(index.keys, column)) index.include.push_back(column);
    }
  }
  std::sort(index.include.begin(), index.include.end());  // one index, whichever of the two comes first
}

/// The keys of `larger` with those of `smaller` in front, when these are all among its equality keys.
std::optional<std::vector<IndexKey>> reordered(const Candidate& larger, const Candidate& smaller) {
  const auto& keys = larger.definition.keys;
  const auto& wanted = smaller.definition.keys;
  if (wanted.size() > larger.equality_keys || smaller.equality_keys != wanted.size()) return std::nullopt;
  const auto equal_end = keys.begin() + static_cast<std::ptrdiff_t>(larger.equality_keys);
  std::vector<IndexKey> result;
  for (const IndexKey& key : wanted) {
    const auto same = [&](const IndexKey& have) { return have.column == key.column; };
    if (std::find_if(keys.begin(), equal_end, same) == equal_end) return std::nullopt;
    result.push_back(key);
  }
  for (const IndexKey& key : keys) {
    if (!has_key(wanted, key.column)) result.push_back(key);
  }
  return result;
}

std::optional<MergedCandidate> merged(const Candidate& larger, const Candidate& smaller) {
  if (larger.definition.predicate != smaller.definition.predicate) return std::nullopt;
  MergedCandidate result{.definition = larger.definition,
                         .equality_keys = larger.equality_keys,
                         .stops_at_limit = larger.stops_at_limit || smaller.stops_at_limit};
  IndexDefinition keys_only = smaller.definition;
  keys_only.include.clear();
  if (!serves(Index{.definition = larger.definition}, keys_only, smaller.equality_keys)) {
    auto keys = reordered(larger, smaller);
    if (!keys) return std::nullopt;
    result.definition.keys = std::move(*keys);
    result.equality_keys = smaller.equality_keys;  // whose order now matters
  }
  include_both(result.definition, larger, smaller);
  if (result.definition.include.size() > kMostIncluded) return std::nullopt;
  result.definition.name.clear();
  result.reason = "serves for both " + describe(larger.definition) + " and " + describe(smaller.definition);
  std::set_union(larger.classes.begin(), larger.classes.end(), smaller.classes.begin(), smaller.classes.end(),
                 std::back_inserter(result.classes));
  return result;
}

}  // namespace

std::vector<MergedCandidate> merges_of(const std::vector<const Candidate*>& candidates) {
  std::map<std::pair<std::string, std::string>, std::vector<const Candidate*>> by_table;
  std::vector<std::pair<std::string, std::string>> order;  // as they first come
  std::set<std::string> known;
  for (const Candidate* candidate : candidates) {
    known.insert(describe(candidate->definition));
    if (!is_mergeable(*candidate)) continue;
    const auto table = std::pair(candidate->definition.schema, candidate->definition.table);
    auto& list = by_table[table];
    if (list.empty()) order.push_back(table);
    if (list.size() < kMostCompared) list.push_back(candidate);
  }
  std::vector<MergedCandidate> merges;
  for (const auto& table : order) {
    const auto& list = by_table[table];
    std::size_t room = kMostMerges;
    for (const bool same_keys : {true, false}) {  // those with the same keys lose nothing
      for (const Candidate* larger : list) {
        for (const Candidate* smaller : list) {
          const bool same = larger->definition.keys == smaller->definition.keys;
          if (larger == smaller || room == 0 || same != same_keys || larger->classes == smaller->classes) continue;
          auto result = merged(*larger, *smaller);
          if (!result || !known.insert(describe(result->definition)).second) continue;
          merges.push_back(std::move(*result));
          --room;
        }
      }
    }
  }
  return merges;
}

}  // namespace assay
