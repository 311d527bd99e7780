#include <algorithm>
#include <optional>

#include "parser/sql/ddl_reader.h"
#include "parser/sql/type_name.h"

namespace assay {
namespace {

std::vector<std::string> strings_of(std::size_t count, Node* const* names) {
  std::vector<std::string> strings;
  for (std::size_t i = 0; i < count; ++i) strings.push_back(string_of(names[i]));
  return strings;
}

/// The kind, where the constraint is one that DdlStatement tells.
std::optional<ConstraintKind> kind_of(const PgQuery__Constraint& constraint) {
  switch (constraint.contype) {
    case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
      return ConstraintKind::kPrimaryKey;
    case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
      return ConstraintKind::kUnique;
    case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
      return ConstraintKind::kForeignKey;
    case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
      return ConstraintKind::kCheck;
    case PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION:
      return ConstraintKind::kExclusion;
    default:
      return std::nullopt;
  }
}

/// Plain columns of EXCLUDE USING gist (a WITH =, …), each a list of an IndexElem and an operator.
std::vector<std::string> excluded_columns(const PgQuery__Constraint& constraint) {
  std::vector<std::string> columns;
  for (std::size_t i = 0; i < constraint.n_exclusions; ++i) {
    const PgQuery__List* pair = as_list(constraint.exclusions[i]);
    const Node* first = pair != nullptr && pair->n_items > 0 ? pair->items[0] : nullptr;
    const auto* element = as<PgQuery__IndexElem>(first, pg_query__index_elem__descriptor);
    if (element != nullptr && *element->name != '\0') columns.emplace_back(element->name);
  }
  return columns;
}

/// serial and its kin are integers with NOT NULL and a default (transformColumnDefinition).
bool is_serial(const std::string& type) {
  return type == "serial" || type == "bigserial" || type == "smallserial" || type == "serial4" || type == "serial8" ||
         type == "serial2";
}

bool forbids_null(const PgQuery__Constraint& constraint) {
  return constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL ||
         constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY ||
         constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY;
}

void read_column(const PgQuery__ColumnDef& definition, DdlStatement& result) {
  ColumnDefinition column;
  column.name = definition.colname;
  if (definition.type_name != nullptr) column.type = type_text(*definition.type_name);
  column.not_null = definition.is_not_null != 0 || is_serial(column.type);
  for (std::size_t i = 0; i < definition.n_constraints; ++i) {
    const auto* constraint = as<PgQuery__Constraint>(definition.constraints[i], pg_query__constraint__descriptor);
    if (constraint == nullptr) continue;
    column.not_null = column.not_null || forbids_null(*constraint);
    if (!kind_of(*constraint)) continue;
    ConstraintDefinition& added = result.constraints.emplace_back(read_constraint(*constraint));
    if (added.columns.empty()) added.columns = {column.name};
  }
  result.columns.push_back(std::move(column));
}

void mark_primary_key(DdlStatement& table) {
  for (const ConstraintDefinition& constraint : table.constraints) {
    if (constraint.kind != ConstraintKind::kPrimaryKey) continue;
    for (ColumnDefinition& column : table.columns) {
      const bool is_in_key =
          std::find(constraint.columns.begin(), constraint.columns.end(), column.name) != constraint.columns.end();
      column.not_null = column.not_null || is_in_key;
    }
  }
}

std::string own_name(const PgQuery__ColumnRef& column) { return last_name(column.n_fields, column.fields); }

std::string expression_text(Node* expression) {
  return expression == nullptr ? std::string() : expression_sql(*expression, own_name).value_or("");
}

/// " (siglen='32')"
std::string operator_class_options(const PgQuery__IndexElem& element) {
  std::string text;
  for (std::size_t i = 0; i < element.n_opclassopts; ++i) {
    const auto* option = as<PgQuery__DefElem>(element.opclassopts[i], pg_query__def_elem__descriptor);
    if (option == nullptr) continue;
    const auto* number = as<PgQuery__Integer>(option->arg, pg_query__integer__descriptor);
    const std::string value = number != nullptr ? std::to_string(number->ival) : string_of(option->arg);
    text += (text.empty() ? " (" : ", ") + quote_identifier(option->defname) + "=" + quote_literal(value);
  }
  return text.empty() ? text : text + ")";
}

IndexKey read_key(const PgQuery__IndexElem& element) {
  IndexKey key;
  key.column = element.name;
  key.expression = expression_text(element.expr);
  key.descending = element.ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
  key.nulls_first = element.nulls_ordering == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT
                        ? key.descending
                        : element.nulls_ordering == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST;
  key.operator_class = qualified_name(element.n_opclass, element.opclass) + operator_class_options(element);
  key.collation = qualified_name(element.n_collation, element.collation);
  return key;
}

bool is_constant_datum(const Node* node) {
  if (const PgQuery__List* row = as_list(node))
    return std::all_of(row->items, row->items + row->n_items, is_constant_datum);
  while (const PgQuery__TypeCast* cast = as_cast(node)) node = cast->arg;
  return as_constant(node) != nullptr ||
         as_column(node) != nullptr;  // MINVALUE and MAXVALUE are column references here
}

char action_of(const char* action) { return *action == '\0' ? 'a' : *action; }

}  // namespace

QualifiedName qualified(const PgQuery__RangeVar* name) {
  return name == nullptr ? QualifiedName{} : QualifiedName{name->schemaname, name->relname};
}

QualifiedName qualified(std::size_t count, Node* const* names) {
  return {count > 1 ? string_of(names[count - 2]) : std::string(), last_name(count, names)};
}

ConstraintDefinition read_constraint(const PgQuery__Constraint& constraint) {
  ConstraintDefinition result;
  result.kind = kind_of(constraint).value_or(ConstraintKind::kCheck);
  result.name = constraint.conname;
  result.columns = strings_of(constraint.n_keys, constraint.keys);
  if (result.kind == ConstraintKind::kExclusion) result.columns = excluded_columns(constraint);
  if (result.kind != ConstraintKind::kForeignKey) return result;
  result.columns = strings_of(constraint.n_fk_attrs, constraint.fk_attrs);
  result.referenced_columns = strings_of(constraint.n_pk_attrs, constraint.pk_attrs);
  result.on_update = action_of(constraint.fk_upd_action);
  result.on_delete = action_of(constraint.fk_del_action);
  if (constraint.pktable != nullptr) {
    result.referenced_schema = constraint.pktable->schemaname;
    result.referenced_table = constraint.pktable->relname;
  }
  return result;
}

void read_table(const PgQuery__CreateStmt& statement, DdlStatement& result) {
  for (std::size_t i = 0; i < statement.n_table_elts; ++i) {
    const Node* element = statement.table_elts[i];
    if (const auto* column = as<PgQuery__ColumnDef>(element, pg_query__column_def__descriptor)) {
      read_column(*column, result);
    } else if (const auto* constraint = as<PgQuery__Constraint>(element, pg_query__constraint__descriptor)) {
      if (kind_of(*constraint)) result.constraints.push_back(read_constraint(*constraint));
    }
  }
  for (std::size_t i = 0; i < statement.n_inh_relations; ++i) {
    result.parents.push_back(
        qualified(as<PgQuery__RangeVar>(statement.inh_relations[i], pg_query__range_var__descriptor)));
  }
  mark_primary_key(result);
}

IndexDefinition read_index(const PgQuery__IndexStmt& statement) {
  IndexDefinition index;
  if (*statement.relation->schemaname != '\0') index.schema = statement.relation->schemaname;
  index.table = statement.relation->relname;
  index.name = statement.idxname;
  index.method = statement.access_method;
  index.unique = statement.unique != 0;
  for (std::size_t i = 0; i < statement.n_index_params; ++i) {
    const auto* element = as<PgQuery__IndexElem>(statement.index_params[i], pg_query__index_elem__descriptor);
    if (element != nullptr) index.keys.push_back(read_key(*element));
  }
  for (std::size_t i = 0; i < statement.n_index_including_params; ++i) {
    const auto* element = as<PgQuery__IndexElem>(statement.index_including_params[i], pg_query__index_elem__descriptor);
    if (element != nullptr) index.include.emplace_back(element->name);
  }
  index.predicate = expression_text(statement.where_clause);
  return index;
}

bool is_constant_bound(const PgQuery__PartitionBoundSpec* bound) {
  if (bound == nullptr) return true;
  return std::all_of(bound->listdatums, bound->listdatums + bound->n_listdatums, is_constant_datum) &&
         std::all_of(bound->lowerdatums, bound->lowerdatums + bound->n_lowerdatums, is_constant_datum) &&
         std::all_of(bound->upperdatums, bound->upperdatums + bound->n_upperdatums, is_constant_datum);
}

}  // namespace assay
