// What a jsonb column holds: @> and json paths by GIN with jsonb_path_ops (smaller, and quicker for containment), the
// existence of keys (?, ?|, ?&) by GIN's usual operator class. A key's value, data->>'k' = …, is an expression like
// any other (expression.cpp).
#include "advisors/rules/immutability.h"
#include "advisors/rules/rules.h"

namespace assay {

std::vector<ProposedIndex> json_rule(const TableAccess& access, const TableFacts& facts) {
  std::vector<ProposedIndex> proposals;
  for (const SpecialCondition& condition : access.special) {
    const std::string& operation = condition.operation;
    const bool contains = operation == "@>" || operation == "@?" || operation == "@@";
    const bool has_key = operation == "?" || operation == "?|" || operation == "?&";
    if (condition.kind != PredicateKind::kJson || (!contains && !has_key)) continue;
    const bool on_expression = !condition.expression.empty();
    if (facts.has_catalog() && facts.type(condition.column) != "jsonb") continue;
    if (on_expression && !is_immutable(condition.expression, facts)) continue;
    const std::string what = on_expression ? condition.expression : condition.column;
    proposals.push_back(
        {.keys = {{.column = on_expression ? "" : condition.column,
                   .expression = condition.expression,
                   .operator_class = contains ? "jsonb_path_ops" : ""}},
         .reason = "what the JSON in " + what + (contains ? " contains (" : " has for keys (") + operation + ")",
         .method = "gin"});
  }
  return proposals;
}

}  // namespace assay
