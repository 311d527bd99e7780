// TableAccess: what one statement asks of one mention of one table, sorted by what an index can do with it.
// The input of every candidate rule.
#pragma once

#include <string>
#include <vector>

#include "parser/sql/statement.h"

namespace assay {

struct TableAccess {
  int relation = -1;                ///< index into Statement::relations
  std::vector<std::string> equal;   ///< column = value, and equality with a column of an outer block
  std::vector<std::string> null;    ///< IS NULL
  std::vector<std::string> joined;  ///< equality with a column of another relation
  std::vector<std::string> in;      ///< IN (list): narrows like an equality, but does not keep an order
  std::vector<std::string> ranges;  ///< <, <=, >, >=, BETWEEN
  std::vector<OrderItem> order;     ///< leading ORDER BY items that are plain columns of this relation
  bool limited = false;             ///< a LIMIT stands behind that ORDER BY
};

/// One TableAccess for each relation that is filtered, joined or sorted, in the statement's order. Each list
/// names a column once. Predicates below an OR or NOT, or with a volatile value, are left out.
std::vector<TableAccess> table_accesses(const Statement& statement);

}  // namespace assay
