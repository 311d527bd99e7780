// The values of statistics objects (CREATE STATISTICS), put into the shadow's pg_statistic_ext_data.
//
// The server's own bytes go in through casts that exist only meanwhile, and only after they were checked
// (extended_statistics.h). Columns are numbered anew: a dropped column leaves a gap in production that the shadow does
// not have. The types of expressions are those of a view on them.
// Leaves out lists of common combinations whose columns are of other types than PostgreSQL's plain ones: an enum's
// values are stored as oids, which differ here.
#pragma once

#include <string>
#include <vector>

#include "analyzer/catalog.h"
#include "connectors/private_cluster.h"
#include "connectors/session.h"

namespace assay {

/// `admin` is a superuser's session. What cannot be put in is told in `remarks`.
void inject_extended_statistics(const PrivateCluster& cluster, Session& admin, const Catalog& catalog,
                                std::vector<std::string>& remarks);

}  // namespace assay
