// What a server answers to catalog_queries.h -> Catalog.
//
// Pure: the answers come from a live session (postgres.h) or from the output of the script (snapshot_script.h), and
// the latter is hostile input. A row of too few columns, a row that belongs to nothing, a number that is none: all are
// passed over or read as unknown, none is trusted.
#pragma once

#include <map>
#include <string>

#include "analyzer/catalog.h"
#include "connectors/session.h"

namespace assay {

/// The rows of each answer, by the name of its question; every row as wide as its question says.
using CatalogRows = std::map<std::string, SqlRows, std::less<>>;

/// The source is kServer, to be changed by who reads it from elsewhere. `redacted`: the questions were the redacting
/// ones.
Catalog catalog_from_rows(const CatalogRows& rows, bool redacted);

/// The answer of that name; an empty one when the question was not asked.
const SqlRows& answer(const CatalogRows& rows, std::string_view name);

// The parts of catalog_from_rows, each in a file of its own.

/// Positions of tables, indexes and statistics objects in the catalog by their oid, while it is being read.
using Positions = std::map<std::string, std::size_t, std::less<>>;
struct RelationPositions {
  Positions tables, indexes;
};

/// Fills tables, indexes, foreign_keys and hidden_tables.
RelationPositions add_relations(const CatalogRows& rows, Catalog& catalog);
/// Fills the statistics of tables and indexes, extended_statistics, hidden_statistics and redacted_columns.
void add_statistics(const CatalogRows& rows, const RelationPositions& positions, bool redacted, Catalog& catalog);
/// DDL, one statement each, in an order in which it can be executed: each after what it depends on (pg_depend).
std::vector<std::string> ordered_ddl(const CatalogRows& rows);

}  // namespace assay
