#include "analyzer/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "analyzer/block_statistics.h"
#include "analyzer/covered_time.h"

namespace assay {
namespace {

constexpr std::uint64_t kFewestCalls = 10;
constexpr std::size_t kFewestWindows = 5;
constexpr double kByChance = 0.005;  // that all sightings of a class are in one of the logs
constexpr double kFewestSightings = 3;
constexpr double kErrorsInARow = 4;  // errors come in bursts: so many count as one
constexpr double kFewestMoreErrors = 5;
constexpr double kRowsChanged = 1.5;
constexpr std::uint64_t kFewestCallsForRows = 30;
constexpr double kClearOfThreshold = 2;  // times the threshold that a class's fastest hundredth must take

double ms(Microseconds duration) { return static_cast<double>(duration.count()) / 1e3; }

/// One of the two workloads, and what is asked of it again and again.
struct Side {
  const Workload& workload;
  CoveredTime covered;
  Microseconds threshold{0};          // below which the log tells nothing, or not all
  bool is_sampled_by_length = false;  // some lengths are logged with other probabilities than others
  std::vector<WindowSums> times;      // log µs by class, of those with a trace

  explicit Side(const Workload& all) : workload(all), covered(all), times(all.classes.size()) {}
  double seconds() const { return covered.seconds(); }
};

void see_thresholds(Side& side) {
  const Censoring& censoring = side.workload.censoring;
  side.threshold = censoring.apparent_threshold.value_or(Microseconds{0});
  for (const CensoringPeriod& period : censoring.periods) {
    if (!leaves_out(period.settings)) continue;
    const auto& threshold = period.settings.log_min_duration_statement;
    if (!threshold || !*threshold || (*threshold)->count() == 0) continue;
    if (samples_statements(period.settings)) {
      side.is_sampled_by_length = true;
    } else {
      side.threshold = std::max(side.threshold, **threshold);
    }
  }
}

/// The durations between which a class's logarithms are taken as they are: its middle 98 hundredths in both logs.
struct Range {
  double low = 1, high = 1;  // µs
};

Range range_of(const QueryClass& before, const QueryClass& after) {
  LatencySketch both = before.latencies;
  both.merge(after.latencies);
  const auto at = [&](double share) { return std::max(1.0, static_cast<double>(both.percentile(share).count())); };
  return {at(0.01), at(0.99)};
}

void add_trace(Side& side, const std::vector<Range>& ranges) {
  side.workload.trace.for_each([&](const TraceEvent& event) {
    const Range& range = ranges[event.query];
    const double us = std::clamp(static_cast<double>(event.duration.count()), range.low, range.high);
    side.times[event.query].add(side.covered.window_of(event.end, kWindows), std::log(us));
  });
}

/// Positions of one class in both; none where it is in one only.
struct Pair {
  std::optional<std::size_t> before, after;
};

/// By id; where both hold one database each, of different names, by text alone.
std::vector<Pair> pair_classes(const Workload& before, const Workload& after) {
  const auto databases = [](const Workload& workload) {
    std::set<std::string> names;
    for (const QueryClass& query : workload.classes) names.insert(query.database);
    return names;
  };
  const auto of_before = databases(before), of_after = databases(after);
  const bool by_text = of_before.size() == 1 && of_after.size() == 1 && of_before != of_after;
  const auto key = [&](const QueryClass& query) {
    return by_text ? std::pair(std::uint64_t{0}, query.normalized) : std::pair(query.id, std::string());
  };
  std::map<std::pair<std::uint64_t, std::string>, std::size_t> places;
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < before.classes.size(); ++i) {
    if (places.emplace(key(before.classes[i]), pairs.size()).second) pairs.push_back({i, std::nullopt});
  }
  for (std::size_t i = 0; i < after.classes.size(); ++i) {
    const auto known = places.find(key(after.classes[i]));
    if (known != places.end() && !pairs[known->second].after) {
      pairs[known->second].after = i;
    } else {
      pairs.push_back({std::nullopt, i});
    }
  }
  return pairs;
}

ClassSide side_of(const Side& side, const QueryClass& query) {
  ClassSide told;
  told.calls = query.estimated_calls();
  told.errors = query.errors;
  const double total_ms = ms(query.estimated_total());
  if (side.seconds() > 0) {
    told.calls_per_s = static_cast<double>(told.calls) / side.seconds();
    told.ms_per_s = total_ms / side.seconds();
  }
  const double all_ms = ms(side.workload.estimated_total);
  told.share = all_ms > 0 ? total_ms / all_ms : 0;
  told.mean_ms = query.mean_us() / 1e3;
  if (query.has_percentiles()) {
    told.p50_ms = ms(query.percentile(0.5));
    told.p95_ms = ms(query.percentile(0.95));
  }
  const auto calls = static_cast<double>(std::max<std::uint64_t>(query.calls, 1));
  if (query.rows) told.rows_per_call = static_cast<double>(query.rows->examined) / calls;
  if (query.rows_affected) told.rows_per_call = static_cast<double>(*query.rows_affected) / calls;
  return told;
}

class Comparer {
 public:
  Comparer(const Workload& before, const Workload& after) : before_(before), after_(after) {
    see_thresholds(before_);
    see_thresholds(after_);
  }

  Comparison compare();

 private:
  const QueryClass& before_of(const Pair& pair) const { return before_.workload.classes[*pair.before]; }
  const QueryClass& after_of(const Pair& pair) const { return after_.workload.classes[*pair.after]; }
  Microseconds threshold() const { return std::max(before_.threshold, after_.threshold); }

  void add_times(const std::vector<Pair>& pairs);
  std::string why_unjudged(const Pair& pair) const;
  ClassComparison told_of(const Pair& pair) const;
  void judge_presence(const Pair& pair, ClassComparison& told) const;
  void judge_times(const std::vector<Pair>& pairs);
  void judge_frequencies(const std::vector<Pair>& pairs);
  void judge_errors();
  void compare_plans(const Pair& pair, ClassComparison& told) const;
  void find_new_errors();
  void note_visibility();

  Side before_, after_;
  Comparison result_;
};

void Comparer::add_times(const std::vector<Pair>& pairs) {
  std::vector<Range> of_before(before_.times.size()), of_after(after_.times.size());
  for (const Pair& pair : pairs) {
    const QueryClass& one = pair.before ? before_of(pair) : after_of(pair);
    const QueryClass& other = pair.after ? after_of(pair) : before_of(pair);
    const Range range = range_of(one, other);
    if (pair.before) of_before[*pair.before] = range;
    if (pair.after) of_after[*pair.after] = range;
  }
  add_trace(before_, of_before);
  add_trace(after_, of_after);
  take_off_common(before_.times);
  take_off_common(after_.times);
}

/// Empty where its times and frequencies can be compared.
std::string Comparer::why_unjudged(const Pair& pair) const {
  const QueryClass& before = before_of(pair);
  const QueryClass& after = after_of(pair);
  if (before.summed_calls + after.summed_calls > 0) return "told in sums only";
  if (before.timed_calls == 0 || after.timed_calls == 0) return "no durations";
  const bool is_sampled = before.is_sampled() || after.is_sampled();
  if (is_sampled && (before_.is_sampled_by_length || after_.is_sampled_by_length)) {
    return "quick executions are a sample, slow ones are not";
  }
  const Microseconds fastest = std::min(before.percentile(0.01), after.percentile(0.01));
  const bool is_hidden =
      static_cast<double>(fastest.count()) < kClearOfThreshold * static_cast<double>(threshold().count());
  if (is_hidden) return fmt::format("executions below the log's threshold of {} ms are not there", ms(threshold()));
  const WindowSums& of_before = before_.times[*pair.before];
  const WindowSums& of_after = after_.times[*pair.after];
  if (std::min(of_before.total_count(), of_after.total_count()) < kFewestCalls) return "too few executions";
  if (std::min(of_before.active(), of_after.active()) < kFewestWindows) return "all executions within a short time";
  return {};
}

void Comparer::compare_plans(const Pair& pair, ClassComparison& told) const {
  const auto& before = before_of(pair).plan;
  const auto& after = after_of(pair).plan;
  if (!before || !after) return;
  const std::string outline_before = plan_outline(before->text), outline_after = plan_outline(after->text);
  if (outline_before.empty() || outline_after.empty() || outline_before == outline_after) return;
  told.plan_before = outline_before;
  told.plan_after = outline_after;
}

ClassComparison Comparer::told_of(const Pair& pair) const {
  const QueryClass& query = pair.after ? after_of(pair) : before_of(pair);
  ClassComparison told;
  told.id = query.id;
  told.database = query.database;
  told.normalized = query.normalized;
  if (pair.before) told.before = side_of(before_, before_of(pair));
  if (pair.after) told.after = side_of(after_, after_of(pair));
  if (!pair.before || !pair.after) {
    judge_presence(pair, told);
    return told;
  }
  const double rate = told.after.calls_per_s - told.before.calls_per_s;
  // Time outside of a completed execution counts, too, so the time of a call is not quite the mean.
  const auto a_call = [](const ClassSide& side) { return side.calls_per_s > 0 ? side.ms_per_s / side.calls_per_s : 0; };
  told.by_frequency = rate * (a_call(told.before) + a_call(told.after)) / 2;
  told.by_time = told.cost() - told.by_frequency;
  const bool is_frequent = std::min(told.before.calls, told.after.calls) >= kFewestCallsForRows;
  if (is_frequent && told.before.rows_per_call && told.after.rows_per_call) {
    const double ratio = (*told.after.rows_per_call + 1) / (*told.before.rows_per_call + 1);
    told.rows_changed = ratio >= kRowsChanged || ratio <= 1 / kRowsChanged;
  }
  compare_plans(pair, told);
  return told;
}

/// Were it as frequent there as here, would all sightings be here? A burst counts as one.
void Comparer::judge_presence(const Pair& pair, ClassComparison& told) const {
  const bool is_new = pair.after.has_value();
  told.presence = is_new ? Presence::kNew : Presence::kGone;
  told.by_frequency = told.cost();
  told.time.why_unjudged = told.frequency.why_unjudged = "in one of them only";
  const Side& here = is_new ? after_ : before_;
  const Side& there = is_new ? before_ : after_;
  const std::size_t position = is_new ? *pair.after : *pair.before;
  const QueryClass& query = here.workload.classes[position];
  const auto sightings = static_cast<double>(here.times[position].sightings());
  const double both = here.seconds() + there.seconds();
  const double by_chance = both > 0 ? std::pow(here.seconds() / both, sightings) : 1;
  const bool is_hidden = there.threshold.count() > 0 && query.percentile(0.99) < 2 * there.threshold;
  told.is_certain = sightings >= kFewestSightings && by_chance <= kByChance && !is_hidden;
}

Change direction(double effect, double least) {
  return std::abs(effect) < std::log(least) ? Change::kSame : effect > 0 ? Change::kMore : Change::kLess;
}

MeasuredChange told_change(const UncertainMean& difference, const Judged& judged, double least) {
  constexpr double kMiddle95 = 1.96;
  MeasuredChange told;
  told.ratio = std::exp(difference.value);
  told.low = std::exp(difference.value - kMiddle95 * judged.error);
  told.high = std::exp(difference.value + kMiddle95 * judged.error);
  told.significance = judged.significance;
  told.change = judged.significance <= kSignificance ? direction(judged.effect, least) : Change::kSame;
  return told;
}

void Comparer::judge_times(const std::vector<Pair>& pairs) {
  std::vector<std::size_t> judged;
  std::vector<UncertainMean> differences;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    MeasuredChange& time = result_.classes[i].time;
    if (result_.classes[i].presence != Presence::kBoth) continue;
    time.why_unjudged = why_unjudged(pairs[i]);
    if (!time.why_unjudged.empty()) continue;
    judged.push_back(i);
    differences.push_back(difference(mean_of(before_.times[*pairs[i].before]), mean_of(after_.times[*pairs[i].after])));
  }
  const Judgement judgement = judge(differences, kSignificance);
  result_.judged_times = judged.size();
  result_.common_time = std::exp(judgement.common);
  result_.run_to_run = std::expm1(judgement.run_to_run);
  result_.detectable_time = std::max(kLeastTimeChange, std::exp(judgement.detectable));
  for (std::size_t k = 0; k < judged.size(); ++k) {
    result_.classes[judged[k]].time = told_change(differences[k], judgement.all[k], kLeastTimeChange);
  }
}

void Comparer::judge_frequencies(const std::vector<Pair>& pairs) {
  std::vector<std::size_t> judged;
  std::vector<UncertainMean> differences;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    ClassComparison& told = result_.classes[i];
    if (told.presence != Presence::kBoth) continue;
    told.frequency.why_unjudged = told.time.why_unjudged;
    if (!told.time.why_unjudged.empty()) continue;
    judged.push_back(i);
    UncertainMean one =
        difference(log_count_of(before_.times[*pairs[i].before]), log_count_of(after_.times[*pairs[i].after]));
    one.value = std::log(told.after.calls_per_s / told.before.calls_per_s);
    differences.push_back(one);
  }
  const Judgement judgement = judge(differences, kSignificance);
  result_.judged_frequencies = judged.size();
  result_.common_frequency = std::exp(judgement.common);
  for (std::size_t k = 0; k < judged.size(); ++k) {
    result_.classes[judged[k]].frequency = told_change(differences[k], judgement.all[k], kLeastFrequencyChange);
  }
}

/// Of those that are in both; errors of others are new with their class.
void Comparer::judge_errors() {
  std::vector<double> significances;
  const auto exposure = [](const ClassSide& side) { return static_cast<double>(side.calls + side.errors); };
  for (const ClassComparison& told : result_.classes) {
    const bool has_both = told.presence == Presence::kBoth;
    significances.push_back(has_both ? binomial_significance(static_cast<double>(told.before.errors) / kErrorsInARow,
                                                             static_cast<double>(told.after.errors) / kErrorsInARow,
                                                             exposure(told.before), exposure(told.after))
                                     : 1);
  }
  adjust(significances);
  for (std::size_t i = 0; i < significances.size(); ++i) {
    ClassComparison& told = result_.classes[i];
    if (significances[i] > kSignificance) continue;
    const double rate_before = static_cast<double>(told.before.errors) / std::max(1.0, exposure(told.before));
    const double rate_after = static_cast<double>(told.after.errors) / std::max(1.0, exposure(told.after));
    const double more = (rate_after - rate_before) * exposure(told.after);
    if (more >= kFewestMoreErrors && rate_after >= kLeastErrorChange * rate_before) told.errors = Change::kMore;
    if (-more >= kFewestMoreErrors && rate_before >= kLeastErrorChange * rate_after) told.errors = Change::kLess;
  }
}

void Comparer::find_new_errors() {
  std::set<std::pair<std::string, ClassId>> known;
  for (const ErrorGroup& error : before_.workload.events.errors) known.emplace(error.sqlstate, error.class_id);
  for (const ErrorGroup& error : after_.workload.events.errors) {
    if (known.contains({error.sqlstate, error.class_id})) continue;
    result_.new_errors.push_back({error.sqlstate, error.message, error.class_id, 0, error.seen.count});
  }
}

void Comparer::note_visibility() {
  const auto text = [](const Side& side) {
    return side.threshold.count() > 0 ? fmt::format("statements of {} ms and more only", ms(side.threshold))
                                      : std::string("statements of any length");
  };
  if (before_.threshold != after_.threshold) {
    result_.notes.push_back(
        fmt::format("BEFORE logs {}, AFTER {}: totals, and classes that are not well above both, "
                    "cannot be compared.",
                    text(before_), text(after_)));
  } else if (before_.threshold.count() > 0) {
    result_.notes.push_back(
        fmt::format("Both log {}: classes that are not well above that cannot be compared.", text(before_)));
  }
  if (before_.workload.is_sampled() || after_.workload.is_sampled()) {
    result_.notes.push_back(
        "One of them or both are samples of what ran, at rates that may differ: counts, totals and frequencies are "
        "estimates, and a class that is absent may only not have been drawn.");
  }
  if (before_.is_sampled_by_length || after_.is_sampled_by_length) {
    result_.notes.push_back(
        "Slow statements are logged more often than quick ones: times of classes with both are not compared.");
  }
  if (!result_.has_rates) {
    result_.notes.push_back(
        "One of them tells no times of day, so frequencies and time per second cannot be compared.");
  }
  if (before_.workload.trace.rate() < 1 || after_.workload.trace.rate() < 1) {
    result_.notes.push_back(
        "The trace of executions did not fit into --memory: times are compared on a sample of them.");
  }
  if (result_.judged_times > 0 && result_.judged_times < 8) {
    result_.notes.push_back(
        "Fewer than eight classes can be compared, so what the machine did to all of them cannot be told from "
        "changes.");
  }
}

WorkloadSide told_side(const Side& side) {
  const Workload& workload = side.workload;
  WorkloadSide told{.seconds = side.seconds(), .executions = workload.estimated_executions, .errors = workload.errors};
  if (told.seconds <= 0) return told;
  told.calls_per_s = static_cast<double>(told.executions) / told.seconds;
  told.ms_per_s = ms(workload.estimated_total) / told.seconds;
  return told;
}

Comparison Comparer::compare() {
  const std::vector<Pair> pairs = pair_classes(before_.workload, after_.workload);
  add_times(pairs);
  result_.before = told_side(before_);
  result_.after = told_side(after_);
  result_.has_rates = result_.before.seconds > 0 && result_.after.seconds > 0;
  for (const Pair& pair : pairs) result_.classes.push_back(told_of(pair));
  judge_times(pairs);
  judge_frequencies(pairs);
  judge_errors();
  find_new_errors();
  note_visibility();
  std::sort(result_.classes.begin(), result_.classes.end(), [](const ClassComparison& a, const ClassComparison& b) {
    return std::tuple(-a.cost(), a.id) < std::tuple(-b.cost(), b.id);
  });
  return std::move(result_);
}

}  // namespace

bool ClassComparison::is_noteworthy() const {
  const auto is_change = [](Change change) { return change == Change::kMore || change == Change::kLess; };
  if (presence != Presence::kBoth) return is_certain;
  return is_change(time.change) || is_change(frequency.change) || is_change(errors);
}

Comparison compare(const Workload& before, const Workload& after) { return Comparer(before, after).compare(); }

}  // namespace assay
