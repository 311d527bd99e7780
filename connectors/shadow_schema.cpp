#include "connectors/shadow_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "connectors/sql_value.h"
#include "parser/base/error.h"
#include "parser/sql/ddl.h"

namespace assay {
namespace {

/// Data types, operators and index methods alone.
constexpr std::array<std::string_view, 23> kHarmlessExtensions{
    "bloom",     "btree_gin",       "btree_gist",      "citext",   "cube",     "dict_int",
    "dict_xsyn", "earthdistance",   "fuzzystrmatch",   "hstore",   "intarray", "isn",
    "lo",        "ltree",           "pg_trgm",         "pgcrypto", "postgis",  "seg",
    "tablefunc", "tsm_system_rows", "tsm_system_time", "unaccent", "uuid-ossp"};

/// Extensions that no plan needs: nothing is lost without them.
constexpr std::array<std::string_view, 8> kIrrelevantExtensions{
    "plpgsql", "pg_stat_statements", "pageinspect", "pg_buffercache", "pgstattuple", "hypopg", "pg_prewarm", "amcheck"};

bool contains(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Which of the DDL's statements are executed. Foreign tables, triggers, rules, DO blocks and all else are not.
bool is_let_in(const DdlStatement& statement) {
  switch (statement.kind) {
    case DdlKind::kCreateSchema:
    case DdlKind::kCreateEnum:
    case DdlKind::kCreateDomain:
    case DdlKind::kCreateCompositeType:
    case DdlKind::kCreateRangeType:
    case DdlKind::kCreateSequence:
    case DdlKind::kCreateTable:
    case DdlKind::kAttachPartition:
    case DdlKind::kAddConstraint:
    case DdlKind::kAlterColumn:
    case DdlKind::kCreateIndex:
    case DdlKind::kCreateView:
    case DdlKind::kCreateMaterializedView:
    case DdlKind::kCreateCollation:
    case DdlKind::kCreateStatistics:
      return true;
    case DdlKind::kCreateFunction:
      return statement.language == "sql" || statement.language == "plpgsql";
    case DdlKind::kCreateExtension:
    case DdlKind::kCreateRule:
    case DdlKind::kCreateTrigger:  // EXPLAIN shows none of its work
    case DdlKind::kRowSecurity:    // the planner tells it (remark_on_relations)
    case DdlKind::kHarmless:
    case DdlKind::kOther:
      return false;
  }
  return false;
}

/// How many statements were left out, and why the first one was.
struct Losses {
  int count = 0;
  std::string first;

  void add(const std::string& reason) {
    if (count++ == 0) first = reason;
  }
};

std::vector<DdlStatement> parsed(const Catalog& catalog, Losses& losses) {
  std::vector<DdlStatement> statements;
  for (const std::string& sql : catalog.ddl) {
    Diagnostics diagnostics;
    for (DdlStatement& statement : parse_ddl(sql, "catalog", diagnostics)) statements.push_back(std::move(statement));
    for (const Diagnostic& diagnostic : diagnostics) losses.add(diagnostic.message);
  }
  return statements;
}

/// How texts are ordered: by the C library's locale, or by ICU's where one is named.
struct TextOrder {
  std::string encoding = "UTF8", collate = "C.UTF-8", ctype = "C.UTF-8", icu_locale;
};

/// CREATE DATABASE takes no parameters, so the server itself quotes the names for us.
bool try_create_database(Session& admin, const TextOrder& order) {
  std::string format =
      fmt::format("CREATE DATABASE {} TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L", kShadowDatabase);
  if (!order.icu_locale.empty()) format += " LOCALE_PROVIDER icu ICU_LOCALE %L";
  try {
    const SqlRows quoted = admin.query("SELECT pg_catalog.format($1, $2::text, $3::text, $4::text, $5::text)",
                                       {format, order.encoding, order.collate, order.ctype, order.icu_locale});
    admin.query(as_text(quoted[0][0]));
    return true;
  } catch (const SqlError&) {
    return false;
  }
}

std::string setting(const Catalog& catalog, const std::string& name, const std::string& otherwise) {
  const auto found = catalog.settings.find(name);
  return found == catalog.settings.end() ? otherwise : found->second;
}

/// Not owned by the planner's role, since an owner's ALTER DATABASE SET would reach into the superuser's sessions.
/// Text is ordered as in production where its locale is installed here, since histograms are sorted by it.
void create_database(PrivateCluster& cluster, const Catalog& catalog, std::vector<std::string>& remarks) {
  Session admin(cluster.conninfo("postgres"));
  admin.query(fmt::format("CREATE ROLE {} LOGIN", kPlannerRole));
  TextOrder order;
  order.encoding = setting(catalog, "server_encoding", "UTF8");
  if (setting(catalog, "datlocprovider", "c") == "i") {
    order.icu_locale = setting(catalog, "datlocale", "und");
  } else {
    order.collate = setting(catalog, "datcollate", setting(catalog, "lc_collate", "C.UTF-8"));
    order.ctype = setting(catalog, "datctype", order.collate);
  }
  if (try_create_database(admin, order)) return;
  remarks.push_back(
      fmt::format("The locale {} with encoding {} is not available here, so texts are ordered by bytes and "
                  "estimates of ranges of text may differ.",
                  order.icu_locale.empty() ? order.collate : order.icu_locale, order.encoding));
  if (!try_create_database(admin, {})) {
    throw Error("the shadow planner's database cannot be created", "the locale C.UTF-8 must be installed");
  }
}

void create_extension(Session& admin, const DdlStatement& statement, Losses& losses) {
  if (contains(kIrrelevantExtensions, statement.name)) return;
  if (!contains(kHarmlessExtensions, statement.name)) {
    losses.add("extension " + statement.name + " is not one of those known to be harmless");
    return;
  }
  const std::string schema = statement.schema.empty() ? "public" : statement.schema;
  try {
    admin.query(fmt::format("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}", quote_identifier(schema), kPlannerRole));
    admin.query(fmt::format("CREATE EXTENSION IF NOT EXISTS {} WITH SCHEMA {}", quote_identifier(statement.name),
                            quote_identifier(schema)));
  } catch (const SqlError& refusal) {
    losses.add("extension " + statement.name + ": " + refusal.what());
  }
}

/// False when the session is lost: a function that the statement calls may end it.
bool execute(Session& session, const DdlStatement& statement, Losses& losses) {
  try {
    session.query(statement.sql);
  } catch (const SqlError& refusal) {
    const bool exists = refusal.state() == "42P06";  // a schema that an extension needed before
    if (!exists) losses.add(statement.name + ": " + refusal.what());
  } catch (const Error& failure) {
    losses.add(statement.name + ": " + failure.what());
    return false;
  }
  return true;
}

/// All in one transaction, which is quicker by half than one for each. False, with nothing done, when one was refused.
bool execute_together(Session& session, const std::vector<const DdlStatement*>& statements) {
  try {
    session.query("BEGIN");
    for (const DdlStatement* statement : statements) session.query(statement->sql);
    session.query("COMMIT");
    return true;
  } catch (const Error&) {
    return false;
  } catch (const SqlError&) {
    roll_back(session);
    return false;
  }
}

std::string path_of(const std::vector<std::string>& search_path) {
  std::string path;
  for (const std::string& schema : search_path) {
    if (schema != "pg_catalog") path += (path.empty() ? "" : ", ") + quote_identifier(schema);
  }
  return path.empty() ? "public" : path;
}

/// In their order. Where one of a batch is refused, the batch is done one by one.
void execute_all(const PrivateCluster& cluster, const std::vector<std::string>& search_path,
                 const std::vector<const DdlStatement*>& statements, Losses& losses) {
  constexpr std::size_t kBatch = 250;
  const auto open = [&] { return open_planner_session(cluster, search_path); };
  Session session = open();
  for (std::size_t begin = 0; begin < statements.size(); begin += kBatch) {
    const std::vector<const DdlStatement*> batch(
        statements.begin() + static_cast<std::ptrdiff_t>(begin),
        statements.begin() + static_cast<std::ptrdiff_t>(std::min(begin + kBatch, statements.size())));
    if (execute_together(session, batch)) continue;
    session = open();  // it may be lost, or changed
    for (const DdlStatement* statement : batch) {
      if (!execute(session, *statement, losses)) session = open();
    }
  }
}

void load_schema(PrivateCluster& cluster, const Catalog& catalog, Losses& losses) {
  const std::vector<DdlStatement> statements = parsed(catalog, losses);
  Session admin = open_admin_session(cluster);
  admin.query(fmt::format("GRANT CREATE ON DATABASE {} TO {}", kShadowDatabase, kPlannerRole));
  admin.query(fmt::format("GRANT ALL ON SCHEMA public TO {}", kPlannerRole));
  for (const DdlStatement& statement : statements) {
    if (statement.kind == DdlKind::kCreateExtension) create_extension(admin, statement, losses);
  }
  std::vector<const DdlStatement*> let_in;
  for (const DdlStatement& statement : statements) {
    if (is_let_in(statement)) {
      let_in.push_back(&statement);
    } else if (statement.kind == DdlKind::kOther || statement.kind == DdlKind::kCreateFunction) {
      losses.add("a statement of another kind than tables, indexes, views, types and their like");
    }
  }
  execute_all(cluster, catalog.search_path, let_in, losses);
}

}  // namespace

Session open_planner_session(const PrivateCluster& cluster, const std::vector<std::string>& search_path) {
  Session session(cluster.conninfo(kShadowDatabase, kPlannerRole));
  session.query("SELECT pg_catalog.set_config('search_path', $1, false)", {path_of(search_path)});
  session.query("SET statement_timeout = '10s'");
  session.query("SET max_parallel_maintenance_workers = 0");
  session.query("SET check_function_bodies = off");
  return session;
}

Session open_admin_session(const PrivateCluster& cluster) {
  Session session(cluster.conninfo(kShadowDatabase));
  session.query("SET search_path = pg_catalog, pg_temp");
  session.query("SET DateStyle = 'ISO, YMD'");
  session.query("SET IntervalStyle = 'postgres'");
  session.query("SET xmloption = 'content'");
  return session;
}

void create_shadow_schema(PrivateCluster& cluster, const Catalog& catalog, std::vector<std::string>& remarks) {
  create_database(cluster, catalog, remarks);
  Losses losses;
  load_schema(cluster, catalog, losses);
  if (losses.count > 0) {
    remarks.push_back(fmt::format("{} of the schema's statements {} left out; the first: {}.", losses.count,
                                  losses.count == 1 ? "was" : "were", losses.first));
  }
}

}  // namespace assay
