// Partitioned tables as a whole: the server keeps rows, pages and counters of the partitions alone, and often no
// statistics of the whole, since autovacuum never analyzes a partitioned table.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "analyzer/catalog.h"

namespace assay {

/// Which index of a partition is part of which index of the table above it, as the DDL attaches them.
class IndexParts {
 public:
  explicit IndexParts(const Catalog& catalog);

  bool is_part(const IndexDefinition& index) const;
  /// The parts on the leaves, at any depth.
  std::vector<const Index*> leaves_of(const Index& whole) const;

 private:
  void add_leaves(const Index& whole, int depth, std::vector<const Index*>& leaves) const;

  std::unordered_map<std::string, const Index*> indexes_;               ///< by "schema.name"
  std::unordered_map<std::string, std::vector<std::string>> parts_of_;  ///< likewise
  std::unordered_map<std::string, std::string> whole_of_;
};

/// The partitions that hold rows, at any depth, in the catalog's order; foreign tables are left out.
std::vector<const Table*> leaves_of(const Catalog& catalog, const Table& table);

bool has_partitioned_tables(const Catalog& catalog);

/// The catalog with the sums of the parts at partitioned tables and their indexes. A column without statistics of the
/// whole gets those of the largest leaf.
Catalog with_whole_tables(Catalog catalog);

/// Partitioned tables without statistics of the whole, "schema.table", though a leaf has some.
std::vector<std::string> never_analyzed(const Catalog& catalog);

}  // namespace assay
