// StatementReader: from PostgreSQL's syntax tree to a Statement, in one walk from the outside in.
//
// Each level opens a block and a Scope, reads FROM first (so that names can be resolved), then the conditions, the
// lists and the rest; a subquery is read where it stands, with the scope around it as its parent. Every reading of a
// query gives the Columns that it offers to whoever stands around it, with the reach of conditions on them (scope.h).
//
// The parts: statement_reader.cpp (levels, lists, INSERT … MERGE), from_reader.cpp (FROM, WITH),
// condition_reader.cpp (predicates), value_kinds.h (what a constant, pattern or operator says).
//
// Whether a CTE is inlined depends on how often it is used (SS_process_ctes), which is known only after the last use:
// a statement with a WITH is read twice, the second time with the facts of the first.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "parser/sql/scope.h"
#include "parser/sql/statement.h"
#include "parser/sql/syntax_tree.h"

namespace assay {

/// What a first reading tells about a CTE.
struct CteFacts {
  int references = 0;
  bool recursive = false;  ///< refers to itself
  bool is_volatile = false;
};
using CteFactsByNode = std::unordered_map<const PgQuery__CommonTableExpr*, CteFacts>;

/// `columns` under the names of an alias' column list, as in t(a, b) or WITH c(a, b) AS …; the others keep theirs.
Columns renamed(Columns columns, std::size_t count, Node* const* names);

class StatementReader {
 public:
  StatementReader(const ColumnOracle& has_column, const CteFactsByNode& known)
      : resolver_(has_column, statement_.relations), known_ctes_(known) {}
  StatementReader(const StatementReader&) = delete;
  StatementReader& operator=(const StatementReader&) = delete;

  void read(const Node& statement);

  /// The text was made to be slow, and was not read to its end.
  bool exhausted() const { return resolver_.exhausted(); }
  const CteFactsByNode& cte_facts() const { return cte_facts_; }
  Statement take() { return std::move(statement_); }

 private:
  /// Who looks at a query's rows decides what a `*` in it reads.
  enum class Purpose {
    kRows,       ///< all columns of the rows are used
    kTable,      ///< the query around it picks the columns that it needs
    kExistence,  ///< EXISTS: none
  };

  /// One side of a comparison.
  struct Operand {
    Node* node = nullptr;
    std::vector<Source> local;  ///< columns of this level, in order
    std::vector<Source> outer;  ///< columns of the levels around it
    bool plain = false;         ///< a column and nothing else
    bool opaque = false;        ///< an aggregate, window function, subquery or parameter in it: no index holds that
    bool is_volatile = false;

    bool reads() const { return !local.empty() || !outer.empty(); }
  };

  /// A condition's place, and through it that of the predicates that it makes.
  struct Place {
    Scope& scope;
    bool conjunct = true;
    int disjunction = -1, branch = -1;  ///< of the OR around it

    /// What stands deeper narrows neither the result nor a branch.
    void stop_narrowing() {
      conjunct = false;
      disjunction = branch = -1;
    }
  };

  struct Cte {
    std::string name;
    Columns columns;
    const PgQuery__CommonTableExpr* node = nullptr;
    bool open = false;  ///< its body is being read
  };

  struct ColumnRead {
    Source source;
    int depth = 0;  ///< of the scope that owns it
  };

  // Levels (statement_reader.cpp)
  Columns any_statement(const Node* statement, const Scope* parent, Purpose purpose);
  Columns select(const PgQuery__SelectStmt& select, const Scope* parent, Purpose purpose);
  Columns simple_select(const PgQuery__SelectStmt& select, Scope& scope, Purpose purpose);
  Columns set_operation(const PgQuery__SelectStmt& select, Scope& scope);
  Columns values(const PgQuery__SelectStmt& select, Scope& scope);
  Columns insert(const PgQuery__InsertStmt& insert, const Scope* parent);
  Columns update(const PgQuery__UpdateStmt& update, const Scope* parent);
  Columns delete_from(const PgQuery__DeleteStmt& remove, const Scope* parent);
  Columns merge(const PgQuery__MergeStmt& merge, const Scope* parent);
  void on_conflict(const PgQuery__OnConflictClause& clause, int target, Scope& scope);
  void merge_when(const PgQuery__MergeWhenClause& clause, int target, Scope& scope);
  Scope open_block(const Scope* parent);
  bool may_copy(const Columns& columns) const;
  QueryBlock& block_of(const Scope& scope) { return statement_.blocks[scope.block]; }

  // Lists
  Columns target_list(std::size_t count, Node* const* targets, Scope& scope, Purpose purpose);
  Columns star(const PgQuery__ColumnRef& reference, const Scope& scope, Purpose purpose);
  void assignments(std::size_t count, Node* const* targets, int relation, Scope& scope);
  void written(int relation, const std::string& column);
  void group_by(const PgQuery__SelectStmt& select, Scope& scope);
  void grouping(Node* item, const PgQuery__SelectStmt& select, Scope& scope);
  void order_by(const PgQuery__SelectStmt& select, Scope& scope);
  void order_of_set(const PgQuery__SelectStmt& select, const Columns& columns, Scope& scope);
  Node* referenced_target(Node* node, const PgQuery__SelectStmt& select, const Scope& scope, bool prefers_input);
  void distinct(const PgQuery__SelectStmt& select, Scope& scope);
  std::optional<ColumnUse> base_column(const Node* node, const Scope& scope) const;
  std::string expression_text(Node& node, const Scope& scope) const;

  // FROM and WITH (from_reader.cpp)
  int relation(const PgQuery__RangeVar& name, bool is_written, const Scope* listed_in);
  FromItem relation_item(int relation) const;
  int target(const PgQuery__RangeVar& name, Scope& scope);
  void from_list(std::size_t count, Node* const* items, Scope& scope);
  void from_item(const Node* node, Scope& scope);
  void table(const PgQuery__RangeVar& name, Scope& scope);
  void subquery(const PgQuery__RangeSubselect& subquery, Scope& scope);
  void function_item(const PgQuery__RangeFunction& item, Scope& scope);
  void table_function(const PgQuery__RangeTableFunc& item, Scope& scope);
  void join(const PgQuery__JoinExpr& join, Scope& scope);
  void join_using(const PgQuery__JoinExpr& join, std::size_t begin, std::size_t middle, Scope& scope);
  void join_on(const PgQuery__JoinExpr& join, std::size_t begin, std::size_t middle, Scope& scope);
  void join_alias(const PgQuery__JoinExpr& join, std::size_t begin, std::size_t merged, Scope& scope);
  void mark_nullable(const Scope& scope, std::size_t begin, std::size_t end);
  void push_item(FromItem item, const PgQuery__Alias* alias, Scope& scope);
  void with(const PgQuery__WithClause* clause, const Scope& scope);
  void cte(std::size_t index, const Scope& scope);
  bool is_inlined(const PgQuery__CommonTableExpr& cte) const;
  Cte* find_cte(const PgQuery__RangeVar& name);

  // Expressions and conditions (condition_reader.cpp)
  void expression(const Node* node, Scope& scope);
  void expressions(std::size_t count, Node* const* nodes, Scope& scope);
  void visit(const ProtobufCMessage& message, Scope& scope);
  void column(const PgQuery__ColumnRef& reference, const Scope& scope);
  void function(const PgQuery__FuncCall& call, Scope& scope);
  void called(const std::string& function);
  void aggregate(const PgQuery__FuncCall& call, const std::string& name, Scope& scope);
  void read_column(const Resolution& resolution, const Scope& scope);
  void read_source(const Source& source);
  void all_columns(const Columns& columns);
  Operand operand(Node* node, Scope& scope);
  static Operand operand_of(const Source& source);
  std::optional<std::string> index_expression(const Operand& operand, Reach needed, const Scope& scope) const;

  void conditions(Node* node, Place place, bool negated = false);
  void boolean(const PgQuery__BoolExpr& expression, Place place, bool negated);
  void disjunction(const PgQuery__BoolExpr& expression, Place place);
  void comparison(const PgQuery__AExpr& operation, Place place, bool negated);
  void compare_nodes(const std::string& operation, Node* left, Node* right, Place place);
  void compare_rows(const std::string& operation, const PgQuery__RowExpr& left, Node* right, Place place);
  void compare(const std::string& operation, const Operand& left, const Operand& right, Place place);
  void compare_columns(const std::string& operation, const Operand& left, const Operand& right, Place place);
  void between(const PgQuery__AExpr& operation, Place place, bool negated);
  void in_list(const PgQuery__AExpr& operation, Place place, bool negated);
  void any_of_array(const PgQuery__AExpr& operation, Place place, bool negated);
  void like(const PgQuery__AExpr& operation, Place place, bool negated);
  void null_test(const PgQuery__NullTest& test, Place place, bool negated);
  void boolean_test(const PgQuery__BooleanTest& test, Place place, bool negated);
  void truth(Node* node, Place place, bool negated);
  void sublink_condition(const PgQuery__SubLink& link, Place place, bool negated);
  Predicate one_sided(PredicateKind kind, const std::string& operation, const Operand& side, const Operand& other,
                      const Scope& scope) const;
  void add(Predicate predicate, Place place);

  Statement statement_;
  Resolver resolver_;
  const CteFactsByNode& known_ctes_;
  CteFactsByNode cte_facts_;
  std::vector<Cte> ctes_;          ///< in sight, the innermost last
  std::vector<ColumnRead> reads_;  ///< every column read so far, in order
  std::set<std::pair<int, std::string>> columns_read_, columns_written_;
  std::set<std::string> functions_;
  int opaque_parts_ = 0;    ///< aggregates, window functions, subqueries and parameters read so far
  int volatile_calls_ = 0;  ///< calls read so far of functions that differ from row to row
};

}  // namespace assay
