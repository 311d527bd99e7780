#include "advisors/screening.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace assay {
namespace {

// BTMaxItemSize in nbtree.h is 2,704 bytes; an average near it means that some rows cannot be indexed at all.
constexpr int kWidestAverage = 600;

constexpr std::array<std::string_view, 16> kUnsuited = {
    "json",    "jsonb",  "xml",      "point",   "line",  "lseg",   "box",      "path",
    "polygon", "circle", "tsvector", "tsquery", "bytea", "hstore", "geometry", "geography"};

bool names_range(std::string_view type) { return type.ends_with("range"); }

bool same_key_column(const IndexKey& a, const IndexKey& b) {
  // Another collation or operator class sorts differently, so it serves neither ranges nor sorts.
  return !a.column.empty() && a.column == b.column && a.operator_class == b.operator_class &&
         a.collation == b.collation;
}

// Are the first `count` keys of `existing` all among the equality keys?
bool begins_with_equalities(const std::vector<IndexKey>& existing, const std::vector<IndexKey>& keys, std::size_t count,
                            std::size_t equality_keys) {
  const auto end = existing.begin() + static_cast<std::ptrdiff_t>(count);
  return std::all_of(existing.begin(), end, [&](const IndexKey& have) {
    return std::any_of(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(equality_keys),
                       [&](const IndexKey& want) { return same_key_column(have, want); });
  });
}

bool continues_with_order(const std::vector<IndexKey>& existing, const std::vector<IndexKey>& keys, std::size_t from) {
  bool same = true, reversed = true;
  for (std::size_t i = from; i < keys.size(); ++i) {
    if (!same_key_column(existing[i], keys[i])) return false;
    const bool direction = existing[i].descending == keys[i].descending;
    const bool nulls = existing[i].nulls_first == keys[i].nulls_first;
    same &= direction && nulls;
    reversed &= !direction && !nulls;
  }
  return same || reversed;
}

}  // namespace

bool suits_btree(const Column& column) {
  const std::string_view type = std::string_view(column.type).substr(0, column.type.find('('));
  if (type.ends_with("]") || names_range(type)) return false;
  if (std::find(kUnsuited.begin(), kUnsuited.end(), type) != kUnsuited.end()) return false;
  return column.statistics.empty() || column.statistics.front().average_width <= kWidestAverage;
}

bool finds_one_row(const Index& existing, const std::vector<IndexKey>& keys, std::size_t equality_keys) {
  const IndexDefinition& have = existing.definition;
  if (!existing.valid || !have.unique || !have.predicate.empty() || have.keys.size() > equality_keys) return false;
  return begins_with_equalities(have.keys, keys, have.keys.size(), equality_keys);
}

bool serves(const Index& existing, const std::vector<IndexKey>& keys, std::size_t equality_keys) {
  const IndexDefinition& have = existing.definition;
  if (!existing.valid || have.method != "btree" || !have.predicate.empty()) return false;
  if (have.keys.size() < keys.size()) return false;
  return begins_with_equalities(have.keys, keys, equality_keys, equality_keys) &&
         continues_with_order(have.keys, keys, equality_keys);
}

bool serves_for(const Candidate& larger, const Candidate& wanted) {
  const IndexDefinition &have = larger.definition, &want = wanted.definition;
  const bool plain = want.method == "btree" && want.predicate.empty() && want.include.empty();
  return plain && have.table == want.table && have.schema == want.schema &&
         serves(Index{.definition = have}, want.keys, wanted.equality_keys);
}

}  // namespace assay
