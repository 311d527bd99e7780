#include "advisors/index_advisor.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "advisors/candidates.h"
#include "advisors/coverage.h"
#include "advisors/drop_advice.h"
#include "advisors/exploration.h"
#include "advisors/final_design.h"
#include "advisors/fragility.h"
#include "advisors/index_problem.h"
#include "advisors/index_steps.h"
#include "advisors/judged_classes.h"
#include "advisors/maintenance.h"
#include "advisors/parameter_sensitivity.h"
#include "advisors/screening.h"
#include "advisors/selection.h"
#include "advisors/trimming.h"
#include "analyzer/partitioned_tables.h"
#include "analyzer/planned_index.h"

namespace assay {
namespace {

constexpr std::size_t kMostUnweighed = 20;
constexpr std::size_t kMostPlansShown = 1;

/// A class whose statement is understood and can be explained, or why not.
std::optional<std::string> why_not_judged(const QueryClass& query, const ClassMeaning& meaning,
                                          const IndexAdvisorOptions& options) {
  const bool advised = query.dialect == SqlDialect::kPostgres;
  if (advised && query.database != options.database) return "another database than the one judged: " + query.database;
  if (!meaning.statement) return meaning.problem;
  if (meaning.statement->kind == StatementKind::kUtility) return "not a statement that is planned";
  if (meaning.plannable.empty()) return "not a single SELECT, INSERT, UPDATE, DELETE or MERGE with a kept sample";
  return std::nullopt;
}

/// The planner itself, through the cache, so that what sizes are asked of is counted.
class CachedModel : public CostModel {
 public:
  explicit CachedModel(CachedCostModel& cache) : cache_(cache) {}

  Evidence evidence() const override { return cache_.model().evidence(); }
  std::vector<std::string> remarks() const override { return cache_.model().remarks(); }
  PlanAnswer plan(const PlannableQuery& query, const PhysicalDesign&) override {
    return cache_.plan(query, DesignView{});
  }

 private:
  CachedCostModel& cache_;
};

class Advisor {
 public:
  Advisor(const Workload& workload, const std::vector<ClassMeaning>& meanings, const Catalog& catalog, CostModel& model,
          const IndexAdvisorOptions& options)
      : workload_(workload),
        meanings_(meanings),
        catalog_(catalog),
        options_(options),
        model_(model),
        cache_(model, &catalog),
        whatif_(meanings, cache_, options.calls_limit),
        evaluation_(workload, meanings, whatif_) {}

  Advice run(const std::vector<std::size_t>& judged);

 private:
  void weigh_generated();
  void weigh(std::vector<Candidate> candidates);
  std::optional<std::string> why_impossible(const HypotheticalIndex& index);
  void offer();
  void add_merges();
  void choose();
  std::uint64_t spared() const;
  bool add_penalties();
  void account();
  void trim();
  void list_regressions();
  void list_writers();
  std::vector<std::string> names_of(const Configuration& configuration) const;
  Recommendation recommend(const Choice& choice) const;
  std::vector<std::size_t> fragile_with(std::size_t candidate) const;
  std::vector<ServedQuery> served_by(std::size_t candidate) const;
  void plan_each_alone();
  void note_answers(const std::vector<Question>& questions, const std::vector<JudgedValue*>& asking,
                    std::uint64_t spared);
  std::vector<std::string> made_redundant(const Candidate& candidate) const;
  RowsWritten rows() const;
  void sum_up();
  void name_what_is_not_covered();

  const Workload& workload_;
  const std::vector<ClassMeaning>& meanings_;
  const Catalog& catalog_;
  const IndexAdvisorOptions& options_;
  CostModel& model_;
  CachedCostModel cache_;
  WhatIf whatif_;
  Evaluation evaluation_;
  std::vector<JudgedClass> classes_;
  std::vector<WeighedCandidate> candidates_;
  std::vector<double> penalties_;  // by candidate
  Configuration chosen_;
  Selection selection_;
  SelectionProblem account_;
  double untrimmed_objective_ = 0;
  std::vector<Slower> slower_;
  Advice advice_;
};

Advice Advisor::run(const std::vector<std::size_t>& judged) {
  JudgedWorkload today = plan_today(judged, meanings_, whatif_, evaluation_, options_.progress);
  classes_ = std::move(today.classes);
  advice_.unjudged = std::move(today.unjudged);
  evaluation_.calibrate(classes_);
  advice_.sensitivities = parameter_sensitivities(classes_);
  weigh_generated();
  choose();
  trim();
  const std::vector<Choice> choices = in_order_of_gain(account_, chosen_);
  for (const Choice& choice : choices) {
    advice_.recommendations.push_back(recommend(choice));
    advice_.recommendations.back().id = fmt::format("I{}", advice_.recommendations.size());
  }
  list_regressions();
  const DropContext context{
      workload_, meanings_, catalog_, options_.database, classes_, chosen_, advice_.recommendations, rows()};
  DropAdvice drops = advise_drops(context, whatif_);
  advice_.bare_foreign_keys = bare_foreign_keys(context);
  advice_.unused_but_young = drops.unused_but_young;
  std::move(drops.drops.begin(), drops.drops.end(), std::back_inserter(advice_.recommendations));
  sum_up();
  name_what_is_not_covered();
  advice_.evidence = cache_.model().evidence();
  advice_.remarks.push_back(evaluation_.calibration().told());
  for (std::string& remark : cache_.model().remarks()) advice_.remarks.push_back(std::move(remark));
  return std::move(advice_);
}

RowsWritten Advisor::rows() const {
  return [this](std::size_t position) {
    const auto found = std::find_if(classes_.begin(), classes_.end(),
                                    [&](const JudgedClass& query) { return query.position == position; });
    return found == classes_.end() ? 1 : rows_written(*found);
  };
}

void Advisor::weigh_generated() {
  std::vector<std::size_t> planned;
  for (const JudgedClass& query : classes_) planned.push_back(query.position);
  Candidates generated = generate_candidates(meanings_, planned, &catalog_);
  if (generated.capped) {
    advice_.remarks.push_back(
        fmt::format("only the first {} candidates, those of the heaviest classes, were weighed", kMostCandidates));
  }
  weigh(std::move(generated.list));
  offer();
}

void Advisor::weigh(std::vector<Candidate> candidates) {
  CachedModel sizes(cache_);
  for (Candidate& candidate : candidates) {
    const Table* table = catalog_.find_table(candidate.definition.schema, candidate.definition.table);
    HypotheticalIndex index = planned_size(candidate.definition, *table, leaves_of(catalog_, *table), sizes);
    if (const auto refusal = why_impossible(index)) {
      advice_.remarks.push_back("not weighed, since it cannot be created: " + describe(candidate.definition) + ": " +
                                *refusal);
      continue;
    }
    const double share = table->rows > 0 ? std::clamp(index.rows / table->rows, 0.0, 1.0) : 1;
    WriteLoad writes =
        write_load(candidate.definition, share, workload_, meanings_, options_.database, catalog_, rows());
    candidates_.push_back({std::move(candidate), std::move(index), std::move(writes)});
  }
}

// What the rules take for possible and the server does not (an expression, an operator class) must not spoil the
// questions about others. Plain keys always can be created.
std::optional<std::string> Advisor::why_impossible(const HypotheticalIndex& index) {
  const IndexDefinition& definition = index.definition;
  const Table* table = catalog_.find_table(definition.schema, definition.table);
  const bool whole = table && table->kind == 'p';  // a live server cannot show it
  const bool plain = !whole && definition.method == "btree" && definition.predicate.empty() &&
                     std::all_of(definition.keys.begin(), definition.keys.end(),
                                 [](const IndexKey& key) { return !key.column.empty() && key.operator_class.empty(); });
  if (plain) return std::nullopt;
  const PlanAnswer answer = model_.plan({"SELECT 1", {}, {}}, {.created_indexes = {index}});
  const auto* refusal = std::get_if<Unplannable>(&answer);
  return refusal ? std::optional(refusal->reason) : std::nullopt;
}

void Advisor::offer() {
  whatif_.offer(candidates_);
  penalties_.assign(candidates_.size(), 0);
  find_relevant(classes_, meanings_, candidates_);
}

// One index for two that plans use; each is planned alone, for the classes of both.
void Advisor::add_merges() {
  Configuration used;
  for (const JudgedClass& query : classes_) {
    for (const JudgedValue& value : query.values) {
      for (const KnownPlan& known : value.known) {
        for (const std::size_t candidate : known.uses) used = with(std::move(used), candidate);
      }
    }
  }
  std::vector<const Candidate*> merging;
  for (const std::size_t candidate : used) merging.push_back(&candidates_[candidate].candidate);
  const std::size_t first = candidates_.size();
  weigh(merged_candidates(merging, catalog_));
  offer();
  std::vector<Question> questions;
  std::vector<JudgedValue*> asking;
  for (JudgedClass& query : classes_) {
    for (const std::size_t candidate : query.relevant) {
      const auto& asks = candidates_[candidate].candidate.classes;
      if (candidate < first || !std::binary_search(asks.begin(), asks.end(), query.position)) continue;
      for (std::size_t v = 0; v < query.values.size(); ++v) {
        if (query.values[v].like != v) continue;
        questions.push_back({query.position, query.values[v].value, {candidate}});
        asking.push_back(&query.values[v]);
      }
    }
  }
  note_answers(questions, asking, spared());
}

/// What planning the final design takes, as far as that leaves most of a limit for finding it.
std::uint64_t Advisor::spared() const {
  if (!options_.calls_limit) return 0;
  std::uint64_t values = 0;
  for (const JudgedClass& query : classes_) {
    if (!query.relevant.empty()) values += query.values.size();
  }
  const std::uint64_t left = *options_.calls_limit - std::min(*options_.calls_limit, cache_.calls());
  return std::min(values, left / 3);
}

// Chosen by what is known, planned as a whole, and chosen again while that brings news: another plan than thought, or
// a class that becomes slower.
void Advisor::choose() {
  constexpr int kMostRounds = 5;
  explore(classes_, candidates_, whatif_, evaluation_, spared());
  add_merges();
  for (int round = 0; round < kMostRounds; ++round) {
    const SelectionProblem problem = problem_of(classes_, candidates_, evaluation_, penalties_, options_.budget_bytes);
    selection_ = select(problem, is_feasible(problem, chosen_) ? chosen_ : Configuration{});
    const bool same = round > 0 && selection_.chosen == chosen_;
    chosen_ = selection_.chosen;
    const bool news = plan_final(classes_, chosen_, meanings_, whatif_);
    const bool dearer = add_penalties();
    if (whatif_.limit_struck() || (!dearer && (!news || same))) break;
  }
}

// An index pays for what it makes slower, so that it stays only where it brings more than that.
bool Advisor::add_penalties() {
  std::vector<double> penalties(candidates_.size(), 0);
  for (const Slower& slower : slower_classes(classes_, evaluation_, whatif_)) {
    for (const std::size_t candidate : slower.uses) penalties[candidate] += slower.loss_ms_per_s;
  }
  bool dearer = false;
  for (std::size_t i = 0; i < penalties.size(); ++i) {
    dearer |= penalties[i] > penalties_[i] + kLeastGain;
    penalties_[i] = std::max(penalties_[i], penalties[i]);
  }
  return dearer;
}

// Of a class that becomes slower its loss is shared by the indexes that its plan uses, so that gains add up.
void Advisor::account() {
  plan_without_each(classes_, chosen_, whatif_);
  plan_each_alone();
  slower_ = slower_classes(classes_, evaluation_, whatif_);
  std::vector<double> shares(candidates_.size(), 0);
  for (const Slower& slower : slower_) {
    for (const std::size_t candidate : slower.uses) {
      shares[candidate] += slower.loss_ms_per_s / static_cast<double>(slower.uses.size());
    }
  }
  account_ = account_of(classes_, candidates_, evaluation_, shares, chosen_);
}

// The choice knows what an index does for a class alone; what would be missed without it only the whole tells.
void Advisor::trim() {
  account();
  untrimmed_objective_ = objective(account_, chosen_);
  while (const auto worst = least_worth(classes_, candidates_, account_, chosen_)) {
    chosen_ = without(chosen_, *worst);
    plan_final(classes_, chosen_, meanings_, whatif_);
    account();
  }
}

// What each brings by itself, for the classes that it was chosen for.
void Advisor::plan_each_alone() {
  std::vector<Question> questions;
  std::vector<JudgedValue*> asking;
  for (JudgedClass& query : classes_) {
    for (std::size_t v = 0; v < query.values.size(); ++v) {
      JudgedValue& value = query.values[v];
      if (value.like != v || !value.final) continue;
      for (const std::size_t used : whatif_.used_by(*value.final)) {
        questions.push_back({query.position, value.value, {used}});
        asking.push_back(&value);
      }
    }
  }
  note_answers(questions, asking, 0);
}

void Advisor::note_answers(const std::vector<Question>& questions, const std::vector<JudgedValue*>& asking,
                           std::uint64_t spared) {
  const auto answers = whatif_.ask(questions, spared);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto* plan = answers[i] ? std::get_if<PlanNode>(answers[i]) : nullptr;
    Configuration uses = plan ? whatif_.used_by(*plan) : Configuration{};
    if (!uses.empty()) note(*asking[i], *plan, std::move(uses));
  }
}

std::vector<std::string> Advisor::names_of(const Configuration& configuration) const {
  std::vector<std::string> names;
  for (const std::size_t candidate : configuration) names.push_back(candidates_[candidate].candidate.definition.name);
  return names;
}

void Advisor::list_regressions() {
  for (const Slower& slower : slower_) {
    advice_.regressions.push_back({classes_[slower.query].position, slower.cost_before, slower.cost_after,
                                   slower.loss_ms_per_s, false, false, names_of(slower.uses)});
  }
  for (const Slower& slower : slower_generic_plans(classes_, chosen_, meanings_, evaluation_, whatif_)) {
    advice_.regressions.push_back({classes_[slower.query].position, slower.cost_before, slower.cost_after, 0, true,
                                   false, names_of(slower.uses)});
  }
  list_writers();
  std::stable_sort(advice_.regressions.begin(), advice_.regressions.end(),
                   [](const Regression& a, const Regression& b) { return a.price_ms_per_s > b.price_ms_per_s; });
}

/// Classes whose upkeep of the new indexes takes more than 5 % of what they take today.
void Advisor::list_writers() {
  std::map<std::size_t, Regression> writers;  // by position
  for (const std::size_t candidate : chosen_) {
    for (const auto& [position, price] : candidates_[candidate].writes.by_class) {
      Regression& writer = writers[position];
      writer.position = position;
      writer.writes = true;
      writer.price_ms_per_s += price;
      writer.indexes.push_back(candidates_[candidate].candidate.definition.name);
    }
  }
  for (const JudgedClass& query : classes_) {
    const auto found = writers.find(query.position);
    if (found == writers.end() || found->second.price_ms_per_s <= (kRegression - 1) * query.time_ms_per_s) continue;
    found->second.cost_before = query.cost_today();
    found->second.cost_after = final_cost(query);
    advice_.regressions.push_back(found->second);
  }
}

std::vector<std::size_t> Advisor::fragile_with(std::size_t candidate) const {
  std::vector<std::size_t> fragile;
  for (const JudgedClass& query : classes_) {
    const bool found = std::any_of(query.values.begin(), query.values.end(), [&](const JudgedValue& value) {
      return value.final && holds(whatif_.used_by(*value.final), candidate) &&
             evaluation_.is_fragile(value, *value.final);
    });
    if (found) fragile.push_back(query.position);
  }
  return fragile;
}

Recommendation Advisor::recommend(const Choice& choice) const {
  const WeighedCandidate& chosen = candidates_[choice.candidate];
  const IndexDefinition& index = chosen.candidate.definition;
  IndexSteps steps = create_steps(index, &catalog_);
  CreateIndex change{index, made_redundant(chosen.candidate), chosen.writes};
  change.build = build_effort(chosen.index, *catalog_.find_table(index.schema, index.table));
  change.partitioned = steps.partitioned;
  change.marginal_ms_per_s = objective(account_, without(chosen_, choice.candidate)) - objective(account_, chosen_);
  change.fragile = fragile_with(choice.candidate);
  Recommendation recommendation{.database = options_.database,
                                .table = index.schema + '.' + index.table,
                                .change = std::move(change),
                                .size_bytes = chosen.index.bytes(),
                                .evidence = cache_.model().evidence(),
                                .ddl = std::move(steps.ddl),
                                .rollback = std::move(steps.rollback),
                                .reasons = chosen.candidate.reasons,
                                .gain_ms_per_s = choice.gain_ms_per_s};
  recommendation.queries = served_by(choice.candidate);
  return recommendation;
}

// With this one alone in place: of a value that is planned as another one, in that one's proportion.
std::vector<ServedQuery> Advisor::served_by(std::size_t candidate) const {
  std::vector<std::pair<double, ServedQuery>> served;  // by saving
  for (const JudgedClass& query : classes_) {
    const double before = query.cost_today();
    double after = 0, weights = 0;
    const PlanNode* first_after = nullptr;
    for (const JudgedValue& value : query.values) {
      const JudgedValue& asked = query.values[value.like];
      const PlanNode* alone = nullptr;
      for (const JudgedValue* of : {&value, &asked}) {
        for (const KnownPlan& known : of->known) {
          if (!alone && known.uses == Configuration{candidate}) alone = known.plan;
        }
      }
      const double own = value.today->total_cost, asked_cost = asked.today->total_cost;
      after += value.weight * (alone && asked_cost > 0 ? own * alone->total_cost / asked_cost : own);
      weights += value.weight;
      if (&value == &query.values.front()) first_after = alone;
    }
    after /= weights;
    if (before <= 0 || after > (1 - kLeastClassGain) * before) continue;
    ServedQuery found{query.position, before, after, {}, {}};
    if (first_after) {
      found.plan_before = *query.values.front().today;
      found.plan_after = *first_after;
    }
    served.push_back({query.time_ms_per_s * (1 - after / before), std::move(found)});
  }
  std::stable_sort(served.begin(), served.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<ServedQuery> queries;
  for (auto& [saving, query] : served) {
    if (queries.size() >= kMostPlansShown) query.plan_before = query.plan_after = std::nullopt;
    queries.push_back(std::move(query));
  }
  return queries;
}

// An existing index whose keys the new one begins with; never one that backs a constraint.
std::vector<std::string> Advisor::made_redundant(const Candidate& candidate) const {
  const Table* table = catalog_.find_table(candidate.definition.schema, candidate.definition.table);
  const Index created{.definition = candidate.definition};
  std::vector<std::string> names;
  for (const Index* existing : catalog_.indexes_of(*table)) {
    const IndexDefinition& old = existing->definition;
    if (old.unique || !existing->constraint.empty()) continue;
    if (serves(created, old, 0)) names.push_back(old.name);
  }
  return names;
}

void Advisor::sum_up() {
  SelectionSummary summary{.budget_bytes = options_.budget_bytes};
  summary.used_bytes = bytes_of(account_, chosen_);
  summary.objective_before = objective(account_, {});
  summary.objective_after = objective(account_, chosen_);
  for (const JudgedClass& query : classes_) {
    const auto calls = static_cast<double>(workload_.classes[query.position].estimated_calls());
    const double before = query.cost_today(), after = final_cost(query);
    summary.planned_cost_before += calls * before;
    summary.planned_cost_after += calls * after;
    advice_.costs.push_back({query.position, before, after});
  }
  summary.whatif_calls = cache_.calls();
  summary.cache_hits = cache_.hits();
  // The bound is of the problem with charges; that the final plans differ from what was known, and what was trimmed,
  // counts with the gap.
  const double distance = selection_.objective - selection_.lower_bound;
  summary.lower_bound = std::clamp(untrimmed_objective_ - distance, 0.0, summary.objective_after);
  summary.gap = summary.objective_after > 0 ? 1 - summary.lower_bound / summary.objective_after : 0;
  summary.candidates = candidates_.size();
  summary.calls_limit = options_.calls_limit;
  summary.limit_struck = whatif_.limit_struck();
  advice_.selection = summary;
}

// Planned, but no advisor looked: said, so that nobody takes silence for a verdict. A class that gained is left out.
void Advisor::name_what_is_not_covered() {
  for (const ClassCost& cost : advice_.costs) {
    if (cost.after < (1 - kLeastClassGain) * cost.before) continue;
    if (auto reason = why_not_covered(*meanings_[cost.position].statement, catalog_)) {
      advice_.unjudged.push_back({cost.position, std::move(*reason)});
    }
  }
}

// The first candidate of each class and table, for those who have no catalog or no planner at hand.
Advice name_candidates(const std::vector<ClassMeaning>& meanings, const std::vector<std::size_t>& judged,
                       const Catalog* catalog, const std::string& database) {
  Advice advice;
  Candidates generated = generate_candidates(meanings, judged, catalog);
  std::set<std::pair<std::size_t, std::string>> named;  // class and table
  for (Candidate& candidate : generated.list) {
    const std::string table = candidate.definition.schema + '.' + candidate.definition.table;
    bool adds = false;
    for (const std::size_t position : candidate.classes) adds |= named.emplace(position, table).second;
    if (!adds) continue;
    Recommendation recommendation{.id = fmt::format("I{}", advice.recommendations.size() + 1),
                                  .database = database,
                                  .change = CreateIndex{.index = candidate.definition, .redundant = {}, .writes = {}},
                                  .reasons = std::move(candidate.reasons)};
    IndexSteps steps = create_steps(candidate.definition, catalog);
    recommendation.table = candidate.definition.schema + '.' + candidate.definition.table;
    recommendation.ddl = std::move(steps.ddl);
    recommendation.rollback = std::move(steps.rollback);
    for (const std::size_t position : candidate.classes) recommendation.queries.push_back({position, 0, 0, {}, {}});
    advice.recommendations.push_back(std::move(recommendation));
    if (advice.recommendations.size() == kMostUnweighed) {
      advice.remarks.push_back(
          fmt::format("only the first {} candidates, those of the heaviest classes, are named", kMostUnweighed));
      break;
    }
  }
  return advice;
}

}  // namespace

Advice advise_indexes(const Workload& workload, const std::vector<ClassMeaning>& meanings, const Catalog* catalog,
                      CostModel* model, const IndexAdvisorOptions& options) {
  std::vector<std::size_t> judged;
  std::vector<Unjudged> unjudged;
  for (std::size_t position = 0; position < workload.classes.size(); ++position) {
    const auto reason = why_not_judged(workload.classes[position], meanings[position], options);
    if (reason) {
      unjudged.push_back({position, *reason});
    } else {
      judged.push_back(position);
    }
  }
  const std::vector<std::string> bare = catalog && model ? never_analyzed(*catalog) : std::vector<std::string>{};
  std::optional<Catalog> whole;
  if (catalog && has_partitioned_tables(*catalog)) catalog = &whole.emplace(with_whole_tables(*catalog));
  Advice advice = catalog && model ? Advisor(workload, meanings, *catalog, *model, options).run(judged)
                                   : name_candidates(meanings, judged, catalog, options.database);
  if (!bare.empty()) {
    advice.remarks.push_back(fmt::format(
        "{} as a whole, so joins with it are estimated without: autovacuum never analyzes a partitioned table, run "
        "ANALYZE",
        bare.size() == 1 ? "the partitioned table " + bare[0] + " has no statistics"
                         : fmt::format("{} partitioned tables, {} first, have no statistics", bare.size(), bare[0])));
  }
  advice.unjudged.insert(advice.unjudged.end(), unjudged.begin(), unjudged.end());
  std::sort(advice.unjudged.begin(), advice.unjudged.end(),
            [](const Unjudged& a, const Unjudged& b) { return a.position < b.position; });
  return advice;
}

std::string judged_database(const Workload& workload, const Catalog* catalog) {
  std::map<std::string, std::pair<Microseconds, std::uint64_t>> time;  // and calls, for logs without durations
  for (const QueryClass& query : workload.classes) {
    accumulate(time[query.database].first, query.estimated_total());
    time[query.database].second += query.estimated_calls();
  }
  if (catalog && !catalog->database.empty() && time.contains(catalog->database)) return catalog->database;
  const auto heaviest =
      std::max_element(time.begin(), time.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return heaviest == time.end() ? std::string() : heaviest->first;
}

}  // namespace assay
