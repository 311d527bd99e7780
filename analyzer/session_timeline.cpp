#include "analyzer/session_timeline.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>
#include <utility>

namespace assay {
namespace {

constexpr std::int64_t kMostAhead = 10'000;  // µs

std::int64_t resolution_of(const TracePart& part) {
  bool millis = true, seconds = true;
  part.for_each([&](const TraceEvent& event) {
    const std::int64_t end = event.end.time_since_epoch().count();
    if (millis) millis = end % 1000 == 0;
    if (seconds) seconds = end % 1'000'000 == 0;
  });
  return seconds ? 1'000'000 : millis ? 1000 : 1;
}

std::uint64_t mixed(std::uint64_t value) {  // splitmix64 (Steele, Lea, Flood, OOPSLA 2014)
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

struct FirstExecution {
  std::int64_t end = 0, duration = 0;
  std::uint32_t query = 0;
  auto operator<=>(const FirstExecution&) const = default;  // NOLINT(modernize-use-nullptr): misread by it
};

/// Orders the sessions by their first executions, so that the order does not depend on the format that told them.
void order_sessions(const std::vector<FirstExecution>& firsts, std::vector<SessionSpan>& sessions,
                    std::vector<std::uint32_t>& of) {
  std::vector<std::uint32_t> order(sessions.size()), place(sessions.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return firsts[a] < firsts[b]; });
  std::vector<SessionSpan> ordered;
  for (const std::uint32_t session : order) {
    place[session] = static_cast<std::uint32_t>(ordered.size());
    ordered.push_back(sessions[session]);
  }
  sessions = std::move(ordered);
  for (std::uint32_t& session : of) session = place[session];
}

/// Sessions, with their number of executions; `of` is each event's.
void find_sessions(const TracePart& part, SessionTimeline& timeline, std::vector<std::uint32_t>& of) {
  std::unordered_map<std::uint32_t, std::uint32_t> known;
  std::vector<FirstExecution> firsts;
  std::int64_t first = std::numeric_limits<std::int64_t>::max(), last = std::numeric_limits<std::int64_t>::min();
  part.for_each([&](const TraceEvent& event) {
    const auto found = known.emplace(event.session, static_cast<std::uint32_t>(known.size()));
    if (found.second) {
      timeline.sessions.push_back({.client = event.client});
      firsts.push_back({event.end.time_since_epoch().count(), duration_of(event), event.query});
    }
    of.push_back(found.first->second);
    ++timeline.sessions[found.first->second].count;
    const std::int64_t end = event.end.time_since_epoch().count();
    first = std::min(first, end - duration_of(event));
    last = std::max(last, end);
  });
  timeline.origin = Timestamp(Microseconds(first));
  timeline.span = part.is_whole() ? last - first : part.span().count();
  order_sessions(firsts, timeline.sessions, of);
  std::uint32_t sum = 0;
  for (SessionSpan& session : timeline.sessions) {
    session.first = sum;
    sum += session.count;
  }
}

/// By session; `start` is the stamp less the duration.
void place_by_session(const TracePart& part, const std::vector<std::uint32_t>& of, SessionTimeline& timeline) {
  timeline.executions.resize(of.size());
  std::vector<std::uint32_t> next;
  for (const SessionSpan& session : timeline.sessions) next.push_back(session.first);
  std::size_t i = 0;
  part.for_each([&](const TraceEvent& event) {
    const std::uint32_t session = of[i++];
    const std::int64_t duration = duration_of(event);
    timeline.executions[next[session]++] = {.start = (event.end - timeline.origin).count() - duration,
                                            .duration = static_cast<std::uint32_t>(duration),
                                            .query = event.query,
                                            .session = session,
                                            .gap = TimedExecution::kNoGap};
  });
}

/// Draws the ends of a session's executions: each within its stamp, none before the one before has ended.
class Spreader {
 public:
  explicit Spreader(std::int64_t resolution) : resolution_(resolution) {}

  void spread(TimedExecution* first, std::size_t count, std::uint64_t seed) {
    find_latest(first, count);
    std::int64_t before = std::numeric_limits<std::int64_t>::min();
    for (std::size_t i = 0, behind = 0; i < count; ++i) {
      const std::int64_t stamp = first[i].end();
      if (behind <= i) {
        while (behind < count && first[behind].end() == stamp) ++behind;
      }
      const std::int64_t duration = first[i].duration;
      const std::int64_t earliest = std::max(stamp, before > 0 ? before + duration : stamp);
      const std::int64_t latest = std::max(latest_[i], stamp);
      seed = mixed(seed);
      const double u = static_cast<double>(seed >> 11U) * 0x1p-53;
      // The first of those that are left on this stamp is the smallest of as many uniform places.
      const double place = 1 - (behind - i == 1 ? u : std::pow(u, 1 / static_cast<double>(behind - i)));
      const std::int64_t room = std::max<std::int64_t>(latest - earliest, 0);
      std::int64_t end = std::min(earliest, latest) + static_cast<std::int64_t>(place * static_cast<double>(room));
      // Durations are rounded, so that a session that never pauses may run a little ahead of its stamps.
      if (earliest > end && earliest <= latest + kMostAhead) end = earliest;
      first[i].start = end - duration;
      before = end;
    }
  }

 private:
  /// The latest end that leaves room for those behind.
  void find_latest(const TimedExecution* first, std::size_t count) {
    latest_.resize(count);
    for (std::size_t i = count; i-- > 0;) {
      latest_[i] = first[i].end() + resolution_ - 1;
      if (i + 1 < count) latest_[i] = std::min(latest_[i], latest_[i + 1] - first[i + 1].duration);
    }
  }

  std::int64_t resolution_;
  std::vector<std::int64_t> latest_;
};

void set_gaps(const TracePart& part, Timestamp origin, TimedExecution* first, TimedExecution* last) {
  const auto end_of = [&](const TimedExecution& execution) { return origin + Microseconds(execution.end()); };
  for (TimedExecution* execution = first + 1; execution < last; ++execution) {
    if (!part.is_whole() && part.is_cut_between(end_of(execution[-1]), end_of(*execution))) continue;
    const std::int64_t gap = execution->start - execution[-1].end();
    execution->gap = static_cast<std::int32_t>(
        std::clamp<std::int64_t>(gap, TimedExecution::kNoGap + 1, std::numeric_limits<std::int32_t>::max()));
  }
}

}  // namespace

std::int64_t duration_of(const TraceEvent& event) {
  return std::clamp<std::int64_t>(event.duration.count(), 0, std::numeric_limits<std::uint32_t>::max());
}

SessionTimeline session_timeline(const TracePart& part) {
  SessionTimeline timeline;
  if (part.size() == 0) return timeline;
  timeline.resolution = resolution_of(part);
  std::vector<std::uint32_t> of;
  of.reserve(part.size());
  find_sessions(part, timeline, of);
  place_by_session(part, of, timeline);
  Spreader spreader(timeline.resolution);
  std::uint64_t seed = 0;
  for (const SessionSpan& session : timeline.sessions) {
    TimedExecution* const first = &timeline.executions[session.first];
    const auto by_end = [](const TimedExecution& a, const TimedExecution& b) { return a.end() < b.end(); };
    if (!std::is_sorted(first, first + session.count, by_end)) std::stable_sort(first, first + session.count, by_end);
    set_gaps(part, timeline.origin, first, first + session.count);
    spreader.spread(first, session.count, ++seed);
  }
  return timeline;
}

}  // namespace assay
