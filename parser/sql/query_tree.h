// QueryTree: one statement as a tree of values, for whoever must weigh all of it.
//
// Statement (statement.h) tells which columns are asked for and how; that is what candidates need. A cost model needs
// the rest too: how AND and OR nest, every operator that is evaluated for a row, the number behind LIMIT. The tree
// keeps names as they are written; nothing is resolved here. What has no place in it is kOpaque, with its name, so that
// a reader can refuse it rather than overlook it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/sql/statement.h"

namespace assay {

struct QueryTree;

enum class ExpressionKind {
  kColumn,     ///< `qualifier`.`name`
  kStar,       ///< `*` or `qualifier`.*
  kConstant,   ///< `name` is its text, `type` what it looks like: integer, numeric, boolean; empty for a string
  kParameter,  ///< $`number`
  kOperator,   ///< `name` with one or two arguments; LIKE is ~~; with `distinct`: IS [NOT] DISTINCT FROM
  kAnd,        ///< of all arguments
  kOr,
  kNot,
  kNullTest,     ///< IS NULL, with `negated` IS NOT NULL
  kBooleanTest,  ///< `name` is TRUE, FALSE or UNKNOWN
  kAnyOf,        ///< arguments: the left side, then elements of a list, or one array (`is_array`)
  kAllOf,
  kFunction,  ///< `name` in lower case as written, without pg_catalog
  kAggregate,
  kWindow,         ///< a function OVER a window
  kValueFunction,  ///< current_date, localtimestamp …
  kCast,           ///< to `type`
  kChoice,         ///< CASE, COALESCE: no operator of their own
  kArray,
  kRow,
  kScalarQuery,  ///< (SELECT …)
  kExists,
  kInQuery,  ///< argument `name` ANY (SELECT …), negated for ALL
  kOpaque,   ///< `name` says what it is
};

struct Expression {
  ExpressionKind kind = ExpressionKind::kOpaque;
  std::string name;
  std::string qualifier;
  std::string type;
  bool negated = false;
  bool is_null = false;   ///< kConstant
  bool distinct = false;  ///< an aggregate's DISTINCT
  bool is_array = false;
  int number = 0;
  std::vector<Expression> arguments;
  std::shared_ptr<const QueryTree> query;
};

enum class JoinKind { kInner, kLeft, kRight, kFull };

struct FromNode {
  enum class Kind { kRelation, kSubquery, kJoin, kOpaque };
  Kind kind = Kind::kOpaque;
  std::string schema, name, alias;
  std::vector<std::string> column_aliases;
  std::shared_ptr<const QueryTree> query;
  bool lateral = false;
  JoinKind join = JoinKind::kInner;
  std::vector<FromNode> sides;  ///< of a join: two
  std::optional<Expression> on;
  std::vector<std::string> using_columns;
  bool natural = false;
};

struct TargetItem {
  Expression expression;
  std::string name;  ///< alias, or what PostgreSQL calls the column
};

struct SortItem {
  Expression expression;
  bool descending = false, nulls_first = false;
};

struct CommonTable {
  std::string name;
  std::shared_ptr<const QueryTree> query;
  bool recursive = false;
  std::optional<bool> materialized;  ///< as written
  std::vector<std::string> column_aliases;
};

enum class SetOperation { kNone, kUnion, kUnionAll, kIntersect, kExcept };

struct QueryTree {
  StatementKind kind = StatementKind::kSelect;
  std::vector<CommonTable> with;
  std::vector<TargetItem> targets;  ///< SELECT list or RETURNING
  std::vector<FromNode> from;       ///< the target of UPDATE and DELETE first
  std::optional<Expression> where, having, limit, offset;
  std::vector<Expression> group;
  std::vector<SortItem> order;
  bool distinct = false;
  bool locks_rows = false;
  bool on_conflict = false;
  SetOperation operation = SetOperation::kNone;
  std::vector<QueryTree> members;  ///< of a set operation: two; of an INSERT: its source
  double value_rows = 0;           ///< rows of VALUES
  std::vector<TargetItem> assignments;
  std::string opaque;  ///< the first thing in the statement's own clauses that has no place here; else empty
};

struct ParsedQuery {
  std::optional<QueryTree> query;
  std::string problem;  ///< why there is none
};

/// The tree of `sql`, which must hold exactly one SELECT, INSERT, UPDATE or DELETE.
ParsedQuery parse_query(std::string_view sql);

/// A single expression, as an index or a predicate has it; nothing where it does not parse.
std::optional<Expression> parse_expression(std::string_view sql);

}  // namespace assay
