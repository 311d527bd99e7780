// LIKE 'x%': a range of the column, when it sorts by bytes. In a database with another collation a B-tree needs the
// operator class text_pattern_ops for that; such an index serves equality as well, but no ORDER BY.
#include <algorithm>

#include "advisors/rules/immutability.h"
#include "advisors/rules/rules.h"

namespace assay {
namespace {

bool is_prefix(const SpecialCondition& condition) {
  if (condition.operation != "LIKE") return false;
  if (condition.kind == PredicateKind::kLikeInfix) return false;
  return condition.value.empty() || (condition.value.front() != '%' && condition.value.front() != '_');
}

std::string pattern_class(const SpecialCondition& condition, const TableFacts& facts) {
  if (facts.sorts_by_bytes()) return {};
  const std::string_view type = condition.expression.empty() ? facts.type(condition.column) : "text";
  if (type == "character varying" || type == "varchar") return "varchar_pattern_ops";
  return type == "character" || type == "bpchar" ? "bpchar_pattern_ops" : "text_pattern_ops";
}

}  // namespace

std::vector<ProposedIndex> prefix_pattern_rule(const TableAccess& access, const TableFacts& facts) {
  std::vector<ProposedIndex> proposals;
  for (const SpecialCondition& condition : access.special) {
    if (!is_prefix(condition)) continue;
    const bool on_expression = !condition.expression.empty();
    if (on_expression && !is_immutable(condition.expression, facts)) continue;
    if (!on_expression && facts.has_catalog() && !facts.is_text(condition.column)) continue;
    IndexKey key{.column = on_expression ? "" : condition.column, .expression = condition.expression};
    key.operator_class = pattern_class(condition, facts);
    const std::string what = on_expression ? condition.expression : condition.column;
    const std::string why =
        "the prefix that LIKE asks of " + what +
        (key.operator_class.empty() ? "" : "; " + key.operator_class + " sorts by bytes, as it must");
    const auto equal = most_distinct(access.equal, access, facts, 1);
    if (!equal.empty()) {
      std::vector<IndexKey> keys = ascending_keys(equal);
      keys.push_back(key);
      proposals.push_back({std::move(keys), 1, equality_on(equal, access) + ", then " + why});
    }
    proposals.push_back({{key}, 0, why});
  }
  return proposals;
}

}  // namespace assay
