// A relation of a query block, as the planner sees it: a table, or a subquery that is planned by itself.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "analyzer/estimated/bound_expression.h"
#include "analyzer/estimated/path.h"
#include "analyzer/estimated/table_facts.h"

namespace assay {

/// A key or predicate of an index, bound to the relation.
struct BoundIndex {
  const IndexFacts* facts = nullptr;
  std::vector<std::optional<BoundExpression>> keys;  ///< nothing: a key that cannot be judged
  std::vector<BoundExpression> predicate;            ///< conjuncts of a partial index
  bool usable = true;
};

struct BaseRelation {
  std::string name, alias;
  const TableFacts* table = nullptr;  ///< nullptr: a subquery
  std::vector<ColumnFacts> columns;   ///< of a subquery; a table's are its own
  PathPtr subquery;
  double tuples = 0, pages = 0;
  std::vector<bool> needed;  ///< columns that are read above the scan or by it
  std::vector<bool> output;  ///< columns that are needed above the scan
  bool needs_row = false;    ///< it is written or locked, so an index alone never does
  std::vector<BoundIndex> indexes;
  std::vector<std::pair<BoundExpression, ColumnFacts>> expression_statistics;
  std::vector<BoundExpression> restrictions;
  double rows = 1;
  int width = 0;

  const std::vector<ColumnFacts>& facts() const { return table != nullptr ? table->columns : columns; }
};

}  // namespace assay
