#include "advisors/watch/detector.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace assay {
namespace {

constexpr double kLeastEffect = 1.2;        // times
constexpr double kLeastCost = 0.1;          // ms a second
constexpr double kMadToDeviation = 1.4826;  // of a normal distribution
constexpr std::size_t kLeastSegment = 2;    // windows
constexpr std::size_t kMostShapes = 8;
constexpr std::size_t kMostCodes = 200;
constexpr std::size_t kConfirming = 3;    // windows
constexpr std::uint64_t kNewLevel = 240;  // windows after which a change is no alert any more
constexpr std::size_t kMany = 3;          // classes
constexpr std::uint64_t kWarmUp = 30;     // windows before a class can be new

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double deviation_by_mad(const std::vector<double>& values, double center) {
  std::vector<double> distances;
  for (const double value : values) distances.push_back(std::abs(value - center));
  return kMadToDeviation * median(std::move(distances));
}

double ms(Microseconds time) { return static_cast<double>(time.count()) / 1e3; }

/// Theil and Sen's slope: the median of those of all pairs; robust against outliers.
double slope_of(const std::vector<double>& values) {
  std::vector<double> slopes;
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = i + 1; j < values.size(); ++j) {
      slopes.push_back((values[j] - values[i]) / static_cast<double>(j - i));
    }
  }
  return median(std::move(slopes));
}

/// Mann and Kendall's test for a trend: standard normal without one.
double trend_of(const std::vector<double>& values) {
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = i + 1; j < values.size(); ++j) {
      sum += values[j] > values[i] ? 1 : values[j] < values[i] ? -1 : 0;
    }
  }
  const auto n = static_cast<double>(values.size());
  return sum / std::sqrt(n * (n - 1) * (2 * n + 5) / 18);
}

constexpr std::string_view kKindNames[] = {"slower",      "server-slower", "more-calls", "load",
                                           "gone",        "silence",       "new-class",  "errors",
                                           "plan-change", "n-plus-one",    "saturation"};
static_assert(std::size(kKindNames) == kAlertKinds);
constexpr std::string_view kCauseNames[] = {"unknown", "more-work", "plan", "locks", "processors", "calls"};

}  // namespace

std::string_view to_string(AlertKind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }
std::string_view to_string(AlertCause cause) { return kCauseNames[static_cast<std::size_t>(cause)]; }

Detector::Point Detector::point_of(const Figures& figures) {
  const auto moments = figures.latencies.log_moments();
  return {.calls = static_cast<float>(figures.calls),
          .timed = static_cast<float>(moments.count),
          .mean_log = static_cast<float>(moments.mean),
          .variance = static_cast<float>(moments.variance),
          .total = static_cast<float>(ms(figures.total)),
          .demand = static_cast<float>(ms(figures.demand)),
          .lock = static_cast<float>(ms(figures.lock_time))};
}

Detector::Point Detector::point_of(const WindowClass& of) {
  Point point = point_of(of.figures);
  point.loops = static_cast<float>(of.loops);
  return point;
}

void Detector::append(Series& series, const Point& point, bool is_new_hour) {
  series.points.push_back(point);
  if (series.points.size() > kHistory) series.points.pop_front();
  if (is_new_hour) std::rotate(series.hourly.rbegin(), series.hourly.rbegin() + 1, series.hourly.rend());
  if (is_new_hour) series.hourly[0] = 0;
  if (series.points.size() > kConfirming) {  // the newest ones are what is judged
    const float settled = series.points[series.points.size() - 1 - kConfirming].calls;
    series.hourly[0] = std::max(series.hourly[0], settled);
  }
}

/// Of the windows before the last `skip` ones that told times.
Detector::Level Detector::level_of(const Series& series, std::size_t skip, std::size_t most) {
  Level level;
  std::vector<double> means;
  double variance = 0;
  for (std::size_t i = 0; i + skip < series.points.size() && i < most; ++i) {
    const Point& point = series.points[series.points.size() - 1 - skip - i];
    if (point.timed < 1) continue;
    means.push_back(static_cast<double>(point.mean_log));
    variance += static_cast<double>(point.variance * point.timed);
    level.calls += static_cast<double>(point.timed);
  }
  level.windows = means.size();
  if (means.empty()) return level;
  level.mean_log = median(means);
  level.variance = std::max(variance / level.calls, 0.01);
  const double spread = deviation_by_mad(means, level.mean_log);
  const double sampling = level.variance * static_cast<double>(means.size()) / level.calls;
  level.between = std::sqrt(std::max(spread * spread - sampling, 0.0));
  return level;
}

AlertCause Detector::cause_of_slower(const Series& series, std::size_t k) {
  const auto per_call = [&](float Point::*what, std::size_t from, std::size_t upto) {
    double sum = 0, calls = 0;
    for (std::size_t i = from; i < upto; ++i) {
      sum += static_cast<double>(series.points[i].*what);
      calls += static_cast<double>(series.points[i].timed);
    }
    return calls > 0 ? sum / calls : 0;
  };
  const std::size_t size = series.points.size();
  const auto grown = [&](float Point::*what) { return per_call(what, size - k, size) - per_call(what, 0, size - k); };
  const double excess = grown(&Point::total);
  if (excess <= 0) return AlertCause::kUnknown;
  if (grown(&Point::lock) > excess / 2) return AlertCause::kLocks;
  return grown(&Point::demand) > excess / 2 ? AlertCause::kMoreWork : AlertCause::kProcessors;
}

std::optional<Alert> Detector::slower(const Series& series) const {
  double best = kThreshold;
  std::optional<Alert> found;
  for (std::size_t k = kLeastSegment; k <= kLongestSegment && k + kFewestReference <= series.points.size(); ++k) {
    double sum = 0, timed = 0, time = 0;
    for (std::size_t i = series.points.size() - k; i < series.points.size(); ++i) {
      const Point& point = series.points[i];
      sum += static_cast<double>(point.mean_log * point.timed);
      timed += static_cast<double>(point.timed);
      time += static_cast<double>(point.total);
    }
    const Level before = level_of(series, k, kHistory);
    if (timed < kFewestCalls || before.windows < kFewestReference || before.calls < 100) continue;
    const Point& last = series.points.back();
    if (last.timed < 1 || static_cast<double>(last.mean_log) < before.mean_log) continue;
    const double shift = sum / timed - before.mean_log;
    const double error = std::sqrt(before.between * before.between / static_cast<double>(k) + before.variance / timed +
                                   before.variance / before.calls);
    const double z = shift / error;
    const double cost = time * (1 - std::exp(-shift)) / static_cast<double>(k) / static_cast<double>(width_.count());
    if (z <= best || shift < std::log(kLeastEffect) || cost < kLeastCost) continue;
    // The segment may begin before the step: it began with the first of the windows above the middle.
    const double middle = before.mean_log + shift / 2;
    std::size_t begun = 0;
    sum = timed = 0;
    while (begun < k) {
      const Point& point = series.points[series.points.size() - 1 - begun];
      if (point.timed > 0 && static_cast<double>(point.mean_log) < middle) break;
      sum += static_cast<double>(point.mean_log * point.timed);
      timed += static_cast<double>(point.timed);
      ++begun;
    }
    if (begun < kLeastSegment) continue;
    const double step = sum / timed - before.mean_log;
    const double its_error = std::sqrt(before.between * before.between / static_cast<double>(begun) +
                                       before.variance / timed + before.variance / before.calls);
    if (step < std::log(kLeastEffect) || step / its_error < kThreshold || timed < kFewestCalls) continue;
    best = z;
    found = Alert{.kind = AlertKind::kSlower,
                  .cause = cause_of_slower(series, begun),
                  .since = end_ - begun * width_,
                  .before = std::exp(before.mean_log) / 1e3,
                  .now = std::exp(sum / timed) / 1e3,
                  .cost = cost};
  }
  return found;
}

std::optional<Alert> Detector::more_calls(const Series& series) const {
  if (series.points.size() < kFewestReference + 2) return std::nullopt;
  std::vector<double> before;
  double present = 0, most = 0, time = 0, calls = 0;
  for (std::size_t i = 0; i + 2 < series.points.size(); ++i) {
    const Point& point = series.points[i];
    present += point.calls > 0 ? 1 : 0;
    if (i + kConfirming + 1 < series.points.size()) most = std::max(most, static_cast<double>(point.calls));
    time += static_cast<double>(point.total);
    calls += static_cast<double>(point.calls);
    before.push_back(static_cast<double>(point.calls));
  }
  for (const float hour : series.hourly) most = std::max(most, static_cast<double>(hour));
  if (present < 0.5 * static_cast<double>(before.size())) return std::nullopt;
  const double usual = median(before);
  const double now =
      static_cast<double>(std::min(series.points.back().calls, series.points[series.points.size() - 2].calls));
  const double noise = std::sqrt(std::max(usual, 1.0)) + deviation_by_mad(before, usual);
  if (now < 2 * usual || now < 1.5 * most || now < usual + 6 * noise || now < usual + kFewestCalls) return std::nullopt;
  const auto seconds = static_cast<double>(width_.count());
  const double each = calls > 0 ? time / calls : 0;
  const double cost = each * (now - usual) / seconds;
  if (cost < kLeastCost) return std::nullopt;
  return Alert{.kind = AlertKind::kMoreCalls,
               .cause = AlertCause::kCalls,
               .since = end_ - 2 * width_,
               .before = usual / seconds,
               .now = now / seconds,
               .cost = cost};
}

/// Whether its last two windows lie above the ones before by the least effect, for certain or not.
bool Detector::leans(const Series& series) {
  const Level before = level_of(series, 2, kHistory), now = level_of(series, 0, 2);
  return before.windows >= kFewestReference && now.windows > 0 &&
         now.mean_log - before.mean_log > std::log(kLeastEffect);
}

/// Called in nearly every window before, and in none of the last ones.
std::optional<Alert> Detector::gone(const Series& series) const {
  if (series.points.size() < kFewestReference + kConfirming) return std::nullopt;
  std::vector<double> before;
  std::size_t present = 0;
  for (std::size_t i = 0; i < series.points.size(); ++i) {
    const bool is_recent = i + kConfirming >= series.points.size();
    if (is_recent && series.points[i].calls > 0) return std::nullopt;
    if (is_recent) continue;
    before.push_back(static_cast<double>(series.points[i].calls));
    present += series.points[i].calls > 0 ? 1 : 0;
  }
  const double usual = median(before);
  if (present * 20 < before.size() * 19 || usual < 20) return std::nullopt;
  return Alert{.kind = AlertKind::kGone,
               .since = end_ - kConfirming * width_,
               .before = usual / static_cast<double>(width_.count()),
               .now = 0};
}

std::optional<Alert> Detector::loops(const Series& series) const {
  if (series.points.size() < kFewestReference + 2) return std::nullopt;
  double now = 0, calls = 0, before = 0, calls_before = 0, time = 0;
  for (std::size_t i = 0; i < series.points.size(); ++i) {
    const Point& point = series.points[i];
    const bool is_recent = i + 2 >= series.points.size();
    (is_recent ? now : before) += static_cast<double>(point.loops);
    (is_recent ? calls : calls_before) += static_cast<double>(point.calls);
    if (is_recent) time += static_cast<double>(point.total);
  }
  const auto seconds = 2 * static_cast<double>(width_.count());
  if (now < 3 || before > 0 || calls_before < 100 || now * 10 < calls / 10) return std::nullopt;
  return Alert{.kind = AlertKind::kLoops,
               .cause = AlertCause::kCalls,
               .since = end_ - 2 * width_,
               .before = 0,
               .now = now / seconds,
               .cost = time / seconds};
}

/// A shape that none of at least three logged plans before had, twice.
std::optional<Alert> Detector::plan_change(Series& series, const WindowClass& of) const {
  const auto known = std::accumulate(series.plans.begin(), series.plans.end(), std::uint64_t{0},
                                     [](std::uint64_t sum, const auto& plan) { return sum + plan.second; });
  std::uint64_t others = 0;
  for (const auto& [shape, count] : of.plans) others += series.plans.contains(shape) ? 0 : count;
  series.new_plans = others == 0 ? 0 : series.new_plans + others;
  const bool is_change = known >= 3 && series.new_plans >= 2;
  if (known < 3 || is_change) {
    for (const auto& [shape, count] : of.plans) {
      if (series.plans.size() < kMostShapes || series.plans.contains(shape)) series.plans[shape] += count;
    }
    series.new_plans = 0;
  }
  if (!is_change) return std::nullopt;
  const Level before = level_of(series, 1, kHistory);
  const Point& now = series.points.back();
  return Alert{.kind = AlertKind::kPlanChange,
               .cause = AlertCause::kPlan,
               .since = start_,
               .before = before.windows == 0 ? 0 : std::exp(before.mean_log) / 1e3,
               .now = now.timed < 1 ? 0 : std::exp(static_cast<double>(now.mean_log)) / 1e3};
}

/// Seen for the first time in the last few windows, in two of them or more, and not for nothing.
std::optional<Alert> Detector::new_class(ClassId id) const {
  const auto first = known_.find(id);
  if (first == known_.end() || first->second <= kWarmUp || first->second + kConfirming <= windows_) return std::nullopt;
  const Series& series = classes_.at(id);
  double time = 0, calls = 0, all = 0;
  std::size_t present = 0;
  for (std::size_t i = 0; i < std::min(kConfirming, series.points.size()); ++i) {
    const Point& point = series.points[series.points.size() - 1 - i];
    time += static_cast<double>(point.total);
    calls += static_cast<double>(point.calls);
    present += point.calls > 0 ? 1 : 0;
    if (i < total_.points.size()) all += static_cast<double>(total_.points[total_.points.size() - 1 - i].total);
  }
  const double seconds = static_cast<double>(present) * static_cast<double>(width_.count());
  if (present < 2 || calls < kFewestCalls || time < 0.02 * all || time / seconds < 1) return std::nullopt;
  return Alert{.kind = AlertKind::kNewClass,
               .cause = AlertCause::kCalls,
               .since = end_ - present * width_,
               .before = 0,
               .now = calls / seconds,
               .cost = time / seconds};
}

std::optional<Alert> Detector::saturation() const {
  constexpr std::size_t kTrend = 30;
  constexpr double kFull = 0.9, kSoon = 60;  // minutes
  if (total_.points.size() < kConfirming || cores_ == 0) return std::nullopt;
  std::vector<double> used;
  for (std::size_t i = total_.points.size() - std::min(kTrend, total_.points.size()); i < total_.points.size(); ++i) {
    used.push_back(static_cast<double>(total_.points[i].demand) / 1e3 / static_cast<double>(width_.count()) / cores_);
  }
  const double now = median({used.end() - kConfirming, used.end()});
  Alert alert{.kind = AlertKind::kSaturation,
              .cause = AlertCause::kUnknown,
              .since = end_ - kConfirming * width_,
              .before = used.front(),
              .now = now};
  if (now >= kFull) {
    alert.minutes_left = 0;
    return alert;
  }
  if (used.size() < kTrend || now < 0.4 || trend_of(used) < 4) return std::nullopt;
  const double slope = slope_of(used) * 60 / static_cast<double>(width_.count());  // a minute
  if (slope <= 0 || (1 - now) / slope > kSoon) return std::nullopt;
  alert.since = end_ - kTrend * width_;
  alert.minutes_left = (1 - now) / slope;
  return alert;
}

/// Codes with many more errors than ever in the hour before, in the last two windows.
std::vector<Alert> Detector::errors(const Window& window) {
  for (const auto& [code, count] : window.errors) {
    if (errors_.size() < kMostCodes) errors_.try_emplace(code);
  }
  std::vector<Alert> alerts;
  for (auto entry = errors_.begin(); entry != errors_.end();) {
    auto& [code, counts] = *entry;
    const auto now = window.errors.find(code);
    counts.push_back(now == window.errors.end() ? 0.0F : static_cast<float>(now->second));
    if (counts.size() > kHistory) counts.pop_front();
    if (*std::max_element(counts.begin(), counts.end()) == 0 && !error_alerts_.contains(code)) {
      entry = errors_.erase(entry);
      continue;
    }
    const std::size_t recent = std::min<std::size_t>(2, counts.size());
    const double sum = std::accumulate(counts.end() - static_cast<std::ptrdiff_t>(recent), counts.end(), 0.0);
    double most = 0, mean = 0;
    for (std::size_t i = 0; i + recent < counts.size(); ++i) {
      most = std::max(most, static_cast<double>(counts[i]));
      mean += static_cast<double>(counts[i]) / static_cast<double>(counts.size() - recent);
    }
    const bool is_burst = sum >= 10 && sum > 3 * std::max(most, 1.0) && sum > 2 * mean + 6 * std::sqrt(2 * mean + 1);
    if (is_burst && windows_ > kFewestReference && !error_alerts_.contains(code)) {
      Alert alert{.kind = AlertKind::kErrors, .since = end_ - recent * width_, .before = mean, .now = sum};
      alert.sqlstate = code;
      alert.before /= static_cast<double>(width_.count());
      alert.now /= static_cast<double>(recent) * static_cast<double>(width_.count());
      std::uint64_t worst = 0;
      for (const WindowClass& of : window.classes) {
        if (of.figures.errors > worst) alert.class_id = of.id;
        worst = std::max(worst, of.figures.errors);
      }
      alerts.push_back(std::move(alert));
    }
    ++entry;
  }
  return alerts;
}

void Detector::take_in(const Window& window) {
  const std::int64_t hour = 3600 / std::max<std::int64_t>(width_.count(), 1);
  const bool is_new_hour = hour <= 1 || windows_ % static_cast<std::uint64_t>(hour) == 0;
  append(total_, point_of(window.total), is_new_hour);
  std::set<ClassId> seen;
  for (const WindowClass& of : window.classes) {
    seen.insert(of.id);
    const bool fits = known_.size() < kMostKnown || known_.contains(of.id);
    if (fits && of.figures.calls > 0) known_.try_emplace(of.id, windows_);
    if (!classes_.contains(of.id) && classes_.size() >= Window::kMostClasses) continue;
    Series& series = classes_[of.id];
    append(series, point_of(of), is_new_hour);
    series.last_seen = windows_;
  }
  for (auto entry = classes_.begin(); entry != classes_.end();) {
    Series& series = entry->second;
    if (!seen.contains(entry->first)) append(series, {}, is_new_hour);
    const bool is_over = series.last_seen + kHistory < windows_ && series.alert == 0;
    entry = is_over ? classes_.erase(entry) : std::next(entry);
  }
}

std::vector<Detector::Finding> Detector::findings_of_classes(const Window& window) {
  std::vector<Finding> findings;
  const auto consider = [&](ClassId id, Series& series, std::optional<Alert> alert) {
    if (!alert || series.alert != 0) return;
    alert->class_id = id;
    const double all = static_cast<double>(total_.points.back().total);
    const double own = static_cast<double>(series.points.back().total);
    alert->share = all > 0 ? own / all : 0;
    findings.push_back({std::move(*alert), own});
  };
  std::set<ClassId> found;
  for (const WindowClass& of : window.classes) {
    const auto entry = classes_.find(of.id);
    if (entry == classes_.end()) continue;
    Series& series = entry->second;
    auto alert = of.plans.empty() ? std::nullopt : plan_change(series, of);
    if (!alert) alert = new_class(of.id);
    if (!alert) alert = loops(series);
    if (!alert) alert = slower(series);
    if (!alert) alert = more_calls(series);
    consider(of.id, series, std::move(alert));
    found.insert(of.id);
  }
  // Classes that are gone, unless all are.
  const auto& points = total_.points;
  std::vector<double> calls;
  for (const Point& point : points) calls.push_back(static_cast<double>(point.calls));
  const bool others_go_on = !points.empty() && static_cast<double>(points.back().calls) > 0.5 * median(calls);
  for (auto& [id, series] : classes_) {
    if (others_go_on && !found.contains(id)) consider(id, series, gone(series));
  }
  std::sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return std::pair(-a.alert.cost, a.alert.class_id) < std::pair(-b.alert.cost, b.alert.class_id);
  });
  return findings;
}

Alert* Detector::open_of(AlertKind kind) {
  for (auto& [number, alert] : open_) {
    if (alert.kind == kind) return &alert;
  }
  return nullptr;
}

/// Into an open alert that has the same cause.
bool Detector::absorb(const Alert& alert) {
  Alert* into = nullptr;
  if (alert.kind == AlertKind::kSlower) into = open_of(AlertKind::kServerSlower);
  if (alert.kind == AlertKind::kMoreCalls) into = open_of(AlertKind::kLoad);
  if (!into && alert.kind == AlertKind::kSlower && alert.cause == AlertCause::kProcessors) {
    for (auto& [number, other] : open_) {
      if (other.cost > alert.cost && other.since + 30 * width_ > alert.since) into = &other;
    }
  }
  if (!into) return false;
  const bool is_listed = std::find(into->also.begin(), into->also.end(), alert.class_id) != into->also.end();
  if (!is_listed && into->also.size() < Alert::kMostAlso) into->also.push_back(alert.class_id);
  return true;
}

void Detector::tell(Alert alert, std::vector<Alert>& told) {
  alert.number = next_number_++;
  alert.told = end_;
  if (alert.kind == AlertKind::kErrors) {
    error_alerts_[alert.sqlstate] = alert.number;
  } else if (alert.class_id != 0) {
    classes_[alert.class_id].alert = alert.number;
  }
  open_[alert.number] = alert;
  told.push_back(std::move(alert));
}

/// When one class is found to be slower and most of the rest leans that way, all of those are one finding.
void Detector::add_leaning(std::vector<Finding>& findings) {
  const auto first = std::find_if(findings.begin(), findings.end(),
                                  [](const Finding& finding) { return finding.alert.kind == AlertKind::kSlower; });
  if (first == findings.end()) return;
  std::map<ClassId, double> leaning;
  double weight = 0, rest = static_cast<double>(total_.points.back().total);
  std::set<ClassId> found;
  for (const Finding& finding : findings) {
    if (found.insert(finding.alert.class_id).second) rest -= finding.weight;
  }
  for (const auto& [id, series] : classes_) {
    if (series.alert != 0 || found.contains(id) || !leans(series)) continue;
    weight += leaning[id] = static_cast<double>(series.points.back().total);
  }
  if (leaning.size() + 1 < kMany || weight < 0.6 * rest) return;
  const Alert model = first->alert;
  for (const auto& [id, own] : leaning) {
    Finding& added = findings.emplace_back(Finding{model, own});
    added.alert.class_id = id;
    added.alert.cost = own * (1 - model.before / model.now) / static_cast<double>(width_.count());
  }
}

void Detector::tell_classes(std::vector<Finding> findings, std::vector<Alert>& told) {
  add_leaning(findings);
  for (const auto& [kind, whole] :
       {std::pair(AlertKind::kSlower, AlertKind::kServerSlower), std::pair(AlertKind::kMoreCalls, AlertKind::kLoad),
        std::pair(AlertKind::kGone, AlertKind::kGone)}) {
    double weight = 0;
    std::size_t many = 0;
    Alert sum{.kind = whole};
    for (const Finding& finding : findings) {
      if (finding.alert.kind != kind) continue;
      ++many;
      weight += finding.weight;
      if (sum.also.empty()) {
        sum = finding.alert;
        sum.cost = 0;
      }
      sum.cost += finding.alert.cost;
      sum.since = std::min(sum.since, finding.alert.since);
      if (sum.also.size() < Alert::kMostAlso) sum.also.push_back(finding.alert.class_id);
    }
    const bool is_gone = kind == AlertKind::kGone;
    if (many < kMany || (!is_gone && weight < 0.3 * static_cast<double>(total_.points.back().total))) continue;
    if (open_of(whole) == nullptr || is_gone) {
      sum.kind = whole;
      if (!is_gone) sum.class_id = 0;  // its own figures are those of the costliest class
      sum.share = weight / std::max(static_cast<double>(total_.points.back().total), 1e-9);
      std::vector<ClassId> members;
      for (const Finding& finding : findings) {
        if (finding.alert.kind == kind) members.push_back(finding.alert.class_id);
      }
      tell(std::move(sum), told);
      for (const ClassId id : members) classes_[id].alert = told.back().number;
    }
    std::erase_if(findings, [&](const Finding& finding) { return finding.alert.kind == kind; });
  }
  for (Finding& finding : findings) {
    if (!absorb(finding.alert)) tell(std::move(finding.alert), told);
  }
}

bool Detector::has_recovered(const Alert& alert, const Window& window) const {
  const auto series_of = [&]() -> const Series& {
    const ClassId id = alert.class_id != 0 || alert.also.empty() ? alert.class_id : alert.also.front();
    const auto found = classes_.find(id);
    return found == classes_.end() ? total_ : found->second;
  };
  const Series& series = series_of();
  const auto seconds = static_cast<double>(width_.count());
  double timed = 0, mean = 0, calls = 0;
  for (std::size_t i = 0; i < std::min(kConfirming, series.points.size()); ++i) {
    const Point& point = series.points[series.points.size() - 1 - i];
    timed += static_cast<double>(point.timed);
    mean += static_cast<double>(point.timed * point.mean_log);
    calls += static_cast<double>(point.calls);
  }
  const double rate = calls / static_cast<double>(kConfirming) / seconds;
  switch (alert.kind) {
    case AlertKind::kSlower:
    case AlertKind::kServerSlower:
      return timed >= 3 && mean / timed < (std::log(alert.before * 1e3) + std::log(alert.now * 1e3)) / 2;
    case AlertKind::kMoreCalls:
    case AlertKind::kLoad:
      return rate < (alert.before + alert.now) / 2;
    case AlertKind::kGone:
    case AlertKind::kSilence:
      return series.points.back().calls > 0;
    case AlertKind::kErrors: {
      const auto now = window.errors.find(alert.sqlstate);
      const double count = now == window.errors.end() ? 0 : static_cast<double>(now->second);
      return count / seconds < std::max(alert.before * 2, alert.now / 4);
    }
    case AlertKind::kLoops:
      return std::all_of(
          series.points.end() - std::min<std::ptrdiff_t>(3, static_cast<std::ptrdiff_t>(series.points.size())),
          series.points.end(), [](const Point& point) { return point.loops < 1; });
    case AlertKind::kSaturation:
      return !saturation();
    case AlertKind::kNewClass:
    case AlertKind::kPlanChange:
      return end_ - alert.told >= 10 * width_;  // told, and no state that could end
  }
  return false;
}

void Detector::recover(const Window& window, std::vector<Alert>& told) {
  for (auto entry = open_.begin(); entry != open_.end();) {
    Alert& alert = entry->second;
    const bool is_new = alert.told == end_;
    const bool is_usual = end_ - alert.told > static_cast<std::int64_t>(kNewLevel) * width_;
    if (is_new || (!is_usual && (end_ - alert.told < kConfirming * width_ || !has_recovered(alert, window)))) {
      ++entry;
      continue;
    }
    alert.recovered = end_;
    for (auto& [id, series] : classes_) {
      if (series.alert == alert.number) series.alert = 0;
    }
    std::erase_if(error_alerts_, [&](const auto& known) { return known.second == alert.number; });
    told.push_back(alert);
    entry = open_.erase(entry);
  }
}

std::vector<Alert> Detector::observe(const Window& window) {
  ++windows_;
  start_ = window.start;
  end_ = window.end();
  width_ = window.width;
  cores_ = static_cast<double>(window.cores);
  take_in(window);
  std::vector<Alert> told;
  for (Alert& alert : errors(window)) tell(std::move(alert), told);
  if (const auto silence = gone(total_); silence && !open_of(AlertKind::kSilence)) {
    Alert alert = *silence;
    alert.kind = AlertKind::kSilence;
    tell(std::move(alert), told);
  }
  tell_classes(findings_of_classes(window), told);
  if (const auto full = saturation(); full && !open_of(AlertKind::kSaturation)) tell(*full, told);
  recover(window, told);
  return told;
}

// Across a restart.

void Detector::save_point(StateWriter& state, const Point& point) {
  for (const float value :
       {point.calls, point.timed, point.mean_log, point.variance, point.total, point.demand, point.lock, point.loops}) {
    state.real(static_cast<double>(value));
  }
}

Detector::Point Detector::restored_point(StateReader& state) {
  Point point;
  for (float* value : {&point.calls, &point.timed, &point.mean_log, &point.variance, &point.total, &point.demand,
                       &point.lock, &point.loops}) {
    *value = static_cast<float>(state.real());
  }
  return point;
}

void Detector::save(StateWriter& state, const Series& series) {
  state.number(series.points.size());
  for (const Point& point : series.points) save_point(state, point);
  for (const float value : series.hourly) state.real(static_cast<double>(value));
  state.number(series.plans.size());
  for (const auto& [shape, count] : series.plans) {
    state.number(shape);
    state.number(count);
  }
  state.number(series.new_plans);
  state.number(series.last_seen);
  state.number(series.alert);
}

void Detector::restore(StateReader& state, Series& series) {
  for (std::size_t left = state.count(); left > 0; --left) series.points.push_back(restored_point(state));
  for (float& value : series.hourly) value = static_cast<float>(state.real());
  for (std::size_t left = state.count(); left > 0; --left) {
    const std::uint64_t shape = state.number();
    series.plans[shape] = state.number();
  }
  series.new_plans = state.number();
  series.last_seen = state.number();
  series.alert = state.number();
}

void Detector::save(StateWriter& state, const Alert& alert) {
  state.number(alert.number);
  state.number(static_cast<std::uint64_t>(alert.kind));
  state.number(static_cast<std::uint64_t>(alert.cause));
  state.number(alert.class_id);
  state.text(alert.sqlstate);
  state.integer(alert.since.time_since_epoch().count());
  state.integer(alert.told.time_since_epoch().count());
  for (const double value : {alert.before, alert.now, alert.cost, alert.share, alert.minutes_left.value_or(-1)}) {
    state.real(value);
  }
  state.number(alert.also.size());
  for (const ClassId id : alert.also) state.number(id);
}

Alert Detector::restored_alert(StateReader& state) {
  Alert alert;
  alert.number = state.number();
  alert.kind = static_cast<AlertKind>(state.number() % kAlertKinds);
  alert.cause = static_cast<AlertCause>(state.number() % std::size(kCauseNames));
  alert.class_id = state.number();
  alert.sqlstate = state.text();
  alert.since = Timestamp{Microseconds{state.integer()}};
  alert.told = Timestamp{Microseconds{state.integer()}};
  double left = 0;
  for (double* value : {&alert.before, &alert.now, &alert.cost, &alert.share, &left}) *value = state.real();
  if (left >= 0) alert.minutes_left = left;
  for (std::size_t also = state.count(); also > 0; --also) alert.also.push_back(state.number());
  return alert;
}

void Detector::save(StateWriter& state) const {
  state.number(windows_);
  state.number(next_number_);
  save(state, total_);
  const std::map<ClassId, std::uint64_t> known(known_.begin(), known_.end());
  state.number(known.size());
  for (const auto& [id, first] : known) {
    state.number(id);
    state.number(first);
  }
  std::map<ClassId, const Series*> classes;
  for (const auto& [id, series] : classes_) classes[id] = &series;
  state.number(classes.size());
  for (const auto& [id, series] : classes) {
    state.number(id);
    save(state, *series);
  }
  state.number(errors_.size());
  for (const auto& [code, counts] : errors_) {
    state.text(code);
    state.number(counts.size());
    for (const float count : counts) state.real(static_cast<double>(count));
  }
  state.number(error_alerts_.size());
  for (const auto& [code, number] : error_alerts_) {
    state.text(code);
    state.number(number);
  }
  state.number(open_.size());
  for (const auto& [number, alert] : open_) save(state, alert);
}

void Detector::restore(StateReader& state) {
  windows_ = state.number();
  next_number_ = state.number();
  restore(state, total_);
  for (std::size_t left = state.count(); left > 0; --left) {
    const ClassId id = state.number();
    known_[id] = state.number();
  }
  for (std::size_t left = state.count(); left > 0; --left) restore(state, classes_[state.number()]);
  for (std::size_t left = state.count(); left > 0; --left) {
    auto& counts = errors_[state.text()];
    for (std::size_t size = state.count(); size > 0; --size) counts.push_back(static_cast<float>(state.real()));
  }
  for (std::size_t left = state.count(); left > 0; --left) {
    const std::string code = state.text();
    error_alerts_[code] = state.number();
  }
  for (std::size_t left = state.count(); left > 0; --left) {
    Alert alert = restored_alert(state);
    open_[alert.number] = std::move(alert);
  }
}

}  // namespace assay
