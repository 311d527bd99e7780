// What the server says of its own work: checkpoints (log_checkpoints: LogCheckpointStart() and LogCheckpointEnd() in
// xlog.c) and autovacuum (log_autovacuum_min_duration: heap_vacuum_rel() in vacuumlazy.c, do_analyze_rel() in
// analyze.c), in the wordings of PostgreSQL 9.6 to 18. Views into the texts given; what is not told is zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "parser/base/time.h"

namespace assay {

enum class CheckpointCause : std::uint8_t {
  kTime,       ///< checkpoint_timeout
  kWal,        ///< max_wal_size
  kShutdown,   ///< or the end of recovery
  kRequested,  ///< CHECKPOINT, a base backup, CREATE DATABASE …
};

struct CheckpointStart {
  bool restartpoint = false;  ///< a standby's
  CheckpointCause cause = CheckpointCause::kRequested;
};
std::optional<CheckpointStart> parse_checkpoint_start(std::string_view message);

struct CheckpointComplete {
  bool restartpoint = false;
  std::uint64_t buffers = 0;
  Microseconds write{0}, sync{0}, total{0}, longest_sync{0};
  std::uint64_t wal_added = 0, wal_removed = 0, wal_recycled = 0;  ///< files
  std::uint64_t distance_kb = 0;                                   ///< WAL between this checkpoint and the one before
};
std::optional<CheckpointComplete> parse_checkpoint_complete(std::string_view message);

/// "checkpoints are occurring too frequently (9 seconds apart)": the seconds.
std::optional<std::uint64_t> parse_frequent_checkpoints(std::string_view message);

struct VacuumMessage {
  bool analyze = false;     ///< ANALYZE, otherwise VACUUM
  bool aggressive = false;  ///< reads every page that is not frozen
  bool wraparound = false;  ///< "to prevent wraparound"
  std::string_view table;   ///< database.schema.table
  std::uint64_t index_scans = 0;
  std::uint64_t tuples_removed = 0;
  std::uint64_t tuples_dead = 0;  ///< dead but not yet removable
  std::uint64_t buffer_reads = 0, buffers_dirtied = 0;
  Microseconds elapsed{0};
};
std::optional<VacuumMessage> parse_vacuum(std::string_view message);

/// The table of CONTEXT "automatic vacuum of table "db.s.t"" (also "automatic analyze", and with a block behind it).
std::string_view table_of_vacuum_context(std::string_view context);

}  // namespace assay
