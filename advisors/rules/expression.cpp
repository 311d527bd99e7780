// Conditions on an expression over columns, lower(email) = …: a B-tree on the expression, behind what is compared for
// equality beside it. Only immutable expressions can be indexed; for the others there are rewrites.
#include <algorithm>

#include "advisors/rules/immutability.h"
#include "advisors/rules/rules.h"

namespace assay {
namespace {

bool suits(const SpecialCondition& condition) {
  static const std::vector<std::string> kOperations = {
      "=", "<", "<=", ">", ">=", "BETWEEN", "IN", "IS NULL", "IS NOT DISTINCT FROM"};
  const bool on_expression = condition.kind == PredicateKind::kFunction || condition.kind == PredicateKind::kJson;
  return on_expression && !condition.expression.empty() &&
         std::find(kOperations.begin(), kOperations.end(), condition.operation) != kOperations.end();
}

}  // namespace

std::vector<ProposedIndex> expression_rule(const TableAccess& access, const TableFacts& facts) {
  std::vector<ProposedIndex> proposals;
  for (const SpecialCondition& condition : access.special) {
    if (!suits(condition) || !is_immutable(condition.expression, facts)) continue;
    const IndexKey key{.column = {}, .expression = condition.expression};
    const bool equality = condition.operation == "=";
    const auto equal = most_distinct(access.equal, access, facts, 1);
    if (!equal.empty()) {
      std::vector<IndexKey> keys = ascending_keys(equal);
      keys.push_back(key);
      proposals.push_back({std::move(keys), std::size_t{1} + (equality ? 1 : 0),
                           equality_on(equal, access) + ", then the expression " + condition.expression});
    }
    proposals.push_back({{key}, equality ? std::size_t{1} : 0, "the expression " + condition.expression});
  }
  return proposals;
}

}  // namespace assay
