// Statement: what one SQL text means, as far as advice needs it.
//
// Names are resolved against the right scope: a column behind an alias, a CTE or a subquery is traced to the
// relation that it comes from. One RelationUse stands for one mention in a FROM list, so a self-join has two.
// What this leaves out: expressions as trees (their SQL is kept), types, and anything that only a server knows.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/sql/ingredients.h"

namespace assay {

enum class StatementKind { kSelect, kInsert, kUpdate, kDelete, kMerge, kUtility };

/// One mention of a table, view or materialized view (a CTE or subquery is no relation: its own are).
struct RelationUse {
  std::string schema;  ///< empty when the text leaves it out
  std::string name;
  std::string alias;         ///< empty when there is none
  bool written = false;      ///< target of INSERT, UPDATE, DELETE, MERGE
  bool all_columns = false;  ///< SELECT * or t.*: every column is read
  bool nullable = false;     ///< on the inner side of an outer join
};

struct ColumnUse {
  int relation = -1;  ///< index into Statement::relations; -1 when it cannot be told
  std::string name;

  bool operator==(const ColumnUse&) const = default;
};

enum class PredicateKind {
  kEqual,          ///< column = value, also IS NOT DISTINCT FROM and a bare or negated boolean column
  kRange,          ///< <, <=, >, >=, BETWEEN
  kIn,             ///< IN (list), = ANY (array)
  kLikePrefix,     ///< pattern without a leading wildcard: 'x%'
  kLikeInfix,      ///< leading wildcard: '%x%', '%x'
  kLikeParameter,  ///< pattern not in the text
  kIsNull,
  kIsNotNull,
  kNotEqual,  ///< <>, NOT IN, NOT LIKE: no index serves it
  kJson,      ///< @>, ?, ->> … of a json column
  kArray,     ///< @>, &&, value = ANY (column)
  kFullText,  ///< @@
  kFunction,  ///< comparison with an expression over one relation's columns
  kJoin,      ///< column = column of another relation
  kOther,
};

struct Predicate {
  PredicateKind kind = PredicateKind::kOther;
  ColumnUse column;        ///< left side, or the only column of the expression
  ColumnUse other;         ///< kJoin: the right side
  std::string operation;   ///< as written, in canonical form: =, >=, ILIKE, IS NULL, @>
  std::string expression;  ///< kFunction, kJson: the indexed-to-be expression's SQL, columns unqualified; else empty
  std::string comparison;  ///< kJson behind ->, ->>, #> or #>>: what that is compared by: =, <, LIKE; else empty
  std::string value;       ///< the constant's text where the statement holds one; else empty
  std::string value_type;  ///< of the value, where the text tells: a cast's type, numeric of 1.5; else empty
  bool conjunct = true;    ///< false below an OR or NOT: it does not narrow the result by itself
  bool volatile_value = false;  ///< the other side calls a function that is not a constant, such as random()
  int block = 0;                ///< index into Statement::blocks: where it stands
  int disjunction = -1;  ///< index into Statement::disjunctions: the OR of which it is, alone or with others, …
  int branch = -1;       ///< … this branch, in which it narrows as a conjunct does; -1: none
  int subquery = -1;     ///< IN (SELECT …), NOT IN (SELECT …): the subquery's block
};

/// An OR that narrows its block as a whole.
struct Disjunction {
  int block = 0;
  int branches = 0;
};

struct OrderItem {
  ColumnUse column;        ///< relation -1 for an expression
  std::string expression;  ///< SQL, columns unqualified, when it is no plain column
  bool descending = false;
  bool nulls_first = false;  ///< resolved: last when ascending, first when descending, unless stated
};

/// min(column) or max(column).
struct Extreme {
  ColumnUse column;
  bool maximum = false;
};

/// One SELECT (or the one level of an UPDATE or DELETE). Blocks stand in the order in which they are opened.
struct QueryBlock {
  int parent = -1;             ///< the block that holds it; -1 for the outermost
  std::vector<int> relations;  ///< of its FROM list
  std::vector<OrderItem> order;
  std::vector<ColumnUse> group;
  bool distinct = false;
  std::vector<ColumnUse> distinct_columns;  ///< of DISTINCT or DISTINCT ON, when all are plain columns
  bool has_limit = false;
  bool has_offset = false;
  std::string offset;             ///< where it is a constant, or a parameter: "100", "$2"
  bool aggregates = false;        ///< an aggregate or window function stands in it
  std::vector<Extreme> extremes;  ///< its aggregates, when all of them are min() or max() of a plain column
  bool correlated = false;        ///< a column of an outer block is used in it
};

/// Of a command (kUtility) only the relations that it fills or empties are read: COPY FROM, TRUNCATE and kin.
struct Statement {
  StatementKind kind = StatementKind::kUtility;
  std::vector<RelationUse> relations;
  std::vector<QueryBlock> blocks;
  std::vector<Predicate> predicates;
  std::vector<Disjunction> disjunctions;
  std::vector<ColumnUse> columns_read;     ///< each once, wherever it stands
  std::vector<ColumnUse> columns_written;  ///< SET and INSERT lists
  std::vector<std::string> functions;      ///< called, each once, schema kept where written
  bool locks_rows = false;                 ///< FOR UPDATE, FOR SHARE and kin
  bool on_conflict = false;
  int unresolved_columns = 0;  ///< names that no scope explains
  Ingredients ingredients;     ///< what the result is made of beside rows
  bool runs_unseen = false;    ///< kUtility: runs what its text does not tell (DO, CALL, EXECUTE, …)
};

/// Does the relation have that column? Nothing when the relation is not known. The schema may be empty.
using ColumnOracle =
    std::function<std::optional<bool>(std::string_view schema, std::string_view relation, std::string_view column)>;

struct ParsedStatement {
  std::optional<Statement> statement;
  std::string problem;  ///< why there is none: "syntax error at or near …", "too deeply nested: counted, not analysed"
};

/// The meaning of `sql`, which must hold exactly one statement. Without an oracle, an unqualified column in a
/// scope of several relations stays unresolved.
ParsedStatement parse_statement(std::string_view sql, const ColumnOracle& has_column = {});

/// libpg_query's fingerprint, 16 hexadecimal digits; nothing where it cannot parse.
std::optional<std::string> fingerprint(std::string_view sql);

/// Exactly one SELECT, INSERT, UPDATE, DELETE or MERGE (SELECT INTO is none of them): what may be sent to EXPLAIN.
bool is_explainable(std::string_view sql);

}  // namespace assay
