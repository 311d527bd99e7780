// What a GIN index would hold: the different elements of a column's values, and how often each occurs.
//
// Arrays and tsvectors have statistics of their own (most_common_elems; array_typanalyze.c, ts_typanalyze.c). Of
// trigrams and of jsonb's keys and values none are kept, but the most common values and the histogram's bounds are a
// sample of the values: what occurs in them is counted, and what it leaves unseen estimated (Chao: "Nonparametric
// estimation of the number of classes in a population", Scandinavian Journal of Statistics 11, 1984).
// Leaves out: how elements occur together, and rows that lie in an order of their elements.
#pragma once

#include <vector>

#include "analyzer/catalog.h"
#include "parser/sql/index_definition.h"

namespace assay {

/// `count` different elements that occur in `rows` rows each; `width` bytes as an index tuple holds one.
struct ElementGroup {
  double count = 0, rows = 0, width = 0;
};

/// Of one key of a GIN index over `rows` rows. Without statistics, guesses from the usual width of such values.
std::vector<ElementGroup> gin_elements(const IndexKey& key, const Table& table, double rows);

}  // namespace assay
