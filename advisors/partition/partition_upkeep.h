// What a partitioned table needs from then on: partitions ahead of time, and old ones detached and dropped. By
// pg_partman 4.7 (Debian 12's for PostgreSQL 15), or by plain SQL in cron; its names for partitions in both.
#pragma once

#include <string>
#include <vector>

#include "advisors/partition/migration_names.h"

namespace assay {

struct PartmanUpkeep {
  std::string refused;             ///< why it cannot; then all else is empty
  std::vector<std::string> setup;  ///< once, after the change over; one statement each, with semicolon
  std::vector<std::string> every_day;
  std::vector<std::string> server_settings;  ///< of postgresql.conf, instead of cron
  /// Sets the retention; `retention_when` says when it may be carried out.
  std::vector<std::string> retention;
  std::string retention_when;
  std::vector<std::string> rollback;
};

struct PlainUpkeep {
  std::string refused;
  std::vector<std::string> every_day;  ///< makes the partitions that are missing
  /// Queries whose rows are the statements to carry out, one by one, outside of a transaction (psql: \gexec).
  std::vector<std::string> retention;
  std::vector<std::string> remarks;
};

struct PartitionUpkeep {
  PartmanUpkeep partman;
  PlainUpkeep plain;
};

/// `attached`: the old table is one of the partitions.
PartitionUpkeep upkeep_of(const MigrationNames& names, bool attached);

/// Partitions ahead of now.
inline constexpr int kPremake = 4;

}  // namespace assay
