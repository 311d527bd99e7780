// The shadow's tables and indexes as they stand there: oids and files, and the sizes that they are to show.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analyzer/catalog.h"
#include "connectors/private_cluster.h"
#include "connectors/session.h"

namespace assay {

/// A table or index of the shadow, with the figures that the planner is to see.
struct ShadowRelation {
  std::string oid;
  char kind = 'r';             ///< pg_class.relkind
  std::filesystem::path file;  ///< its first; empty for one without storage
  std::int64_t pages = 0, all_visible_pages = 0;
  double rows = -1;
  int btree_height = -1;          ///< -1: no B-tree
  std::vector<std::string> ends;  ///< tuples of a B-tree's leaf (shadow_ends.h)
};

/// By schema and name.
using ShadowRelations = std::map<std::pair<std::string, std::string>, ShadowRelation>;

/// Everything that the schema's statements have made, with the catalog's figures. Figures that no server could
/// show are bounded, and told in `remarks`.
ShadowRelations find_relations(Session& admin, const PrivateCluster& cluster, const Catalog& catalog,
                               std::vector<std::string>& remarks);

/// Writes the figures into the relations' rows of pg_class.
void set_figures(Session& admin, const ShadowRelation& relation);

/// The same for several at once.
void set_figures(Session& admin, const std::vector<const ShadowRelation*>& relations);

/// Makes the relation's files as long as its figures say. Nothing may have read them before. Throws Error.
void inflate(const ShadowRelation& relation, const std::optional<Account>& owner);

}  // namespace assay
