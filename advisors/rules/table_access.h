// TableAccess: what one statement asks of one mention of one table, sorted by what an index can do with it.
// The input of every candidate rule.
#pragma once

#include <string>
#include <vector>

#include "parser/sql/statement.h"

namespace assay {

/// A condition that no plain B-tree key serves: on an expression, or of an operator that asks into a value.
struct SpecialCondition {
  PredicateKind kind = PredicateKind::kOther;
  std::string column;      ///< the only column, or one of several, of the expression
  std::string expression;  ///< SQL; empty for the column itself
  std::string operation;   ///< as it compares: =, <, LIKE, ILIKE, @>
  std::string value;       ///< where the text holds it
};

/// A condition whose value stands in the text, as a partial index could have it.
struct ConstantCondition {
  PredicateKind kind = PredicateKind::kOther;  ///< kEqual, kIsNull or kIsNotNull
  std::string column;
  std::string value;          ///< kEqual
  std::size_t predicate = 0;  ///< index into Statement::predicates
};

struct TableAccess {
  int relation = -1;                 ///< index into Statement::relations
  std::vector<std::string> equal;    ///< column = value, and equality with a column of an outer block
  std::vector<std::string> null;     ///< IS NULL
  std::vector<std::string> joined;   ///< equality with a column of another relation
  std::vector<std::string> in;       ///< IN (list): narrows like an equality, but does not keep an order
  std::vector<std::string> ranges;   ///< <, <=, >, >=, BETWEEN
  std::vector<OrderItem> order;      ///< leading ORDER BY items that are plain columns of this relation
  bool limited = false;              ///< a LIMIT stands behind that ORDER BY
  std::vector<std::string> grouped;  ///< GROUP BY or DISTINCT, when all of it is plain columns of this relation
  bool distinct = false;             ///< it is a DISTINCT
  std::vector<Extreme> extremes;     ///< min() and max() that are all that is asked for
  std::vector<SpecialCondition> special;
  std::vector<ConstantCondition> constants;
  std::vector<std::vector<TableAccess>> disjunctions;  ///< ORs of which every branch narrows this relation
  std::vector<std::string> read;  ///< all its columns that the statement needs, when an index could hold them …
  bool reads_all = true;          ///< … false: `read` is all; true: the row itself is needed
};

/// One TableAccess for each relation of which anything is asked or read, in the statement's order. Each list names a
/// column once. Predicates below a NOT, or with a volatile value, are left out, those below an OR stand in
/// `disjunctions`.
std::vector<TableAccess> table_accesses(const Statement& statement);

/// Does it narrow or order anything?
bool asks_for_something(const TableAccess& access);

}  // namespace assay
