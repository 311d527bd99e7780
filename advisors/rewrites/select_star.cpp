// SELECT * reads every column, so that no index alone can answer. Said only of heavy statements that may give many rows
// of wide tables: for one row it makes no difference.
#include <algorithm>

#include "advisors/rewrites/rewrites.h"
#include "advisors/rules/table_access.h"
#include "advisors/rules/table_facts.h"

namespace assay {
namespace {

constexpr double kHeavy = 0.02;   // of the logged time
constexpr double kWide = 200;     // bytes a row
constexpr std::size_t kMany = 8;  // columns

bool finds_one(const RewriteSubject& subject, const Table& table, const TableAccess& access) {
  const auto indexes = subject.catalog->indexes_of(table);
  return std::any_of(indexes.begin(), indexes.end(), [&](const Index* index) {
    const auto& keys = index->definition.keys;
    return index->definition.unique && std::all_of(keys.begin(), keys.end(), [&](const IndexKey& key) {
             return std::find(access.equal.begin(), access.equal.end(), key.column) != access.equal.end();
           });
  });
}

}  // namespace

std::optional<RewriteHint> select_star(const RewriteSubject& subject) {
  if (subject.share < kHeavy || subject.statement.kind != StatementKind::kSelect || subject.statement.locks_rows) {
    return std::nullopt;
  }
  for (const TableAccess& access : table_accesses(subject.statement)) {
    const RelationUse& use = subject.statement.relations[static_cast<std::size_t>(access.relation)];
    const Table* table = table_of(subject, access.relation);
    if (!use.all_columns || !table || table->columns.size() < kMany) continue;
    if (access.limited || TableFacts(subject.catalog, table).row_width() < kWide ||
        finds_one(subject, *table, access)) {
      continue;
    }
    return RewriteHint{"select-star",
                       "* reads all " + std::to_string(table->columns.size()) + " columns of " + table->name +
                           ", so that no index alone can answer, and wide values are fetched that may not be needed. "
                           "Name the columns that the application uses; an index can then include them.",
                       {}};
  }
  return std::nullopt;
}

}  // namespace assay
