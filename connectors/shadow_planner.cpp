#include "connectors/shadow_planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <thread>

#include "analyzer/plan.h"
#include "connectors/planner_settings.h"
#include "connectors/shadow_clock.h"
#include "connectors/shadow_extended_statistics.h"
#include "connectors/shadow_relations.h"
#include "connectors/shadow_schema.h"
#include "connectors/shadow_statistics.h"
#include "connectors/sql_value.h"
#include "parser/base/error.h"
#include "parser/sql/statement.h"

namespace assay {
namespace {

constexpr const char* kGenericName = "assay_generic";
constexpr std::chrono::seconds kRecovery{10};  // of a server one of whose sessions has crashed

ClusterOptions options_for(const Catalog& catalog) {
  return {catalog.server_version / 10000,
          {{"max_locks_per_transaction", "2048"}}};  // a lock for each hypothetical index
}

/// Could the text hold a parameter? A string literal may look like one; the server knows.
bool may_have_parameters(std::string_view sql) {
  for (std::size_t at = sql.find('$'); at != std::string_view::npos; at = sql.find('$', at + 1)) {
    if (at + 1 < sql.size() && std::isdigit(static_cast<unsigned char>(sql[at + 1]))) return true;
  }
  return false;
}

std::string plural(std::size_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

void remark_on_relations(const Catalog& catalog, std::vector<std::string>& remarks) {
  const auto secured =
      std::count_if(catalog.tables.begin(), catalog.tables.end(), [](const Table& t) { return t.row_security; });
  if (secured > 0) {
    remarks.push_back(plural(static_cast<std::size_t>(secured), "table") +
                      " with row security: planned as the owner sees them, without policies.");
  }
  if (catalog.redacted_columns.value_or(0) > 0) {
    remarks.push_back("The snapshot was taken with --redact: the values of " +
                      plural(static_cast<std::size_t>(*catalog.redacted_columns), "column") +
                      " are left out, and predicates on them are planned from the number of distinct values alone.");
  }
  if (!catalog.hidden_tables.empty()) {
    remarks.push_back(
        plural(catalog.hidden_tables.size(), "table") +
        " whose statistics the role that took the snapshot may not read, planned with guesses; the first: " +
        catalog.hidden_tables[0] + ".");
  }
}

}  // namespace

ShadowPlanner::ShadowPlanner(const Catalog& catalog)
    : cluster_(options_for(catalog)), search_path_(catalog.search_path), settings_(catalog.settings) {
  add_general_remarks(catalog);
  create_shadow_schema(cluster_, catalog, remarks_);
  ShadowRelations relations;
  {
    Session admin = open_admin_session(cluster_);
    create_clock(admin);
    inject_statistics(admin, catalog, remarks_);
    inject_extended_statistics(cluster_, admin, catalog, remarks_);
    relations = find_relations(admin, cluster_, catalog, remarks_);
    set_figures(admin, relations);
  }
  // Foreign keys have made the server read B-trees' metapages already: only a new one reads ours.
  cluster_.restart([&] {
    for (const auto& [name, relation] : relations) inflate(relation, cluster_.account());
  });
  indexes_.emplace(cluster_, search_path_, std::move(relations));
  connect();
}

void ShadowPlanner::add_general_remarks(const Catalog& catalog) {
  const int major = catalog.server_version / 10000;
  // The major version decides how it plans; naming the minor one would change reports for nothing.
  remarks_.push_back(fmt::format(
      "Planned by the planner of PostgreSQL {}, with the schema and statistics of database {} and none of its rows.",
      cluster_.programs().major, catalog.database));
  if (major != 0 && major != cluster_.programs().major) {
    remarks_.push_back(fmt::format("The server is PostgreSQL {}, whose planner may choose differently.", major));
  }
  if (!catalog.has_statistics)
    remarks_.push_back("The catalog has no statistics: sizes and estimates are the planner's guesses.");
  const auto block_size = catalog.settings.find("block_size");
  if (block_size != catalog.settings.end() && block_size->second != "8192") {
    remarks_.push_back(fmt::format("The server's pages hold {} bytes, the shadow's 8192.", block_size->second));
  }
  remark_on_relations(catalog, remarks_);
}

void ShadowPlanner::connect() {
  admin_ = open_admin_session(cluster_);
  planner_ = open_planner_session(cluster_, search_path_);
  look_at_clock(*planner_);
  for (const char* name : kPlannerSettings) {
    const auto found = settings_.find(name);
    if (found == settings_.end()) continue;
    try {
      planner_->query("SELECT pg_catalog.set_config($1, $2, false)", {name, found->second});
    } catch (const SqlError& refusal) {
      const std::string remark = fmt::format("The setting {} could not be taken over: {}.", name, refusal.what());
      if (std::find(remarks_.begin(), remarks_.end(), remark) == remarks_.end()) remarks_.push_back(remark);
    }
  }
}

/// A session that crashes takes all others with it; the server then comes back by itself.
void ShadowPlanner::reconnect() {
  const auto deadline = std::chrono::steady_clock::now() + kRecovery;
  while (true) {
    try {
      connect();
      indexes_->refresh(*admin_);
      return;
    } catch (const Error&) {
      if (std::chrono::steady_clock::now() > deadline) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
}

PlanAnswer ShadowPlanner::plan(const PlannableQuery& query, const PhysicalDesign& design) {
  if (!is_explainable(query.sql)) return Unplannable{"it is not exactly one SELECT, INSERT, UPDATE, DELETE or MERGE"};
  std::string json;
  try {
    if (const auto failure = indexes_->apply(*admin_, design)) return Unplannable{*failure};
    json = explain(query);
  } catch (const SqlError& refusal) {
    constexpr std::string_view kQueryCanceled = "57014";  // by statement_timeout: nobody else is there
    if (refusal.state() != kQueryCanceled) return Unplannable{refusal.what()};
    const std::string remark = "A time limit of 10 s struck while planning: a faster machine may judge more.";
    if (std::find(remarks_.begin(), remarks_.end(), remark) == remarks_.end()) remarks_.push_back(remark);
    return Unplannable{"planning took longer than 10 seconds"};
  } catch (const Error& failure) {
    reconnect();
    return Unplannable{failure.what()};
  }
  return parse_plan(json);
}

/// Every plan in a transaction of its own, so that neither a failure nor a function that planning calls leaves a trace.
std::string ShadowPlanner::explain(const PlannableQuery& query) {
  const bool timed = query.ran_at && asks_for_time(query.sql);
  const std::string sql = timed ? with_clock_calls(query.sql) : query.sql;
  planner_->query("BEGIN READ ONLY");
  try {
    if (timed) set_clock(*planner_, *query.ran_at);
    const bool generic = query.parameters.empty() && may_have_parameters(sql);
    std::string json = generic ? explain_generic(sql)
                               : as_text(planner_->query("EXPLAIN (FORMAT JSON) " + sql, query.parameters).at(0)[0]);
    planner_->query("ROLLBACK");
    return json;
  } catch (const SqlError&) {
    roll_back(*planner_);
    throw;
  }
}

/// EXPLAIN (GENERIC_PLAN) for servers that do not have it. The values are of no matter to a generic plan.
std::string ShadowPlanner::explain_generic(const std::string& sql) {
  planner_->query("DEALLOCATE ALL");  // prepared statements outlive a rollback
  planner_->query("SET LOCAL plan_cache_mode = force_generic_plan");
  planner_->query(fmt::format("PREPARE {} AS {}", kGenericName, sql));
  const SqlRows types = planner_->query(
      "SELECT pg_catalog.cardinality(parameter_types) FROM pg_catalog.pg_prepared_statements WHERE name = $1",
      {kGenericName});
  std::string nulls;
  for (int i = 0; i < as_number<int>(types.at(0)[0]); ++i) nulls += i == 0 ? "(NULL" : ", NULL";
  if (!nulls.empty()) nulls += ")";
  return as_text(planner_->query(fmt::format("EXPLAIN (FORMAT JSON) EXECUTE {}{}", kGenericName, nulls)).at(0)[0]);
}

}  // namespace assay
