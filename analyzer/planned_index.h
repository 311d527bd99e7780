// The size of an index whose predicate or expressions only a planner can judge.
//
// The share of rows that a predicate keeps is the planner's estimate for it as a WHERE clause; the width of an
// expression and the number of its values are those of a GROUP BY. Where the planner knows the type's usual
// width alone (32 bytes of text), an expression over one column is as wide as that column.
#pragma once

#include <vector>

#include "analyzer/cost_model.h"
#include "analyzer/index_size.h"

namespace assay {

/// Of a partitioned table, whose `leaves` hold the rows, the sum: a metapage and levels for each. The height is that of
/// one B-tree with all rows.
HypotheticalIndex planned_size(IndexDefinition definition, const Table& table, const std::vector<const Table*>& leaves,
                               CostModel& model);

/// As sized(), asking `model` under today's design about what statistics do not tell. What it cannot plan is guessed.
HypotheticalIndex planned_size(IndexDefinition definition, const Table& table, CostModel& model);

}  // namespace assay
