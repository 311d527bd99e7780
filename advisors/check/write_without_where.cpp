// DELETE and UPDATE of every row: a condition that was forgotten, or a job for TRUNCATE or for batches.
#include <algorithm>

#include "advisors/check/check.h"

namespace assay {
namespace {

std::vector<Finding> without_where(const CheckSubject& subject, StatementKind kind, const char* word,
                                   const char* message, const char* hint) {
  std::vector<Finding> findings;
  for (std::size_t position = 0; position < subject.meanings.size(); ++position) {
    if (!subject.is_read(position)) continue;
    const Statement& statement = *subject.meanings[position].statement;
    if (statement.kind != kind) continue;
    const bool narrowed = std::any_of(statement.predicates.begin(), statement.predicates.end(),
                                      [](const Predicate& predicate) { return predicate.block == 0; });
    if (!narrowed) findings.push_back(about_class(subject, position, word, message, hint));
  }
  return findings;
}

}  // namespace

std::vector<Finding> deletes_without_where(const CheckSubject& subject) {
  return without_where(subject, StatementKind::kDelete, "DELETE", "DELETE without WHERE empties the table",
                       "add the condition; where all of it is meant, TRUNCATE");
}

std::vector<Finding> updates_without_where(const CheckSubject& subject) {
  return without_where(subject, StatementKind::kUpdate, "UPDATE", "UPDATE without WHERE writes every row of the table",
                       "add the condition; where all of it is meant, go through the key in batches");
}

}  // namespace assay
