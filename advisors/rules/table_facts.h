// TableFacts: what the catalog knows of one table, as the candidate rules ask for it. Without a catalog nothing is
// known, and every answer says so.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/catalog.h"

namespace assay {

class TableFacts {
 public:
  /// Both may be null.
  TableFacts(const Catalog* catalog, const Table* table) : catalog_(catalog), table_(table) {}

  bool has_catalog() const { return catalog_ != nullptr; }
  const Table* table() const { return table_; }
  const Column* column(std::string_view name) const;
  const ColumnStatistics* statistics(std::string_view name) const;

  /// Values of a column, in rows or as a share of them; larger is more selective. 0: unknown.
  double distinct(std::string_view name) const;
  /// Bytes on average, of those that are not null; 16 where it is not known.
  double width(std::string_view name) const;
  double row_width() const;
  /// Without a modifier: "character varying", "timestamp with time zone"; empty: unknown.
  std::string_view type(std::string_view name) const;
  /// text, character varying or character: what LIKE is asked of.
  bool is_text(std::string_view name) const;

  /// Of the table's rows that hold this value, 0 to 1; nothing without statistics.
  std::optional<double> share_of(std::string_view name, std::string_view value) const;
  std::optional<double> share_of_nulls(std::string_view name) const;

  /// Nothing without a catalog.
  std::optional<bool> has_extension(std::string_view name) const;
  /// Do texts sort by their bytes in this database, so that a plain B-tree serves LIKE 'x%'?
  bool sorts_by_bytes() const;

 private:
  const Catalog* catalog_;
  const Table* table_;
};

}  // namespace assay
