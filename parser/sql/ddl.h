// DDL as values: a schema dump, or one statement of it, sorted by kind.
//
// A dump is hostile input, so nothing here is ever handed to psql: the shadow planner lets statements in by
// kind (connectors), and the analyzer builds a Catalog from what they say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parser/base/diagnostic.h"
#include "parser/sql/index_definition.h"

namespace assay {

enum class DdlKind {
  kCreateSchema,
  kCreateExtension,
  kCreateEnum,
  kCreateDomain,
  kCreateCompositeType,
  kCreateRangeType,
  kCreateSequence,
  kCreateTable,      ///< also PARTITION OF and INHERITS
  kAttachPartition,  ///< ALTER TABLE … ATTACH PARTITION, ALTER INDEX … ATTACH PARTITION
  kAddConstraint,    ///< ALTER TABLE … ADD CONSTRAINT, and nothing else in it
  kAlterColumn,      ///< SET DEFAULT, SET NOT NULL, SET STATISTICS, ADD GENERATED: nothing else
  kCreateIndex,
  kCreateView,
  kCreateMaterializedView,
  kCreateFunction,  ///< function or procedure
  kCreateTrigger,
  kRowSecurity,  ///< ALTER TABLE … ENABLE ROW LEVEL SECURITY and its kin, CREATE POLICY; `name` is the table
  kCreateCollation,
  kCreateStatistics,  ///< CREATE STATISTICS
  kCreateRule,
  kHarmless,          ///< SET, COMMENT, OWNER TO, GRANT, set_config('search_path', …): says nothing about plans;
                      ///< need not be executed
  kOther,             ///< everything else: never executed
};

struct ColumnDefinition {
  std::string name;
  std::string type;  ///< as SQL writes it, type modifiers included
  bool not_null = false;
};

enum class ConstraintKind { kPrimaryKey, kUnique, kForeignKey, kCheck, kExclusion };

struct ConstraintDefinition {
  ConstraintKind kind = ConstraintKind::kCheck;
  std::string name;  ///< empty: the server chooses
  std::vector<std::string> columns;
  std::string referenced_schema, referenced_table;  ///< kForeignKey
  std::vector<std::string> referenced_columns;      ///< kForeignKey; empty: the primary key
  char on_update = 'a', on_delete = 'a';            ///< kForeignKey, as in pg_constraint: a, r, c, n, d
};

struct QualifiedName {
  std::string schema, name;  ///< the schema may be empty
};

struct TriggerDefinition {
  QualifiedName function;
  char time = 'a';  ///< a after, b before, i instead of
  bool on_insert = false, on_update = false, on_delete = false, on_truncate = false;
  bool for_each_row = false;
};

struct DdlStatement {
  DdlKind kind = DdlKind::kOther;
  std::string sql;           ///< the one statement, without its semicolon; a materialized view always WITH NO DATA
  std::uint64_t line = 0;    ///< in the dump, counted from 1
  std::string schema, name;  ///< of the object that it creates or alters; the schema may be empty
  QualifiedName table;       ///< kCreateTrigger: whose it is
  std::vector<QualifiedName> parents;             ///< kCreateTable: of INHERITS and PARTITION OF
  QualifiedName partition;                        ///< kAttachPartition: of the table or index that `name` says
  bool is_index = false;                          ///< kAttachPartition: of an index
  bool is_partitioned = false;                    ///< kCreateTable: PARTITION BY
  bool is_partition = false;                      ///< kCreateTable: PARTITION OF
  std::string query;                              ///< kCreateView, kCreateMaterializedView
  std::string language, body;                     ///< kCreateFunction; no body where it is no text
  char volatility = 'v';                          ///< kCreateFunction, as in pg_proc: i, s, v
  bool is_procedure = false;                      ///< kCreateFunction
  TriggerDefinition trigger;                      ///< kCreateTrigger
  std::vector<ColumnDefinition> columns;          ///< kCreateTable
  std::vector<ConstraintDefinition> constraints;  ///< kCreateTable, kAddConstraint
  IndexDefinition index;                          ///< kCreateIndex
};

/// Takes a dump (pg_dump --schema-only, or any script of DDL) apart. psql's backslash commands, COPY data and what does
/// not parse are left out and told in `diagnostics`, with `file` as their place. Never throws for bad input.
std::vector<DdlStatement> parse_ddl(std::string_view script, const std::string& file, Diagnostics& diagnostics);

}  // namespace assay
