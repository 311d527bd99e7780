// ServerEvents: everything that a log tells beside the statements that ran, added up. A part of Workload.
//
// Statements are named by the id of their class, 0 for none. Lists are bounded, and sorted with what matters most
// first; what did not fit is counted in `dropped`. server_events_builder.h makes it from LogRecords.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "parser/base/time.h"
#include "parser/log/failure_message.h"

namespace assay {

using ClassId = std::uint64_t;

struct Occurrences {
  std::uint64_t count = 0;
  ZonedTime first, last;  ///< meaningless while count is 0

  void add(ZonedTime time) {
    if (count == 0 || time.utc < first.utc) first = time;
    if (count == 0 || time.utc > last.utc) last = time;
    ++count;
  }
};

struct ErrorGroup {
  std::string sqlstate;  ///< as logged, or told from the message; empty where neither is possible
  ClassId class_id = 0;
  Occurrences seen;
  std::string message;  ///< the first one
  std::set<std::string> users, applications;
};

struct CancelGroup {
  CancelCause cause = CancelCause::kStatementTimeout;
  ClassId class_id = 0;
  Occurrences seen;
};

/// The lock waits of one class for one kind of lock.
struct LockWaitGroup {
  struct Blocker {
    ClassId class_id = 0;  ///< 0: the log does not tell what the holder did
    std::uint64_t waits = 0;
  };
  ClassId class_id = 0;
  std::string mode, target;  ///< "ShareLock", "transaction"
  std::string relation;      ///< its name; "OID 16384" where only that is told; or empty
  Occurrences seen;
  std::uint64_t granted = 0;
  std::uint64_t longest_queue = 0;  ///< processes that waited for one lock, this one included
  Microseconds total{0}, longest{0};  ///< of waits that were not granted: at least so long
  std::vector<Blocker> blockers;      ///< most waits first
};

struct DeadlockGroup {
  struct Party {
    ClassId class_id = 0;
    std::string query, mode, target;  ///< of the first deadlock
  };
  std::vector<Party> parties;
  std::string relation;
  Occurrences seen;
};

struct TemporaryFileGroup {
  ClassId class_id = 0;
  Occurrences seen;
  std::uint64_t bytes = 0, largest = 0;
};

struct CheckpointTally {
  std::uint64_t timed = 0, by_wal = 0, requested = 0, shutdown = 0;  ///< begun, by cause
  Occurrences completed;
  std::uint64_t restartpoints = 0;  ///< thereof, on a standby
  std::uint64_t buffers = 0, most_buffers = 0;
  Microseconds write{0}, sync{0}, total{0}, longest_total{0}, longest_sync{0};
  std::uint64_t wal_added = 0, wal_removed = 0, wal_recycled = 0;  ///< files
  std::uint64_t distance_kb = 0, most_distance_kb = 0;
  Occurrences too_frequent;  ///< warnings of checkpoint_warning
};

/// Autovacuum's work on one table.
struct TableMaintenance {
  std::string table;  ///< database.schema.table
  std::uint64_t vacuums = 0, analyzes = 0, aggressive = 0, wraparound = 0, cancelled = 0;
  Microseconds vacuum_time{0}, analyze_time{0}, longest{0};
  std::uint64_t tuples_removed = 0;
  std::uint64_t most_tuples_dead = 0;  ///< dead but not yet removable, in one vacuum
  std::uint64_t most_index_scans = 0;  ///< in one vacuum; above 1, its memory for dead rows was full
  std::uint64_t buffers_read = 0, buffers_dirtied = 0;
};

struct AuthenticationFailureGroup {
  std::string reason, user, host;
  Occurrences seen;
};

/// Connections of one user to one database from one host.
struct ConnectionGroup {
  std::string user, database, host;
  std::uint64_t connections = 0, disconnections = 0;
  Microseconds session_time{0};  ///< of the sessions that ended
};

struct ConnectionTally {
  Occurrences received, authorized, ended;
  std::uint64_t unencrypted = 0;      ///< authorized without SSL or GSS, from another host
  std::uint64_t most_a_minute = 0;    ///< authorized within one minute of the clock
  std::uint64_t short_lived = 0;      ///< sessions of less than kShortSession
  std::uint64_t refused_no_slot = 0;  ///< "too many clients" and its kin
  std::uint64_t most_open = 0;        ///< at a time; 0 where the log does not tell
  Microseconds median_session{0}, longest_session{0};
  std::vector<ConnectionGroup> groups;  ///< most connections first
  std::vector<AuthenticationFailureGroup> failures;

  static constexpr Microseconds kShortSession{1'000'000};
};

struct AlarmGroup {
  Alarm alarm = Alarm::kCrash;
  Occurrences seen;
  std::uint64_t line = 0;          ///< of the first one, in its input
  std::string message, statement;  ///< of the first one; the statement of a crash
};

struct ParameterSetting {
  std::string name;
  std::optional<std::string> value;  ///< nothing: back to the default
  bool needs_restart = false;        ///< asked for, and not in force
  ZonedTime time;
  std::uint64_t line = 0;
};

struct ServerEvents {
  std::vector<ErrorGroup> errors;  ///< most frequent first
  std::vector<CancelGroup> cancelled;
  std::vector<LockWaitGroup> lock_waits;  ///< longest in total first
  std::uint64_t deadlocks_avoided = 0, locks_not_obtained = 0;
  std::vector<DeadlockGroup> deadlocks;
  std::vector<TemporaryFileGroup> temporary_files;  ///< most bytes first
  CheckpointTally checkpoints;
  std::vector<TableMaintenance> maintenance;  ///< longest in total first
  ConnectionTally connections;
  std::vector<AlarmGroup> alarms;
  std::vector<ParameterSetting> parameters;  ///< in the order of the log
  Occurrences messages;                      ///< all of them: when the log begins and ends
  std::uint64_t other_messages = 0;          ///< that no section tells of
  std::uint64_t dropped = 0;                 ///< beyond the bounds of the lists
};

}  // namespace assay
