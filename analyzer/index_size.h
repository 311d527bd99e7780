// How large an index would be: pages and height of a B-tree, from statistics alone.
//
// Leaf tuples of aligned width, the fill factor, the page overhead and the deduplication of PostgreSQL 13+
// (posting lists of equal keys, in indexes that are not unique), then inner levels by their fan-out.
// Leaves out: bloat, which a fresh index has none of, and TOASTed keys. Other methods: other_index_size.h.
#pragma once

#include <cstdint>
#include <vector>

#include "analyzer/catalog.h"
#include "analyzer/physical_design.h"

namespace assay {

/// What a planner must be asked (planned_index.h): no statistics tell it.
struct PlannedFigures {
  double row_share = 1;                  ///< of the table's rows, that a predicate keeps
  std::vector<Column> expressions = {};  ///< one for each key that is an expression, in their order
};

/// `definition` with the size that it would have on `table`. Without planned figures, expression keys count with a
/// guessed width of 16 bytes, and a predicate keeps all rows (an upper bound).
HypotheticalIndex sized(IndexDefinition definition, const Table& table, const PlannedFigures& planned = {});

/// Levels above the leaves of a B-tree with that many pages, for keys of the table's widths.
int btree_height(const IndexDefinition& definition, const Table& table, std::int64_t pages);

}  // namespace assay
