#include "parser/sql/command_reader.h"

#include <utility>

#include "parser/sql/ingredients_reader.h"

namespace assay {
namespace {

void add_written(const PgQuery__RangeVar* name, Statement& statement) {
  if (name == nullptr) return;
  RelationUse use;
  use.schema = name->schemaname;
  use.name = name->relname;
  use.written = true;
  statement.relations.push_back(std::move(use));
}

void add_written(std::size_t count, Node* const* names, Statement& statement) {
  for (std::size_t i = 0; i < count; ++i) {
    add_written(as<PgQuery__RangeVar>(names[i], pg_query__range_var__descriptor), statement);
  }
}

/// DROP names its tables as lists of words.
void add_dropped(const PgQuery__DropStmt& drop, Statement& statement) {
  for (std::size_t i = 0; i < drop.n_objects; ++i) {
    const PgQuery__List* words = as_list(drop.objects[i]);
    if (words == nullptr || words->n_items == 0) continue;
    RelationUse use;
    use.name = last_name(words->n_items, words->items);
    if (words->n_items > 1) use.schema = string_of(words->items[words->n_items - 2]);
    use.written = true;
    statement.relations.push_back(std::move(use));
  }
}

/// Whoever reads the new name reads other rows from then on.
void add_renamed(const PgQuery__RenameStmt& rename, Statement& statement) {
  if (rename.relation == nullptr) return;
  add_written(rename.relation, statement);
  RelationUse renamed = statement.relations.back();
  renamed.name = rename.newname;
  const bool is_relation = rename.rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE ||
                           rename.rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_VIEW ||
                           rename.rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW;
  if (is_relation) statement.relations.push_back(std::move(renamed));
}

/// A statement within a command. What its functions do is for those to judge who know them.
bool may_write(const Node* query) { return query != nullptr && ingredients_of(*query).changes_data; }

void read_copy(const PgQuery__CopyStmt& copy, Statement& statement) {
  if (copy.is_from != 0) add_written(copy.relation, statement);
  statement.runs_unseen = may_write(copy.query);
}

void read_explain(const PgQuery__ExplainStmt& explain, Statement& statement) {
  for (std::size_t i = 0; i < explain.n_options; ++i) {
    const auto* option = as<PgQuery__DefElem>(explain.options[i], pg_query__def_elem__descriptor);
    if (option != nullptr && std::string_view(option->defname) == "analyze")
      statement.runs_unseen = may_write(explain.query);
  }
}

}  // namespace

void read_command(const Node& command, Statement& statement) {
  switch (command.node_case) {
    case PG_QUERY__NODE__NODE_COPY_STMT:
      return read_copy(*command.copy_stmt, statement);
    case PG_QUERY__NODE__NODE_TRUNCATE_STMT:
      return add_written(command.truncate_stmt->n_relations, command.truncate_stmt->relations, statement);
    case PG_QUERY__NODE__NODE_REFRESH_MAT_VIEW_STMT:
      return add_written(command.refresh_mat_view_stmt->relation, statement);
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
      return add_written(command.alter_table_stmt->relation, statement);
    case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
      return add_written(command.create_table_as_stmt->into->rel, statement);
    case PG_QUERY__NODE__NODE_CREATE_STMT:
      return add_written(command.create_stmt->relation, statement);
    case PG_QUERY__NODE__NODE_SELECT_STMT:  // INTO
      return add_written(command.select_stmt->into_clause == nullptr ? nullptr : command.select_stmt->into_clause->rel,
                         statement);
    case PG_QUERY__NODE__NODE_DROP_STMT:
      return add_dropped(*command.drop_stmt, statement);
    case PG_QUERY__NODE__NODE_VIEW_STMT:
      return add_written(command.view_stmt->view, statement);
    case PG_QUERY__NODE__NODE_RENAME_STMT:
      return add_renamed(*command.rename_stmt, statement);
    case PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT:
      return add_written(command.alter_object_schema_stmt->relation, statement);
    case PG_QUERY__NODE__NODE_EXPLAIN_STMT:
      return read_explain(*command.explain_stmt, statement);
    case PG_QUERY__NODE__NODE_DECLARE_CURSOR_STMT:
      statement.runs_unseen = may_write(command.declare_cursor_stmt->query);
      return;
    case PG_QUERY__NODE__NODE_DO_STMT:
    case PG_QUERY__NODE__NODE_CALL_STMT:
    case PG_QUERY__NODE__NODE_EXECUTE_STMT:
      statement.runs_unseen = true;
      return;
    default:
      return;  // transactions, settings, locks, maintenance, and what changes the schema but no row
  }
}

}  // namespace assay
