// What an array column contains or overlaps, @> and &&: GIN over its elements. `value = ANY (column)` has no index at
// all in PostgreSQL; for it there is a rewrite.
#include "advisors/rules/rules.h"

namespace assay {

std::vector<ProposedIndex> array_rule(const TableAccess& access, const TableFacts& facts) {
  std::vector<ProposedIndex> proposals;
  for (const SpecialCondition& condition : access.special) {
    const bool asks = condition.operation == "@>" || condition.operation == "&&" || condition.operation == "<@";
    if (!asks || !condition.expression.empty()) continue;
    // A parameter does not tell json from an array: the column's type does.
    const bool is_array =
        facts.has_catalog() ? facts.type(condition.column).ends_with("[]") : condition.kind == PredicateKind::kArray;
    if (!is_array) continue;
    proposals.push_back({.keys = {{.column = condition.column}},
                         .reason = "elements of the array " + condition.column + " (" + condition.operation + ")",
                         .method = "gin"});
  }
  return proposals;
}

}  // namespace assay
