// A live PostgreSQL server, read once and then left alone: what it knows of itself becomes a Catalog.
//
// Everything is read in one short READ ONLY transaction with time limits, by SELECTs from the system catalogs
// (catalog_queries.h) and, for the heights of B-trees, by EXPLAIN (index_heights.h), so that nothing waits for it; no
// row of a user's table is ever read. Servers 12 to 18.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "analyzer/catalog.h"
#include "connectors/session.h"
#include "parser/base/diagnostic.h"

namespace assay {

/// Does a connection URI or connection string hold a password? Such a one stands in shell histories and process
/// lists, so it is refused before anything is done with it.
bool holds_password(std::string_view uri);

/// Connects to the server that a URI or libpq connection string names. Throws Error, with a hint, when it holds a
/// password or no connection can be made.
Session open_server(const std::string& uri);

struct CatalogOptions {
  bool redact = false;  ///< values of texts and the like do not leave the server
  /// The server's address, for the DDL by pg_dump where that is possible; without it, and for a redacted one, from the
  /// catalog.
  std::optional<std::string> pg_dump_from = {};
};

/// The whole catalog of the session's database. Throws Error when the server refuses or the time limits strike. Where
/// pg_dump refuses, `notes` says why.
Catalog read_catalog(Session& session, const CatalogOptions& options, Diagnostics& notes);
Catalog read_catalog(Session& session, const CatalogOptions& options = {});

}  // namespace assay
