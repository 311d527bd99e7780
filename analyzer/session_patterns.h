// SessionPatterns: what sessions do that no single statement shows. A part of Workload.
//
// N+1 loops: one class again and again in a session, with other values, within one transaction or without a pause,
// and never more than kLoopBody statements apart. Idle in transaction: time between the end of a statement and the
// start of the next one in an open transaction. session_patterns_builder.h finds them.
// What this leaves out: loops spread over several connections of a pool, and those whose body is longer.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "analyzer/server_events.h"
#include "parser/base/time.h"

namespace assay {

/// What a statement means for its transaction.
enum class TransactionRole : std::uint8_t {
  kOther,  ///< SET, SAVEPOINT, …: nothing that is counted
  kRead,
  kWrite,  ///< changes or locks rows or tables
  kBegin,
  kEnd,  ///< COMMIT, ROLLBACK, PREPARE TRANSACTION
};

/// Told by the words of the text, once a class. A text of several statements has the role that it leaves behind.
TransactionRole role_of(std::string_view normalized);

struct LoopFinding {
  ClassId class_id = 0;
  ClassId before = 0;  ///< class of the statement right before most of the runs; 0 where there was none
  TransactionRole role = TransactionRole::kRead;
  std::uint64_t runs = 0, runs_in_transaction = 0;
  std::uint64_t repeats = 0;           ///< executions in all runs
  std::uint64_t median = 0, most = 0;  ///< repeats a run; the median within LatencySketch::kRelativeError
  Microseconds time{0};                ///< of those executions
  Microseconds elapsed{0};             ///< from the first one's start to the last one's end, over all runs
  Microseconds most_saved{0};          ///< of `time`, if one statement for all values took no longer than one of them
  std::uint64_t same_values_runs = 0, same_values_repeats = 0;  ///< beside these: the same values again and again
  bool values_known = true;  ///< false: the log does not tell values, so they may have been the same
};

/// Idle in transaction after statements of one class.
struct IdleFinding {
  ClassId class_id = 0;
  std::uint64_t gaps = 0, gaps_after_write = 0;  ///< of a millisecond or more: what most logs' clocks can tell
  Microseconds total{0}, total_after_write{0};   ///< after a write: locks were held
  Microseconds longest{0};
};

/// Whether gaps within transactions can be taken for idle time.
enum class IdleEvidence : std::uint8_t {
  kSeen,
  kNoTransactions,  ///< no BEGIN in the log
  kNoDurations,
  kIncomplete,  ///< BEGIN without COMMIT, or nothing quick: statements are missing, by a threshold or a sample
};

struct SessionPatterns {
  std::vector<LoopFinding> loops;  ///< longest in total first
  IdleEvidence evidence = IdleEvidence::kNoTransactions;
  std::vector<IdleFinding> idle;   ///< longest in total first; empty unless evidence is kSeen
  std::uint64_t transactions = 0;  ///< seen from BEGIN to their end
  Microseconds transaction_time{0}, transaction_idle{0}, longest_transaction{0};
};

}  // namespace assay
