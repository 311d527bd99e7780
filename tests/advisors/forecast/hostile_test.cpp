// Traces as no server writes them: whatever a forged log says, measuring and forecasting end, within bounds.
#include <catch2/catch.hpp>
#include <cmath>

#include "advisors/forecast/forecast.h"
#include "analyzer/workload_builder.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

/// `count` executions; `session`, `end` and `duration` (µs) are functions of the number.
template <typename Session, typename End, typename Duration>
Workload workload_of(int count, Session session, End end, Duration duration) {
  WorkloadBuilder builder({});
  for (int i = 0; i < count; ++i) {
    builder.add({.kind = RecordKind::kExecution,
                 .timed = true,
                 .time = {Timestamp(Microseconds(end(i))), {}},
                 .duration = Microseconds(duration(i)),
                 .process = 1 + session(i),
                 .sql = "SELECT 1",
                 .shape = shape_hash("SELECT 1")});
  }
  return builder.finish({});
}

void check_ends(const Workload& workload) {
  MeasuredDemand measured = measure_demand(workload, 2);
  correct_for_stamps(measured);
  const Forecast forecast = make_forecast(measured, {});
  CHECK(std::isfinite(forecast.before.throughput.value));
  CHECK(std::isfinite(forecast.before.p95));
  CHECK(forecast.before.utilisation <= 1);
  CHECK_FALSE(forecast.growth.empty());
}

constexpr std::int64_t kSecond = 1'000'000;

}  // namespace

TEST_CASE("traces that no server writes are forecast within bounds") {
  const auto one = [](int) { return 0; };
  const auto each = [](int i) { return i; };
  const auto in_turn = [](int i) { return kSecond + 1000LL * i; };
  check_ends(workload_of(1000, one, in_turn, [](int) { return 0LL; }));            // nothing takes time
  check_ends(workload_of(1000, one, in_turn, [](int) { return 900 * kSecond; }));  // a session overlaps itself
  check_ends(workload_of(
      3000, each, [](int) { return kSecond; }, [](int) { return 100 * kSecond; }));  // all at once
  check_ends(workload_of(1000, each, in_turn, [](int) { return 5LL; }));             // a session each
  check_ends(workload_of(
      1000, one, [](int i) { return kSecond * (2000 - i); }, [](int) { return 50LL; }));  // backwards
  check_ends(workload_of(
      1000, one, [](int i) { return i % 2 == 0 ? kSecond : 1'000'000'000'000'000LL; },
      [](int i) { return i % 3 == 0 ? std::int64_t{1} << 50U : 7LL; }));  // decades apart
}

}  // namespace assay
