// Follows the transactions of all sessions: when a write becomes visible to others, and which reads see a state that is
// the session's own.
//
// Such a read must neither be answered from a cache that others fill nor fill it: it comes after a write (or a lock) of
// its open transaction, or in a transaction that keeps the snapshot of its beginning (REPEATABLE READ, SERIALIZABLE).
// A ROLLBACK takes its writes back; a COMMIT after an error, which is a rollback too, is taken at its word: then more
// counts as changed than was.
// Memory is bounded: a session costs some 100 bytes while its transaction is open, and at most kMostSessions are
// followed; what others write is visible at the end of its statement. What this leaves out: ROLLBACK TO SAVEPOINT.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer/committed_writes.h"
#include "analyzer/session_patterns.h"
#include "parser/sql/dialect.h"

namespace assay {

/// What a class does to its transaction, told once a class.
struct TransactionEffect {
  TransactionRole role = TransactionRole::kOther;
  bool takes_back = false;      ///< ROLLBACK, ABORT
  bool keeps_snapshot = false;  ///< BEGIN or SET TRANSACTION with REPEATABLE READ or SERIALIZABLE
};
/// MySQL's transactions keep their snapshot (InnoDB's default) unless they say otherwise.
TransactionEffect transaction_effect(std::string_view normalized, SqlDialect dialect = SqlDialect::kPostgres);

class TransactionFollower {
 public:
  static constexpr std::size_t kMostSessions = 65'536;
  static constexpr std::size_t kMostWrites = 1024;  ///< different classes in one transaction

  /// `session`: a hash, 0 where it is not told. Returns whether a read there and then sees a state of its own.
  bool add(std::uint64_t session, const TransactionEffect& effect, std::uint32_t query, Timestamp end,
           CommittedWrites& writes);

 private:
  struct Open {
    bool keeps_snapshot = false;
    std::vector<std::uint32_t> written;  // classes, each once
  };

  void write(Open* open, std::uint32_t query, Timestamp end, CommittedWrites& writes);

  std::unordered_map<std::uint64_t, Open> open_;
};

}  // namespace assay
