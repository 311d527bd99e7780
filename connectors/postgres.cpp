#include "connectors/postgres.h"

#include <array>
#include <chrono>

#include "connectors/catalog_ddl.h"
#include "connectors/catalog_relations.h"
#include "connectors/planner_settings.h"
#include "connectors/sql_value.h"
#include "parser/base/error.h"

namespace assay {
namespace {

/// Beside the planner's settings: what the report tells and what the log reader wants to know of the log's writer.
constexpr std::array kOtherSettings{"auto_explain.log_min_duration",
                                    "auto_explain.sample_rate",
                                    "effective_io_concurrency",
                                    "jit",
                                    "jit_above_cost",
                                    "jit_inline_above_cost",
                                    "jit_optimize_above_cost",
                                    "lc_collate",
                                    "log_autovacuum_min_duration",
                                    "log_checkpoints",
                                    "log_destination",
                                    "log_duration",
                                    "log_line_prefix",
                                    "log_lock_waits",
                                    "log_min_duration_sample",
                                    "log_min_duration_statement",
                                    "log_parameter_max_length",
                                    "log_statement",
                                    "log_statement_sample_rate",
                                    "log_temp_files",
                                    "log_timezone",
                                    "log_transaction_sample_rate",
                                    "maintenance_work_mem",
                                    "max_connections",
                                    "plan_cache_mode",
                                    "server_encoding",
                                    "shared_buffers"};

/// Reading the largest catalogs takes seconds; a lock that is not there at once is somebody else's DDL.
constexpr std::array kTransaction{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                                  "SET LOCAL statement_timeout = '60s'", "SET LOCAL lock_timeout = '2s'",
                                  "SET LOCAL idle_in_transaction_session_timeout = '60s'"};

/// Names come out with their schemas, and values in forms that do not depend on the server's settings.
constexpr std::array kOutputForms{"SET LOCAL search_path = pg_catalog, pg_temp",
                                  "SET LOCAL DateStyle = 'ISO, YMD'",
                                  "SET LOCAL IntervalStyle = 'postgres'",
                                  "SET LOCAL extra_float_digits = 1",
                                  "SET LOCAL bytea_output = 'hex'",
                                  "SET LOCAL xmloption = 'content'"};

void read_settings(Session& session, Catalog& catalog) {
  std::string names = "{block_size";
  for (const char* name : kPlannerSettings) names += std::string(",") + name;
  for (const char* name : kOtherSettings) names += std::string(",") + name;
  const SqlRows settings = session.query(
      "SELECT name, pg_catalog.current_setting(name, true) FROM pg_catalog.unnest($1::text[]) AS name", {names + "}"});
  for (const SqlRow& row : settings) {
    if (row[1]) catalog.settings[*row[0]] = *row[1];
  }
  // Where a column does not exist in this server's version, its member is absent.
  const SqlRows locale = session.query(
      "SELECT d->>'datcollate', d->>'datctype', d->>'datlocprovider', coalesce(d->>'datlocale', d->>'daticulocale') "
      "FROM (SELECT pg_catalog.to_jsonb(db) AS d FROM pg_catalog.pg_database AS db "
      "WHERE datname = pg_catalog.current_database()) AS one");
  constexpr std::array kNames{"datcollate", "datctype", "datlocprovider", "datlocale"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (locale.at(0)[i]) catalog.settings[kNames[i]] = *locale[0][i];
  }
}

std::optional<ZonedTime> time_at(const SqlValue& microseconds, const SqlValue& offset_seconds) {
  if (!microseconds) return std::nullopt;
  return ZonedTime{Timestamp(Microseconds(as_number<std::int64_t>(microseconds))),
                   UtcOffset(as_number<int>(offset_seconds) / 60)};
}

void read_identity(Session& session, Catalog& catalog) {
  const SqlRow row =
      session
          .query(
              "SELECT pg_catalog.current_database(), pg_catalog.current_setting('server_version_num'), "
              "(extract(epoch FROM now()) * 1000000)::bigint, extract(timezone FROM now())::int, "
              "(extract(epoch FROM stats_reset) * 1000000)::bigint, extract(timezone FROM stats_reset)::int "
              "FROM (SELECT 1) AS one LEFT JOIN pg_catalog.pg_stat_database ON datname = pg_catalog.current_database()")
          .at(0);
  catalog.source = CatalogSource::kServer;
  catalog.database = as_text(row[0]);
  catalog.server_version = as_number<int>(row[1]);
  catalog.taken_at = time_at(row[2], row[3]);
  catalog.statistics_reset = time_at(row[4], row[5]);
  catalog.has_statistics = true;
  for (const SqlRow& schema : session.query("SELECT pg_catalog.unnest(pg_catalog.current_schemas(false))::text")) {
    catalog.search_path.push_back(as_text(schema[0]));
  }
  for (const SqlRow& extension : session.query("SELECT extname FROM pg_catalog.pg_extension ORDER BY extname")) {
    catalog.extensions.push_back(as_text(extension[0]));
  }
}

Catalog read_in_transaction(Session& session) {
  Catalog catalog;
  for (const char* statement : kTransaction) session.query(statement);
  read_identity(session, catalog);
  read_settings(session, catalog);
  for (const char* statement : kOutputForms) session.query(statement);
  read_relations(session, catalog);
  catalog.ddl = read_ddl(session);
  return catalog;
}

std::string_view hint_for(const std::string& state) {
  if (state == "55P03") return "somebody changes the schema just now: try again later";
  if (state == "57014") return "the server is very busy or its catalog very large: try again later, or on a replica";
  if (state == "42501") return "the role must be allowed to read the system catalogs";
  return "please report this with the version of the server";
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

Catalog read_catalog(Session& session) {
  try {
    session.query("SELECT pg_catalog.set_config('client_encoding', 'UTF8', false)");
    Catalog catalog = read_in_transaction(session);
    roll_back(session);
    return catalog;
  } catch (const SqlError& refusal) {
    roll_back(session);
    throw Error(std::string("the server's catalog cannot be read: ") + refusal.what(),
                std::string(hint_for(refusal.state())));
  }
}

}  // namespace assay
