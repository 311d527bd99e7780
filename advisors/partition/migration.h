// The way from a plain table to a partitioned one: numbered steps, each with its lock, what may fail and the way back.
//
//   attach     the old table becomes one partition, everything below a boundary, under a CHECK that was validated
//              beforehand; new rows go into partitions ahead of it. Nothing is copied. Range only.
//   backfill   a partitioned copy is filled in batches while a trigger mirrors every write, then the two change names
//              under a short lock, and the mirror turns round, so that the way back loses no row.
//
// Only the second way divides the rows that are there, so it is the one recommended where it is possible: figures that
// were planned on the divided table hold for it from the first day.
// What the catalog does not know (grants, policies, defaults, identities, comments, publications, texts of triggers and
// foreign keys), the steps read on the server itself when they run (carry_over.h); a check in the first step refuses
// what they cannot keep. Every name is quoted, and cut to 63 bytes where one is made from it.
// Leaves out: a key of several columns, tables that are partitions or have children, logical replication as a copier.
#pragma once

#include <string>
#include <vector>

#include "advisors/partition/partition_scheme.h"
#include "advisors/partition/partition_upkeep.h"
#include "analyzer/catalog.h"

namespace assay {

struct MigrationStep {
  std::string title;
  /// One statement each, with semicolon, in one session and outside of a transaction unless they begin one.
  std::vector<std::string> sql;
  std::string lock;      ///< the strongest one, on what, and how long it is held
  std::string may_fail;  ///< and what then
  /// Undoes the step; to undo a migration, from the last step carried out to the first. Empty: nothing to undo.
  std::vector<std::string> rollback = {};
  /// To be carried out by hand, once all is well: behind it there may be no way back. Scripts hold it as a comment.
  bool at_last = false;
};

enum class MigrationKind { kAttach, kBackfill };

struct MigrationWay {
  MigrationKind kind = MigrationKind::kAttach;
  std::string summary;
  std::vector<MigrationStep> steps;
  PartitionUpkeep upkeep;
  std::vector<std::string> partitions;  ///< tables with rows behind it, in the schema of the whole
};

struct MigrationPlan {
  std::vector<std::string> obstacles;    ///< what stands in the way; then there are no ways
  std::vector<MigrationWay> ways;        ///< the cheaper one first
  std::vector<std::string> not_offered;  ///< why a way is missing
  std::vector<std::string> application;  ///< what must change in its queries
  std::vector<std::string> remarks;      ///< what becomes of what the catalog does not tell
};

MigrationPlan migration_of(const PartitionScheme& scheme, const Catalog& catalog);

/// "attach", "backfill".
std::string_view to_string(MigrationKind kind);

/// Nothing where there is none.
const MigrationWay* recommended_way(const MigrationPlan& plan);

/// What is run in one go: all steps but those for later. And what undoes it, the last step first.
std::vector<std::string> statements_of(const MigrationWay& way);
std::vector<std::string> way_back_of(const MigrationWay& way);

/// All steps of a way as one script with comments; each step's way back as a comment behind it.
std::string script_of(const MigrationWay& way);

/// The database behind the change over, as far as indexes are concerned: the table is partitioned, by the tables that
/// the way leaves.
Catalog catalog_after(const MigrationWay& way, const PartitionScheme& scheme, const Catalog& catalog);

}  // namespace assay
