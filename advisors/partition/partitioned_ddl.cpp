#include "advisors/partition/partitioned_ddl.h"

#include <fmt/format.h>

#include <algorithm>

#include "advisors/partition/partition_bounds.h"
#include "parser/sql/ddl.h"
#include "parser/sql/index_definition.h"

namespace assay {
namespace {

constexpr const char* kStrategies[] = {"RANGE", "LIST", "HASH"};

std::string joined(const std::vector<std::string>& columns) {
  std::string text;
  for (const std::string& column : columns) text += (text.empty() ? "" : ", ") + quote_identifier(column);
  return text;
}

/// What stands behind the table's name in the index's own definition, so that nothing is lost of what
/// IndexDefinition does not hold, such as WITH (…).
std::string tail_of(const Index& index) {
  const std::string own = create_index_sql(index.definition, false);
  const std::string on = " ON " + qualified(index.definition.schema, index.definition.table);
  const std::string head = own.substr(0, own.find(on) + on.size());
  Diagnostics ignored;
  const std::vector<DdlStatement> parsed = parse_ddl(index.sql, "catalog", ignored);
  const bool is_one = ignored.empty() && parsed.size() == 1 && parsed[0].kind == DdlKind::kCreateIndex;
  const std::string& sql = is_one && parsed[0].sql.starts_with(head) ? parsed[0].sql : own;
  std::string tail = sql.substr(head.size());
  while (!tail.empty() && (tail.back() == ';' || tail.back() == '\n' || tail.back() == ' ')) tail.pop_back();
  if (tail.find("--") != std::string::npos) tail += '\n';  // a comment must not take the semicolon in
  return tail;
}

void add_partition(const MigrationNames& names, const NamedPartition& item, std::vector<std::string>& sql) {
  const PartitionScheme& scheme = *names.scheme;
  const std::string& name = item.name;
  std::string text = fmt::format("CREATE TABLE {} PARTITION OF {} {}", qualified(names.schema(), name),
                                 qualified(names.schema(), names.parent), bound_of(scheme, item.partition));
  if (scheme.sub_hash_modulus) text += fmt::format(" PARTITION BY HASH ({})", quote_identifier(scheme.sub_column));
  sql.push_back(text + ";");
  if (!scheme.sub_hash_modulus) return;
  const std::vector<std::string>& leaves = item.leaves;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    sql.push_back(fmt::format("CREATE TABLE {} PARTITION OF {} FOR VALUES WITH (MODULUS {}, REMAINDER {});",
                              qualified(names.schema(), leaves[i]), qualified(names.schema(), name), leaves.size(), i));
  }
}

}  // namespace

std::string create_parent_sql(const MigrationNames& names) {
  const HypotheticalPartitioning& what = names.scheme->partitioning;
  return filled("CREATE TABLE {parent} (LIKE {table} INCLUDING ALL EXCLUDING INDEXES) PARTITION BY ", names.places()) +
         fmt::format("{} ({});", kStrategies[static_cast<int>(what.strategy)], quote_identifier(what.column));
}

std::vector<std::string> create_partitions_sql(const MigrationNames& names, const std::optional<std::string>& from) {
  std::vector<std::string> sql;
  bool reached = !from;
  for (const NamedPartition& item : names.partitions) {
    reached = reached || item.partition.from == from;
    if (reached && !(from && item.partition.is_default)) add_partition(names, item, sql);
  }
  return sql;
}

std::vector<std::string> create_keys_sql(const MigrationNames& names) {
  std::vector<std::string> sql;
  for (const MigratedIndex& migrated : names.indexes) {
    if (migrated.index->constraint.empty()) continue;
    std::string text = fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} ({})", qualified(names.schema(), names.parent),
                                   quote_identifier(migrated.made), migrated.index->primary ? "PRIMARY KEY" : "UNIQUE",
                                   joined(migrated.columns));
    const auto& include = migrated.index->definition.include;
    if (!include.empty()) text += " INCLUDE (" + joined(include) + ")";
    sql.push_back(text + ";");
  }
  return sql;
}

std::string create_like_sql(const MigratedIndex& migrated, const std::string& name, const std::string& on,
                            bool concurrently) {
  return fmt::format("CREATE {}INDEX {}{} ON {}{};", migrated.index->definition.unique ? "UNIQUE " : "",
                     concurrently ? "CONCURRENTLY " : "", quote_identifier(name), on, tail_of(*migrated.index));
}

}  // namespace assay
