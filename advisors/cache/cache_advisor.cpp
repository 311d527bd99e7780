#include "advisors/cache/cache_advisor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "advisors/cache/cache_plan.h"
#include "advisors/cache/cache_recipe.h"
#include "advisors/cache/cache_simulation.h"
#include "advisors/cache/key_groups.h"
#include "advisors/cache/memory_curve.h"
#include "advisors/cache/mysql_cacheability.h"
#include "advisors/cache/result_size.h"
#include "advisors/cache/table_writers.h"
#include "advisors/cache/traced_read.h"

namespace assay {
namespace {

constexpr std::size_t kMostGroups = 8;  // of keys, each of which costs a pass over the trace
constexpr std::int64_t kMostReferenceBytes = std::int64_t{1} << 20U;
constexpr std::uint64_t kLeastReferenceReads = 100;

std::uint64_t scaled(std::uint64_t count, double scale) {
  return scale == 1 ? count : static_cast<std::uint64_t>(std::llround(static_cast<double>(count) * scale));
}

/// Without the values of its placeholders, or with the beginnings of them (log_parameter_max_length), different reads
/// look alike. Told by the samples: a server logs the values of all or none.
bool tells_values(const QueryClass& query) {
  return std::none_of(query.samples.begin(), query.samples.end(), [](const ExecutionSample& sample) {
    return has_placeholder(sample.sql) &&
           (sample.parameters.empty() || sample.parameters.find("...'") != std::string::npos);
  });
}

class Advisor {
 public:
  Advisor(const Workload& workload, const std::vector<ClassMeaning>& meanings, const Catalog* catalog,
          const CacheAdvisorOptions& options)
      : workload_(workload),
        meanings_(meanings),
        options_(options),
        schema_(options.dialect == SqlDialect::kMysql ? nullptr : catalog),
        writers_(
            find_writers(workload, meanings, schema_, {options.database, options.dialect, options.others_left_out})) {}

  CacheAdvice run();

 private:
  void judge();
  void tell_unparsed();
  std::string why_not_simulated() const;
  void simulate();
  void simulate_batch(const std::vector<std::size_t>& batch);
  void simulate_large(std::size_t item);
  void describe_all();
  void describe(ClassCaching& item, const CacheSimulation& simulation, double logged_us);
  CachePoint point(const CacheOutcome& outcome, std::int64_t ttl, const CacheQuery& cache, double scale,
                   double saved_share) const;
  double demand_ms_per_s(std::size_t position) const;
  void add_write_paths(CacheQuery& cache) const;
  void plan();
  void add_common_recipe();
  Recommendation recommend(CacheQuery cache) const;
  void find_reference_tables();
  double seconds() const { return static_cast<double>(workload_.span()->count()) / 1e6; }

  const Workload& workload_;
  const std::vector<ClassMeaning>& meanings_;
  const CacheAdvisorOptions& options_;
  const SchemaFacts schema_;
  const TableWriters writers_;
  struct Simulated {
    std::size_t item = 0;  // of advice_.classes
    CacheSimulation simulation;
    double logged_us = 0;
    std::size_t writes = 0;
  };

  std::size_t without_values_ = 0;  // classes
  std::vector<Simulated> simulated_;
  CacheAdvice advice_;
};

CacheAdvice Advisor::run() {
  advice_.memory_budget = options_.memory_bytes;
  judge();
  tell_unparsed();
  advice_.refusal = why_not_simulated();
  if (!advice_.refusal.empty()) return std::move(advice_);
  simulate();
  describe_all();
  plan();
  if (options_.dialect == SqlDialect::kPostgres) add_common_recipe();
  find_reference_tables();
  advice_.memory_curve = memory_curve(advice_.recommendations, workload_, writers_, advice_.memory_used);
  if (writers_.all_unsafe) {
    advice_.remarks.push_back("no cache can be told of every write: " + *writers_.all_unsafe);
  }
  if (!schema_.knows_triggers()) {
    advice_.remarks.push_back(
        "the snapshot is of an older version and does not tell triggers: what they write is not "
        "in the caches' invalidation; take a new one");
  }
  if (schema_.catalog() != nullptr && !schema_.catalog()->knows_rules) {
    advice_.remarks.push_back(
        "the snapshot is of an older version and does not tell rules (CREATE RULE), operators and casts of the "
        "database's own: what those do is not in the verdicts; take a new one");
  }
  if (without_values_ > 0) {
    advice_.remarks.push_back(fmt::format(
        "no cache is simulated for {} whose values the log does not tell in full: set log_parameter_max_length = -1",
        without_values_ == 1 ? "one class of reads" : fmt::format("{} classes of reads", without_values_)));
  }
  if (workload_.writes.grain() > CommittedWrites::kFinestGrain) {
    advice_.remarks.push_back(
        fmt::format("writes of one class within {} ms count as one: --memory gives them more room",
                    workload_.writes.grain().count() / 1000));
  }
  return std::move(advice_);
}

void Advisor::judge() {
  const SessionHabits habits = session_habits(workload_, schema_.catalog());
  for (std::size_t position = 0; position < workload_.classes.size(); ++position) {
    const QueryClass& query = workload_.classes[position];
    const ClassMeaning& meaning = meanings_[position];
    if (query.calls == 0 || query.database != options_.database || query.dialect != options_.dialect) continue;
    if (meaning.statement && meaning.statement->kind != StatementKind::kSelect) continue;
    Cacheability judged = options_.dialect == SqlDialect::kMysql ? judge_mysql_cacheability(meaning, habits)
                                                                 : judge_cacheability(meaning, schema_, habits);
    advice_.classes.push_back({position, std::move(judged), std::nullopt});
  }
}

void Advisor::tell_unparsed() {
  std::size_t classes = 0;
  double time = 0;
  for (const ClassCaching& item : advice_.classes) {
    if (meanings_[item.position].statement) continue;
    ++classes;
    time += static_cast<double>(workload_.classes[item.position].estimated_total().count());
  }
  if (classes == 0 || workload_.estimated_total.count() == 0) return;
  advice_.remarks.push_back(fmt::format(
      "caches: {} of {} are not judged, {:.2g} % of the logged time, since their texts could not be parsed", classes,
      advice_.classes.size() == 1 ? "one class" : fmt::format("{} classes", advice_.classes.size()),
      100 * time / static_cast<double>(workload_.estimated_total.count())));
}

std::string Advisor::why_not_simulated() const {
  if (!workload_.span()) return "the log does not tell when its statements ran";
  if (workload_.timed_executions == 0) return "the log tells no durations";
  return options_.incomplete;
}

/// Class by class, as many at once as the memory for their reads allows.
void Advisor::simulate() {
  std::vector<std::size_t> batch;
  std::uint64_t reads = 0;
  for (std::size_t i = 0; i < advice_.classes.size(); ++i) {
    const Cacheability& cacheability = advice_.classes[i].cacheability;
    if (cacheability.verdict == CacheVerdict::kNot || !cacheability.is_as_logged) continue;
    if (!tells_values(workload_.classes[advice_.classes[i].position])) {
      ++without_values_;
      continue;
    }
    const std::uint64_t calls = workload_.classes[advice_.classes[i].position].calls;
    if (static_cast<double>(calls) * workload_.trace.rate() > static_cast<double>(options_.most_reads_at_once)) {
      simulate_large(i);
      continue;
    }
    if (!batch.empty() && reads + calls > options_.most_reads_at_once) {
      simulate_batch(std::exchange(batch, {}));
      reads = 0;
    }
    batch.push_back(i);
    reads += calls;
  }
  if (!batch.empty()) simulate_batch(batch);
}

void Advisor::simulate_batch(const std::vector<std::size_t>& batch) {
  std::vector<std::uint32_t> place_of(workload_.classes.size(), 0);  // in the batch, from 1
  for (std::size_t i = 0; i < batch.size(); ++i) {
    place_of[advice_.classes[batch[i]].position] = static_cast<std::uint32_t>(i + 1);
  }
  std::vector<std::vector<CacheRead>> reads(batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const std::uint64_t calls = workload_.classes[advice_.classes[batch[i]].position].calls;
    reads[i].reserve(std::min<std::uint64_t>(calls, workload_.trace.size()));
  }
  std::vector<double> logged_us(batch.size());
  workload_.trace.for_each([&](const TraceEvent& event) {
    const std::uint32_t place = place_of[event.query];
    if (place == 0) return;
    reads[place - 1].push_back(read_of(event, advice_.classes[batch[place - 1]].cacheability.key_by_user));
    logged_us[place - 1] += static_cast<double>(event.duration.count());
  });
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const ClassCaching& item = advice_.classes[batch[i]];
    if (reads[i].empty()) continue;
    const auto writes = writers_.times_of(item.cacheability.tables);
    simulated_.push_back({batch[i], simulate_cache(reads[i], writes, usual_ttls()), logged_us[i], writes.size()});
    reads[i] = {};
  }
}

/// A class that does not fit at once: by groups of its keys.
void Advisor::simulate_large(std::size_t index) {
  const ClassCaching& item = advice_.classes[index];
  const bool by_user = item.cacheability.key_by_user;
  const auto position = static_cast<std::uint32_t>(item.position);
  std::vector<std::uint64_t> counts(KeyGroups::kBuckets);
  double logged_us = 0;
  workload_.trace.for_each([&](const TraceEvent& event) {
    if (event.query != position) return;
    ++counts[KeyGroups::bucket_of(key_of(event, by_user))];
    logged_us += static_cast<double>(event.duration.count());
  });
  const KeyGroups groups(counts, options_.most_reads_at_once, kMostGroups);
  const auto writes = writers_.times_of(item.cacheability.tables);
  CacheSimulation sum;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    std::vector<CacheRead> reads;
    workload_.trace.for_each([&](const TraceEvent& event) {
      if (event.query != position) return;
      const CacheRead read = read_of(event, by_user);
      if (groups.group_of(read.key) == static_cast<std::int32_t>(group)) reads.push_back(read);
    });
    add_part(simulate_cache(reads, writes, usual_ttls()), groups.weight(group), sum);
  }
  if (sum.reads == 0) return;
  simulated_.push_back({index, std::move(sum), logged_us, writes.size()});
  if (groups.rate() == 1) return;
  advice_.remarks.push_back(fmt::format(
      "caches: class {} has too many executions to simulate all: of its seldom used keys one in {:.0f} stands for the "
      "others, its hot keys are all there",
      class_name(workload_.classes[item.position].id).substr(0, 8), 1 / groups.rate()));
}

void Advisor::describe_all() {
  for (const Simulated& one : simulated_) {
    ClassCaching& item = advice_.classes[one.item];
    describe(item, one.simulation, one.logged_us);
    item.cache->writes = one.writes;
  }
}

void Advisor::describe(ClassCaching& item, const CacheSimulation& simulation, double logged_us) {
  const QueryClass& query = workload_.classes[item.position];
  CacheQuery cache;
  cache.position = item.position;
  cache.normalized = query.normalized;
  cache.tables.assign(item.cacheability.tables.begin(), item.cacheability.tables.end());
  const double scale = static_cast<double>(query.calls) / static_cast<double>(simulation.reads);
  cache.reads = query.calls;
  cache.bypassed = scaled(simulation.bypassed, scale);
  cache.keys = scaled(simulation.keys, 1 / workload_.trace.rate());
  cache.seconds = seconds();
  cache.key_by_user = item.cacheability.key_by_user;
  cache.key_by_settings = item.cacheability.key_by_settings;
  for (const Hindrance& hindrance : item.cacheability.hindrances) {
    cache.conditions.push_back(hindrance.reason + (hindrance.cure.empty() ? "" : ": " + hindrance.cure));
  }
  // Many small classes are not worth a question to the planner each.
  CostModel* model = demand_ms_per_s(item.position) >= kLeastSavedMsPerS ? options_.model : nullptr;
  if (const auto size = result_size(query, meanings_[item.position], schema_.catalog(), model)) {
    cache.result_bytes = size->bytes;
    cache.size_source = size->source;
  }
  const double all = std::max(1.0, logged_us);
  if (query.rows && query.calls + query.errors > 0) {
    cache.result_rows = static_cast<double>(query.rows->sent) / static_cast<double>(query.calls + query.errors);
  }
  for (const CacheCurvePoint& entry : simulation.curve) {
    cache.curve.push_back({point(entry.by_ttl, entry.ttl, cache, scale, entry.by_ttl.saved_us / all),
                           point(entry.by_writes, entry.ttl, cache, scale, entry.by_writes.saved_us / all)});
  }
  cache.why_ttl_alone = writers_.why_unsafe(item.cacheability.tables).value_or("");
  cache.writes_known = cache.why_ttl_alone.empty();
  const CacheChoice choice = choose_point(cache.curve, cache.writes_known);
  if (!choice.heeds_writes && cache.writes_known) {
    cache.why_ttl_alone = "its tables are written so often that heeding the writes would lose most hits";
  }
  cache.heeds_writes = choice.heeds_writes;
  const CacheCurveEntry& chosen = cache.curve[choice.point];
  cache.chosen = choice.heeds_writes ? chosen.by_writes : chosen.by_ttl;
  add_write_paths(cache);
  item.cache = std::move(cache);
}

CachePoint Advisor::point(const CacheOutcome& outcome, std::int64_t ttl, const CacheQuery& cache, double scale,
                          double saved_share) const {
  CachePoint point{.ttl_us = ttl,
                   .hits = scaled(outcome.hits, scale),
                   .misses = scaled(outcome.misses, scale),
                   .coalesced = scaled(outcome.coalesced, scale),
                   .hit_ratio = outcome.hit_ratio()};
  if (outcome.hits > 0) point.stale_share = static_cast<double>(outcome.stale) / static_cast<double>(outcome.hits);
  point.worst_staleness_s = static_cast<double>(outcome.worst_staleness) / 1e6;
  if (outcome.stale > 0) point.mean_staleness_s = outcome.total_staleness / static_cast<double>(outcome.stale) / 1e6;
  point.entries = std::min(cache.keys, scaled(outcome.most_entries, 1 / workload_.trace.rate()));
  if (cache.result_bytes) {
    point.memory_bytes = std::llround(*cache.result_bytes * static_cast<double>(point.entries));
  }
  point.saved_ms_per_s = saved_share * demand_ms_per_s(cache.position);
  return point;
}

double Advisor::demand_ms_per_s(std::size_t position) const {
  const double calls = static_cast<double>(workload_.classes[position].calls);
  return options_.demand_ms ? options_.demand_ms(position) * calls / seconds() : 0;
}

void Advisor::add_write_paths(CacheQuery& cache) const {
  std::map<std::size_t, std::vector<std::string>> paths;
  for (const std::string& table : cache.tables) {
    const auto written = writers_.written.find(table);
    if (written == writers_.written.end()) continue;
    for (const std::size_t position : written->second.classes) paths[position].push_back(table);
  }
  for (auto& [position, tables] : paths) cache.write_paths.push_back({position, std::move(tables)});
}

void Advisor::plan() {
  std::vector<CacheQuery> caches;
  std::vector<std::size_t> items;
  for (std::size_t i = 0; i < advice_.classes.size(); ++i) {
    if (!advice_.classes[i].cache) continue;
    caches.push_back(*advice_.classes[i].cache);
    items.push_back(i);
  }
  for (const std::size_t taken : plan_caches(caches, options_.memory_bytes)) {
    advice_.memory_used += caches[taken].chosen.memory_bytes.value_or(0);
    advice_.classes[items[taken]].cache = caches[taken];
    advice_.recommendations.push_back(recommend(caches[taken]));
    advice_.recommendations.back().id = fmt::format("C{}", advice_.recommendations.size());
  }
}

void Advisor::add_common_recipe() {
  std::vector<const CacheQuery*> caches;
  for (const Recommendation& item : advice_.recommendations) caches.push_back(&std::get<CacheQuery>(item.change));
  std::set<std::string> tables_read;
  for (const ClassCaching& item : advice_.classes) {
    tables_read.insert(item.cacheability.tables.begin(), item.cacheability.tables.end());
  }
  CacheRecipe recipe = pgpool_recipe(caches, tables_read);
  if (!recipe.text.empty()) advice_.recipes.push_back(std::move(recipe));
}

Recommendation Advisor::recommend(CacheQuery cache) const {
  const QueryClass& query = workload_.classes[cache.position];
  cache.recipes = cache_recipes(cache, query, meanings_[cache.position], workload_);
  Recommendation recommendation{.database = options_.database,
                                .table = cache.tables.front(),
                                .size_bytes = cache.chosen.memory_bytes.value_or(0),
                                .evidence = Evidence::kEstimated,
                                .gain_ms_per_s = cache.chosen.saved_ms_per_s};
  recommendation.queries.push_back({cache.position, 0, 0, {}, {}});
  recommendation.reasons.push_back(fmt::format("{} of {} executions ask for what an earlier one was told within {} s",
                                               cache.chosen.hits, cache.reads, cache.chosen.ttl_us / 1'000'000));
  recommendation.change = std::move(cache);
  return recommendation;
}

void Advisor::find_reference_tables() {
  std::map<std::string, ReferenceTable> found;
  for (const ClassCaching& item : advice_.classes) {
    const Cacheability& cacheability = item.cacheability;
    if (!item.cache || cacheability.tables.size() != 1) continue;
    const std::string& name = *cacheability.tables.begin();
    const Table* table = schema_.find_table(name);
    if (table == nullptr || table->kind != 'r' || table->rows < 0) continue;
    const std::int64_t bytes = table->pages * 8192;
    if (bytes > kMostReferenceBytes || writers_.written.contains(name) || writers_.why_unsafe({name})) continue;
    ReferenceTable& reference = found[name];
    reference.table = name;
    reference.bytes = bytes;
    reference.rows = table->rows;
    reference.classes.push_back(item.position);
    reference.calls += workload_.classes[item.position].calls;
    reference.demand_ms_per_s += demand_ms_per_s(item.position);
  }
  for (auto& [name, reference] : found) {
    if (reference.calls >= kLeastReferenceReads) advice_.reference_tables.push_back(std::move(reference));
  }
  std::stable_sort(advice_.reference_tables.begin(), advice_.reference_tables.end(),
                   [](const ReferenceTable& a, const ReferenceTable& b) { return a.calls > b.calls; });
}

}  // namespace

CacheAdvice advise_caches(const Workload& workload, const std::vector<ClassMeaning>& meanings, const Catalog* catalog,
                          const CacheAdvisorOptions& options) {
  return Advisor(workload, meanings, catalog, options).run();
}

}  // namespace assay
