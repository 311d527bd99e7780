// The what-if part of the shadow: hypothetical indexes, which are real there, and the ones that are to be dropped.
//
// An index is created on the empty table when it is first asked for, made as large as it would be, and kept, invalid:
// the planner overlooks it. A question's marks (shadow_session.h) show its own ones, and hide what it drops.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "analyzer/physical_design.h"
#include "analyzer/plan.h"
#include "connectors/private_cluster.h"
#include "connectors/session.h"
#include "connectors/shadow_relations.h"
#include "connectors/shadow_session.h"

namespace assay {

class ShadowIndexes {
 public:
  /// `cluster` must outlive this object; `search_path` as Catalog::search_path.
  ShadowIndexes(const PrivateCluster& cluster, std::vector<std::string> search_path);

  /// Creates those that are not there yet; of one table, no two may bear the same name. `relations` is what stands
  /// there. Nobody may plan meanwhile. Throws Error when the server or the file system fails.
  void create(Session& admin, const std::vector<const HypotheticalIndex*>& indexes, const ShadowRelations& relations);

  /// How the design differs from what stands in pg_index, its indexes being created; or why it is impossible: the
  /// server's words about an index that cannot be created.
  std::variant<IndexMarks, std::string> marks(Session& admin, const PhysicalDesign& design,
                                              const ShadowRelations& relations);

  /// In a plan, an index of a partition bears the name of the whole: that of the partitioned table.
  void name_wholes(Session& admin, PlanNode& plan);

  /// After a lost session: what was not finished is made anew.
  void reset_builder() { builder_.reset(); }

 private:
  using Tables = std::vector<const ShadowRelation*>;
  using Key = std::pair<std::string, std::string>;  ///< oid of the table, since a twin bears its name, and own name

  struct Created {
    HypotheticalIndex index;
    std::vector<std::string> oids;       ///< its own, and its partitions'
    std::optional<std::string> failure;  ///< why it does not exist
  };

  void drop(Session& admin, const Created& created);
  void build(const Tables& tables, const std::vector<Created*>& missing);
  void build(Created& created);
  void show_sizes(Session& admin, const std::vector<Created*>& built, const Tables& tables);
  void share_out(const HypotheticalIndex& whole, const SqlRows& family, const Tables& tables,
                 std::vector<ShadowRelation>& files) const;
  const std::vector<std::string>& family_of(Session& admin, const std::string& oid);

  const PrivateCluster& cluster_;
  std::vector<std::string> search_path_;
  std::optional<Session> builder_;  ///< has seen tables when they were empty only
  std::map<Key, Created> created_;
  std::vector<std::string> unfinished_;        ///< names of those whose creation a lost session has cut short
  std::map<std::string, std::string> wholes_;  ///< by name of an index: its own, or the whole's that it is a part of
  bool knows_parts_ = false;                   ///< of the indexes that are no hypothetical ones
  std::map<std::string, std::vector<std::string>> families_;  ///< by oid: the relation and everything below it
};

}  // namespace assay
