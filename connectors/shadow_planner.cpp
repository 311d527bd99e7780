#include "connectors/shadow_planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "analyzer/plan.h"
#include "connectors/shadow_clock.h"
#include "connectors/shadow_ends.h"
#include "connectors/shadow_extended_statistics.h"
#include "connectors/shadow_relations.h"
#include "connectors/shadow_schema.h"
#include "connectors/shadow_statistics.h"
#include "connectors/sql_value.h"
#include "parser/base/error.h"
#include "parser/sql/statement.h"

namespace assay {
namespace {

constexpr std::size_t kMostConnections = 64;
constexpr std::chrono::seconds kRecovery{10};  // of a server one of whose sessions has crashed

ClusterOptions options_for(const Catalog& catalog) {
  return {catalog.server_version / 10000,
          {{"max_locks_per_transaction", "2048"}}};  // a lock for each hypothetical index
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

/// The first of `left` and those that can be asked beside it: with the same partitioned tables, and without another
/// index of a name. They leave `left`.
std::vector<std::size_t> next_wave(const std::vector<WhatIfQuestion>& questions, std::vector<std::size_t>& left) {
  const PhysicalDesign& first = *questions[left.front()].design;
  std::map<std::pair<std::string, std::string>, const HypotheticalIndex*> named;  // by table and name
  std::vector<std::size_t> wave, later;
  const auto clashes = [&](const HypotheticalIndex& index) {
    const auto found = named.find({index.definition.table, index.definition.name});
    return found != named.end() && found->second != &index && !(*found->second == index);
  };
  for (const std::size_t i : left) {
    const PhysicalDesign& design = *questions[i].design;
    const auto& indexes = design.created_indexes;
    if (!(design.partitionings == first.partitionings) || std::any_of(indexes.begin(), indexes.end(), clashes)) {
      later.push_back(i);
      continue;
    }
    for (const HypotheticalIndex& index : indexes)
      named.emplace(std::pair(index.definition.table, index.definition.name), &index);
    wave.push_back(i);
  }
  left = std::move(later);
  return wave;
}

}  // namespace

ShadowPlanner::ShadowPlanner(const Catalog& catalog, std::size_t connections)
    : connections_(std::clamp<std::size_t>(connections, 1, kMostConnections)),
      cluster_(options_for(catalog)),
      search_path_(catalog.search_path),
      settings_(catalog.settings) {
  add_general_remarks(catalog);
  create_shadow_schema(cluster_, catalog, remarks_);
  ShadowRelations relations;
  {
    Session admin = open_admin_session(cluster_);
    create_clock(admin);
    create_marker(admin);
    inject_statistics(admin, catalog, remarks_);
    inject_extended_statistics(cluster_, admin, catalog, remarks_);
    relations = find_relations(admin, cluster_, catalog, remarks_);
    const auto ends = find_ends(admin);
    std::vector<const ShadowRelation*> all;
    for (auto& [name, relation] : relations) {
      if (const auto found = ends.find(relation.oid); found != ends.end()) relation.ends = found->second;
      all.push_back(&relation);
    }
    set_figures(admin, all);
  }
  // Foreign keys have made the server read B-trees' metapages already: only a new one reads ours.
  cluster_.restart([&] {
    for (const auto& [name, relation] : relations) inflate(relation, cluster_.account());
  });
  partitions_.emplace(cluster_, search_path_, std::move(relations));
  indexes_.emplace(cluster_, search_path_);
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
  sessions_.clear();
  sessions_.emplace_back(cluster_, search_path_, settings_, remarks_);
}

/// A session that crashes takes all others with it; the server then comes back by itself.
void ShadowPlanner::reconnect() {
  const auto deadline = std::chrono::steady_clock::now() + kRecovery;
  while (true) {
    try {
      indexes_->reset_builder();
      connect();
      return;
    } catch (const Error&) {
      if (std::chrono::steady_clock::now() > deadline) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
}

PlanAnswer ShadowPlanner::plan(const PlannableQuery& query, const PhysicalDesign& design) {
  return plan_all({{&query, &design}}).front();
}

std::vector<PlanAnswer> ShadowPlanner::plan_all(const std::vector<WhatIfQuestion>& questions) {
  std::vector<PlanAnswer> answers(questions.size());
  std::vector<std::size_t> left;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    if (auto reason = why_not_asked(questions[i])) {
      answers[i] = Unplannable{*std::move(reason)};
    } else {
      left.push_back(i);
    }
  }
  while (!left.empty()) {
    const std::vector<std::size_t> wave = next_wave(questions, left);
    if (!prepare_and_ask(questions, wave, answers)) {
      for (const std::size_t i : wave) {
        if (!prepare_and_ask(questions, {i}, answers)) answers[i] = Unplannable{"the planner's server crashed"};
      }
    }
  }
  const auto struck = [](const PlanAnswer& answer) {
    const auto* none = std::get_if<Unplannable>(&answer);
    return none && none->reason == kPlanningTooLong;
  };
  const std::string remark = "A time limit of 10 s struck while planning: a faster machine may judge more.";
  if (std::any_of(answers.begin(), answers.end(), struck) &&
      std::find(remarks_.begin(), remarks_.end(), remark) == remarks_.end()) {
    remarks_.push_back(remark);
  }
  return answers;
}

/// False when the server has crashed while the wave was prepared.
bool ShadowPlanner::prepare_and_ask(const std::vector<WhatIfQuestion>& questions, const std::vector<std::size_t>& wave,
                                    std::vector<PlanAnswer>& answers) {
  try {
    answer(questions, wave, answers);
    return true;
  } catch (const Error&) {
    reconnect();
    return false;
  }
}

std::optional<std::string> ShadowPlanner::why_not_asked(const WhatIfQuestion& question) {
  const auto [known, is_new] = explainable_.try_emplace(question.query->sql, false);
  if (is_new) known->second = is_explainable(question.query->sql);
  if (!known->second) return "it is not exactly one SELECT, INSERT, UPDATE, DELETE or MERGE";
  if (question.design->created_statistics.empty()) return std::nullopt;
  return "extended statistics hold how values occur together, which only rows tell: create " +
         question.design->created_statistics.front().name + ", run ANALYZE, and take a new snapshot";
}

/// Makes what the wave's designs have in common, and what they need; then asks.
void ShadowPlanner::answer(const std::vector<WhatIfQuestion>& questions, const std::vector<std::size_t>& wave,
                           std::vector<PlanAnswer>& answers) {
  try {
    if (const auto failure = partitions_->apply(*admin_, questions[wave.front()].design->partitionings)) {
      for (const std::size_t i : wave) answers[i] = Unplannable{*failure};
      return;
    }
    std::vector<const HypotheticalIndex*> indexes;
    for (const std::size_t i : wave) {
      for (const HypotheticalIndex& index : questions[i].design->created_indexes) indexes.push_back(&index);
    }
    indexes_->create(*admin_, indexes, partitions_->relations());
  } catch (const SqlError& refusal) {
    roll_back(*admin_);
    for (const std::size_t i : wave) answers[i] = Unplannable{refusal.what()};
    return;
  }
  std::vector<DealtQuestion> dealt;
  std::vector<std::size_t> asked;
  for (const std::size_t i : wave) {
    auto marks = indexes_->marks(*admin_, *questions[i].design, partitions_->relations());
    if (const auto* failure = std::get_if<std::string>(&marks)) {
      answers[i] = Unplannable{*failure};
    } else {
      dealt.push_back({questions[i].query, std::get<IndexMarks>(std::move(marks))});
      asked.push_back(i);
    }
  }
  ask(dealt, asked, answers);
  add_planning_time(*questions[wave.front()].design);
  for (const std::size_t i : asked) {
    if (auto* plan = std::get_if<PlanNode>(&answers[i])) indexes_->name_wholes(*admin_, *plan);
  }
  std::vector<PlanNode*> plans;
  for (const std::size_t i : asked) {
    if (auto* plan = std::get_if<PlanNode>(&answers[i])) plans.push_back(plan);
  }
  partitions_->name_indexes(*admin_, plans);
}

/// All designs of a wave divide the same tables.
void ShadowPlanner::add_planning_time(const PhysicalDesign& design) {
  std::string divided;
  for (const HypotheticalPartitioning& what : design.partitionings) {
    divided += (divided.empty() ? "" : ", ") + what.schema + "." + what.table;
  }
  PlanningTime& sum = planning_[divided];
  sum.divided = divided;
  for (ShadowSession& session : sessions_) {
    const PlanningTime more = session.take_planning_time();
    sum.plans += more.plans;
    sum.ms += more.ms;
  }
}

std::vector<PlanningTime> ShadowPlanner::planning_times() const {
  std::vector<PlanningTime> all;
  for (const auto& [divided, time] : planning_) all.push_back(time);
  return all;
}

void ShadowPlanner::ask(const std::vector<DealtQuestion>& dealt, const std::vector<std::size_t>& asked,
                        std::vector<PlanAnswer>& answers) {
  while (sessions_.size() < std::min(connections_, dealt.size())) {
    sessions_.emplace_back(cluster_, search_path_, settings_, remarks_);
  }
  auto given = deal_out(sessions_, dealt);
  const bool lost = std::any_of(given.begin(), given.end(), [](const auto& answer) { return !answer; });
  if (lost) reconnect();
  for (std::size_t i = 0; i < asked.size(); ++i) {
    answers[asked[i]] = given[i] ? *std::move(given[i]) : ask_again(dealt[i]);
  }
}

/// Which question the server crashed at shows when each is asked alone.
PlanAnswer ShadowPlanner::ask_again(const DealtQuestion& question) {
  try {
    return sessions_.front().plan(*question.query, question.marks);
  } catch (const Error& failure) {
    reconnect();
    return Unplannable{failure.what()};
  }
}

}  // namespace assay
