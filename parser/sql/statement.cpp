#include "parser/sql/statement.h"

#include <utility>

#include "parser/sql/command_reader.h"
#include "parser/sql/ingredients_reader.h"
#include "parser/sql/statement_reader.h"
#include "parser/sql/syntax_tree.h"

namespace assay {
namespace {

/// SELECT INTO makes a table: it is a command like CREATE TABLE AS. The grammar lets INTO into any branch of a set
/// operation, and PostgreSQL heeds that of the leftmost.
bool is_select_into(const PgQuery__SelectStmt& select) {
  const PgQuery__SelectStmt* leftmost = &select;
  while (leftmost->larg != nullptr) leftmost = leftmost->larg;
  return leftmost->into_clause != nullptr;
}

StatementKind kind_of(const Node& statement) {
  switch (statement.node_case) {
    case PG_QUERY__NODE__NODE_SELECT_STMT:
      return is_select_into(*statement.select_stmt) ? StatementKind::kUtility : StatementKind::kSelect;
    case PG_QUERY__NODE__NODE_INSERT_STMT:
      return StatementKind::kInsert;
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
      return StatementKind::kUpdate;
    case PG_QUERY__NODE__NODE_DELETE_STMT:
      return StatementKind::kDelete;
    case PG_QUERY__NODE__NODE_MERGE_STMT:
      return StatementKind::kMerge;
    default:
      return StatementKind::kUtility;
  }
}

ParsedSyntax parse_one(std::string_view sql) {
  ParsedSyntax syntax = parse_syntax(sql);
  if (syntax.tree == nullptr) return syntax;
  if (syntax.tree->n_stmts == 0) return {nullptr, "no statement in the text"};
  if (syntax.tree->n_stmts > 1) return {nullptr, "more than one statement in the text"};
  return syntax;
}

}  // namespace

ParsedStatement parse_statement(std::string_view sql, const ColumnOracle& has_column) {
  const ParsedSyntax syntax = parse_one(sql);
  if (syntax.tree == nullptr) return {std::nullopt, syntax.problem};
  const Node& node = *syntax.tree->stmts[0]->stmt;
  Statement statement;
  if (kind_of(node) != StatementKind::kUtility) {
    const CteFactsByNode nothing_known;
    StatementReader reader(has_column, nothing_known);
    reader.read(node);
    StatementReader again(has_column, reader.cte_facts());
    const bool has_ctes = !reader.cte_facts().empty();
    if (has_ctes && !reader.exhausted()) again.read(node);
    if (reader.exhausted() || again.exhausted()) return {std::nullopt, "too large: counted, not analysed"};
    statement = has_ctes ? again.take() : reader.take();
    statement.kind = kind_of(node);
  } else {
    read_command(node, statement);
  }
  statement.ingredients = ingredients_of(node);
  return {std::move(statement), {}};
}

std::optional<std::string> fingerprint(std::string_view sql) {
  if (!unfit_for_parser(sql).empty()) return std::nullopt;
  return syntax_fingerprint(sql);
}

bool is_explainable(std::string_view sql) {
  const ParsedSyntax syntax = parse_one(sql);
  return syntax.tree != nullptr && kind_of(*syntax.tree->stmts[0]->stmt) != StatementKind::kUtility;
}

}  // namespace assay
