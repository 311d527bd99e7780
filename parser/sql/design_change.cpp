#include "parser/sql/design_change.h"

#include "parser/sql/syntax_tree.h"

namespace assay {
namespace {

std::optional<DesignChange> created(const PgQuery__IndexStmt& statement) {
  if (std::string_view(statement.idxname).empty() || statement.relation == nullptr) return std::nullopt;
  return DesignChange{DesignChangeKind::kCreateIndex, statement.relation->schemaname, statement.idxname};
}

std::optional<DesignChange> dropped(const PgQuery__DropStmt& statement) {
  const bool is_one_index = statement.remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_INDEX && statement.n_objects == 1;
  if (!is_one_index || statement.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE) return std::nullopt;
  const PgQuery__List* words = as_list(statement.objects[0]);
  if (words == nullptr || words->n_items == 0 || words->n_items > 2) return std::nullopt;
  const std::string schema = words->n_items == 2 ? string_of(words->items[0]) : "";
  return DesignChange{DesignChangeKind::kDropIndex, schema, last_name(words->n_items, words->items)};
}

}  // namespace

std::optional<DesignChange> design_change(std::string_view sql) {
  const ParsedSyntax syntax = parse_syntax(sql);
  if (syntax.tree == nullptr || syntax.tree->n_stmts != 1) return std::nullopt;
  const Node& node = *syntax.tree->stmts[0]->stmt;
  if (node.node_case == PG_QUERY__NODE__NODE_INDEX_STMT) return created(*node.index_stmt);
  if (node.node_case == PG_QUERY__NODE__NODE_DROP_STMT) return dropped(*node.drop_stmt);
  return std::nullopt;
}

}  // namespace assay
