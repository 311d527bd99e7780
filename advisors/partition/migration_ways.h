// The two ways to a partitioned table (migration.h), step by step.
#pragma once

#include <string>
#include <vector>

#include "advisors/partition/migration.h"
#include "advisors/partition/migration_names.h"

namespace assay {

/// Everything below `boundary` stays in the old table, which becomes a partition.
std::vector<MigrationStep> attach_steps(const MigrationNames& names, const std::string& boundary);

/// Needs a primary key.
std::vector<MigrationStep> backfill_steps(const MigrationNames& names);

/// Short locks: whoever waits longer for them holds up all behind it, so rather try again.
inline constexpr const char* kLockTimeout = "SET LOCAL lock_timeout = '2s';";

/// Of one transaction, with that lock_timeout.
std::vector<std::string> in_transaction(std::vector<std::string> sql);

/// Only looks, and fails where the steps would.
MigrationStep check_step(const MigrationNames& names, bool attaches);

/// ALTER INDEX … RENAME TO …, which renames its constraint too.
std::string rename_index(const MigrationNames& names, const std::string& from, const std::string& to);

void append(std::vector<std::string>& to, std::vector<std::string> more);

}  // namespace assay
