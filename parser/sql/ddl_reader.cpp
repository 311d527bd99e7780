#include "parser/sql/ddl_reader.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "parser/sql/lexer.h"

namespace assay {
namespace {

void set_name(QualifiedName name, DdlStatement& result) {
  result.schema = std::move(name.schema);
  result.name = std::move(name.name);
}

void set_name(const PgQuery__RangeVar* name, DdlStatement& result) { set_name(qualified(name), result); }

void set_name(std::size_t count, Node* const* names, DdlStatement& result) {
  set_name(qualified(count, names), result);
}

const PgQuery__AlterTableCmd* command(const Node* node) {
  return as<PgQuery__AlterTableCmd>(node, pg_query__alter_table_cmd__descriptor);
}

DdlKind kind_of(const PgQuery__AlterTableCmd& command) {
  switch (command.subtype) {
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint:
      return DdlKind::kAddConstraint;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AttachPartition:
      return DdlKind::kAttachPartition;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStatistics:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetOptions:  // n_distinct
    case PG_QUERY__ALTER_TABLE_TYPE__AT_AddIdentity:
      return DdlKind::kAlterColumn;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableRowSecurity:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_ForceRowSecurity:
      return DdlKind::kRowSecurity;
    case PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_ClusterOn:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_ReplicaIdentity:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStorage:
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetCompression:
      return DdlKind::kHarmless;
    default:
      return DdlKind::kOther;
  }
}

const PgQuery__PartitionCmd* as_partition(const PgQuery__AlterTableCmd& command) {
  return as<PgQuery__PartitionCmd>(command.def, pg_query__partition_cmd__descriptor);
}

bool has_constant_bound(const PgQuery__AlterTableCmd& command) {
  const PgQuery__PartitionCmd* partition = as_partition(command);
  return partition == nullptr || is_constant_bound(partition->bound);
}

DdlKind alter_table(const PgQuery__AlterTableStmt& statement, DdlStatement& result) {
  set_name(statement.relation, result);
  const PgQuery__AlterTableCmd* first = statement.n_cmds > 0 ? command(statement.cmds[0]) : nullptr;
  const DdlKind kind = first == nullptr ? DdlKind::kOther : kind_of(*first);
  const bool is_uniform = std::all_of(statement.cmds, statement.cmds + statement.n_cmds, [&](const Node* node) {
    return command(node) != nullptr && kind_of(*command(node)) == kind && has_constant_bound(*command(node));
  });
  if (!is_uniform) return DdlKind::kOther;
  if (const auto* partition = as_partition(*first)) result.partition = qualified(partition->name);
  result.is_index = statement.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_INDEX;
  for (std::size_t i = 0; kind == DdlKind::kAddConstraint && i < statement.n_cmds; ++i) {
    const auto* constraint = as<PgQuery__Constraint>(command(statement.cmds[i])->def, pg_query__constraint__descriptor);
    if (constraint != nullptr) result.constraints.push_back(read_constraint(*constraint));
  }
  return kind;
}

DdlKind create_table(const PgQuery__CreateStmt& statement, DdlStatement& result) {
  set_name(statement.relation, result);
  if (!is_constant_bound(statement.partbound)) return DdlKind::kOther;
  read_table(statement, result);
  result.is_partitioned = statement.partspec != nullptr;
  result.is_partition = statement.partbound != nullptr;
  return DdlKind::kCreateTable;
}

DdlKind create_index(const PgQuery__IndexStmt& statement, DdlStatement& result) {
  result.index = read_index(statement);
  result.schema = statement.relation->schemaname;
  result.name = statement.idxname;
  return DdlKind::kCreateIndex;
}

DdlKind create_extension(const PgQuery__CreateExtensionStmt& statement, DdlStatement& result) {
  result.name = statement.extname;
  for (std::size_t i = 0; i < statement.n_options; ++i) {
    const auto* option = as<PgQuery__DefElem>(statement.options[i], pg_query__def_elem__descriptor);
    if (option != nullptr && std::string_view(option->defname) == "schema") result.schema = string_of(option->arg);
  }
  return DdlKind::kCreateExtension;
}

/// CREATE MATERIALIZED VIEW … [WITH DATA], made to run nothing.
std::string without_data(const std::string& sql) {
  std::size_t end = sql.size(), before_last = end, last = end;
  Token previous;
  Lexer lexer(sql);
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    const bool is_clause = is_word(previous.text, "with") && is_word(token.text, "data");
    end = is_clause ? before_last : lexer.position();
    before_last = last;
    last = lexer.position();
    previous = token;
  }
  return sql.substr(0, end) + " WITH NO DATA";
}

DdlKind create_materialized_view(const PgQuery__CreateTableAsStmt& statement, DdlStatement& result) {
  set_name(statement.into->rel, result);
  result.query = view_query(result.sql);
  if (statement.objtype != PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW) return DdlKind::kOther;  // CREATE TABLE AS
  if (statement.into->skip_data == 0) result.sql = without_data(result.sql);
  return DdlKind::kCreateMaterializedView;
}

/// Of all that shares this node (aggregates, operators, base types …), collations only.
DdlKind define(const PgQuery__DefineStmt& statement, DdlStatement& result) {
  set_name(statement.n_defnames, statement.defnames, result);
  return statement.kind == PG_QUERY__OBJECT_TYPE__OBJECT_COLLATION ? DdlKind::kCreateCollation : DdlKind::kOther;
}

DdlKind create_schema(const PgQuery__CreateSchemaStmt& statement, DdlStatement& result) {
  result.name = statement.schemaname;
  return statement.n_schema_elts == 0 ? DdlKind::kCreateSchema : DdlKind::kOther;
}

DdlKind named(DdlKind kind, std::size_t count, Node* const* names, DdlStatement& result) {
  set_name(count, names, result);
  return kind;
}

/// What pg_dump writes at the head of every dump; any other SELECT may run anything.
bool sets_search_path(std::string_view sql) {
  constexpr std::array<std::string_view, 11> kTokens = {"select", "pg_catalog", ".", "set_config", "(", "'search_path'",
                                                        ",",      "''",         ",", "false",      ")"};
  Lexer lexer(sql);
  const bool is_same = std::all_of(kTokens.begin(), kTokens.end(),
                                   [&](std::string_view expected) { return is_word(lexer.next().text, expected); });
  return is_same && lexer.next().kind == TokenKind::kEnd;
}

DdlKind read_type(const Node& node, DdlStatement& result) {
  switch (node.node_case) {
    case PG_QUERY__NODE__NODE_CREATE_ENUM_STMT:
      return named(DdlKind::kCreateEnum, node.create_enum_stmt->n_type_name, node.create_enum_stmt->type_name, result);
    case PG_QUERY__NODE__NODE_CREATE_DOMAIN_STMT:
      return named(DdlKind::kCreateDomain, node.create_domain_stmt->n_domainname, node.create_domain_stmt->domainname,
                   result);
    case PG_QUERY__NODE__NODE_CREATE_RANGE_STMT:
      return named(DdlKind::kCreateRangeType, node.create_range_stmt->n_type_name, node.create_range_stmt->type_name,
                   result);
    case PG_QUERY__NODE__NODE_COMPOSITE_TYPE_STMT:
      set_name(node.composite_type_stmt->typevar, result);
      return DdlKind::kCreateCompositeType;
    case PG_QUERY__NODE__NODE_DEFINE_STMT:
      return define(*node.define_stmt, result);
    default:
      return DdlKind::kOther;
  }
}

DdlKind read_small(const Node& node, DdlStatement& result) {
  switch (node.node_case) {
    case PG_QUERY__NODE__NODE_CREATE_SCHEMA_STMT:
      return create_schema(*node.create_schema_stmt, result);
    case PG_QUERY__NODE__NODE_CREATE_EXTENSION_STMT:
      return create_extension(*node.create_extension_stmt, result);
    case PG_QUERY__NODE__NODE_CREATE_SEQ_STMT:
      set_name(node.create_seq_stmt->sequence, result);
      return DdlKind::kCreateSequence;
    case PG_QUERY__NODE__NODE_CREATE_STATS_STMT:
      return named(DdlKind::kCreateStatistics, node.create_stats_stmt->n_defnames, node.create_stats_stmt->defnames,
                   result);
    case PG_QUERY__NODE__NODE_RULE_STMT:
      set_name(node.rule_stmt->relation, result);
      return DdlKind::kCreateRule;
    case PG_QUERY__NODE__NODE_CREATE_POLICY_STMT:
      set_name(node.create_policy_stmt->table, result);
      return DdlKind::kRowSecurity;
    case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
    case PG_QUERY__NODE__NODE_COMMENT_STMT:
    case PG_QUERY__NODE__NODE_GRANT_STMT:
    case PG_QUERY__NODE__NODE_ALTER_DEFAULT_PRIVILEGES_STMT:
    case PG_QUERY__NODE__NODE_ALTER_OWNER_STMT:
    case PG_QUERY__NODE__NODE_ALTER_SEQ_STMT:
      return DdlKind::kHarmless;  // ALTER SEQUENCE … OWNED BY
    case PG_QUERY__NODE__NODE_SELECT_STMT:
      return sets_search_path(result.sql) ? DdlKind::kHarmless : DdlKind::kOther;
    default:
      return read_type(node, result);
  }
}

}  // namespace

void read_ddl(Node& statement, DdlStatement& result) {
  switch (statement.node_case) {
    case PG_QUERY__NODE__NODE_CREATE_STMT:
      result.kind = create_table(*statement.create_stmt, result);
      break;
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
      result.kind = alter_table(*statement.alter_table_stmt, result);
      break;
    case PG_QUERY__NODE__NODE_INDEX_STMT:
      result.kind = create_index(*statement.index_stmt, result);
      break;
    case PG_QUERY__NODE__NODE_VIEW_STMT:
      set_name(statement.view_stmt->view, result);
      result.query = view_query(result.sql);
      result.kind = DdlKind::kCreateView;
      break;
    case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
      result.kind = create_materialized_view(*statement.create_table_as_stmt, result);
      break;
    case PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT:
      read_function(*statement.create_function_stmt, result);
      result.kind = DdlKind::kCreateFunction;
      break;
    case PG_QUERY__NODE__NODE_CREATE_TRIG_STMT:
      read_trigger(*statement.create_trig_stmt, result);
      result.kind = DdlKind::kCreateTrigger;
      break;
    default:
      result.kind = read_small(statement, result);
  }
}

}  // namespace assay
