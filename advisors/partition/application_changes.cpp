#include "advisors/partition/application_changes.h"

#include <fmt/format.h>

#include <algorithm>

#include "parser/sql/index_definition.h"

namespace assay {
namespace {

std::string list(const std::vector<std::string>& columns) {
  std::string text;
  for (const std::string& column : columns) text += (text.empty() ? "" : ", ") + quote_identifier(column);
  return text;
}

std::vector<std::string> keys_of(const IndexDefinition& definition) {
  std::vector<std::string> columns;
  for (const IndexKey& key : definition.keys) columns.push_back(key.column);
  return columns;
}

void add_primary_key(const MigrationNames& names, std::vector<std::string>& changes) {
  const MigratedIndex* key = names.primary_key();
  if (!key || !key->extended) return;
  const std::string old = list(keys_of(key->index->definition)), made = list(key->columns);
  changes.push_back(
      fmt::format("The primary key becomes ({}). The server no longer refuses a second row with the same ({}) in "
                  "another partition: "
                  "that must come from what makes the values, such as a sequence or a random UUID.",
                  made, old));
  changes.push_back(
      fmt::format("INSERT … ON CONFLICT ({}) fails, since no unique index matches: write ON CONFLICT ({}). "
                  "It then sees a conflict only where both are equal.",
                  old, made));
  changes.push_back(
      fmt::format("A foreign key can no longer refer to ({}) alone. An object-relational mapper that knows ({}) as the "
                  "key may keep it for its own lookups, but not for the schema that it creates.",
                  old, old));
}

}  // namespace

std::vector<std::string> application_changes(const MigrationNames& names) {
  std::vector<std::string> changes;
  add_primary_key(names, changes);
  const std::string key = quote_identifier(names.scheme->partitioning.column);
  std::size_t leaves = 0;
  for (const NamedPartition& partition : names.partitions) leaves += partition.leaves.size();
  changes.push_back(fmt::format(
      "A query without a condition on {} looks into each of {} partitions and takes longer to plan. Where the "
      "application knows the value, or a range that holds it, let it say so: … AND {} >= ….",
      key, leaves, key));
  changes.push_back(fmt::format(
      "An UPDATE that changes {} may move the row to another partition: it deletes and inserts, with the triggers of "
      "both, a concurrent UPDATE of that row fails and has to be repeated, and ON CONFLICT DO UPDATE refuses to move "
      "rows.",
      key));
  changes.push_back(
      "SELECT … FROM ONLY the table finds nothing, and ctid is unique within a partition alone: use tableoid with it.");
  return changes;
}

}  // namespace assay
