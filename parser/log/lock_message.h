// What the server says of locks (log_lock_waits, log_lock_failures) and deadlocks: ProcSleep() in proc.c,
// DeadLockReport() in deadlock.c, DescribeLockTag() in lmgr.c. Views into the texts given.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "parser/base/time.h"

namespace assay {

enum class LockEvent : std::uint8_t {
  kStillWaiting,  ///< once the wait has lasted deadlock_timeout
  kAcquired,
  kFailed,            ///< "failed to acquire"
  kNotObtained,       ///< "could not obtain": NOWAIT, PostgreSQL 18
  kDeadlockAvoided,   ///< "avoided deadlock … by rearranging queue order"
  kDeadlockDetected,  ///< "detected deadlock while waiting"; the ERROR follows
};

struct LockMessage {
  LockEvent event = LockEvent::kStillWaiting;
  std::int64_t process = 0;
  std::string_view mode;    ///< "ShareLock"
  std::string_view target;  ///< "transaction 99"
  Microseconds waited{0};   ///< until the message
  std::vector<std::int64_t> holders, queue;
  std::string_view relation;  ///< as CONTEXT names it, without its schema; empty where it does not
};

std::optional<LockMessage> parse_lock_message(std::string_view message, std::string_view detail,
                                              std::string_view context);

/// What kind of thing is locked: "transaction", "tuple", "relation", "advisory lock", …
std::string_view lock_target_kind(std::string_view target);

/// Object id of the relation that a lock target tells of.
std::optional<std::uint64_t> relation_of_target(std::string_view target);

/// The relation of "while updating tuple (0,1) in relation "x"", the first line of such a kind; empty without one.
std::string_view relation_of_context(std::string_view context);

struct DeadlockEdge {
  std::int64_t process = 0, blocker = 0;
  std::string_view mode, target;
  std::string_view query;  ///< of `process`, cut at track_activity_query_size; empty where it is not told
};

/// The DETAIL of "deadlock detected": who waits for whom, in the server's order. Empty where it is something else.
std::vector<DeadlockEdge> parse_deadlock(std::string_view detail);

}  // namespace assay
