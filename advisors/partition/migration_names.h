// What a migration works on: the table as the catalog knows it, and the names that it takes for a while.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisors/partition/partition_scheme.h"
#include "advisors/partition/sql_template.h"
#include "analyzer/catalog.h"

namespace assay {

/// An index of the old table and its like on the new one. While both tables stand, each has a name of its own.
struct MigratedIndex {
  const Index* index = nullptr;
  std::vector<std::string> columns;  ///< of a key or unique constraint on the new table
  bool extended = false;             ///< by the partition key, which the old one lacks
  std::string made;                  ///< on the new table, before the swap
  std::string legacy;                ///< on the old table, after the swap
  /// Where it backs no constraint, on each of MigrationNames::partitions: its own index first, where that has a second
  /// level, then those of the leaves.
  std::vector<std::vector<std::string>> parts;
};

struct NamedPartition {
  HypotheticalPartition partition;
  std::string name;
  std::vector<std::string> leaves;  ///< of the second level; without one, itself
};

struct MigrationNames {
  const PartitionScheme* scheme = nullptr;
  const Catalog* catalog = nullptr;
  const Table* table = nullptr;
  std::string parent;  ///< the new table before the swap
  std::string legacy;  ///< the old one after it
  std::string boundary_check, mirror, mirror_back, backfill, progress, old_key;
  /// In the scheme's order; in front of them one for rows before the first range, where nothing else takes those.
  std::vector<NamedPartition> partitions;
  bool has_before = false;
  std::vector<MigratedIndex> indexes;  ///< valid ones alone

  std::string schema() const { return table->schema; }
  const MigratedIndex* primary_key() const;
  std::vector<std::string> key_columns() const;  ///< the partition key and that of the second level

  /// For templates: {table}, {parent}, {legacy} qualified; {table_name}, {parent_name}, {legacy_name} alone;
  /// {table_class}, {parent_class}, {legacy_class} as regclass; {key} quoted.
  std::map<std::string, std::string, std::less<>> places() const;
};

/// `table` is the scheme's in the catalog; both must outlive the result.
MigrationNames names_of(const PartitionScheme& scheme, const Catalog& catalog, const Table& table);

}  // namespace assay
