#include "connectors/postgres.h"

#include <cassert>

#include "connectors/catalog_queries.h"
#include "connectors/catalog_rows.h"
#include "connectors/index_heights.h"
#include "connectors/schema_dump.h"
#include "connectors/server_programs.h"
#include "connectors/sql_value.h"
#include "parser/base/error.h"

namespace assay {
namespace {

/// Asks one question, if its condition holds.
void ask(Session& session, const CatalogQuery& query, CatalogRows& rows) {
  std::string sql = query.sql;
  if (!query.condition.empty()) {
    const SqlRows found = session.query("SELECT " + query.condition);
    if (!found.at(0)[0]) return;
    constexpr std::string_view kMark = ":found";
    const std::size_t at = sql.find(kMark);
    if (at != std::string::npos) sql.replace(at, kMark.size(), *found[0][0]);
  }
  SqlRows& answer = rows[query.name] = session.query(sql);
  assert(answer.empty() || answer[0].size() == query.columns);
}

CatalogRows rows_in_transaction(Session& session, bool redact) {
  CatalogRows rows;
  for (const char* statement : kSnapshotTransaction) session.query(statement);
  for (const CatalogQuery& query : session_queries()) ask(session, query, rows);
  for (const char* statement : kOutputForms) session.query(statement);
  for (const CatalogQuery& query : catalog_queries(redact)) ask(session, query, rows);
  return rows;
}

std::string_view hint_for(const std::string& state) {
  if (state == "55P03") return "somebody changes the schema just now: try again later";
  if (state == "57014") return "the server is very busy or its catalog very large: try again later, or on a replica";
  if (state == "42501") return "the role must be allowed to read the system catalogs";
  return "please report this with the version of the server";
}

/// Replaces the DDL by pg_dump's, where there is one that fits and it does not refuse.
void take_dump(Session& session, const std::string& uri, Catalog& catalog, Diagnostics& notes) {
  const auto program = find_pg_dump(catalog.server_version / 10000);
  if (!program) return;
  try {
    const SqlRows snapshot = session.query("SELECT pg_catalog.pg_export_snapshot()");
    catalog.ddl = dumped_ddl(*program, uri, as_text(snapshot.at(0)[0]));
  } catch (const Error& failure) {
    notes.push_back({.file = catalog.database,
                     .severity = Severity::kNote,
                     .message = std::string("the schema is taken from the catalog: ") + failure.what(),
                     .excerpt = {},
                     .hint = {}});
  }
}

}  // namespace

Session open_server(const std::string& uri) {
  if (holds_password(uri)) {
    throw Error("the connection URI holds a password, which process lists and shell histories would show",
                "leave it out, and put it into ~/.pgpass (mode 0600) or into the file that PGPASSFILE names");
  }
  const bool is_uri = uri.starts_with("postgresql://") || uri.starts_with("postgres://");
  const std::string separator = !is_uri ? " " : uri.find('?') == std::string::npos ? "?" : "&";
  std::string conninfo = uri;
  for (const auto& [name, value] : {std::pair{"application_name", "assay"}, {"connect_timeout", "10"}}) {
    if (uri.find(name) != std::string::npos) continue;
    conninfo += (conninfo == uri ? separator : is_uri ? "&" : " ") + std::string(name) + "=" + value;
  }
  return Session(conninfo);
}

Catalog read_catalog(Session& session, const CatalogOptions& options, Diagnostics& notes) {
  try {
    session.query("SELECT pg_catalog.set_config('client_encoding', 'UTF8', false)");
    Catalog catalog = catalog_from_rows(rows_in_transaction(session, options.redact), options.redact);
    if (options.pg_dump_from && !options.redact) take_dump(session, *options.pg_dump_from, catalog, notes);
    ask_heights(session, catalog);
    roll_back(session);
    return catalog;
  } catch (const SqlError& refusal) {
    roll_back(session);
    throw Error(std::string("the server's catalog cannot be read: ") + refusal.what(),
                std::string(hint_for(refusal.state())));
  }
}

Catalog read_catalog(Session& session, const CatalogOptions& options) {
  Diagnostics ignored;
  return read_catalog(session, options, ignored);
}

}  // namespace assay
