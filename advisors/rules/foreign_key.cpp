#include "advisors/rules/foreign_key.h"

#include <algorithm>

namespace assay {
namespace {

bool touches(const Statement& statement, std::size_t relation, const ForeignKey& key) {
  if (statement.kind == StatementKind::kDelete) return true;
  if (statement.kind != StatementKind::kUpdate) return false;
  return std::any_of(statement.columns_written.begin(), statement.columns_written.end(), [&](const ColumnUse& column) {
    const auto& columns = key.referenced_columns;
    return column.relation == static_cast<int>(relation) &&
           std::find(columns.begin(), columns.end(), column.name) != columns.end();
  });
}

}  // namespace

std::vector<ForeignKeyProposal> foreign_key_proposals(const Statement& statement, const Catalog& catalog) {
  std::vector<ForeignKeyProposal> proposals;
  for (std::size_t i = 0; i < statement.relations.size(); ++i) {
    const RelationUse& use = statement.relations[i];
    const Table* parent = use.written ? catalog.find_table(use.schema, use.name) : nullptr;
    if (!parent) continue;
    for (const ForeignKey& key : catalog.foreign_keys) {
      if (key.referenced_table != parent->name || key.referenced_schema != parent->schema) continue;
      const Table* child = catalog.find_table(key.schema, key.table);
      if (!child || key.columns.empty() || !touches(statement, i, key)) continue;
      const std::string what = statement.kind == StatementKind::kDelete ? "deleted" : "changed";
      proposals.push_back({child,
                           {.keys = ascending_keys(key.columns),
                            .equality_keys = key.columns.size(),
                            .reason = "foreign key " + key.name + ": each row " + what + " in " + parent->name +
                                      " is looked for here, which no plan shows"}});
    }
  }
  return proposals;
}

}  // namespace assay
