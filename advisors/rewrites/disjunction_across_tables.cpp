// a.x = 1 OR b.y = 2: no index of either table narrows, the whole join is made and filtered then. As a UNION of two
// queries each branch can use its index. UNION drops duplicate rows, so it is the same only where rows are told apart
// by a key.
#include <set>

#include "advisors/rewrites/rewrites.h"

namespace assay {

std::optional<RewriteHint> disjunction_across_tables(const RewriteSubject& subject) {
  const Statement& statement = subject.statement;
  for (std::size_t number = 0; number < statement.disjunctions.size(); ++number) {
    std::set<int> relations;
    bool all_known = true;
    for (const Predicate& predicate : statement.predicates) {
      if (predicate.disjunction != static_cast<int>(number)) continue;
      all_known = all_known && predicate.column.relation >= 0 && predicate.kind != PredicateKind::kJoin;
      relations.insert(predicate.column.relation);
    }
    if (!all_known || relations.size() < 2) continue;
    std::string names;
    for (const int relation : relations) {
      const RelationUse& use = statement.relations[static_cast<std::size_t>(relation)];
      names += (names.empty() ? "" : " and ") + (use.alias.empty() ? use.name : use.alias);
    }
    return RewriteHint{"or-across-tables",
                       "The OR asks columns of " + names +
                           ", so an index of neither narrows: the join is made in full. Write one query a branch and "
                           "put them together with UNION (which drops duplicates: select a key, too).",
                       {}};
  }
  return std::nullopt;
}

}  // namespace assay
