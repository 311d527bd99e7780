// The shadow's database and its schema.
//
// A dump or a snapshot is hostile, so its DDL is let in by kind of statement, each sent alone through the extended
// protocol by a role without rights, which owns everything it makes. Extensions need a superuser: those are
// created first, while no foreign object exists that their scripts could stumble over, from our own text, and
// only known ones without a way to files, programs or networks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analyzer/catalog.h"
#include "connectors/private_cluster.h"
#include "connectors/session.h"

namespace assay {

/// The role without rights that owns the schema's objects and plans, and the superuser's database.
inline constexpr std::string_view kPlannerRole = "assay";
inline constexpr std::string_view kShadowDatabase = "shadow";

/// Makes role, database and schema. What cannot be made is left out and told in `remarks`.
void create_shadow_schema(PrivateCluster& cluster, const Catalog& catalog, std::vector<std::string>& remarks);

/// A session of the role without rights; `search_path` as Catalog::search_path.
Session open_planner_session(const PrivateCluster& cluster, const std::vector<std::string>& search_path);

/// A session of the superuser, for our own statements alone: nothing resolves but by pg_catalog.
Session open_admin_session(const PrivateCluster& cluster);

}  // namespace assay
