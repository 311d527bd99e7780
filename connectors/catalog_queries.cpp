#include "connectors/catalog_queries.h"

#include <fmt/format.h>

#include <iterator>

#include "connectors/planner_settings.h"

namespace assay {
namespace {

/// Beside the planner's settings: what the report tells and what the log reader wants to know of the log's writer.
constexpr std::array kOtherSettings{"autovacuum",
                                    "block_size",
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
                                    "log_parameter_max_length_on_error",
                                    "log_statement",
                                    "log_statement_sample_rate",
                                    "log_temp_files",
                                    "log_timezone",
                                    "log_transaction_sample_rate",
                                    "maintenance_work_mem",
                                    "max_connections",
                                    "plan_cache_mode",
                                    "server_encoding",
                                    "shared_buffers",
                                    "temp_buffers",
                                    "track_activities",
                                    "track_counts",
                                    "track_io_timing"};

constexpr const char* kIdentity = R"(
SELECT current_database(), current_setting('server_version_num'), current_setting('server_version'),
       (extract(epoch FROM now()) * 1000000)::bigint, extract(timezone FROM now())::int,
       (extract(epoch FROM stats_reset) * 1000000)::bigint, extract(timezone FROM stats_reset)::int
FROM (SELECT 1) AS one LEFT JOIN pg_stat_database ON datname = current_database())";

/// Asked under the session's own search path, so every name has its schema. The settings of auto_explain are there
/// only where the library is loaded.
std::string settings_sql() {
  std::string names;
  int count = 0;
  const auto add = [&](const char* name) {
    names += fmt::format("{}'{}'", count == 0 ? "" : count % 4 == 0 ? ",\n    " : ", ", name);
    ++count;
  };
  for (const char* name : kPlannerSettings) add(name);
  for (const char* name : kOtherSettings) add(name);
  return fmt::format(R"(
SELECT name, pg_catalog.current_setting(name, true) FROM pg_catalog.unnest(ARRAY[{}]::pg_catalog.text[]) AS name
UNION ALL
SELECT name, pg_catalog.current_setting(name, true) FROM pg_catalog.pg_settings
WHERE name OPERATOR(pg_catalog.~) '^(auto_explain|pg_stat_statements)\.')",
                     names);
}

/// Where a column does not exist in this server's version, its row is absent.
constexpr const char* kLocale = R"(
SELECT v.name, v.value
FROM (SELECT to_jsonb(db) AS d FROM pg_database AS db WHERE datname = current_database()) AS one
CROSS JOIN LATERAL (VALUES ('datcollate', d->>'datcollate'), ('datctype', d->>'datctype'),
    ('datlocprovider', d->>'datlocprovider'), ('datlocale', coalesce(d->>'datlocale', d->>'daticulocale')))
  AS v(name, value)
WHERE v.value IS NOT NULL)";

constexpr const char* kSearchPath = "\nSELECT pg_catalog.unnest(pg_catalog.current_schemas(false))::pg_catalog.text";

constexpr const char* kExtensions = "\nSELECT extname, extversion FROM pg_extension ORDER BY extname COLLATE \"C\"";

constexpr const char* kFunctions = R"(
SELECT n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), l.lanname, p.prokind, p.provolatile,
       CASE WHEN l.lanname = 'plpgsql' AND NOT {} OR l.lanname = 'sql' AND p.prosrc <> '' THEN p.prosrc
            WHEN l.lanname = 'sql' THEN
              rtrim(substring(pg_get_functiondef(p.oid), '\n ?((?:BEGIN ATOMIC|RETURN ).*)'), E' \n') END
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE )" ASSAY_USER_SCHEMA R"(
ORDER BY n.nspname COLLATE "C", p.proname COLLATE "C", 3)";

/// 'i' < 's' < 'v'. Those of types' input and output, of operators' planning and the like are not called by name.
constexpr const char* kBuiltinFunctions = R"(
SELECT p.proname, max(p.provolatile)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'pg_catalog'
  AND NOT '{internal,cstring}'::regtype[]::oid[] && (p.proargtypes::oid[] || p.prorettype)
GROUP BY p.proname ORDER BY p.proname COLLATE "C")";

/// tgtype: TRIGGER_TYPE_* of src/include/catalog/pg_trigger.h.
constexpr const char* kTriggers = R"(
SELECT n.nspname, c.relname, t.tgname, fn.nspname, f.proname,
       CASE WHEN t.tgtype & 2 <> 0 THEN 'b' WHEN t.tgtype & 64 <> 0 THEN 'i' ELSE 'a' END,
       t.tgtype & 4 <> 0, t.tgtype & 16 <> 0, t.tgtype & 8 <> 0, t.tgtype & 32 <> 0, t.tgtype & 1 <> 0,
       t.tgenabled <> 'D'
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_proc f ON f.oid = t.tgfoid JOIN pg_namespace fn ON fn.oid = f.pronamespace
WHERE NOT t.tgisinternal AND )" ASSAY_USER_SCHEMA R"(
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", t.tgname COLLATE "C")";

/// Without those that make a view a view (ev_type 1: SELECT).
constexpr const char* kRules = R"(
SELECT n.nspname, c.relname
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.ev_type <> '1' AND r.ev_enabled <> 'D' AND )" ASSAY_USER_SCHEMA R"(
GROUP BY n.nspname, c.relname ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C")";

constexpr const char* kOperators = R"(
SELECT n.nspname, o.oprname, p.provolatile
FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace JOIN pg_proc p ON p.oid = o.oprcode
WHERE )" ASSAY_USER_SCHEMA R"(
ORDER BY n.nspname COLLATE "C", o.oprname COLLATE "C", o.oid)";

constexpr const char* kCasts = R"(
SELECT format_type(k.castsource, NULL), format_type(k.casttarget, NULL), k.castcontext <> 'e', p.provolatile
FROM pg_cast k JOIN pg_proc p ON p.oid = k.castfunc JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE )" ASSAY_USER_SCHEMA R"(
ORDER BY k.oid)";

}  // namespace

std::vector<CatalogQuery> session_queries() {
  return {{"settings", "settings that bear on plans and on what is logged", 2, settings_sql()},
          {"search_path", "the schemas of names without one", 1, kSearchPath}};
}

std::vector<CatalogQuery> catalog_queries(bool redact) {
  std::vector<CatalogQuery> queries = {
      {"database", "the database, the server's version, the time, the last reset of its counters", 7, kIdentity},
      {"settings_of_database", "how the database orders texts", 2, kLocale},
      {"extensions", "extensions and their versions", 2, kExtensions},
      {"functions", "functions and how volatile they are", 7, fmt::format(kFunctions, redact)},
      {"builtin_functions", "PostgreSQL's own functions: how volatile they are", 2, kBuiltinFunctions},
      {"triggers", "triggers", 12, kTriggers},
      {"rules", "tables whose writes rules rewrite", 2, kRules},
      {"operators", "operators of one's own and how volatile they are", 3, kOperators},
      {"casts", "casts of one's own and how volatile they are", 4, kCasts}};
  for (auto part : {relation_queries(), statistics_queries(redact), ddl_queries(redact)}) {
    queries.insert(queries.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
  }
  return queries;
}

}  // namespace assay
