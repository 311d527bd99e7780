#include "advisors/index_advisor.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "advisors/candidates.h"
#include "advisors/coverage.h"
#include "advisors/evaluation.h"
#include "advisors/pruning.h"
#include "advisors/screening.h"
#include "advisors/selection.h"
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

Configuration everything(const std::vector<WeighedCandidate>& candidates) {
  Configuration all(candidates.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

std::vector<const Candidate*> candidates_of(const std::vector<WeighedCandidate>& weighed) {
  std::vector<const Candidate*> candidates;
  for (const WeighedCandidate& candidate : weighed) candidates.push_back(&candidate.candidate);
  return candidates;
}

Configuration chosen_of(const std::vector<Choice>& choices) {
  Configuration chosen;
  for (const Choice& choice : choices) chosen.push_back(choice.candidate);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

/// Made for the columns or the rows of few classes.
bool is_tailored(const IndexDefinition& index) { return !index.include.empty() || !index.predicate.empty(); }

void write_ddl(Recommendation& recommendation) {
  const IndexDefinition& index = std::get<CreateIndex>(recommendation.change).index;
  recommendation.table = index.schema + '.' + index.table;
  recommendation.ddl = {create_index_sql(index, true) + ";"};
  recommendation.rollback = {fmt::format("DROP INDEX CONCURRENTLY IF EXISTS {}.{};", quote_identifier(index.schema),
                                         quote_identifier(index.name))};
}

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
        evaluation_(workload, meanings, cache_) {}

  Advice run(const std::vector<std::size_t>& judged);

 private:
  std::vector<std::size_t> plan_today(const std::vector<std::size_t>& judged);
  std::vector<Candidate> generated_for(const std::vector<std::size_t>& planned);
  std::vector<WeighedCandidate> weigh(std::vector<Candidate> candidates);
  std::optional<std::string> why_impossible(const HypotheticalIndex& index);
  std::vector<std::size_t> those_that_could_gain(const std::vector<WeighedCandidate>& candidates) const;
  void find_relevant(const std::vector<WeighedCandidate>& candidates);
  bool ask_with_all(const Configuration& configuration, const std::vector<WeighedCandidate>& candidates);
  void name_what_is_not_covered();
  std::vector<WeighedCandidate> keep_useful(std::vector<WeighedCandidate> candidates) const;
  std::vector<WeighedCandidate> keep_used(std::vector<WeighedCandidate> candidates) const;
  void add_merges(std::vector<WeighedCandidate>& candidates);
  Recommendation recommend(const Choice& choice, const std::vector<WeighedCandidate>& candidates) const;
  std::vector<ServedQuery> served_by(std::size_t candidate, const std::vector<WeighedCandidate>& candidates) const;
  std::vector<std::string> made_redundant(const Candidate& candidate) const;
  void sum_up(const std::vector<Choice>& choices, const std::vector<WeighedCandidate>& candidates);

  const Workload& workload_;
  const std::vector<ClassMeaning>& meanings_;
  const Catalog& catalog_;
  const IndexAdvisorOptions& options_;
  CostModel& model_;
  CachedCostModel cache_;
  Evaluation evaluation_;
  std::vector<SelectableClass> classes_;  // those planned today
  Advice advice_;
};

Advice Advisor::run(const std::vector<std::size_t>& judged) {
  const std::vector<std::size_t> planned = plan_today(judged);
  advice_.sensitivities = parameter_sensitivities(planned, meanings_, cache_);
  std::vector<WeighedCandidate> candidates = keep_used(keep_useful(weigh(generated_for(planned))));
  add_merges(candidates);
  find_relevant(candidates);
  ask_with_all(everything(candidates), candidates);
  std::vector<Choice> choices = select_indexes(classes_, candidates, evaluation_, options_.budget_bytes);
  // A class may use an index of the final set that nothing had connected it with: then its gain counts, too.
  if (ask_with_all(chosen_of(choices), candidates)) {
    choices = select_indexes(classes_, candidates, evaluation_, options_.budget_bytes);
  }
  for (const Choice& choice : choices) {
    advice_.recommendations.push_back(recommend(choice, candidates));
    advice_.recommendations.back().id = fmt::format("I{}", advice_.recommendations.size());
  }
  sum_up(choices, candidates);
  name_what_is_not_covered();
  advice_.evidence = cache_.model().evidence();
  advice_.remarks = cache_.model().remarks();
  return std::move(advice_);
}

// Classes that the model can plan, with their costs under today's design; the others become unjudged.
std::vector<std::size_t> Advisor::plan_today(const std::vector<std::size_t>& judged) {
  std::vector<std::size_t> planned;
  for (const std::size_t position : judged) {
    if (options_.progress) options_.progress(planned.size() + advice_.unjudged.size(), judged.size());
    const auto cost = evaluation_.cost(position, {});
    if (const auto* failure = std::get_if<Unplannable>(&cost)) {
      advice_.unjudged.push_back({position, failure->reason});
      continue;
    }
    const double before = std::get<double>(cost);
    classes_.push_back({.position = position,
                        .time_ms_per_s = evaluation_.time_ms_per_s(position, before),
                        .calls_per_s = evaluation_.calls_per_s(position),
                        .cost_before = before});
    planned.push_back(position);
  }
  return planned;
}

std::vector<Candidate> Advisor::generated_for(const std::vector<std::size_t>& planned) {
  Candidates generated = generate_candidates(meanings_, planned, &catalog_);
  if (generated.capped) {
    advice_.remarks.push_back(
        fmt::format("only the first {} candidates, those of the heaviest classes, were weighed", kMostCandidates));
  }
  return std::move(generated.list);
}

std::vector<WeighedCandidate> Advisor::weigh(std::vector<Candidate> candidates) {
  std::vector<WeighedCandidate> weighed;
  for (Candidate& candidate : candidates) {
    const Table* table = catalog_.find_table(candidate.definition.schema, candidate.definition.table);
    HypotheticalIndex index = planned_size(candidate.definition, *table, model_);
    if (const auto refusal = why_impossible(index)) {
      advice_.remarks.push_back("not weighed, since it cannot be created: " + describe(candidate.definition) + ": " +
                                *refusal);
      continue;
    }
    WriteLoad writes = write_load(candidate.definition, workload_, meanings_, options_.database, catalog_);
    weighed.push_back({std::move(candidate), std::move(index), writes});
  }
  return weighed;
}

// What the rules take for possible and the server does not (an expression, an operator class) must not spoil the
// questions about others. Plain keys always can be created.
std::optional<std::string> Advisor::why_impossible(const HypotheticalIndex& index) {
  const IndexDefinition& definition = index.definition;
  const bool plain = definition.method == "btree" && definition.predicate.empty() &&
                     std::all_of(definition.keys.begin(), definition.keys.end(),
                                 [](const IndexKey& key) { return !key.column.empty() && key.operator_class.empty(); });
  if (plain) return std::nullopt;
  const PlanAnswer answer = model_.plan({"SELECT 1", {}, {}}, {.created_indexes = {index}});
  const auto* refusal = std::get_if<Unplannable>(&answer);
  return refusal ? std::optional(refusal->reason) : std::nullopt;
}

// A class that gains nothing from all of its candidates at once gains nothing from any of them: one question
// instead of one a candidate.
std::vector<std::size_t> Advisor::those_that_could_gain(const std::vector<WeighedCandidate>& candidates) const {
  std::map<std::size_t, std::vector<const HypotheticalIndex*>> asked_by;
  for (const WeighedCandidate& candidate : candidates) {
    for (const std::size_t position : candidate.candidate.classes) asked_by[position].push_back(&candidate.index);
  }
  std::vector<std::size_t> gaining;
  for (const SelectableClass& query : classes_) {
    const auto own = asked_by.find(query.position);
    if (own == asked_by.end()) continue;
    const auto cost = evaluation_.cost(query.position, own->second);
    const double* known = std::get_if<double>(&cost);
    const bool gains = known && query.cost_before > 0 && *known <= (1 - kLeastClassGain) * query.cost_before;
    if (!known || gains) gaining.push_back(query.position);
  }
  return gaining;
}

std::vector<WeighedCandidate> Advisor::keep_useful(std::vector<WeighedCandidate> candidates) const {
  const std::vector<std::size_t> gaining = those_that_could_gain(candidates);
  std::erase_if(candidates, [&](const WeighedCandidate& candidate) {
    const auto& classes = candidate.candidate.classes;
    return std::none_of(classes.begin(), classes.end(), [&](std::size_t position) {
      return std::binary_search(gaining.begin(), gaining.end(), position);
    });
  });
  return candidates;
}

// What no plan uses, though it has the choice, is not worth further questions (pruning.h).
std::vector<WeighedCandidate> Advisor::keep_used(std::vector<WeighedCandidate> candidates) const {
  std::map<std::size_t, double> cost_before;
  for (const SelectableClass& query : classes_) cost_before[query.position] = query.cost_before;
  const AskUse ask = [&](std::size_t position, const std::vector<std::size_t>& offered) {
    std::vector<const HypotheticalIndex*> indexes;
    for (const std::size_t candidate : offered) indexes.push_back(&candidates[candidate].index);
    const auto cost = evaluation_.cost(position, indexes);
    const double* known = std::get_if<double>(&cost);
    PlansUse use{.gains = known && *known <= (1 - kLeastClassGain) * cost_before[position]};
    if (!use.gains) return use;
    const std::vector<std::string> names = evaluation_.used(position, indexes);
    for (const std::size_t candidate : offered) {
      const std::string& name = candidates[candidate].candidate.definition.name;
      if (std::find(names.begin(), names.end(), name) != names.end()) use.candidates.push_back(candidate);
    }
    return use;
  };
  std::vector<WeighedCandidate> kept;
  for (const std::size_t used : used_candidates(candidates_of(candidates), ask)) kept.push_back(candidates[used]);
  return kept;
}

void Advisor::add_merges(std::vector<WeighedCandidate>& candidates) {
  for (WeighedCandidate& merged : weigh(merged_candidates(candidates_of(candidates), catalog_))) {
    candidates.push_back(std::move(merged));
  }
}

// A candidate can matter to a class that asked for any candidate with the same first key on the same table; one with
// INCLUDE columns or a predicate, to those that asked for it. What that misses, ask_with_all() finds.
void Advisor::find_relevant(const std::vector<WeighedCandidate>& candidates) {
  const auto lead = [](const WeighedCandidate& candidate) {
    const IndexDefinition& index = candidate.candidate.definition;
    const IndexKey& first = index.keys.front();
    return std::pair(index.schema + '.' + index.table, first.column + first.expression);
  };
  std::map<std::size_t, std::vector<std::pair<std::string, std::string>>> leads;
  for (const WeighedCandidate& candidate : candidates) {
    for (const std::size_t position : candidate.candidate.classes) leads[position].push_back(lead(candidate));
  }
  for (SelectableClass& query : classes_) {
    const auto& own = leads[query.position];
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const auto& asked = candidates[i].candidate.classes;
      const bool asks = std::binary_search(asked.begin(), asked.end(), query.position);
      const bool shares = !is_tailored(candidates[i].candidate.definition) &&
                          std::find(own.begin(), own.end(), lead(candidates[i])) != own.end();
      if (asks || shares) query.relevant.push_back(i);
    }
  }
}

// Plans every class with all of these indexes at once; what a plan uses is relevant to its class, whatever the rules
// thought: a view's tables, max(sent_at), a sort that none asked for. True when that was news.
bool Advisor::ask_with_all(const Configuration& configuration, const std::vector<WeighedCandidate>& candidates) {
  std::vector<const HypotheticalIndex*> indexes;
  std::map<std::string, std::size_t> by_name;
  for (const std::size_t candidate : configuration) {
    indexes.push_back(&candidates[candidate].index);
    by_name.emplace(candidates[candidate].candidate.definition.name, candidate);
  }
  bool news = false;
  for (SelectableClass& query : classes_) {
    for (const std::string& name : evaluation_.used(query.position, indexes)) {
      const auto found = by_name.find(name);
      if (found == by_name.end()) continue;
      const auto place = std::lower_bound(query.relevant.begin(), query.relevant.end(), found->second);
      if (place != query.relevant.end() && *place == found->second) continue;
      query.relevant.insert(place, found->second);
      news = true;
    }
  }
  return news;
}

Recommendation Advisor::recommend(const Choice& choice, const std::vector<WeighedCandidate>& candidates) const {
  const WeighedCandidate& chosen = candidates[choice.candidate];
  const IndexDefinition& index = chosen.candidate.definition;
  Recommendation recommendation{.database = options_.database,
                                .change = CreateIndex{index, made_redundant(chosen.candidate), chosen.writes},
                                .size_bytes = chosen.index.bytes(),
                                .evidence = cache_.model().evidence(),
                                .reasons = chosen.candidate.reasons,
                                .gain_ms_per_s = choice.gain_ms_per_s};
  write_ddl(recommendation);
  recommendation.queries = served_by(choice.candidate, candidates);
  return recommendation;
}

std::vector<ServedQuery> Advisor::served_by(std::size_t candidate,
                                            const std::vector<WeighedCandidate>& candidates) const {
  std::vector<std::pair<double, ServedQuery>> served;  // by saving
  for (const SelectableClass& query : classes_) {
    const double after = cost_under(query, {candidate}, candidates, evaluation_);
    if (query.cost_before <= 0 || after > (1 - kLeastClassGain) * query.cost_before) continue;
    const double saving = query.time_ms_per_s * (1 - after / query.cost_before);
    served.push_back({saving, {query.position, query.cost_before, after, {}, {}}});
  }
  std::stable_sort(served.begin(), served.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<ServedQuery> queries;
  for (auto& [saving, query] : served) {
    if (queries.size() < kMostPlansShown) {
      query.plan_before = evaluation_.plan(query.position, {});
      query.plan_after = evaluation_.plan(query.position, {&candidates[candidate].index});
    }
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
    if (old.unique || !existing->constraint.empty() || old.method != "btree") continue;
    if (!old.predicate.empty() || !old.include.empty()) continue;
    if (serves(created, old, 0)) names.push_back(old.name);
  }
  return names;
}

void Advisor::sum_up(const std::vector<Choice>& choices, const std::vector<WeighedCandidate>& candidates) {
  SelectionSummary summary{.budget_bytes = options_.budget_bytes};
  const Configuration chosen = chosen_of(choices);
  for (const Choice& choice : choices) {
    summary.used_bytes += candidates[choice.candidate].index.bytes();
    summary.objective_after += candidates[choice.candidate].writes.price_ms_per_s;
  }
  for (const SelectableClass& query : classes_) {
    const double after = cost_under(query, chosen, candidates, evaluation_);
    const auto calls = static_cast<double>(workload_.classes[query.position].estimated_calls());
    summary.objective_before += query.time_ms_per_s;
    summary.objective_after += query.cost_before > 0 ? query.time_ms_per_s * after / query.cost_before : 0;
    summary.planned_cost_before += calls * query.cost_before;
    summary.planned_cost_after += calls * after;
    advice_.costs.push_back({query.position, query.cost_before, after});
  }
  summary.whatif_calls = cache_.calls();
  summary.cache_hits = cache_.hits();
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
    write_ddl(recommendation);
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
  Advice advice = catalog && model ? Advisor(workload, meanings, *catalog, *model, options).run(judged)
                                   : name_candidates(meanings, judged, catalog, options.database);
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
