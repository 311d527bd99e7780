// A foreign key whose columns no index begins with: each DELETE of a referenced row reads the referring table whole.
// One of a table that is known to be small is nobody's trouble; one of a new table may be.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "advisors/check/check.h"
#include "advisors/coverage.h"

namespace assay {

std::vector<Finding> foreign_keys_without_index(const CheckSubject& subject) {
  std::vector<Finding> findings;
  if (!subject.catalog) return findings;
  for (const ForeignKey& key : subject.catalog->foreign_keys) {
    const Table* table = subject.catalog->find_table(key.schema, key.table);
    const bool small = table && table->rows >= 0 && table->rows < subject.settings.large_rows;
    if (small || has_index(key, *subject.catalog)) continue;
    const std::string columns = fmt::format("{}", fmt::join(key.columns, ", "));
    findings.push_back({.subject = fmt::format("{}.{} ({})", key.schema, key.table, columns),
                        .message = fmt::format("{}.{} ({}) refers to {}.{}, and no index begins with it", key.schema,
                                               key.table, columns, key.referenced_schema, key.referenced_table),
                        .hint = "create one in the same migration, or accept it where no row is ever deleted there"});
  }
  return findings;
}

}  // namespace assay
