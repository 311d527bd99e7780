#include "parser/sql/transaction_command.h"

#include <algorithm>
#include <array>

#include "parser/sql/syntax_tree.h"

namespace assay {
namespace {

constexpr std::array<std::string_view, 4> kIsolations{"serializable", "repeatable read", "read committed",
                                                      "read uncommitted"};

std::optional<TransactionAction> action_of(PgQuery__TransactionStmtKind kind) {
  switch (kind) {
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN:
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START:
      return TransactionAction::kBegin;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT:
      return TransactionAction::kCommit;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK:
      return TransactionAction::kRollback;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT:
      return TransactionAction::kSavepoint;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE:
      return TransactionAction::kRelease;
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO:
      return TransactionAction::kRollbackTo;
    default:
      return std::nullopt;
  }
}

void read_option(const PgQuery__DefElem& option, TransactionCommand& command) {
  const std::string_view name(option.defname);
  const std::string value = constant_text(option.arg).value_or("");
  const bool is_known = std::find(kIsolations.begin(), kIsolations.end(), value) != kIsolations.end();
  if (name == "transaction_isolation" && is_known) command.isolation = value;
  if (name == "transaction_read_only") command.read_only = value == "1";
}

std::string begin_sql(const TransactionCommand& command, bool read_only) {
  std::string sql = "BEGIN";
  if (!command.isolation.empty()) sql += " ISOLATION LEVEL " + command.isolation;
  if (read_only || command.read_only) sql += " READ ONLY";
  return sql;
}

}  // namespace

std::optional<TransactionCommand> transaction_command(std::string_view sql) {
  const ParsedSyntax syntax = parse_syntax(sql);
  if (syntax.tree == nullptr || syntax.tree->n_stmts != 1) return std::nullopt;
  const Node& node = *syntax.tree->stmts[0]->stmt;
  if (node.node_case != PG_QUERY__NODE__NODE_TRANSACTION_STMT) return std::nullopt;
  const PgQuery__TransactionStmt& statement = *node.transaction_stmt;
  const auto action = action_of(statement.kind);
  if (!action) return std::nullopt;
  TransactionCommand command{.action = *action, .chain = statement.chain != 0, .savepoint = statement.savepoint_name};
  for (std::size_t i = 0; i < statement.n_options; ++i) {
    const auto* option = as<PgQuery__DefElem>(statement.options[i], pg_query__def_elem__descriptor);
    if (option != nullptr) read_option(*option, command);
  }
  return command;
}

std::string sql_of(const TransactionCommand& command, std::string_view savepoint, bool read_only) {
  const std::string chain = command.chain ? " AND CHAIN" : "";
  switch (command.action) {
    case TransactionAction::kBegin:
      return begin_sql(command, read_only);
    case TransactionAction::kCommit:
      return "COMMIT" + chain;
    case TransactionAction::kRollback:
      return "ROLLBACK" + chain;
    case TransactionAction::kSavepoint:
      return "SAVEPOINT " + std::string(savepoint);
    case TransactionAction::kRelease:
      return "RELEASE SAVEPOINT " + std::string(savepoint);
    case TransactionAction::kRollbackTo:
      return "ROLLBACK TO SAVEPOINT " + std::string(savepoint);
  }
  return {};
}

}  // namespace assay
