// Full-text search, @@: GIN over a tsvector column, or over to_tsvector('configuration', …). Without the configuration
// the expression depends on a setting, and cannot be indexed.
#include "advisors/rules/immutability.h"
#include "advisors/rules/rules.h"

namespace assay {

std::vector<ProposedIndex> full_text_rule(const TableAccess& access, const TableFacts& facts) {
  std::vector<ProposedIndex> proposals;
  for (const SpecialCondition& condition : access.special) {
    if (condition.kind != PredicateKind::kFullText) continue;
    const bool on_expression = !condition.expression.empty();
    if (on_expression && !is_immutable(condition.expression, facts)) continue;
    if (!on_expression && facts.has_catalog() && facts.type(condition.column) != "tsvector") continue;
    proposals.push_back(
        {.keys = {{.column = on_expression ? "" : condition.column, .expression = condition.expression}},
         .reason = "full-text search in " + (on_expression ? condition.expression : condition.column),
         .method = "gin"});
  }
  return proposals;
}

}  // namespace assay
