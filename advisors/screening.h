// Which candidates are not worth a question: columns that a B-tree cannot or should not hold, and keys that an
// existing index already serves.
#pragma once

#include <cstddef>

#include "advisors/candidates.h"
#include "analyzer/catalog.h"

namespace assay {

/// Can and should a plain B-tree hold the column? Not for types without an order (json, point, xml …), types whose
/// order no query uses (jsonb, arrays, tsvector, ranges), and values too wide for a page's third (2,704 bytes).
bool suits_btree(const Column& column);

/// Does `existing` serve whatever an index with these keys would? It does as a valid, full B-tree that begins with
/// them: the first `equality_keys` in any order and direction, the others in their order, directions all equal or all
/// reversed (a B-tree reads both ways).
bool serves(const Index& existing, const std::vector<IndexKey>& keys, std::size_t equality_keys);

/// Does `existing`, a full unique index, already find the one row that the equality keys can match?
bool finds_one_row(const Index& existing, const std::vector<IndexKey>& keys, std::size_t equality_keys);

/// Does one candidate do for another of the same table? (a, b) does for (a): the planner finds the smaller one
/// cheaper by a few pages, but nobody wants to keep both.
bool serves_for(const Candidate& larger, const Candidate& wanted);

}  // namespace assay
