// How large an index would be: pages and height of a B-tree, from statistics alone.
//
// Leaf tuples of aligned width, fill factor 90, the page overhead and the deduplication of PostgreSQL 13+
// (posting lists of equal keys, in indexes that are not unique), then inner levels by their fan-out.
// Leaves out: bloat, which a fresh index has none of, and TOASTed keys.
#pragma once

#include <cstdint>

#include "analyzer/catalog.h"
#include "analyzer/physical_design.h"

namespace assay {

/// `definition` with the size that it would have on `table`. Expression keys count with a guessed width of
/// 16 bytes; a predicate keeps all rows (an upper bound).
HypotheticalIndex sized(IndexDefinition definition, const Table& table);

/// Levels above the leaves of a B-tree with that many pages, for keys of the table's widths.
int btree_height(const IndexDefinition& definition, const Table& table, std::int64_t pages);

}  // namespace assay
