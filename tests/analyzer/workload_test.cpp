#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

#include "analyzer/workload_builder.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

struct Event {
  std::string sql;
  std::int64_t us = 1000;
  RecordKind kind = RecordKind::kExecution;
  std::int64_t second = 0;
  std::string database = "crm";
  std::string user = "web";
  std::string parameters;
  std::int64_t process = 1;
  bool timed = true;
};

Workload workload_of(const std::vector<Event>& events, WorkloadFilter filter = {}) {
  WorkloadBuilder builder(std::move(filter));
  for (const Event& event : events) {
    builder.add({.kind = event.kind,
                 .timed = event.timed,
                 .time = {Timestamp(std::chrono::seconds(event.second)), UtcOffset{60}},
                 .duration = Microseconds{event.us},
                 .process = event.process,
                 .user = event.user,
                 .database = event.database,
                 .sql = event.sql,
                 .parameters = event.parameters,
                 .shape = event.sql.empty() ? 0 : shape_hash(event.sql)});
  }
  return builder.finish({});
}

TimeBound utc(std::int64_t second) { return {Timestamp(std::chrono::seconds(second)), false}; }

std::vector<Event> many_events(std::size_t count) {
  std::mt19937 random(7);
  std::vector<Event> events;
  for (std::size_t i = 0; i < count; ++i) {
    events.push_back({.sql = "SELECT " + std::string(1 + random() % 5, 'a') + " WHERE id = " + std::to_string(i),
                      .us = static_cast<std::int64_t>(random() % 100000),
                      .second = static_cast<std::int64_t>(random() % 100000),
                      .process = static_cast<std::int64_t>(random() % 9)});
  }
  return events;
}

}  // namespace

TEST_CASE("executions of one shape in one database are one class") {
  const Workload workload =
      workload_of({{"SELECT a FROM t WHERE id = 1", 2000}, {"select a from t where id = 22", 4000}});
  REQUIRE(workload.classes.size() == 1);
  const QueryClass& query = workload.classes.front();
  CHECK(query.calls == 2);
  CHECK(query.total.count() == 6000);
  CHECK(query.mean_us() == 3000);
  CHECK(query.deviation_us() == 1000);
  CHECK(query.shortest.count() == 2000);
  CHECK(query.longest.count() == 4000);
  CHECK(query.slowest->sql == "select a from t where id = 22");
}

TEST_CASE("the same text in two databases is two classes") {
  CHECK(workload_of({{"SELECT 1", 1}, {.sql = "SELECT 1", .database = "other"}}).classes.size() == 2);
}

TEST_CASE("classes stand heaviest first") {
  const Workload workload = workload_of({{"SELECT a", 1}, {"SELECT b", 9}, {"SELECT c", 5}});
  CHECK(workload.classes[0].normalized == "SELECT b");
  CHECK(workload.classes[1].normalized == "SELECT c");
  CHECK(workload.classes[2].normalized == "SELECT a");
}

TEST_CASE("unfinished work adds time, not a call") {
  const Workload workload = workload_of({{"SELECT 1", 100}, {"SELECT 1", 40, RecordKind::kUnfinished}});
  CHECK(workload.executions == 1);
  CHECK(workload.classes[0].calls == 1);
  CHECK(workload.classes[0].total.count() == 140);
  CHECK(workload.classes[0].mean_us() == 100);
}

TEST_CASE("errors count for their class, and are no executions") {
  const Workload workload = workload_of({{"SELECT 1", 0, RecordKind::kError}});
  CHECK(workload.executions == 0);
  CHECK(workload.errors == 1);
  CHECK(workload.classes[0].errors == 1);
  CHECK(workload.classes[0].calls == 0);
}

TEST_CASE("an execution without a logged duration counts, and does not blur the mean") {
  const Workload workload = workload_of({{"SELECT 1", 100}, {.sql = "SELECT 1", .us = 0, .timed = false}});
  CHECK(workload.classes[0].calls == 2);
  CHECK(workload.classes[0].timed_calls == 1);
  CHECK(workload.classes[0].mean_us() == 100);
}

TEST_CASE("filters are half-open in time and exact in names") {
  const std::vector<Event> events = {{.sql = "SELECT 1", .second = 10},
                                     {.sql = "SELECT 1", .second = 20, .user = "job"}};
  const auto left = [&](WorkloadFilter filter) { return workload_of(events, std::move(filter)).executions; };
  CHECK(left({.since = utc(20)}) == 1);
  CHECK(left({.until = utc(20)}) == 1);
  CHECK(left({.since = utc(10), .until = utc(21)}) == 2);
  // The events say that they are an hour east of Greenwich.
  CHECK(left({.since = TimeBound{Timestamp(std::chrono::seconds(3600 + 20)), true}}) == 1);
  CHECK(left({.until = TimeBound{Timestamp(std::chrono::seconds(3600 + 20)), true}}) == 1);
  CHECK(left({.user = "job"}) == 1);
  CHECK(left({.database = "crm"}) == 2);
  CHECK(left({.application = "x"}) == 0);
  CHECK(workload_of(events, {.user = "job"}).filtered == 1);
}

TEST_CASE("total time is the sum over classes and the rest, to the microsecond") {
  std::vector<Event> events = many_events(3000);
  events.push_back({.sql = "", .us = 777, .kind = RecordKind::kUnfinished});
  const Workload workload = workload_of(events);
  Microseconds sum = workload.unattributed.total + workload.overflow.total;
  std::uint64_t calls = workload.unattributed.calls + workload.overflow.calls;
  for (const QueryClass& query : workload.classes) {
    sum += query.total;
    calls += query.calls;
  }
  CHECK(sum == workload.total);
  CHECK(calls == workload.executions);
  CHECK(workload.unattributed.total.count() == 777);
}

TEST_CASE("the workload does not depend on the order of its records") {
  std::vector<Event> events = many_events(2000);
  const Workload one = workload_of(events);
  std::shuffle(events.begin(), events.end(), std::mt19937(3));
  const Workload other = workload_of(events);
  REQUIRE(one.classes.size() == other.classes.size());
  for (std::size_t i = 0; i < one.classes.size(); ++i) {
    const QueryClass &a = one.classes[i], &b = other.classes[i];
    CHECK(a.id == b.id);
    CHECK(a.total == b.total);
    CHECK(a.deviation_us() == b.deviation_us());
    CHECK(a.latencies.percentile(0.95) == b.latencies.percentile(0.95));
    REQUIRE(a.samples.size() == b.samples.size());
    for (std::size_t k = 0; k < a.samples.size(); ++k) CHECK(a.samples[k].sql == b.samples[k].sql);
  }
  CHECK(one.timeline.width() == other.timeline.width());
  CHECK(one.timeline.buckets().size() == other.timeline.buckets().size());
}

TEST_CASE("samples are uniform over the executions: a value in nine of ten calls is in most samples") {
  std::vector<Event> events;
  for (int i = 0; i < 1000; ++i) {
    events.push_back(
        {.sql = "SELECT a WHERE b = $1", .second = i, .parameters = i % 10 ? "$1 = 'hot'" : "$1 = 'cold'"});
  }
  const Workload workload = workload_of(events);
  const auto& samples = workload.classes[0].samples;
  REQUIRE(samples.size() == WorkloadBuilder::kSamples);
  CHECK(std::count_if(samples.begin(), samples.end(), [](const auto& s) { return s.parameters == "$1 = 'hot'"; }) >= 5);
}

TEST_CASE("the timeline holds a bounded number of buckets, whatever the span") {
  std::vector<Event> events;
  for (int i = 1; i <= 5000; ++i) events.push_back({.sql = "SELECT 1", .us = 1, .second = std::int64_t{i} * 86400});
  const Timeline timeline = workload_of(events).timeline;
  CHECK(timeline.buckets().size() <= Timeline::kMostBuckets);
  std::uint64_t executions = 0;
  for (const auto& [start, bucket] : timeline.buckets()) executions += bucket.executions;
  CHECK(executions == 5000);
}

TEST_CASE("classes beyond the most that are kept are counted, not lost") {
  std::vector<Event> events;
  for (std::size_t i = 0; i < WorkloadBuilder::kMostClasses + 5; ++i) {
    events.push_back({.sql = "SELECT c" + std::to_string(i), .us = 1});
  }
  const Workload workload = workload_of(events);
  CHECK(workload.classes.size() == WorkloadBuilder::kMostClasses);
  CHECK(workload.overflow.calls == 5);
  CHECK(workload.executions == WorkloadBuilder::kMostClasses + 5);
}

TEST_CASE("a text too long to keep is counted, and not sampled") {
  const std::string sql = "SELECT '" + std::string(WorkloadBuilder::kLongestSample, 'x') + "'";
  const Workload workload = workload_of({{sql, 10}});
  CHECK(workload.classes[0].calls == 1);
  CHECK(workload.classes[0].samples.empty());
}

TEST_CASE("forged durations do not overflow the sums") {
  const std::vector<Event> events(3, {"SELECT 1", std::numeric_limits<std::int64_t>::max() / 2});
  const Workload workload = workload_of(events);
  CHECK(workload.total.count() > 0);
  CHECK(workload.classes[0].total.count() > 0);
}

TEST_CASE("a class's names are bounded in number and length") {
  std::vector<Event> events;
  for (int i = 0; i < 100; ++i)
    events.push_back({.sql = "SELECT 1", .us = 1, .user = std::string(1000, 'u') + std::to_string(i)});
  events.push_back({.sql = "SELECT 1", .us = 1, .user = "web"});
  const auto users = workload_of(events).classes[0].users;
  CHECK(users.size() <= 32);
  for (const std::string& user : users) CHECK(user.size() <= 63);
}

TEST_CASE("the span reaches from the start of the first execution to the end of the last") {
  const Workload workload =
      workload_of({{.sql = "SELECT 1", .us = 500'000, .second = 10}, {.sql = "SELECT 1", .second = 12}});
  CHECK(workload.span()->count() == 2'500'000);
}

}  // namespace assay
