// Scopes: which column a name means.
//
// Each level of a statement (a SELECT, an UPDATE, a DELETE) is a Scope with its FROM items; whatever stands in FROM,
// table, subquery, CTE, function or join alias, is told as Columns: those that the text names, and the relations behind
// a `*`. A name is looked up from the inside out, by PostgreSQL's rules (parse_relation.c, colNameToVar and
// scanNameSpaceForRefname), and leads to a column of a base relation, if it does, whatever lies between.
//
// What the text alone does not tell is asked of the ColumnOracle; what nobody knows stays open, and is never
// guessed among several relations.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "parser/sql/statement.h"

namespace assay {

/// What of a condition on a derived table's column gets to the base column, in PostgreSQL's planner.
enum class Reach {
  kNone,    ///< nothing: LIMIT, window functions, set operations, materialized CTEs stand between
  kValues,  ///< comparisons with values (subquery_is_pushdown_safe), but no joins: GROUP BY, DISTINCT, ORDER BY
  kAll,     ///< everything: the table itself, or a subquery that is pulled up (is_simple_subquery)
};

/// Where a column comes from. A relation of -1: computed, or from a function.
struct Source {
  ColumnUse column;
  Reach reach = Reach::kAll;
  bool told = true;  ///< false: a name that several relations may have, or none has
};

struct Output {
  std::string name;
  Source source;
};

/// A relation all of whose columns are offered.
struct OpenRelation {
  int relation = -1;
  Reach reach = Reach::kAll;
};

struct Columns {
  std::vector<Output> named;
  std::vector<OpenRelation> open;
  bool more = false;  ///< others that the text does not name, of no relation: a function's

  std::size_t size() const { return named.size() + open.size(); }
  void add(const Columns& other);
  /// Lowers the reach of every column to at most `reach`.
  void limit(Reach reach);
};

struct FromItem {
  std::string name;    ///< alias, or the relation's own name; empty for a join without an alias
  std::string schema;  ///< of a relation without an alias
  Columns columns;
  bool aliased = false;
  bool qualified_only = false;  ///< reached as name.column only: JOIN … USING (…) AS name, excluded
};

/// A column of JOIN … USING: one name for two columns.
struct MergedColumn {
  Output output;
  std::size_t item = 0;  ///< the first item of its join
};

struct Scope {
  const Scope* parent = nullptr;
  int block = 0;
  int depth = 0;
  std::vector<FromItem> items;
  std::size_t first = 0;  ///< items before it are out of sight: ON sees its own join only
  std::vector<MergedColumn> merged;
  bool natural = false;           ///< a NATURAL JOIN: two columns of one name are the same
  bool windows = false;           ///< a window function stands in it
  bool mixed_aggregates = false;  ///< an aggregate other than min() or max() of a column stands in it
};

struct Resolution {
  Source source;
  const Scope* owner = nullptr;         ///< the scope that explains the name; null: none does
  const FromItem* whole_row = nullptr;  ///< the name means all of that item
};

class Resolver {
 public:
  Resolver(const ColumnOracle& has_column, const std::vector<RelationUse>& relations)
      : has_column_(has_column), relations_(relations) {}

  /// `path` is a column's name as written, taken apart at the dots: the last part is the column.
  Resolution resolve(const std::vector<std::string>& path, const Scope& scope) const;

  /// Is there surely a column of that name among the FROM items? GROUP BY prefers it to an alias. Where nobody can
  /// tell, the alias is the better guess: one seldom gives a column's own name to something else and groups by the
  /// former.
  bool is_input_column(const std::string& name, const Scope& scope) const;

  /// The item that `path`, all but its last part, names; null when there is none.
  const FromItem* find_item(const std::vector<std::string>& path, const Scope& scope) const;

  /// An unqualified name among the items [begin, end) of one scope: a side of JOIN … USING.
  Source resolve_among(const std::string& name, const Scope& scope, std::size_t begin, std::size_t end) const;

  /// Counts work against the limit that a statement has, against texts made to be slow. False when it is used up:
  /// from then on nothing is resolved.
  bool charge(std::size_t steps) const;
  bool exhausted() const { return steps_left_ == 0; }

 private:
  enum class Answer { kNo, kMaybe, kYes };
  struct Found {
    Answer answer = Answer::kNo;
    Source source;
  };
  class Choice;

  Answer asks(int relation, const std::string& name) const;
  Found find(const Columns& columns, const std::string& name) const;
  Found find_among(const std::string& name, const Scope& scope, std::size_t begin, std::size_t end) const;
  Source find_qualified(const FromItem& item, const std::string& name) const;
  Resolution resolve_qualified(const std::vector<std::string>& path, const Scope& scope) const;
  Resolution resolve_unqualified(const std::string& name, const Scope& scope) const;

  const ColumnOracle& has_column_;
  const std::vector<RelationUse>& relations_;
  mutable std::size_t steps_left_ =
      20'000'000;  // names compared; tenths of a second, where real statements need thousands
};

}  // namespace assay
