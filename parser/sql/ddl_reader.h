// From the syntax tree of one DDL statement to what it says: the kind, the object, its parts.
//
// A kind is given only to a statement that is nothing but that: CREATE SCHEMA with elements in it, or an ALTER TABLE
// with one subcommand of another kind, is kOther. So is a partition whose bound calls a function, since creating it
// would run that function. A materialized view is rewritten so that it is created WITH NO DATA: its query runs nowhere.
#pragma once

#include "parser/sql/ddl.h"
#include "parser/sql/syntax_tree.h"

namespace assay {

/// Reads all but the line out of `statement`, the tree of `result.sql`, into `result`.
void read_ddl(Node& statement, DdlStatement& result);

// What the kinds have in common (ddl_parts.cpp).

/// Columns and constraints of CREATE TABLE.
void read_table(const PgQuery__CreateStmt& statement, DdlStatement& result);

ConstraintDefinition read_constraint(const PgQuery__Constraint& constraint);

QualifiedName qualified(const PgQuery__RangeVar* name);
QualifiedName qualified(std::size_t count, Node* const* names);

IndexDefinition read_index(const PgQuery__IndexStmt& statement);

/// Constants, MINVALUE and MAXVALUE only.
bool is_constant_bound(const PgQuery__PartitionBoundSpec* bound);

// What runs, or is run, by itself (ddl_programs.cpp).

void read_function(const PgQuery__CreateFunctionStmt& statement, DdlStatement& result);
void read_trigger(const PgQuery__CreateTrigStmt& statement, DdlStatement& result);
/// The query of CREATE [MATERIALIZED] VIEW, from its text.
std::string view_query(std::string_view sql);

}  // namespace assay
