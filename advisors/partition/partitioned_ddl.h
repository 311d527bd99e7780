// The partitioned table itself: parent, partitions, keys and indexes, as the old table has them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisors/partition/migration_names.h"

namespace assay {

/// CREATE TABLE … (LIKE old INCLUDING ALL EXCLUDING INDEXES) PARTITION BY …: columns, defaults, identities, generated
/// columns, NOT NULL, checks, storage, compression, comments and extended statistics are the old table's.
std::string create_parent_sql(const MigrationNames& names);

/// The partitions that begin at `from` or later, all of them without one, with their second level.
std::vector<std::string> create_partitions_sql(const MigrationNames& names, const std::optional<std::string>& from);

/// Primary key and unique constraints of the parent, extended by the partition key where they lack it.
std::vector<std::string> create_keys_sql(const MigrationNames& names);

/// CREATE INDEX of an index's like, `on` a table (or ONLY it), as SQL.
std::string create_like_sql(const MigratedIndex& migrated, const std::string& name, const std::string& on,
                            bool concurrently);

}  // namespace assay
