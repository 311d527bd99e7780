#include "advisors/partition/partition_advisor.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "advisors/judged_classes.h"
#include "advisors/maintenance.h"
#include "advisors/partition/migration_obstacles.h"
#include "advisors/partition/price.h"
#include "advisors/partition/retention.h"
#include "advisors/partition/schemes.h"
#include "advisors/partition/time_interval.h"
#include "advisors/partition/twin_proof.h"
#include "advisors/partition/two_levels.h"
#include "analyzer/planned_index.h"

namespace assay {
namespace {

constexpr double kLeastAhead = 0.05;        // of the table's time today
constexpr double kLeastAheadOfBest = 0.25;  // of what the best alternative leaves
constexpr double kLeastAheadMsPerS = 1;
constexpr std::size_t kMostTables = 8;  // that are planned; each twin takes the shadow a second or so

bool is_judged(const QueryClass& query, const ClassMeaning& meaning, const std::string& database) {
  return query.dialect == SqlDialect::kPostgres && query.database == database && meaning.statement &&
         meaning.statement->kind != StatementKind::kUtility && !meaning.plannable.empty();
}

double seconds_of_interval(const std::string& interval) {
  for (const TimeInterval& known : time_intervals()) {
    if (interval == known.sql) return known.seconds;
  }
  return 0;
}

/// Some structures on one table that would be there without dividing it, and what the writers pay for them.
struct IndexSet {
  std::string what;
  std::vector<HypotheticalIndex> indexes;
  double price_ms_per_s = 0;

  DesignView design() const {
    DesignView view;
    for (const HypotheticalIndex& index : indexes) view.created.push_back(&index);
    return view;
  }
};

class PartitionAdvisor {
 public:
  PartitionAdvisor(const Workload& workload, const std::vector<ClassMeaning>& meanings, const Catalog& catalog,
                   CostModel& model, const std::string& database, const Advice& indexes)
      : workload_(workload),
        meanings_(meanings),
        catalog_(catalog),
        model_(model),
        database_(database),
        indexes_(indexes),
        cache_(model, &catalog),
        whatif_(meanings, cache_, std::nullopt),
        evaluation_(workload, meanings, whatif_) {}

  PartitionAdvice run();

 private:
  void plan_workload();
  void judge(JudgedTable& table);
  void judge_schemes(JudgedTable& table, const SchemeProposals& proposals);
  WeighedScheme weigh(const TableSignals& signals, ProposedScheme proposed);
  std::optional<std::string> why_impossible(const HypotheticalPartitioning& what);
  void add_refusals(const TwinProof& proof, WeighedScheme& scheme) const;
  void add_alternatives(const TableSignals& signals, const IndexSet& recommended, WeighedScheme& scheme);
  void settle_retention(const TableSignals& signals, TwinProof& proof, WeighedScheme& scheme) const;
  IndexSet recommended_on(const Table& table);
  IndexSet single(const Table& table, const std::string& column, const std::string& method);
  double writers_price(const HypotheticalIndex& index) const;
  void decide(JudgedTable& table) const;
  void consider_two_levels(JudgedTable& table) const;
  void say_why_not(JudgedTable& table) const;
  void recommend(JudgedTable& table);
  ProofContext context() { return {meanings_, classes_, evaluation_, cache_}; }
  ZonedTime now() const;
  std::string none_passed(const std::vector<TableSignals>& all) const;

  const Workload& workload_;
  const std::vector<ClassMeaning>& meanings_;
  const Catalog& catalog_;
  CostModel& model_;
  const std::string& database_;
  const Advice& indexes_;
  CachedCostModel cache_;
  WhatIf whatif_;
  Evaluation evaluation_;
  std::vector<JudgedClass> classes_;
  double judged_ms_per_s_ = 0;
  PartitionAdvice advice_;
};

PartitionAdvice PartitionAdvisor::run() {
  plan_workload();
  const std::vector<TableSignals> all = table_signals(workload_, meanings_, catalog_, classes_);
  for (const TableSignals& signals : all) {
    if (signals.table->kind == 'p') continue;  // divided already
    Gate gate = gate_of(signals, catalog_, judged_ms_per_s_);
    if (gate.reason != GateReason::kNone) advice_.tables.push_back({.signals = signals, .gate = std::move(gate)});
  }
  std::stable_sort(advice_.tables.begin(), advice_.tables.end(),
                   [](const JudgedTable& a, const JudgedTable& b) { return a.signals.bytes() > b.signals.bytes(); });
  if (advice_.tables.empty()) advice_.nothing = none_passed(all);
  advice_.time_factors.assign(workload_.classes.size(), 1);
  for (std::size_t i = 0; i < advice_.tables.size(); ++i) {
    if (i < kMostTables) {
      judge(advice_.tables[i]);
    } else {
      advice_.tables[i].verdict = PartitionVerdict::kNotJudged;
      advice_.tables[i].reasons.push_back(fmt::format("only the {} largest tables are planned", kMostTables));
    }
  }
  std::stable_sort(advice_.recommendations.begin(), advice_.recommendations.end(),
                   [](const Recommendation& a, const Recommendation& b) { return a.gain_ms_per_s > b.gain_ms_per_s; });
  return std::move(advice_);
}

void PartitionAdvisor::plan_workload() {
  std::vector<std::size_t> judged;
  for (std::size_t i = 0; i < workload_.classes.size(); ++i) {
    if (is_judged(workload_.classes[i], meanings_[i], database_)) judged.push_back(i);
  }
  classes_ = plan_today(judged, meanings_, whatif_, evaluation_, {}).classes;
  evaluation_.calibrate(classes_);
  for (const JudgedClass& query : classes_) judged_ms_per_s_ += query.time_ms_per_s;
}

ZonedTime PartitionAdvisor::now() const {
  const ZonedTime log = workload_.last.value_or(ZonedTime{});
  const ZonedTime taken = catalog_.taken_at.value_or(log);
  return log.utc > taken.utc ? log : taken;
}

std::string PartitionAdvisor::none_passed(const std::vector<TableSignals>& all) const {
  const auto largest = std::max_element(
      all.begin(), all.end(), [](const TableSignals& a, const TableSignals& b) { return a.bytes() < b.bytes(); });
  if (largest == all.end()) return "No judged statement names a plain table";
  return fmt::format(
      "Do not partition: no table is larger than memory (effective_cache_size, {}) or 50 GB, and none shows pain in "
      "retention or vacuum. The largest that the log asks for, {}, has {} with its indexes",
      size_text(memory_bytes(catalog_)), largest->table->schema + "." + largest->table->name,
      size_text(static_cast<double>(largest->bytes())));
}

void PartitionAdvisor::judge(JudgedTable& table) {
  for (std::string& obstacle : table_obstacles(*table.signals.table, catalog_)) {
    table.verdict = PartitionVerdict::kNotPossible;
    table.reasons.push_back(std::move(obstacle));
  }
  if (!table.reasons.empty()) return;
  const SchemeProposals proposals = propose_schemes(table.signals, now());
  judge_schemes(table, proposals);
  decide(table);
  consider_two_levels(table);
  for (const std::string& unfit : proposals.unfit) {
    if (table.verdict == PartitionVerdict::kNotRecommended) table.reasons.push_back(unfit);
  }
  if (table.verdict == PartitionVerdict::kRecommended) recommend(table);
  if (table.verdict == PartitionVerdict::kNotRecommended) say_why_not(table);
}

void PartitionAdvisor::judge_schemes(JudgedTable& table, const SchemeProposals& proposals) {
  for (const ProposedScheme& proposed : proposals.schemes) {
    table.schemes.push_back(weigh(table.signals, proposed));
  }
  std::stable_sort(table.schemes.begin(), table.schemes.end(), [](const WeighedScheme& a, const WeighedScheme& b) {
    const bool possible_a = a.obstacles.empty(), possible_b = b.obstacles.empty();
    return possible_a != possible_b ? possible_a : a.ahead_ms_per_s() > b.ahead_ms_per_s();
  });
}

WeighedScheme PartitionAdvisor::weigh(const TableSignals& signals, ProposedScheme proposed) {
  WeighedScheme result;
  result.why = std::move(proposed.why);
  result.what.scheme = std::move(proposed.scheme);
  result.what.empty_partitions = proposed.empty_partitions;
  const HypotheticalPartitioning& what = result.what.scheme.partitioning;
  result.what.price = price_of(result.what.scheme, signals, catalog_);
  result.what.migration = migration_of(result.what.scheme, catalog_);
  const MigrationPlan& migration = result.what.migration;
  result.obstacles =
      migration.ways.empty() && migration.obstacles.empty() ? migration.not_offered : migration.obstacles;
  if (auto refusal = why_impossible(what)) {
    result.obstacles.push_back(*std::move(refusal));
    return result;
  }
  const DesignView divided{.partitionings = {&what}};
  TwinProof proof = prove(signals, divided, context());
  add_refusals(proof, result);
  const IndexSet recommended = recommended_on(*signals.table);
  settle_retention(signals, proof, result);
  result.before_ms_per_s = proof.before_ms_per_s;
  result.after_ms_per_s = proof.after_ms_per_s;
  result.what.planning_ms_per_s = proof.planning_ms_per_s;
  result.what.classes = std::move(proof.classes);
  if (!recommended.indexes.empty()) {
    DesignView both = recommended.design();
    both.partitionings = {&what};
    WeighedScheme with_indexes;
    with_indexes.what.scheme = result.what.scheme;
    TwinProof second = prove(signals, both, context());
    settle_retention(signals, second, with_indexes);
    const double after = second.after_ms_per_s + recommended.price_ms_per_s;
    result.after_ms_per_s = std::min(result.after_ms_per_s, after);
  }
  if (const auto& retention = result.what.retention) {
    result.before_ms_per_s += retention->vacuum_ms_per_s;
    result.after_ms_per_s += retention->detach_ms_per_s;
  }
  add_alternatives(signals, recommended, result);
  return result;
}

std::optional<std::string> PartitionAdvisor::why_impossible(const HypotheticalPartitioning& what) {
  const PlanAnswer answer = model_.plan({"SELECT 1", {}, {}}, {.partitionings = {what}});
  const auto* refusal = std::get_if<Unplannable>(&answer);
  return refusal ? std::optional(refusal->reason) : std::nullopt;
}

void PartitionAdvisor::add_refusals(const TwinProof& proof, WeighedScheme& scheme) const {
  for (const auto& [position, why] : proof.refused) {
    const bool conflict = meanings_[position].statement->on_conflict;
    scheme.obstacles.push_back(fmt::format("a statement would fail: {}{} ({} executions in the log)", why,
                                           conflict ? "; its ON CONFLICT must name the key too" : "",
                                           workload_.classes[position].calls));
  }
}

/// Partitions are dropped instead: the DELETEs are no longer sent.
void PartitionAdvisor::settle_retention(const TableSignals& signals, TwinProof& proof, WeighedScheme& scheme) const {
  scheme.what.retention =
      retention_saving(scheme.what.scheme, seconds_of_interval(scheme.what.scheme.interval), signals);
  if (!scheme.what.retention) return;
  for (PartitionedClass& query : proof.classes) {
    const auto& deletes = scheme.what.retention->classes;
    if (std::find(deletes.begin(), deletes.end(), query.position) == deletes.end()) continue;
    proof.after_ms_per_s -= query.after_ms_per_s;
    query.after_ms_per_s = 0;
    query.is_retention = true;
  }
}

double PartitionAdvisor::writers_price(const HypotheticalIndex& index) const {
  const RowsWritten rows = [this](std::size_t position) {
    const auto found = std::find_if(classes_.begin(), classes_.end(),
                                    [&](const JudgedClass& query) { return query.position == position; });
    return found == classes_.end() ? 1 : rows_written(*found);
  };
  return write_load(index.definition, 1, workload_, meanings_, database_, catalog_, rows).price_ms_per_s;
}

IndexSet PartitionAdvisor::recommended_on(const Table& table) {
  IndexSet set;
  for (const Recommendation& item : indexes_.recommendations) {
    const auto* created = std::get_if<CreateIndex>(&item.change);
    if (!created || item.evidence == Evidence::kNone) continue;
    if (created->index.schema != table.schema || created->index.table != table.name) continue;
    set.indexes.push_back(planned_size(created->index, table, model_));
    set.price_ms_per_s += created->writes.price_ms_per_s;
    set.what += (set.what.empty() ? "an index on " : ", and on ") + describe(created->index);
  }
  return set;
}

/// Nothing where an index of that method begins with the column already.
IndexSet PartitionAdvisor::single(const Table& table, const std::string& column, const std::string& method) {
  for (const Index* index : catalog_.indexes_of(table)) {
    const IndexDefinition& definition = index->definition;
    const bool leads = !definition.keys.empty() && definition.keys.front().column == column;
    if (leads && definition.method == method && definition.predicate.empty()) return {};
  }
  IndexDefinition definition;
  definition.schema = table.schema;
  definition.table = table.name;
  definition.method = method;
  definition.keys.emplace_back().column = column;
  definition.name = "assay_alternative_" + method;
  IndexSet set{.what = (method == "brin" ? "BRIN on " : "a B-tree on ") + column};
  set.indexes.push_back(planned_size(std::move(definition), table, model_));
  set.price_ms_per_s = writers_price(set.indexes.front());
  return set;
}

void PartitionAdvisor::add_alternatives(const TableSignals& signals, const IndexSet& recommended,
                                        WeighedScheme& scheme) {
  const std::string& column = scheme.what.scheme.partitioning.column;
  scheme.best_other_ms_per_s = scheme.before_ms_per_s;
  const double vacuum = scheme.what.retention ? scheme.what.retention->vacuum_ms_per_s : 0;
  std::vector<IndexSet> sets;
  if (scheme.what.scheme.partitioning.strategy == PartitionStrategy::kRange) {
    sets.push_back(single(*signals.table, column, "brin"));
  }
  sets.push_back(single(*signals.table, column, "btree"));
  sets.push_back(recommended);
  for (const IndexSet& set : sets) {
    if (set.indexes.empty()) continue;
    const TwinProof proof = prove(signals, set.design(), context());
    if (!proof.refused.empty()) continue;
    const double after = proof.after_ms_per_s + set.price_ms_per_s + vacuum;
    scheme.what.alternatives.push_back({set.what, scheme.before_ms_per_s - after});
    if (after >= scheme.best_other_ms_per_s) continue;
    scheme.best_other_ms_per_s = after;
    scheme.best_other = set.what;
  }
}

bool is_worth_it(const WeighedScheme& scheme) {
  const double ahead = scheme.ahead_ms_per_s();
  return scheme.obstacles.empty() && ahead >= kLeastAheadMsPerS && ahead >= kLeastAhead * scheme.before_ms_per_s &&
         ahead >= kLeastAheadOfBest * scheme.best_other_ms_per_s;
}

void PartitionAdvisor::decide(JudgedTable& table) const {
  if (table.schemes.empty()) return;
  const WeighedScheme& best = table.schemes.front();
  if (is_worth_it(best)) {
    table.verdict = PartitionVerdict::kRecommended;
    return;
  }
  if (best.obstacles.empty()) return;
  const bool would_pay = best.what.classes.empty() || best.ahead_ms_per_s() >= kLeastAheadMsPerS;
  table.reasons = best.obstacles;
  if (!would_pay) {
    table.reasons.push_back(
        fmt::format("nor would it pay: it would be {:.3g} ms/s ahead of what does without it", best.ahead_ms_per_s()));
  }
  table.verdict = PartitionVerdict::kNotPossible;
}

/// Where the twins of both levels are ahead of all that does without them.
void PartitionAdvisor::consider_two_levels(JudgedTable& table) const {
  for (const WeighedScheme& time : table.schemes) {
    if (time.what.scheme.partitioning.strategy != PartitionStrategy::kRange || !is_worth_it(time)) continue;
    for (const WeighedScheme& tenant : table.schemes) {
      if (tenant.what.scheme.partitioning.strategy == PartitionStrategy::kRange || !is_worth_it(tenant)) continue;
      const auto both = two_levels(time.what.scheme, tenant.what.scheme, table.signals, catalog_);
      if (both) table.consider.push_back(told(*both));
      return;
    }
  }
}

void PartitionAdvisor::say_why_not(JudgedTable& table) const {
  for (const WeighedScheme& scheme : table.schemes) {
    const HypotheticalPartitioning& what = scheme.what.scheme.partitioning;
    const char* kinds[] = {"RANGE", "LIST", "HASH"};
    const std::string name = fmt::format("{} on {}", kinds[static_cast<int>(what.strategy)], what.column);
    if (scheme.saved_ms_per_s() < kLeastAheadMsPerS) {
      table.reasons.push_back(
          fmt::format("{} would take the table's statements from {:.3g} to {:.3g} ms/s, planning counted: no gain",
                      name, scheme.before_ms_per_s, scheme.after_ms_per_s));
    } else if (!scheme.best_other.empty() && scheme.ahead_ms_per_s() > 0) {
      table.reasons.push_back(fmt::format(
          "{} does most of it without dividing anything: {:.3g} of {:.3g} ms/s are left, where {} would "
          "leave {:.3g}",
          scheme.best_other, scheme.best_other_ms_per_s, scheme.before_ms_per_s, name, scheme.after_ms_per_s));
    } else if (!scheme.best_other.empty()) {
      table.reasons.push_back(fmt::format("{} wins without dividing anything: {:.3g} ms/s, where {} would take {:.3g}",
                                          scheme.best_other, scheme.best_other_ms_per_s, name, scheme.after_ms_per_s));
    } else {
      table.reasons.push_back(fmt::format("{} would save {:.3g} of {:.3g} ms/s: too little for what it asks of you",
                                          name, scheme.saved_ms_per_s(), scheme.before_ms_per_s));
    }
  }
  const TableSignals& signals = table.signals;
  if (signals.rows_per_month > 0 && signals.table->rows > 0) {
    table.watch.push_back(fmt::format("its growth: {:.2g} rows a month, {:.0f} % of what it has",
                                      signals.rows_per_month, 100 * signals.rows_per_month / signals.table->rows));
  }
  table.watch.emplace_back(signals.retention ? "the time of the DELETEs and of autovacuum on it"
                                             : "DELETEs of old rows: once there are any, look again");
}

void PartitionAdvisor::recommend(JudgedTable& table) {
  const WeighedScheme& best = table.schemes.front();
  const MigrationWay& way = *recommended_way(best.what.migration);
  Recommendation item{.id = fmt::format("P{}", advice_.recommendations.size() + 1),
                      .database = database_,
                      .table = table.signals.table->schema + "." + table.signals.table->name,
                      .change = best.what};
  item.size_bytes = table.signals.bytes();
  item.evidence = model_.evidence();
  item.ddl = statements_of(way);
  item.rollback = way_back_of(way);
  item.reasons = best.why;
  item.reasons.insert(item.reasons.begin(), table.gate.told);
  item.gain_ms_per_s = best.saved_ms_per_s();
  for (const PartitionedClass& query : best.what.classes) {
    if (query.after_ms_per_s < 0.95 * query.before_ms_per_s) {
      item.queries.push_back({.position = query.position,
                              .cost_before = query.cost_before,
                              .cost_after = query.cost_after,
                              .plan_before = {},
                              .plan_after = {}});
    }
    if (query.before_ms_per_s > 0) {
      advice_.time_factors[query.position] *= query.after_ms_per_s / query.before_ms_per_s;
    }
  }
  table.recommendation = item.id;
  advice_.recommendations.push_back(std::move(item));
}

}  // namespace

std::string_view to_string(PartitionVerdict verdict) {
  switch (verdict) {
    case PartitionVerdict::kRecommended:
      return "recommended";
    case PartitionVerdict::kNotRecommended:
      return "not recommended";
    case PartitionVerdict::kNotPossible:
      return "not possible";
    case PartitionVerdict::kNotJudged:
      return "not judged";
  }
  return "not judged";
}

PartitionAdvice advise_partitions(const Workload& workload, const std::vector<ClassMeaning>& meanings,
                                  const Catalog* catalog, CostModel* model, const std::string& database,
                                  const Advice& indexes) {
  if (!catalog || workload.executions == 0) return {};
  if (!model || model->evidence() != Evidence::kPlanned) {
    return {.nothing =
                "Not judged: partitions are planned in the shadow planner alone, which needs PostgreSQL's programs and "
                "statistics",
            .tables = {},
            .recommendations = {},
            .time_factors = std::vector<double>(workload.classes.size(), 1)};
  }
  return PartitionAdvisor(workload, meanings, *catalog, *model, database, indexes).run();
}

std::vector<HypotheticalPartitioning> recommended_partitionings(const PartitionAdvice& advice) {
  std::vector<HypotheticalPartitioning> all;
  for (const Recommendation& item : advice.recommendations) {
    all.push_back(std::get<PartitionTable>(item.change).scheme.partitioning);
  }
  return all;
}

}  // namespace assay
