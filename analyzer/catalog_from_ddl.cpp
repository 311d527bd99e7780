#include "analyzer/catalog_from_ddl.h"

#include <algorithm>
#include <utility>

#include "parser/sql/ddl.h"
#include "parser/sql/lexer.h"

namespace assay {
namespace {

std::string or_public(const std::string& schema) { return schema.empty() ? "public" : schema; }

class CatalogBuilder {
 public:
  void add(const DdlStatement& statement);
  Catalog finish() { return std::move(catalog_); }

 private:
  void add_relation(const DdlStatement& statement, char kind);
  void add_constraint(const DdlStatement& statement, const ConstraintDefinition& constraint);
  void add_constraint_index(const DdlStatement& statement, const ConstraintDefinition& constraint);
  void add_foreign_key(const DdlStatement& statement, const ConstraintDefinition& constraint);
  void add_index(const DdlStatement& statement);
  void attach_partition(const DdlStatement& statement);
  void add_function(const DdlStatement& statement);
  void add_trigger(const DdlStatement& statement);
  void add_operator_or_cast(std::string_view sql);
  char volatility_of(const std::string& function) const;
  std::vector<std::string> primary_key(const std::string& schema, const std::string& table) const;
  Table* table(const std::string& schema, const std::string& name);
  Table* find(const QualifiedName& name) { return table(name.schema, name.name); }

  Catalog catalog_{.source = CatalogSource::kDump, .search_path = {"public"}};
};

void CatalogBuilder::add(const DdlStatement& statement) {
  switch (statement.kind) {
    case DdlKind::kCreateTable:
      add_relation(statement, statement.is_partitioned ? 'p' : 'r');
      break;
    case DdlKind::kCreateView:
      add_relation(statement, 'v');
      break;
    case DdlKind::kCreateMaterializedView:
      add_relation(statement, 'm');
      break;
    case DdlKind::kCreateIndex:
      add_index(statement);
      break;
    case DdlKind::kAddConstraint:
      for (const auto& constraint : statement.constraints) add_constraint(statement, constraint);
      break;
    case DdlKind::kAttachPartition:
      attach_partition(statement);
      break;
    case DdlKind::kCreateFunction:
      add_function(statement);
      break;
    case DdlKind::kRowSecurity:
      if (Table* secured = table(or_public(statement.schema), statement.name)) secured->row_security = true;
      return;
    case DdlKind::kCreateTrigger:
      return add_trigger(statement);
    case DdlKind::kCreateExtension:
      catalog_.extensions.push_back({statement.name, ""});
      break;
    case DdlKind::kCreateRule:
      if (Table* ruled = table(or_public(statement.schema), statement.name)) ruled->has_rules = true;
      return;
    case DdlKind::kOther:
      return add_operator_or_cast(statement.sql);
    case DdlKind::kHarmless:
      return;
    default:
      break;
  }
  catalog_.ddl.push_back(statement.sql);
}

void CatalogBuilder::add_relation(const DdlStatement& statement, char kind) {
  Table table{.schema = or_public(statement.schema), .name = statement.name, .kind = kind};
  table.definition = statement.query;
  for (const QualifiedName& parent : statement.parents)
    table.parents.push_back({or_public(parent.schema), parent.name});
  for (const auto& column : statement.columns) {
    table.columns.push_back({.name = column.name, .type = column.type, .not_null = column.not_null});
  }
  if (const Table* whole = statement.is_partition ? find(table.parents.at(0)) : nullptr;
      whole && table.columns.empty()) {
    table.columns = whole->columns;
  }
  catalog_.tables.push_back(std::move(table));
  for (const auto& constraint : statement.constraints) add_constraint(statement, constraint);
}

void CatalogBuilder::add_constraint(const DdlStatement& statement, const ConstraintDefinition& constraint) {
  switch (constraint.kind) {
    case ConstraintKind::kPrimaryKey:
    case ConstraintKind::kUnique:
      return add_constraint_index(statement, constraint);
    case ConstraintKind::kForeignKey:
      return add_foreign_key(statement, constraint);
    default:
      return;
  }
}

void CatalogBuilder::add_constraint_index(const DdlStatement& statement, const ConstraintDefinition& constraint) {
  Index index;
  index.primary = constraint.kind == ConstraintKind::kPrimaryKey;
  index.definition.schema = or_public(statement.schema);
  index.definition.table = statement.name;
  index.definition.unique = true;
  for (const auto& column : constraint.columns) index.definition.keys.push_back({.column = column});
  // The server's own choice where the dump names none: transformIndexConstraint, ChooseIndexName.
  index.definition.name = constraint.name;
  if (constraint.name.empty()) {
    const std::string name = conventional_index_name(index.definition);
    index.definition.name =
        index.primary ? statement.name + "_pkey" : name.substr(0, name.size() - std::string_view("idx").size()) + "key";
  }
  index.constraint = index.definition.name;
  index.sql = create_index_sql(index.definition, false);
  if (index.primary) {
    for (const auto& key : constraint.columns) {
      Table* owner = table(index.definition.schema, statement.name);
      if (!owner) continue;
      for (Column& column : owner->columns) column.not_null |= column.name == key;
    }
  }
  catalog_.indexes.push_back(std::move(index));
}

void CatalogBuilder::add_foreign_key(const DdlStatement& statement, const ConstraintDefinition& constraint) {
  ForeignKey key{.name = constraint.name,
                 .schema = or_public(statement.schema),
                 .table = statement.name,
                 .columns = constraint.columns,
                 .referenced_schema = or_public(constraint.referenced_schema),
                 .referenced_table = constraint.referenced_table,
                 .referenced_columns = constraint.referenced_columns,
                 .on_update = constraint.on_update,
                 .on_delete = constraint.on_delete};
  if (key.referenced_columns.empty()) key.referenced_columns = primary_key(key.referenced_schema, key.referenced_table);
  catalog_.foreign_keys.push_back(std::move(key));
}

void CatalogBuilder::add_index(const DdlStatement& statement) {
  Index index{.definition = statement.index, .sql = statement.sql};
  index.definition.schema = or_public(index.definition.schema);
  if (index.definition.name.empty()) index.definition.name = conventional_index_name(index.definition);
  catalog_.indexes.push_back(std::move(index));
}

void CatalogBuilder::attach_partition(const DdlStatement& statement) {
  if (statement.is_index) return;  // partitioned_tables.h reads it from the DDL
  Table* partition = table(or_public(statement.partition.schema), statement.partition.name);
  if (partition) partition->parents.push_back({or_public(statement.schema), statement.name});
}

void CatalogBuilder::add_function(const DdlStatement& statement) {
  catalog_.functions.push_back({.schema = or_public(statement.schema),
                                .name = statement.name,
                                .arguments = {},
                                .language = statement.language,
                                .body = statement.body,
                                .kind = statement.is_procedure ? 'p' : 'f',
                                .volatility = statement.volatility});
}

void CatalogBuilder::add_trigger(const DdlStatement& statement) {
  const TriggerDefinition& trigger = statement.trigger;
  catalog_.triggers.push_back({.schema = or_public(statement.table.schema),
                               .table = statement.table.name,
                               .name = statement.name,
                               .function_schema = or_public(trigger.function.schema),
                               .function = trigger.function.name,
                               .time = trigger.time,
                               .on_insert = trigger.on_insert,
                               .on_update = trigger.on_update,
                               .on_delete = trigger.on_delete,
                               .on_truncate = trigger.on_truncate,
                               .for_each_row = trigger.for_each_row});
}

/// CREATE OPERATOR name (FUNCTION = f, …), CREATE CAST (source AS target) WITH FUNCTION f(…) [AS IMPLICIT].
void CatalogBuilder::add_operator_or_cast(std::string_view sql) {
  Lexer lexer(sql);
  if (!is_word(lexer.next().text, "create")) return;
  const Token kind = lexer.next();
  const bool is_operator = is_word(kind.text, "operator"), is_cast = is_word(kind.text, "cast");
  if (!is_operator && !is_cast) return;
  std::string name, source, target, function;
  bool implicit = false;
  Token token = lexer.next();
  if (is_operator) {
    for (; token.kind != TokenKind::kEnd && !token.is("("); token = lexer.next()) name = token.text;
  } else {
    std::string* side = &source;
    for (token = lexer.next(); token.kind != TokenKind::kEnd && !token.is(")"); token = lexer.next()) {
      if (is_word(token.text, "as")) {
        side = &target;
      } else {
        const bool glued = token.is(".") || side->empty() || side->ends_with('.');
        *side += (glued ? "" : " ") + std::string(token.text);
      }
    }
  }
  for (; token.kind != TokenKind::kEnd; token = lexer.next()) {
    implicit |= is_word(token.text, "implicit") || is_word(token.text, "assignment");
    if (!function.empty() || (!is_word(token.text, "function") && !is_word(token.text, "procedure"))) continue;
    token = lexer.next();
    if (token.is("=")) token = lexer.next();
    for (; token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedName || token.is(".");
         token = lexer.next())
      function = token.text;
  }
  if (is_operator) catalog_.operators.push_back({{}, name, volatility_of(function)});
  if (is_cast && !function.empty()) catalog_.casts.push_back({source, target, implicit, volatility_of(function)});
}

/// The most volatile of that name; volatile where it is not known.
char CatalogBuilder::volatility_of(const std::string& function) const {
  char most = 0;
  for (const Function& one : catalog_.functions) {
    if (one.name == function) most = std::max(most, one.volatility);  // 'i' < 's' < 'v'
  }
  return most == 0 ? 'v' : most;
}

std::vector<std::string> CatalogBuilder::primary_key(const std::string& schema, const std::string& table) const {
  for (const Index& index : catalog_.indexes) {
    if (!index.primary || index.definition.schema != schema || index.definition.table != table) continue;
    std::vector<std::string> columns;
    for (const IndexKey& key : index.definition.keys) columns.push_back(key.column);
    return columns;
  }
  return {};
}

Table* CatalogBuilder::table(const std::string& schema, const std::string& name) {
  const auto found = std::find_if(catalog_.tables.begin(), catalog_.tables.end(), [&](const Table& candidate) {
    return candidate.name == name && candidate.schema == schema;
  });
  return found == catalog_.tables.end() ? nullptr : &*found;
}

}  // namespace

Catalog catalog_from_ddl(std::string_view script, const std::string& file, Diagnostics& diagnostics) {
  CatalogBuilder builder;
  for (const DdlStatement& statement : parse_ddl(script, file, diagnostics)) builder.add(statement);
  return builder.finish();
}

}  // namespace assay
