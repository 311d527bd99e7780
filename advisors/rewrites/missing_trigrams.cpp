// LIKE '%x%' and ILIKE where pg_trgm is not installed: an index would serve, but nothing here can weigh it.
#include <algorithm>

#include "advisors/rewrites/rewrites.h"
#include "advisors/rules/rules.h"

namespace assay {

std::optional<RewriteHint> missing_trigrams(const RewriteSubject& subject) {
  if (!subject.catalog) return std::nullopt;
  for (const TableAccess& access : table_accesses(subject.statement)) {
    const Table* table = table_of(subject, access.relation);
    const TableFacts facts(subject.catalog, table);
    if (!table || facts.has_extension("pg_trgm").value_or(true)) continue;
    const std::vector<ProposedIndex> proposals = trigram_rule(access, facts);
    if (proposals.empty()) continue;
    const IndexKey& key = proposals.front().keys.front();
    const std::string what = key.column.empty() ? "(" + key.expression + ")" : quote_identifier(key.column);
    return RewriteHint{
        "missing-trigrams",
        "What stands within a text is found by its trigrams: GIN on " + table->name + " (" + what +
            " gin_trgm_ops). pg_trgm is not installed here, so it could not be weighed; CREATE EXTENSION "
            "pg_trgm is for the DBA to decide.",
        {}};
  }
  return std::nullopt;
}

}  // namespace assay
