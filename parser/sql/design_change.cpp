#include "parser/sql/design_change.h"

#include <algorithm>

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

bool is_column(const Node* node) {
  const auto* element = as<PgQuery__StatsElem>(node, pg_query__stats_elem__descriptor);
  return element != nullptr && element->expr == nullptr && !std::string_view(element->name).empty();
}

std::optional<DesignChange> created(const PgQuery__CreateStatsStmt& statement) {
  const std::string name = last_name(statement.n_defnames, statement.defnames);
  if (name.empty() || statement.n_defnames > 2 || statement.n_relations != 1) return std::nullopt;
  const bool is_of_table = as<PgQuery__RangeVar>(statement.relations[0], pg_query__range_var__descriptor) != nullptr;
  if (!is_of_table || !std::all_of(statement.exprs, statement.exprs + statement.n_exprs, is_column))
    return std::nullopt;
  const std::string schema = statement.n_defnames == 2 ? string_of(statement.defnames[0]) : "";
  return DesignChange{DesignChangeKind::kCreateStatistics, schema, name};
}

std::optional<DesignChange> analyzed(const PgQuery__VacuumStmt& statement) {
  if (statement.is_vacuumcmd || statement.n_options > 0 || statement.n_rels != 1) return std::nullopt;
  const auto* table = as<PgQuery__VacuumRelation>(statement.rels[0], pg_query__vacuum_relation__descriptor);
  if (table == nullptr || table->relation == nullptr) return std::nullopt;
  return DesignChange{DesignChangeKind::kAnalyze, table->relation->schemaname, table->relation->relname};
}

}  // namespace

std::optional<DesignChange> design_change(std::string_view sql) {
  const ParsedSyntax syntax = parse_syntax(sql);
  if (syntax.tree == nullptr || syntax.tree->n_stmts != 1) return std::nullopt;
  const Node& node = *syntax.tree->stmts[0]->stmt;
  if (node.node_case == PG_QUERY__NODE__NODE_INDEX_STMT) return created(*node.index_stmt);
  if (node.node_case == PG_QUERY__NODE__NODE_DROP_STMT) return dropped(*node.drop_stmt);
  if (node.node_case == PG_QUERY__NODE__NODE_CREATE_STATS_STMT) return created(*node.create_stats_stmt);
  if (node.node_case == PG_QUERY__NODE__NODE_VACUUM_STMT) return analyzed(*node.vacuum_stmt);
  return std::nullopt;
}

}  // namespace assay
