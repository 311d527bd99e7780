// The what-if part of the shadow for partitioned tables: twins, which are real there.
//
// A table's twin has its columns, checks and indexes, and the partitions of the design. Rows and pages are shared out
// by the planner's own estimate of each partition's bound as a WHERE clause; a partition's key keeps the part of the
// most common values and of the histogram that lies within its bounds, every other column the table's statistics, and
// the twin itself gets them as inherited ones. Partitions beyond all known values are empty: next month's.
// For the questions of its design a twin stands in the table's schema, and the table aside, so that the same text is
// planned against either.
// Leaves out: foreign keys from and to the twin, views on it (they stay with the table), and the key that unique
// indexes take in (their size does not grow by it).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analyzer/physical_design.h"
#include "analyzer/plan.h"
#include "connectors/private_cluster.h"
#include "connectors/session.h"
#include "connectors/shadow_relations.h"

namespace assay {

class ShadowPartitions {
 public:
  /// `cluster` must outlive this object; `search_path` as Catalog::search_path, `relations` of the shadow's schema.
  ShadowPartitions(const PrivateCluster& cluster, std::vector<std::string> search_path, ShadowRelations relations);

  /// Puts the twins of `wanted`, and only those, in their tables' places. Returns why that is impossible. Throws Error
  /// when the server or the file system fails.
  std::optional<std::string> apply(Session& admin, const std::vector<HypotheticalPartitioning>& wanted);

  /// In plans, a partition's index bears the name of the partitioned table's: that of the index that was asked for.
  void name_indexes(Session& admin, const std::vector<PlanNode*>& plans) const;

  /// What stands in the shadow's schemas now, twins and their partitions included.
  const ShadowRelations& relations() const { return current_; }

 private:
  struct Twin {
    HypotheticalPartitioning partitioning;
    std::string number;         ///< part of its schemas' names
    ShadowRelations relations;  ///< its own; root and its indexes under the table's schema
    std::optional<std::string> failure;
  };

  std::size_t find_or_create(Session& admin, const HypotheticalPartitioning& wanted);
  void create(Session& admin, Twin& twin);
  void build(Session& admin, Session& builder, Twin& twin);
  void show_figures(Session& admin, Twin& twin, const std::vector<double>& shares);
  void swap(Session& admin, const Twin& twin, bool in);
  void put_back(Session& admin);

  const PrivateCluster& cluster_;
  std::vector<std::string> search_path_;
  ShadowRelations base_, current_;
  std::vector<Twin> twins_;
  std::vector<std::size_t> in_place_;  ///< positions of twins
};

}  // namespace assay
