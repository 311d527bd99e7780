// Which conditions an index can use, and how (match_clause_to_indexcol, optimizer/path/indxpath.c), and whether a
// partial index holds all rows that a statement asks for (predicate_implied_by, optimizer/util/predtest.c, in part).
#pragma once

#include <vector>

#include "analyzer/estimated/base_relation.h"

namespace assay {

enum class IndexClauseKind { kEqual, kRange, kElements, kIsNull, kIsNotNull };

struct IndexClause {
  const BoundExpression* clause = nullptr;
  std::size_t key = 0;
  IndexClauseKind kind = IndexClauseKind::kEqual;
  double elements = 1;                   ///< of a list
  double conditions = 1;                 ///< that the index checks
  double argument_operators = 0;         ///< to compute what the key is compared with
  bool lossy = false;                    ///< the clause must be checked again
  std::vector<BoundExpression> derived;  ///< of LIKE 'x%': the range that stands for it
};

/// The clauses that `index` of `relation` (at `position`) can use, in the order of its keys.
std::vector<IndexClause> match_index(const BoundIndex& index, int position,
                                     const std::vector<const BoundExpression*>& clauses);

/// Do the restrictions together make sure of `predicate`?
bool is_implied(const BoundExpression& predicate, const std::vector<BoundExpression>& restrictions);

}  // namespace assay
