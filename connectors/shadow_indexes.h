// The what-if part of the shadow: hypothetical indexes, which are real there, and the ones that are to be dropped.
//
// An index is created on the empty table when it is first asked for, made as large as it would be, and kept. For each
// question those, and only those, that belong to the design are valid; the planner overlooks invalid ones.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analyzer/physical_design.h"
#include "connectors/private_cluster.h"
#include "connectors/session.h"
#include "connectors/shadow_relations.h"

namespace assay {

class ShadowIndexes {
 public:
  /// `cluster` must outlive this object; `search_path` as Catalog::search_path.
  ShadowIndexes(const PrivateCluster& cluster, std::vector<std::string> search_path);

  /// Makes the design's indexes those that the planner sees; `relations` is what stands there for it. Returns why that
  /// is impossible: the server's words about an index that cannot be created. Throws Error when the server or the file
  /// system fails.
  std::optional<std::string> apply(Session& admin, const PhysicalDesign& design, const ShadowRelations& relations);

  /// Asks the server again which indexes are invalid, after a session was lost.
  void refresh(Session& admin);

 private:
  struct Created {
    HypotheticalIndex index;
    std::string table;                   ///< oid: a partitioned twin bears its table's name
    std::vector<std::string> oids;       ///< its own, and its partitions'
    std::optional<std::string> failure;  ///< why it does not exist
  };

  Created& find_or_create(Session& admin, const HypotheticalIndex& index, const ShadowRelations& relations);
  void drop_namesake(Session& admin, const HypotheticalIndex& index, const std::string& table);
  void create(Session& admin, Created& created, const ShadowRelations& relations);
  void build(Session& admin, const IndexDefinition& definition, const std::vector<const ShadowRelation*>& tables);
  void show_sizes(Session& admin, Created& created, const std::vector<const ShadowRelation*>& tables);

  const PrivateCluster& cluster_;
  std::vector<std::string> search_path_;
  std::vector<Created> created_;
  std::set<std::string> invalid_;  ///< oids
};

}  // namespace assay
