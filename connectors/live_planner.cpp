#include "connectors/live_planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "analyzer/plan.h"
#include "connectors/explain.h"
#include "connectors/postgres.h"
#include "connectors/sql_value.h"
#include "parser/base/error.h"
#include "parser/sql/statement.h"

namespace assay {
namespace {

/// A lock that is not there at once is somebody else's DDL: nobody must queue behind us.
constexpr std::array kTransaction{"BEGIN READ ONLY", "SET LOCAL statement_timeout = '5s'",
                                  "SET LOCAL lock_timeout = '500ms'",
                                  "SET LOCAL idle_in_transaction_session_timeout = '10s'"};

/// HypoPG numbers its indexes from a pool of some 2,500.
constexpr std::size_t kMostIndexes = 1000;

std::optional<std::string> why_not_shown(const HypotheticalIndex& index) {
  const IndexDefinition& definition = index.definition;
  const std::string name = "the index " + definition.name;
  if (!definition.predicate.empty()) {
    return name + " is partial, which HypoPG can crash the server's backend on: without --live it is planned";
  }
  const bool expression = std::any_of(definition.keys.begin(), definition.keys.end(),
                                      [](const IndexKey& key) { return key.column.empty(); });
  if (expression) return name + " has an expression, which HypoPG has no statistics for: without --live it is planned";
  if (definition.method != "btree" && definition.method != "hash" && definition.method != "brin") {
    return name + " is of the method " + definition.method +
           ", which HypoPG does not know: without --live it is planned";
  }
  return std::nullopt;
}

std::optional<std::string> why_not_shown(const PhysicalDesign& design) {
  if (!design.dropped_indexes.empty()) return "a live server cannot hide an index: without --live it is planned";
  if (!design.partitionings.empty()) return "a live server cannot show partitions: without --live they are planned";
  if (!design.created_statistics.empty()) return "extended statistics need rows: create them, and run ANALYZE";
  if (design.created_indexes.size() > kMostIndexes) return "HypoPG's numbers do not suffice for so many indexes";
  for (const HypotheticalIndex& index : design.created_indexes) {
    if (const auto reason = why_not_shown(index)) return reason;
  }
  return std::nullopt;
}

/// What btcostestimate charges a real B-tree for its levels, the leaf's included; one of HypoPG has a height of -1.
double missing_descent(const HypotheticalIndex& index, double cost_a_level) {
  return index.definition.method == "btree" ? (index.height + 1) * cost_a_level : 0;
}

/// Adds what the nodes below lack, once for each time that a nested loop runs them; returns by how much the plan grew.
double add_descents(PlanNode& plan, const std::map<std::string, const HypotheticalIndex*>& indexes, double level) {
  double more = 0;
  const bool loops = plan.type == "Nested Loop" && plan.children.size() == 2;
  for (std::size_t i = 0; i < plan.children.size(); ++i) {
    const double below = add_descents(plan.children[i], indexes, level);
    const double times = loops && i == 1 ? std::max(1.0, plan.children[0].rows) : 1;
    if (plan.children[i].subplan.empty()) more += below * times;
  }
  if (const auto found = indexes.find(plan.index); found != indexes.end()) {
    const double descent = missing_descent(*found->second, level);
    plan.startup_cost += descent;
    more += descent;
  }
  plan.total_cost += more;
  return more;
}

void rename(PlanNode& plan, const std::map<std::string, const HypotheticalIndex*>& indexes) {
  if (const auto found = indexes.find(plan.index); found != indexes.end()) {
    const std::string theirs = quote_identifier(plan.index), ours = found->second->definition.name;
    if (const std::size_t at = plan.title.find(theirs); at != std::string::npos) {
      plan.title.replace(at, theirs.size(), quote_identifier(ours));
    }
    plan.index = ours;
  }
  for (PlanNode& child : plan.children) rename(child, indexes);
}

}  // namespace

LivePlanner::LivePlanner(std::string uri) : uri_(std::move(uri)) {
  connect();
  const SqlRows found = session_->query(
      "SELECT pg_catalog.quote_ident(nspname), pg_catalog.current_database(), "
      "pg_catalog.current_setting('server_version_num')::int / 10000, "
      "50 * pg_catalog.current_setting('cpu_operator_cost')::float8 "
      "FROM (SELECT 1) AS one LEFT JOIN (pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = "
      "e.extnamespace) ON extname = 'hypopg'");
  const std::string database = as_text(found.at(0)[1]);
  if (!found[0][0]) {
    throw Error("HypoPG is not installed in the database " + database,
                "leave --live out: the shadow planner needs nothing on the server; or have an administrator run "
                "CREATE EXTENSION hypopg there");
  }
  schema_ = *found[0][0];
  descent_cost_ = as_number<double>(found[0][3]);
  remarks_ = {fmt::format("Planned on the live server, PostgreSQL {}, with HypoPG, as database {} is now.",
                          as_text(found[0][2]), database),
              "HypoPG takes indexes for larger than they would be, those of several columns most, and has no cost for "
              "descending them; the latter is added to the figures, but a choice between plans can differ once the "
              "index is real. "
              "Without --live, neither is so."};
}

void LivePlanner::connect() {
  session_ = open_server(uri_);
  shown_.reset();
  by_their_name_.clear();
}

void LivePlanner::begin() {
  for (const char* statement : kTransaction) session_->query(statement);
}

PlanAnswer LivePlanner::plan(const PlannableQuery& query, const PhysicalDesign& design) {
  if (!is_explainable(query.sql)) return Unplannable{"it is not exactly one SELECT, INSERT, UPDATE, DELETE or MERGE"};
  if (auto reason = why_not_shown(design)) return Unplannable{*std::move(reason)};
  try {
    if (!session_) connect();
    begin();
    show(design.created_indexes);
    PlanNode plan = parse_plan(explain_json(*session_, query.sql, query.parameters));
    roll_back(*session_);
    return translated(std::move(plan));
  } catch (const SqlError& refusal) {
    roll_back(*session_);
    return Unplannable{refusal.what()};
  } catch (const Error& failure) {
    session_.reset();  // connected anew for the next question; when that fails, the run ends
    return Unplannable{failure.what()};
  }
}

/// The session's hypothetical indexes are made those of the design. They outlive a transaction, and its rollback.
void LivePlanner::show(const std::vector<HypotheticalIndex>& indexes) {
  if (shown_ == indexes) return;
  shown_.reset();
  by_their_name_.clear();
  session_->query("SELECT " + schema_ + ".hypopg_reset()");
  std::vector<std::string> names;
  for (const HypotheticalIndex& index : indexes) {
    const SqlRows made = session_->query("SELECT indexname FROM " + schema_ + ".hypopg_create_index($1)",
                                         {create_index_sql(index.definition, false)});
    names.push_back(as_text(made.at(0)[0]));
  }
  shown_ = indexes;
  for (std::size_t i = 0; i < names.size(); ++i) by_their_name_[names[i]] = &(*shown_)[i];
}

PlanNode LivePlanner::translated(PlanNode plan) const {
  add_descents(plan, by_their_name_, descent_cost_);
  rename(plan, by_their_name_);
  return plan;
}

}  // namespace assay
