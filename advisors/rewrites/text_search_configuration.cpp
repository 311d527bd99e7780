// to_tsvector(body) goes by the setting default_text_search_config, so that no index can hold it;
// to_tsvector('english', body) can be indexed. Which configuration is meant, only the session knows.
#include "advisors/rewrites/rewrites.h"
#include "advisors/rules/immutability.h"

namespace assay {

std::optional<RewriteHint> text_search_configuration(const RewriteSubject& subject) {
  for (const Predicate& predicate : subject.statement.predicates) {
    const Table* table = table_of(subject, predicate.column.relation);
    const bool computed =
        predicate.kind == PredicateKind::kFullText && predicate.expression.starts_with("to_tsvector(");
    if (!computed || !table || is_immutable(predicate.expression, TableFacts(subject.catalog, table))) continue;
    return RewriteHint{"text-search-configuration",
                       predicate.expression +
                           " depends on default_text_search_config, so no index can hold it. Name the "
                           "configuration, to_tsvector('english', …), or keep the vector in a generated column.",
                       {}};
  }
  return std::nullopt;
}

}  // namespace assay
