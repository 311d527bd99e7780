// What BEGIN, COMMIT, SAVEPOINT and their kin ask for, as values: who sends a log's transactions to a server writes the
// commands anew, and never forwards the log's own text.
//
// Leaves out: two-phase commit (PREPARE TRANSACTION), SET TRANSACTION, and DEFERRABLE.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay {

enum class TransactionAction { kBegin, kCommit, kRollback, kSavepoint, kRelease, kRollbackTo };

struct TransactionCommand {
  TransactionAction action = TransactionAction::kBegin;
  std::string isolation;  ///< kBegin: "repeatable read", …; empty where it is not stated
  bool read_only = false;
  bool chain = false;     ///< AND CHAIN: the next transaction begins at once
  std::string savepoint;  ///< its name
};

/// The command in `sql`; nothing where that is not exactly one such command.
std::optional<TransactionCommand> transaction_command(std::string_view sql);

/// SQL of the command, with `savepoint` for the name in it, which must need no quotes; with `read_only`, BEGIN is READ
/// ONLY whatever the command says.
std::string sql_of(const TransactionCommand& command, std::string_view savepoint, bool read_only);

}  // namespace assay
