#include "analyzer/trace.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>

namespace assay {
namespace {

constexpr std::size_t kEvent = 40;  // bytes, a little more than one takes

std::vector<TraceEvent> events_of(const Trace& trace) {
  std::vector<TraceEvent> events;
  trace.for_each([&](const TraceEvent& event) { events.push_back(event); });
  return events;
}

/// `count` executions over `keys` statements, the same for every call.
Trace trace_of(std::size_t count, std::uint64_t keys, std::size_t most_bytes) {
  std::mt19937_64 random(7);
  std::vector<std::uint64_t> hashes(keys);
  for (auto& hash : hashes) hash = random();
  Trace trace(most_bytes);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t key = hashes[random() % keys];
    trace.add({.end = Timestamp(Microseconds(static_cast<std::int64_t>(i))), .values = key}, key);
  }
  return trace;
}

}  // namespace

TEST_CASE("a trace that fits is whole and in the order of the log") {
  const auto trace = trace_of(200'000, 50, 200'000 * kEvent);
  CHECK(trace.rate() == 1);
  const auto events = events_of(trace);
  REQUIRE(events.size() == 200'000);
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i].end.time_since_epoch().count() != static_cast<std::int64_t>(i)) FAIL(i);
  }
}

TEST_CASE("a trace that does not fit keeps all executions of a statement or none") {
  const auto whole = events_of(trace_of(300'000, 1000, 300'000 * kEvent));
  const auto part = trace_of(300'000, 1000, 70'000 * kEvent);
  CHECK(part.rate() == 0.125);
  CHECK(part.size() <= 70'000);
  std::map<std::uint64_t, std::size_t> in_whole, in_part;
  for (const auto& event : whole) ++in_whole[event.values];
  for (const auto& event : events_of(part)) ++in_part[event.values];
  CHECK(in_part.size() > 80);
  CHECK(in_part.size() < 180);
  for (const auto& [key, count] : in_part) CHECK(count == in_whole[key]);
}

TEST_CASE("the rate tells how many executions there were") {
  const auto part = trace_of(300'000, 20'000, 50'000 * kEvent);
  CHECK(static_cast<double>(part.size()) / part.rate() == Approx(300'000).epsilon(0.05));
}

TEST_CASE("the client of an execution stays with it, at its new position") {
  Trace trace(1000 * kEvent);
  for (std::uint16_t i = 0; i < 6; ++i) trace.add({.values = i, .client = static_cast<std::uint16_t>(i % 3)}, i);
  trace.renumber_clients({2, 0, 1});
  std::vector<std::uint16_t> clients;
  trace.for_each([&](const TraceEvent& event) { clients.push_back(event.client); });
  CHECK(clients == std::vector<std::uint16_t>{2, 0, 1, 2, 0, 1});
}

TEST_CASE("one statement that does not fit is kept as far as it does") {
  Trace trace(1000 * kEvent);
  for (int i = 0; i < 100'000; ++i) trace.add({}, 0);
  CHECK(trace.size() <= 1000);
  CHECK(trace.size() > 500);
}

}  // namespace assay
