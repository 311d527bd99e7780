// Leaves the values of production's rows out of a catalog, for snapshots that leave the house.
//
// Statistics hold values: the most common ones, the bounds of histograms, elements of arrays. Those of columns whose
// type is a number, a truth value or a time stay, as plans rest on them; of all other types (texts, documents, names of
// enums, arrays, domains, whatever is not known) and of expressions they go, and the planner falls back on the number
// of distinct values and the share of nulls. Literals in the schema itself (predicates of indexes, checks, defaults,
// views) are the schema's, not a row's, and stay.
#pragma once

#include "analyzer/catalog.h"

namespace assay {

/// `catalog` without these values; its redacted_columns says of how many columns and index expressions they were.
Catalog redacted(Catalog catalog);

}  // namespace assay
