// What only the server knows, carried from one table to the other by statements that read it there: checks beforehand,
// owner, grants, policies, foreign keys, comments; and, at the swap, views, triggers, foreign keys that point here,
// sequences and publications.
//
// `from` and `to` are regclass literals. All names that the blocks meet go through format('%I') on the server.
#pragma once

#include <string>
#include <vector>

#include "advisors/partition/migration_names.h"

namespace assay {

/// Fails with the list of what the steps could not keep. `attaches`: the old table becomes a partition.
std::string check_on_server(const MigrationNames& names, bool attaches);

/// Owner, grants, row security, comment, outbound foreign keys; storage parameters of the partitions.
std::vector<std::string> carry_over(const MigrationNames& names);

/// What becomes of a table's triggers when another takes its place.
enum class TriggersLeft {
  kDropped,   ///< it becomes a partition, which gets its parent's
  kDisabled,  ///< it lives on as a mirror, where they must not fire again
  kUntouched,
};

/// Writes down, in a temporary table of the transaction, what refers to `table` by its name, and takes it away.
std::vector<std::string> keep_definitions(const std::string& table_class, TriggersLeft triggers);

/// Carries out what keep_definitions wrote down, on the table that bears the name now.
std::string restore_definitions();

/// The triggers of `table` that stand enabled on its counterpart `like` are enabled again, and taken from that.
std::string take_triggers_back(const std::string& table_class, const std::string& like_class);

/// Sequences change over from one table to the other.
std::string hand_over_sequences(const std::string& from_class, const std::string& to_class);

/// So do publications that name the table. `via_root`: subscribers get the partitions' rows as the table's.
std::string hand_over_publications(const MigrationNames& names, const std::string& from_class,
                                   const std::string& to_class, bool via_root);

/// Foreign keys that point to the table were made again NOT VALID; this validates them.
std::string validate_inbound(const std::string& table_class);

}  // namespace assay
