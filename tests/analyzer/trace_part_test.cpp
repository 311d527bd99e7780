#include "analyzer/trace_part.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "analyzer/session_timeline.h"

namespace assay {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

std::vector<TraceEvent> events_of(const TracePart& part) {
  std::vector<TraceEvent> events;
  part.for_each([&](const TraceEvent& event) { events.push_back(event); });
  return events;
}

Trace trace_of(const std::vector<TraceEvent>& events) {
  Trace trace;
  for (const TraceEvent& event : events) trace.add(event, 0);
  return trace;
}

/// One execution every `step` µs, its number as its values.
std::vector<TraceEvent> steady(std::size_t count, std::int64_t step) {
  std::vector<TraceEvent> events;
  for (std::size_t i = 0; i < count; ++i) {
    events.push_back({.end = Timestamp(Microseconds(kSecond * 1000 + static_cast<std::int64_t>(i) * step)),
                      .duration = Microseconds(100),
                      .values = i,
                      .session = static_cast<std::uint32_t>(i % 7)});
  }
  return events;
}

std::set<std::uint64_t> numbers_of(const TracePart& part) {
  std::set<std::uint64_t> numbers;
  for (const TraceEvent& event : events_of(part)) numbers.insert(event.values);
  return numbers;
}

}  // namespace

TEST_CASE("a trace that fits is measured whole, as it is") {
  const Trace trace = trace_of(steady(5000, 1000));
  const TracePart part(trace, 5000);
  CHECK(part.is_whole());
  CHECK(part.share() == 1);
  CHECK(part.size() == 5000);
  CHECK(events_of(part).size() == 5000);
}

TEST_CASE("of a larger trace sixteen windows are measured, evenly spread, nothing left out in between") {
  const Trace trace = trace_of(steady(200'000, 20'000));
  const TracePart part(trace, 20'000);
  const auto numbers = numbers_of(part);
  CHECK(numbers.size() == part.size());
  CHECK(part.size() <= 20'000);
  CHECK(part.size() > 18'000);
  CHECK(part.share() == Approx(static_cast<double>(part.size()) / 200'000));
  std::size_t borders = 0;
  std::uint64_t last = *numbers.begin();
  for (const std::uint64_t number : numbers) borders += number > last + 1, last = number;
  CHECK(borders == TracePart::kWindows - 1);
  const double mean = std::accumulate(numbers.begin(), numbers.end(), 0.0) / static_cast<double>(numbers.size());
  CHECK(mean == Approx(100'000).epsilon(0.01));
}

TEST_CASE("what is measured does not depend on the order of the log") {
  auto events = steady(50'000, 20'000);
  const Trace ordered = trace_of(events);
  std::shuffle(events.begin(), events.end(), std::mt19937_64(3));
  const Trace shuffled = trace_of(events);
  CHECK(numbers_of(TracePart(ordered, 8000)) == numbers_of(TracePart(shuffled, 8000)));
}

TEST_CASE("windows are moved together, stamps keep their width, and no gap of a session spans what is left out") {
  const Trace trace = trace_of(steady(50'000, 20'000));
  const TracePart part(trace, 5000);
  const auto events = events_of(part);
  for (std::size_t i = 1; i < events.size(); ++i) {
    const auto step = (events[i].end - events[i - 1].end).count();
    if (step < 0 || step > kSecond || step % 20'000 != 0) FAIL("a step of " << step << " µs");
  }
  const SessionTimeline timeline = session_timeline(part);
  CHECK(timeline.sessions.size() == 7);
  std::size_t without = 0;
  for (const TimedExecution& execution : timeline.executions) without += execution.gap == TimedExecution::kNoGap;
  CHECK(without == 7 * TracePart::kWindows);
  CHECK(timeline.resolution == 1000);
  CHECK(static_cast<double>(timeline.span) == Approx(part.share() * 50'000 * 20'000).epsilon(0.001));
}

TEST_CASE("a part is bounded where one second holds nearly all, and where stamps are far apart") {
  auto events = steady(50'000, 1);
  events.front().end = Timestamp(Microseconds(-62'135'596'800 * kSecond));  // the year 1
  events.back().end = Timestamp(Microseconds(253'402'300'799 * kSecond));   // the year 9999
  const Trace trace = trace_of(events);
  const TracePart part(trace, 1600);
  CHECK(part.size() <= 1600);
  CHECK(part.size() > 0);
  CHECK(events_of(part).size() == part.size());
}

TEST_CASE("any limit is kept, on any log") {
  std::mt19937_64 random(11);
  for (int round = 0; round < 50; ++round) {
    auto events = steady(1 + random() % 3000, 1 + static_cast<std::int64_t>(random() % 3'000'000));
    for (TraceEvent& event : events) {
      if (random() % 3 == 0) event.end += Microseconds(static_cast<std::int64_t>(random() % 100) * kSecond);
    }
    const Trace trace = trace_of(events);
    const std::size_t most = 16 + random() % 3000;
    const TracePart part(trace, most);
    INFO(events.size() << " executions, at most " << most);
    CHECK(part.size() <= most);
    CHECK(events_of(part).size() == part.size());
    CHECK(numbers_of(part).size() == part.size());
  }
}

}  // namespace assay
