#include "analyzer/service_demand.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

#include "analyzer/short_work.h"
#include "analyzer/whole_demand.h"

namespace assay {
namespace {

constexpr double kUs = 1e-3;        // ms
constexpr double kShortGap = 1000;  // µs: about what a session that goes on at once leaves, within a stamp's width
constexpr std::uint64_t kFewestGaps = 200;  // for a measured hidden demand
constexpr double kLongestWait = 100'000;    // µs: a longer gap is thinking, whatever stands before it
constexpr double kLeastCommit = 300;        // µs: a shorter COMMIT flushed nothing

bool is_local(const std::string& host) {
  return host.empty() || host == "[local]" || host == "localhost" || host == "::1" || host.starts_with("127.");
}

/// Of the executions, most have one; where the log does not tell hosts, local.
bool clients_are_local(const Workload& workload) {
  std::uint64_t local = 0, all = 0;
  for (const ClientLoad& client : workload.clients) {
    all += client.executions;
    if (is_local(client.host)) local += client.executions;
  }
  return 2 * local >= all;
}

/// Classes of COMMIT that wait for the disk.
std::vector<bool> flushing_classes(const Workload& workload) {
  std::vector<bool> flushing;
  for (const QueryClass& query : workload.classes) {
    flushing.push_back(role_of(query.normalized) == TransactionRole::kEnd && query.mean_us() >= kLeastCommit);
  }
  return flushing;
}

struct LockTime {
  double total = 0;  // µs
  std::uint64_t waits = 0;
};

/// Of so large a share of the executions.
std::vector<LockTime> lock_times(const Workload& workload, double share) {
  std::map<ClassId, LockTime> by_class;
  for (const LockWaitGroup& group : workload.events.lock_waits) {
    by_class[group.class_id].total += static_cast<double>(group.total.count());
    by_class[group.class_id].waits += group.seen.count;
  }
  std::vector<LockTime> times;
  for (const QueryClass& query : workload.classes) {
    LockTime time = by_class[query.id];
    if (query.rows) time.total += static_cast<double>(query.rows->lock_time.count());
    time.total *= share;
    time.waits = static_cast<std::uint64_t>(std::ceil(static_cast<double>(time.waits) * share));
    times.push_back(time);
  }
  return times;
}

/// Lock waits are told by class. They are longer than deadlock_timeout, so they were those of the longest executions;
/// MySQL's are told as a sum alone and go to all of them in proportion.
void take_off_locks(const SessionTimeline& timeline, const std::vector<LockTime>& locks, std::vector<float>& waits) {
  std::vector<std::vector<std::uint32_t>> executions(locks.size());
  for (std::uint32_t i = 0; i < timeline.executions.size(); ++i) {
    const std::uint32_t query = timeline.executions[i].query;
    if (locks[query].total > 0) executions[query].push_back(i);
  }
  for (std::size_t query = 0; query < locks.size(); ++query) {
    auto& own = executions[query];
    if (own.empty()) continue;
    const std::size_t waiting =
        locks[query].waits > 0 ? std::min<std::size_t>(locks[query].waits, own.size()) : own.size();
    const auto longer = [&](auto a, auto b) {
      return std::tuple(timeline.executions[b].duration, a) < std::tuple(timeline.executions[a].duration, b);
    };
    std::partial_sort(own.begin(), own.begin() + static_cast<std::ptrdiff_t>(waiting), own.end(), longer);
    double time = 0;
    for (std::size_t i = 0; i < waiting; ++i) time += timeline.executions[own[i]].duration;
    const double share = time > 0 ? std::min(1.0, locks[query].total / time) : 0;
    for (std::size_t i = 0; i < waiting; ++i) {
      waits[own[i]] = static_cast<float>(share * timeline.executions[own[i]].duration);
    }
  }
}

std::vector<float> waits_of(const Workload& workload, const SessionTimeline& timeline, double share) {
  const auto locks = lock_times(workload, share);
  const auto flushing = flushing_classes(workload);
  const bool any = std::any_of(locks.begin(), locks.end(), [](const LockTime& time) { return time.total > 0; }) ||
                   std::any_of(flushing.begin(), flushing.end(), [](bool is) { return is; });
  std::vector<float> waits;
  if (!any) return waits;
  waits.resize(timeline.executions.size(), 0);
  take_off_locks(timeline, locks, waits);
  for (std::size_t i = 0; i < waits.size(); ++i) {
    const TimedExecution& execution = timeline.executions[i];
    if (flushing[execution.query]) waits[i] = static_cast<float>(execution.duration);
  }
  return waits;
}

/// Gaps shorter than a stamp's width, in µs, and how slow everything was when they began.
struct ShortGaps {
  std::uint64_t count = 0, of = 0;  // of so many gaps
  double sum = 0, squares = 0;
  std::vector<std::uint64_t> histogram = std::vector<std::uint64_t>(static_cast<std::size_t>(kShortGap), 0);

  void add(double gap) {
    ++of;
    if (gap >= kShortGap) return;
    ++count;
    sum += gap;
    squares += gap * gap;
    ++histogram[static_cast<std::size_t>(std::max(gap, 0.0))];
  }
  double share() const { return of > 0 ? static_cast<double>(count) / static_cast<double>(of) : 0; }
  double mean() const { return sum / static_cast<double>(std::max<std::uint64_t>(count, 1)); }
  double error() const {
    const auto n = static_cast<double>(std::max<std::uint64_t>(count, 1));
    return std::sqrt(std::max(squares / n - mean() * mean(), 0.0) / n);
  }
  /// Below which a hundredth of all gaps lie.
  double lowest() const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < histogram.size(); ++i) {
      sum += histogram[i];
      if (sum * 100 >= of) return static_cast<double>(i);
    }
    return kShortGap;
  }
};

/// How much slower than alone: the mean over the executions that a short gap follows, those in such gaps active too.
double slowdown_in_gaps(const MeasuredDemand& measured, const ShortGaps& gaps, const ServiceDemand& demand) {
  const double hiding = demand.rate * gaps.share() * std::max(gaps.mean(), 0.0) * kUs;  // sessions at a time
  double sum = 0;
  const auto& executions = measured.timeline.executions;
  for (std::size_t i = 1; i < executions.size(); ++i) {
    if (executions[i].gap == TimedExecution::kNoGap || executions[i].gap >= kShortGap) continue;
    const double active = measured.sweep.executions[i - 1].others_after + 1 + hiding;
    sum += std::max(1.0, active / static_cast<double>(demand.cores));
  }
  return gaps.count > 0 ? sum / static_cast<double>(gaps.count) : 1;
}

/// Returns the slowdown that was taken off.
double measure_hidden(const MeasuredDemand& measured, ServiceDemand& demand) {
  ShortGaps gaps;
  for (const TimedExecution& execution : measured.timeline.executions) {
    if (execution.gap != TimedExecution::kNoGap) gaps.add(execution.gap);
  }
  demand.hidden = ServiceDemand::kAssumedHidden;
  demand.hidden_error = demand.hidden / 2;
  const double slowdown = slowdown_in_gaps(measured, gaps, demand);
  const double hidden = std::max(gaps.mean(), 0.0) / slowdown;
  // Of thinking by chance, the short gaps would be spread evenly: few, and half a stamp long in the mean.
  const double most = gaps.share() >= 0.5 ? kShortGap / 2 : kShortGap / 4;
  const bool go_on_at_once = gaps.count >= kFewestGaps && gaps.share() >= 0.1 && gaps.mean() < most;
  if (go_on_at_once && hidden * kUs <= ServiceDemand::kMostHidden) {
    demand.hidden = hidden * kUs;
    demand.hidden_error = gaps.error() / slowdown * kUs;
    demand.hidden_evidence = HiddenEvidence::kMeasured;
  }
  // Where stamps are exact, the shortest gaps are a bound.
  if (demand.resolution == 1 && gaps.of >= kFewestGaps) demand.hidden = std::min(demand.hidden, gaps.lowest() * kUs);
  return slowdown;
}

struct SessionGaps {
  std::uint64_t count = 0, small = 0;
  double sum = 0, small_sum = 0, beyond = 0;  // µs; beyond: of the gaps that waiting does not explain
  double a_turn = 0;  // µs: of the gaps that are not small, at most a turn of the scheduler each

  double mean() const { return count > 0 ? sum / static_cast<double>(count) : -1; }
  void add(const SessionGaps& other) {
    count += other.count;
    small += other.small;
    sum += other.sum;
    small_sum += other.small_sum;
    beyond += other.beyond;
    a_turn += other.a_turn;
  }
  /// Goes on at once, as a rule: many gaps are shorter than a stamp's width, and these by far.
  bool is_hot() const {
    const double most = 10 * small >= 5 * count ? 2 * ServiceDemand::kMostHidden : ServiceDemand::kMostHidden;
    return goes_on_often() && small_sum * kUs <= most * static_cast<double>(small);
  }
  bool goes_on_often() const { return small * 10 >= count * 3 && count > 0; }
};

SessionGaps gaps_of(const SessionTimeline& timeline, const SessionSpan& session, const std::vector<bool>& pausing,
                    double period) {
  SessionGaps gaps;
  for (std::uint32_t i = session.first + 1; i < session.first + session.count; ++i) {
    const double gap = timeline.executions[i].gap;
    if (gap == TimedExecution::kNoGap) continue;
    ++gaps.count;
    gaps.sum += gap;
    if (gap < kShortGap) ++gaps.small, gaps.small_sum += gap;
    if (gap >= kShortGap) gaps.a_turn += std::min(gap, period);
    if (gap > kLongestWait || (gap > period && pausing[timeline.executions[i - 1].query])) gaps.beyond += gap;
  }
  return gaps;
}

/// Classes behind which sessions think: mostly a pause follows, and not one about as long as the statement itself was,
/// such as the scheduler makes a process take that has just used the processor for long.
std::vector<bool> pausing_classes(const SessionTimeline& timeline, std::size_t classes) {
  struct Behind {
    std::uint64_t count = 0, small = 0;
    double gaps = 0, durations = 0;
  };
  std::vector<Behind> behind(classes);
  for (std::size_t i = 1; i < timeline.executions.size(); ++i) {
    if (timeline.executions[i].gap == TimedExecution::kNoGap) continue;
    Behind& own = behind[timeline.executions[i - 1].query];
    ++own.count;
    if (timeline.executions[i].gap < kShortGap) ++own.small;
    own.gaps += timeline.executions[i].gap;
    own.durations += timeline.executions[i - 1].duration;
  }
  std::vector<bool> pausing;
  for (const Behind& own : behind) pausing.push_back(2 * own.small < own.count && own.gaps >= 2 * own.durations);
  return pausing;
}

/// Sessions that think about as long: by powers of four of their mean gap.
int bucket_of(const SessionGaps& gaps) {
  const double mean = gaps.mean() * kUs;
  return gaps.count == 0 ? -1 : mean < 1 ? 0 : 1 + static_cast<int>(std::log(mean) / std::log(4.0));
}

class Grouping {
 public:
  Grouping(const Workload& workload, const SessionTimeline& timeline, ServiceDemand& demand)
      : workload_(workload), timeline_(timeline), demand_(demand) {
    queued_ = std::max(demand.active / static_cast<double>(demand.cores) - 1, 0.0);
  }

  void run() {
    using Key = std::pair<std::string, int>;
    std::map<Key, std::pair<SessionGroup, SessionGaps>> groups;
    const auto pausing = pausing_classes(timeline_, workload_.classes.size());
    const double period = ServiceDemand::kSchedulerPeriod * (queued_ + 1) / kUs;
    for (std::uint32_t i = 0; i < timeline_.sessions.size(); ++i) {
      const SessionGaps gaps = gaps_of(timeline_, timeline_.sessions[i], pausing, period);
      auto& [group, sum] = groups[{application_of(timeline_.sessions[i]), bucket_of(gaps)}];
      group.application = application_of(timeline_.sessions[i]);
      add(group, i, gaps);
      sum.add(gaps);
    }
    for (auto& [key, value] : groups) {
      finish(value.first, value.second);
      demand_.groups.push_back(std::move(value.first));
    }
    std::stable_sort(demand_.groups.begin(), demand_.groups.end(),
                     [](const auto& a, const auto& b) { return a.executions > b.executions; });
    merge_the_smallest();
  }

 private:
  std::string application_of(const SessionSpan& session) const {
    if (session.client >= workload_.clients.size()) return "";
    return assay::application_of(workload_.clients[session.client]);
  }

  void add(SessionGroup& group, std::uint32_t index, const SessionGaps& gaps) const {
    const SessionSpan& session = timeline_.sessions[index];
    const TimedExecution& first = timeline_.executions[session.first];
    const TimedExecution& last = timeline_.executions[session.first + session.count - 1];
    const double pause = std::max(gaps.mean(), 0.0);  // behind its last statement it thought once more
    const double alive =
        std::min<double>(static_cast<double>(last.end() - first.start) + pause, static_cast<double>(timeline_.span));
    group.sessions += alive / std::max<double>(static_cast<double>(timeline_.span), 1);
    group.executions += session.count;
    group.members.push_back(index);
  }

  void finish(SessionGroup& group, const SessionGaps& gaps) const {
    std::vector<std::uint64_t> counts(workload_.classes.size(), 0);
    for (const std::uint32_t member : group.members) {
      const SessionSpan& session = timeline_.sessions[member];
      for (std::uint32_t i = 0; i < session.count; ++i) ++counts[timeline_.executions[session.first + i].query];
    }
    for (std::uint32_t query = 0; query < counts.size(); ++query) {
      if (counts[query] > 0) group.mix.emplace_back(query, counts[query]);
    }
    group.gap = std::max(gaps.mean(), 0.0) * kUs;
    group.is_hot = gaps.is_hot();
    group.think = std::max(group.gap - demand_.hidden - ServiceDemand::kWaitPerQueued * queued_, 0.0);
    if (group.is_hot) group.think = std::min(group.think, gaps.beyond / static_cast<double>(gaps.count) * kUs);
    if (gaps.goes_on_often())
      group.unclear = std::min(group.think, gaps.a_turn / static_cast<double>(gaps.count) * kUs);
  }

  void merge_the_smallest() {
    while (demand_.groups.size() > ServiceDemand::kMostGroups) {
      SessionGroup last = std::move(demand_.groups.back());
      demand_.groups.pop_back();
      SessionGroup& into = demand_.groups.back();
      const auto a = static_cast<double>(into.executions), b = static_cast<double>(last.executions);
      into.gap = (a * into.gap + b * last.gap) / (a + b);
      into.think = (a * into.think + b * last.think) / (a + b);
      into.unclear = (a * into.unclear + b * last.unclear) / (a + b);
      into.sessions += last.sessions;
      into.executions += last.executions;
      into.members.insert(into.members.end(), last.members.begin(), last.members.end());
      std::map<std::uint32_t, std::uint64_t> mix(into.mix.begin(), into.mix.end());
      for (const auto& [query, count] : last.mix) mix[query] += count;
      into.mix.assign(mix.begin(), mix.end());
      into.application = "others";
    }
  }

  const Workload& workload_;
  const SessionTimeline& timeline_;
  ServiceDemand& demand_;
  double queued_ = 0;
};

void sum_up_classes(const MeasuredDemand& measured, const std::vector<float>& waits, std::size_t classes,
                    ServiceDemand& demand) {
  demand.classes.resize(classes);
  const auto& executions = measured.timeline.executions;
  for (std::size_t i = 0; i < executions.size(); ++i) {
    ClassDemand& query = demand.classes[executions[i].query];
    const double own = measured.sweep.executions[i].demand * kUs;
    ++query.executions, ++query.measured;
    query.demand += own;
    query.demand_squares += own * own;
    query.wait += waits.empty() ? 0 : waits[i] * kUs;
    query.response += executions[i].duration * kUs;
  }
  for (ClassDemand& query : demand.classes) {
    if (query.executions == 0) continue;
    const auto count = static_cast<double>(query.executions);
    query.demand /= count;
    query.demand_squares /= count;
    query.wait /= count;
    query.response /= count;
  }
}

void set_shares(const Workload& workload, ServiceDemand& demand) {
  const auto locks = lock_times(workload, 1);
  const auto flushing = flushing_classes(workload);
  const double total = std::max(static_cast<double>(workload.total.count()), 1.0);
  for (std::size_t i = 0; i < locks.size(); ++i) {
    demand.lock_share += locks[i].total / total;
    if (flushing[i]) demand.commit_share += static_cast<double>(workload.classes[i].total.count()) / total;
  }
  demand.lock_share = std::min(demand.lock_share, 1.0);
}

template <typename Value>
double mean_over(const std::vector<ClassDemand>& classes, Value value) {
  double sum = 0, count = 0;
  for (const ClassDemand& query : classes) {
    sum += static_cast<double>(query.executions) * value(query);
    count += static_cast<double>(query.executions);
  }
  return count > 0 ? sum / count : 0;
}

}  // namespace

double ServiceDemand::mean_demand() const {
  return mean_over(classes, [](const ClassDemand& query) { return query.demand; });
}

double ServiceDemand::mean_response() const {
  return mean_over(classes, [](const ClassDemand& query) { return query.response; });
}

std::string application_of(const ClientLoad& client) {
  return client.application.empty() ? client.user : client.application;
}

MeasuredDemand measure_demand(const Workload& workload, std::size_t cores, std::size_t most_executions) {
  const TracePart part(workload.trace, most_executions);
  MeasuredDemand measured{.timeline = session_timeline(part)};
  ServiceDemand& demand = measured.demand;
  demand.cores = std::max<std::size_t>(cores, 1);
  demand.trace_rate = workload.trace.rate();
  demand.resolution = measured.timeline.resolution;
  demand.clients_are_local = clients_are_local(workload);
  demand.span = static_cast<double>(std::max<std::int64_t>(measured.timeline.span, 1)) * kUs;
  demand.rate = static_cast<double>(measured.timeline.executions.size()) / demand.trace_rate / demand.span;
  SweepOptions options{.cores = demand.cores,
                       .weight = 1 / demand.trace_rate,
                       .waits = waits_of(workload, measured.timeline, part.share())};
  const std::vector<WorkStart> starts = work_starts(measured.timeline, options.waits);
  measured.sweep = sweep(measured.timeline, options, starts);
  const double slowdown_in_gaps = measure_hidden(measured, demand);
  if (demand.clients_are_local) {  // elsewhere, most of the gap is the network's
    options.hidden = demand.hidden / kUs;
    measured.sweep = sweep(measured.timeline, options, starts);
  }
  demand.active = measured.sweep.active;
  demand.busy = measured.sweep.busy;
  demand.full = measured.sweep.full;
  sum_up_classes(measured, options.waits, workload.classes.size(), demand);
  favour_short_work(measured, demand, slowdown_in_gaps);
  set_shares(workload, demand);
  Grouping(workload, measured.timeline, demand).run();
  stand_for_whole(workload, part, demand);
  return measured;
}

}  // namespace assay
