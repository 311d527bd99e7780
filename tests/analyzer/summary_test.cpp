// Classes of which only sums are told, and records of which no time is told.
#include "analyzer/summary.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "analyzer/workload_builder.h"
#include "parser/sql/shape.h"

using namespace assay;

namespace {

LogRecord row(std::string_view sql, const ExecutionSummary& summary, std::string_view user = "web") {
  LogRecord record;
  record.kind = RecordKind::kSummary;
  record.sql = sql;
  record.shape = shape_hash(sql);
  record.user = user;
  record.database = "crm";
  record.summary = &summary;
  return record;
}

ExecutionSummary summary_of(std::uint64_t calls, double mean_ms, double stddev_ms, double min_ms, double max_ms) {
  return {
      calls, Microseconds(std::llround(static_cast<double>(calls) * mean_ms * 1e3)), min_ms, max_ms, mean_ms, stddev_ms,
      3};
}

}  // namespace

TEST_CASE("rows of several users are one class, as if each call had been told") {
  // 2, 4, 4, 6 ms and 10, 20 ms
  const auto first = summary_of(4, 4, std::sqrt(2.0), 2, 6), second = summary_of(2, 15, 5, 10, 20);
  WorkloadBuilder builder({});
  builder.add(row("SELECT $1", first, "web"));
  builder.add(row("SELECT $2", second, "jobs"));
  const Workload workload = builder.finish({});
  REQUIRE(workload.classes.size() == 1);
  const QueryClass& query = workload.classes[0];
  CHECK(query.calls == 6);
  CHECK(query.timed_calls == 6);
  CHECK(query.total == Microseconds(46'000));
  CHECK(query.shortest == Microseconds(2000));
  CHECK(query.longest == Microseconds(20'000));
  CHECK(query.mean_us() == Approx(46'000.0 / 6));
  CHECK(query.deviation_us() == Approx(6046.12).epsilon(1e-4));
  CHECK(query.rows_affected == 6U);
  CHECK(query.users == std::set<std::string>{"jobs", "web"});
  CHECK(!query.has_percentiles());
  CHECK(workload.executions == 6);
  CHECK(workload.total == Microseconds(46'000));
}

TEST_CASE("what a row does not tell is not known of its class") {
  WorkloadBuilder builder({});
  const ExecutionSummary bare{.calls = 2, .total = Microseconds(3000)};
  const auto full = summary_of(4, 4, 1, 2, 6);
  builder.add(row("SELECT $1", full));
  builder.add(row("SELECT $1", bare));
  const Workload workload = builder.finish({});
  CHECK(!workload.classes[0].extremes_known);
  CHECK(!workload.classes[0].deviation_known);
  CHECK(workload.classes[0].rows_affected == 3U);
}

TEST_CASE("records without a time are on no timeline and in no span") {
  WorkloadBuilder builder({});
  LogRecord record;
  record.kind = RecordKind::kExecution;
  record.sql = "SELECT 1";
  record.shape = shape_hash(record.sql);
  builder.add(record);
  record.kind = RecordKind::kError;
  builder.add(record);
  const Workload workload = builder.finish({});
  CHECK(workload.executions == 1);
  CHECK(!workload.first);
  CHECK(!workload.span());
  CHECK(workload.timeline.buckets().empty());
  CHECK(workload.sessions == 0);
}
