// A query without a LIMIT that returns as many rows as there are: fine with ten rows, not with those of production.
#include <fmt/format.h>

#include <algorithm>

#include "advisors/check/check.h"

namespace assay {
namespace {

bool is_bounded(const Statement& statement) {
  const QueryBlock& outermost = statement.blocks.front();
  if (outermost.has_limit || outermost.aggregates || !outermost.group.empty()) return true;
  return std::any_of(statement.predicates.begin(), statement.predicates.end(), [](const Predicate& predicate) {
    return predicate.block == 0 && predicate.conjunct && predicate.kind != PredicateKind::kJoin;
  });
}

double most_rows(const PlannedClass* planned) {
  double most = 0;
  if (!planned) return most;
  for (const PlanNode& plan : planned->plans) most = std::max(most, plan.rows);
  return most;
}

}  // namespace

std::vector<Finding> unbounded_queries(const CheckSubject& subject) {
  std::vector<Finding> findings;
  for (std::size_t position = 0; position < subject.meanings.size(); ++position) {
    if (!subject.is_read(position)) continue;
    const Statement& statement = *subject.meanings[position].statement;
    if (statement.kind != StatementKind::kSelect || statement.relations.empty() || statement.blocks.empty()) continue;
    if (statement.blocks.front().has_limit) continue;
    const double rows = most_rows(subject.planned_class(position));
    const bool many = rows >= subject.settings.large_rows;
    if (!many && (subject.planned_class(position) || is_bounded(statement))) continue;
    findings.push_back(about_class(subject, position, "SELECT",
                                   many ? fmt::format("returns {:.0f} rows, and has no LIMIT", rows)
                                        : std::string("has neither a condition nor a LIMIT"),
                                   "page it, or fetch it through a cursor"));
  }
  return findings;
}

}  // namespace assay
