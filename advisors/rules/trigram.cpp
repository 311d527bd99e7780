// LIKE '%x%' and ILIKE: no order helps to find what stands within a text, its trigrams do (pg_trgm). Needs the
// extension, and three characters in a row without a wildcard.
#include <algorithm>

#include "advisors/rules/immutability.h"
#include "advisors/rules/rules.h"

namespace assay {
namespace {

bool is_pattern(const SpecialCondition& condition) {
  return condition.operation == "LIKE" || condition.operation == "ILIKE";
}

bool needs_trigrams(const SpecialCondition& condition) {
  const bool anchored = !condition.value.empty() && condition.value.front() != '%' && condition.value.front() != '_';
  return is_pattern(condition) && (condition.operation == "ILIKE" || !anchored);
}

/// Is there a trigram in the pattern? An unknown one may have some.
bool has_trigram(const std::string& pattern) {
  if (pattern.empty()) return true;
  std::size_t run = 0;
  for (const char c : pattern) {
    run = c == '%' || c == '_' ? 0 : run + 1;
    if (run >= 3) return true;
  }
  return false;
}

}  // namespace

std::vector<ProposedIndex> trigram_rule(const TableAccess& access, const TableFacts& facts) {
  std::vector<ProposedIndex> proposals;
  for (const SpecialCondition& condition : access.special) {
    if (!needs_trigrams(condition) || !has_trigram(condition.value)) continue;
    const bool on_expression = !condition.expression.empty();
    if (on_expression && !is_immutable(condition.expression, facts)) continue;
    if (!on_expression && facts.has_catalog() && !facts.is_text(condition.column)) continue;
    const std::string what = on_expression ? condition.expression : condition.column;
    ProposedIndex proposal{.keys = {{.column = on_expression ? "" : condition.column,
                                     .expression = condition.expression,
                                     .operator_class = "gin_trgm_ops"}},
                           .reason = condition.operation + " finds a text within " + what + " by its trigrams",
                           .method = "gin",
                           .extension = "pg_trgm"};
    if (!facts.has_extension("pg_trgm").value_or(false)) {
      proposal.reason += "; needs CREATE EXTENSION pg_trgm, which is for the DBA to decide";
    }
    proposals.push_back(std::move(proposal));
  }
  return proposals;
}

}  // namespace assay
