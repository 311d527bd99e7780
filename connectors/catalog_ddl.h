// The DDL that builds a server's schema again, written from its system catalogs as pg_dump would.
#pragma once

#include <string>
#include <vector>

#include "connectors/session.h"

namespace assay {

/// One statement each, in an order in which they can be executed: schemas and extensions; then types, functions,
/// tables, their keys and views, each after what it depends on (pg_depend); then partitions, indexes, statistics
/// objects and foreign keys.
///
/// Only what planning needs: column defaults are left out (they could call anything, and no plan but that of an INSERT
/// holds them), except generated columns; so are sequences, triggers, rules, policies, privileges, functions in other
/// languages than sql and plpgsql, and invalid indexes. The session must stand in a transaction whose search path
/// is pg_catalog. Throws SqlError and Error as Session::query does.
std::vector<std::string> read_ddl(Session& session);

}  // namespace assay
