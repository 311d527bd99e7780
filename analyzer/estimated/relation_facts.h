// What the model knows of each table: columns with their statistics taken apart, indexes with their keys resolved.
//
// Built once from a Catalog, by name; a column's statistics are parsed when they are first asked for. A hypothetical
// index becomes the same IndexFacts as a real one.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer/catalog.h"
#include "analyzer/estimated/values.h"
#include "analyzer/physical_design.h"
#include "parser/sql/query_tree.h"

namespace assay {

struct ColumnFacts {
  std::string name;
  ValueType type;
  bool known = false;        ///< there are statistics
  bool unique = false;       ///< a full unique index holds this column alone
  bool leads_index = false;  ///< a full B-tree begins with it, so a server looks up its ends there
  double null_fraction = 0;
  double distinct = 0;  ///< as pg_stats has it
  int width = 4;        ///< bytes, of statistics or of the type (get_typavgwidth)
  std::vector<Value> common;
  std::vector<double> frequencies;
  std::vector<Value> bounds;  ///< of the histogram
  std::optional<double> correlation;
  bool ordered_by_bytes = true;  ///< the bounds ascend by our comparison
};

/// A column from its statistics; `zone_offset` in seconds east.
ColumnFacts column_facts(std::string name, std::string_view type, const ColumnStatistics* statistics, int zone_offset);

/// The bytes that the planner expects of a type without statistics (get_typavgwidth, utils/cache/lsyscache.c).
int average_width(const ValueType& type);

struct IndexColumn {
  int column = -1;                        ///< position in the table; -1: an expression
  std::optional<Expression> expression;   ///< nothing: one that does not parse
  std::optional<ColumnFacts> statistics;  ///< of the expression
  bool descending = false, nulls_first = false;
  bool pattern_ops = false;  ///< text_pattern_ops and kin: serves LIKE 'x%', no ordinary range
  bool other_class = false;  ///< another operator class or collation, whose operators the model does not know
};

struct IndexFacts {
  std::string name, method;
  double pages = 1, tuples = 0;
  int height = 0;
  bool unique = false;
  std::vector<IndexColumn> keys;
  std::vector<int> includes;
  std::optional<Expression> predicate;
  bool opaque_predicate = false;  ///< a partial index whose predicate does not parse: never used
  double pages_per_range = 128;   ///< of a BRIN
};

struct RelationFacts {
  const Table* table = nullptr;
  double tuples = 0, pages = 0, all_visible_share = 0;
  std::vector<ColumnFacts> columns;
  std::vector<IndexFacts> indexes;

  int find(std::string_view column) const;  ///< its position, -1 when there is none
};

struct ForeignKeyFacts {
  const RelationFacts* table = nullptr;
  const RelationFacts* referenced = nullptr;
  std::vector<int> columns, referenced_columns;
};

class DatabaseFacts {
 public:
  explicit DatabaseFacts(const Catalog& catalog);

  /// nullptr when there is none. An empty schema means the search path.
  const RelationFacts* find_table(std::string_view schema, std::string_view name) const;
  const std::vector<ForeignKeyFacts>& foreign_keys() const { return foreign_keys_; }
  bool is_own_function(const std::string& name) const { return own_functions_.contains(name); }
  int zone_offset() const { return zone_offset_; }
  /// When the catalog was read, in microseconds since 2000-01-01 UTC: what now() means without a better answer.
  double taken_at() const { return taken_at_; }

  /// Those that there are.
  std::vector<const IndexFacts*> find_indexes(const std::vector<IndexName>& names) const;

  /// The index as facts; nothing when its table or a column is unknown.
  std::optional<IndexFacts> index_facts(const HypotheticalIndex& index) const;

 private:
  std::unique_ptr<RelationFacts> table_facts(const Table& table, const Catalog& catalog) const;

  using Key = std::pair<std::string, std::string>;
  std::map<Key, std::unique_ptr<RelationFacts>, std::less<>> tables_;
  std::vector<std::string> search_path_;
  std::vector<ForeignKeyFacts> foreign_keys_;
  std::set<std::string> own_functions_;
  int zone_offset_ = 0;
  double taken_at_ = 0;
};

/// Microseconds since 2000-01-01 UTC.
double moment_of(const ZonedTime& time);

}  // namespace assay
