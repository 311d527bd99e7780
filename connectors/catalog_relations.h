// The part of a Catalog that PostgreSQL's system catalogs tell of tables, columns, statistics, indexes and keys.
#pragma once

#include "analyzer/catalog.h"
#include "connectors/session.h"

namespace assay {

/// Fills tables, indexes, foreign_keys and hidden_tables. The session must stand in a transaction whose search path is
/// pg_catalog, so that names come out with their schemas. Throws SqlError and Error as Session::query does.
void read_relations(Session& session, Catalog& catalog);

}  // namespace assay
