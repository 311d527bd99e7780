// amount * 1.2 > 100, coalesce(owner_id, 0) = 0, id::text = '7': an index of the column exists and does not serve, for
// it is not the column that is compared. lower(email) and its like are left to an index on the expression.
#include <algorithm>

#include "advisors/rewrites/rewrites.h"
#include "advisors/screening.h"

namespace assay {
namespace {

/// What can be moved to the other side, or said otherwise.
bool is_avoidable(const std::string& expression) {
  const bool arithmetic = expression.find('(') == std::string::npos &&
                          expression.find_first_of("+-*/") != std::string::npos &&
                          expression.find("->") == std::string::npos && expression.find("||") == std::string::npos;
  return arithmetic || expression.starts_with("COALESCE(") || expression.starts_with("CAST(") ||
         expression.find("::") != std::string::npos;
}

const Index* index_on(const RewriteSubject& subject, const Table& table, const Predicate& predicate) {
  const Index* leading = nullptr;
  for (const Index* index : subject.catalog->indexes_of(table)) {
    if (!index->valid || index->definition.keys.empty()) continue;
    const IndexKey& first = index->definition.keys.front();
    if (first.column.empty() && plain_sql(first.expression) == plain_sql(predicate.expression)) return nullptr;
    if (!leading && first.column == predicate.column.name) leading = index;
  }
  return leading;
}

}  // namespace

std::optional<RewriteHint> function_on_column(const RewriteSubject& subject) {
  for (const Predicate& predicate : subject.statement.predicates) {
    const Table* table = table_of(subject, predicate.column.relation);
    if (predicate.kind != PredicateKind::kFunction || !predicate.conjunct || !table) continue;
    if (!is_avoidable(predicate.expression)) continue;
    const Column* column = column_of(subject, predicate.column);
    if (column && column->type.ends_with("with time zone")) continue;  // time_zone_expression.cpp
    const Index* index = index_on(subject, *table, predicate);
    if (!index) continue;
    return RewriteHint{"function-on-column",
                       predicate.expression + " is compared, so " + index->definition.name + " on " +
                           predicate.column.name +
                           " does not serve. Compare the column itself: with the reckoning on "
                           "the other side, a value of its own type, or IS NULL in place of COALESCE.",
                       {}};
  }
  return std::nullopt;
}

}  // namespace assay
