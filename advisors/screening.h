// Which candidates are not worth a question: columns that a B-tree cannot or should not hold, and what an existing
// index already serves, be it partial, on an expression or with INCLUDE.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/catalog.h"

namespace assay {

/// Can and should a plain B-tree hold the column? Not for types without an order (json, point, xml …), types whose
/// order no query uses (jsonb, arrays, tsvector, ranges), and values too wide for a page's third (2,704 bytes).
bool suits_btree(const Column& column);

/// Does `existing` serve whatever `wanted` would? A B-tree does that begins with its keys: the first `equality_keys` in
/// any order and direction, the others in their order, directions all equal or all reversed (a B-tree reads both ways);
/// that holds its INCLUDE columns; and that is full, or partial with the same predicate. A B-tree serves for a hash or
/// BRIN index, and any other method for itself.
bool serves(const Index& existing, const IndexDefinition& wanted, std::size_t equality_keys);

/// The same for a full B-tree of these keys.
bool serves(const Index& existing, const std::vector<IndexKey>& keys, std::size_t equality_keys);

/// Does `existing`, a full unique index, already find the one row that the equality keys can match?
bool finds_one_row(const Index& existing, const std::vector<IndexKey>& keys, std::size_t equality_keys);

/// SQL of a condition or expression in one form, whether written by people or by pg_get_indexdef: without the casts and
/// parentheses that the server adds.
std::string plain_sql(std::string_view sql);

}  // namespace assay
