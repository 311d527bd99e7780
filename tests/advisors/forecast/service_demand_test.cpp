// Service demand, recovered from logs of which it is known what every statement needed. Beside the simulation, since
// that writes the logs.
#include "analyzer/service_demand.h"

#include <catch2/catch.hpp>

#include "advisors/forecast/session_model.h"
#include "tests/advisors/forecast/scripts.h"
#include "tests/advisors/forecast/simulated_log.h"

namespace assay {
namespace {

const std::vector<ClassLoad> kScans{{0.6, 0.05}, {0.1, 30}, {0.3, 0.2}};
const std::vector<ClassLoad> kMiddling{{0.5, 1}, {0.5, 5}};
const std::vector<ClassLoad> kWide{{0.7, 3, Spread::kWide}, {0.3, 12, Spread::kFixed}};
const std::vector<ClassLoad> kShort{{0.7, 0.05}, {0.3, 0.2}};

struct Recovered {
  MeasuredDemand measured;
  SimulatedLog log;
};

Recovered recover(const std::vector<ClassLoad>& mix, std::size_t sessions, double think, std::size_t cores,
                  double hidden = 0.04, std::int64_t resolution = 1000) {
  const auto scripts = scripts_of(mix, sessions, 60'000 / sessions, think, Spread::kExponential, hidden);
  Recovered recovered{.log = simulated_log(scripts, cores, 50'000, resolution)};
  recovered.measured = measure_demand(recovered.log.workload, cores);
  correct_for_stamps(recovered.measured);
  return recovered;
}

void check_mean(const std::vector<ClassLoad>& mix, std::size_t sessions, double think, std::size_t cores,
                double hidden = 0.04) {
  const Recovered recovered = recover(mix, sessions, think, cores, hidden);
  INFO(sessions << " sessions that think " << think << " ms, " << cores << " cores, hidden " << hidden << " ms, "
                << recovered.log.result.utilisation << " busy");
  CHECK(recovered.measured.demand.mean_demand() == Approx(recovered.log.mean_demand).epsilon(0.01));
}

}  // namespace

TEST_CASE("mean demand is recovered from a log with stamps of milliseconds, within 1 %") {
  for (const auto& mix : {kScans, kMiddling, kWide}) {
    for (const std::size_t sessions : {1, 4, 16, 64}) {
      for (const std::size_t cores : {1, 2, 8}) {
        for (const double think : {0.0, 5.0, 50.0}) check_mean(mix, sessions, think, cores);
      }
    }
  }
}

TEST_CASE("demand is recovered where no statement hides any, and nobody thinks") {
  for (const std::size_t sessions : {1, 4, 16}) {
    check_mean(kScans, sessions, 0, 2, 0);
    check_mean(kMiddling, sessions, 0, 2, 0);
  }
}

TEST_CASE("the demand of each class is recovered, short ones included") {
  for (const auto& [sessions, cores, think] : {std::tuple(1, 2, 0.0), std::tuple(4, 2, 0.0), std::tuple(16, 2, 0.0),
                                               std::tuple(16, 8, 5.0), std::tuple(8, 1, 5.0)}) {
    for (const auto& mix : {kScans, kMiddling, kShort}) {
      const Recovered recovered = recover(mix, std::size_t(sessions), think, std::size_t(cores));
      for (std::size_t i = 0; i < mix.size(); ++i) {
        INFO(sessions << " sessions, " << cores << " cores, think " << think << ", class " << i);
        CHECK(recovered.measured.demand.classes[i].demand == Approx(recovered.log.demand[i]).epsilon(0.02));
      }
    }
  }
}

TEST_CASE("taken for demands, durations would be wrong by far") {
  const Recovered recovered = recover(kScans, 16, 0, 2);
  CHECK(recovered.measured.demand.mean_response() > 5 * recovered.log.mean_demand);
}

TEST_CASE("with stamps of microseconds the shortest gaps bound what is hidden") {
  const Recovered recovered = recover(kShort, 8, 1, 2, 0, 1);
  CHECK(recovered.measured.demand.resolution == 1);
  CHECK(recovered.measured.demand.mean_demand() == Approx(recovered.log.mean_demand).epsilon(0.02));
}

TEST_CASE("hidden demand is read from the gaps of sessions that go on at once, under load too") {
  CHECK(recover(kScans, 2, 0, 4).measured.demand.hidden == Approx(0.04).epsilon(0.1));
  CHECK(recover(kScans, 2, 0, 4).measured.demand.hidden_evidence == HiddenEvidence::kMeasured);
  CHECK(recover(kScans, 8, 0, 2).measured.demand.hidden == Approx(0.04).epsilon(0.1));
  CHECK(recover(kScans, 2, 50, 4).measured.demand.hidden_evidence == HiddenEvidence::kAssumed);
}

TEST_CASE("think time is what remains of the gaps, per group of sessions that think about as long") {
  auto scripts = scripts_of({{1, 2}}, 4, 10'000, 3);
  for (auto& script : scripts_of({{1, 2}}, 12, 2000, 200)) scripts.push_back(std::move(script));
  const SimulatedLog log = simulated_log(scripts, 8, 30'000);
  const MeasuredDemand measured = measure_demand(log.workload, 8);
  REQUIRE(measured.demand.groups.size() == 2);
  CHECK(measured.demand.groups[0].think == Approx(3).epsilon(0.05));
  CHECK(measured.demand.groups[0].sessions == Approx(4).epsilon(0.02));
  CHECK(measured.demand.groups[1].think == Approx(200).epsilon(0.05));
  CHECK(measured.demand.groups[1].sessions == Approx(12).epsilon(0.03));
}

TEST_CASE("the model of what was measured has the throughput of the log") {
  for (const auto& [sessions, cores, think] : {std::tuple(1, 2, 0.0), std::tuple(4, 2, 0.0), std::tuple(16, 2, 0.0),
                                               std::tuple(16, 2, 40.0), std::tuple(16, 8, 5.0)}) {
    const Recovered recovered = recover(kScans, std::size_t(sessions), think, std::size_t(cores));
    const ServiceDemand& demand = recovered.measured.demand;
    const ClosedFlow flow = solve_closed(chains_of(model_groups(demand), model_demand(demand)), demand.cores);
    INFO(sessions << " sessions, " << cores << " cores, think " << think);
    CHECK(flow.throughput == Approx(recovered.log.result.throughput).epsilon(0.03));
  }
}

TEST_CASE("short statements that the load does not slow down keep their demand") {
  WorkloadBuilder builder({});
  const auto add = [&](std::int64_t process, std::int64_t end, std::int64_t us, const std::string& sql) {
    builder.add({.kind = RecordKind::kExecution,
                 .timed = true,
                 .time = {Timestamp(Microseconds(end / 1000 * 1000)), {}},
                 .duration = Microseconds(us),
                 .process = process,
                 .sql = sql,
                 .shape = shape_hash(sql)});
  };
  // Four long statements at a time on two cores, then twelve; a short one every 5 ms.
  for (std::int64_t ms = 30; ms < 20'000; ms += 30) {
    for (int session = 0; session < (ms < 10'000 ? 4 : 12); ++session)
      add(100 + session, ms * 1000, 30'000, "SELECT a FROM long");
    for (int i = 0; i < 6; ++i) add(50, ms * 1000 + i * 5000, 50 + i, "SELECT a FROM short");
  }
  const Workload workload = builder.finish({});
  const ServiceDemand demand = measure_demand(workload, 2).demand;
  CHECK(demand.classes[0].demand == Approx(30 / 4.5).epsilon(0.3));
  CHECK(demand.classes[1].demand == Approx(0.0525).epsilon(0.1));
}

namespace {

/// The only group of two sessions that go on after one pause and the other in turns.
SessionGroup group_that_pauses(double one_ms, double other_ms) {
  WorkloadBuilder builder({});
  const std::string sql = "SELECT a FROM t";
  double end_ms[2] = {1e12, 1e12 + 1};
  for (int i = 0; i < 2000; ++i) {
    for (int session = 0; session < 2; ++session) {
      end_ms[session] += (i % 2 == 0 ? one_ms : other_ms) + 2;
      builder.add({.kind = RecordKind::kExecution,
                   .timed = true,
                   .time = {Timestamp(Microseconds(std::llround(end_ms[session] * 1e3))), {}},
                   .duration = Microseconds(2000),
                   .process = 100 + session,
                   .application = "app",
                   .sql = sql,
                   .shape = shape_hash(sql)});
    }
  }
  const ServiceDemand demand = measure_demand(builder.finish({}), 2).demand;
  REQUIRE(demand.groups.size() == 1);
  return demand.groups.front();
}

}  // namespace

TEST_CASE("pauses of sessions that often go on at once may be waiting, as far as one turn of the scheduler explains") {
  const SessionGroup brief = group_that_pauses(0.5, 4), lengthy = group_that_pauses(0.5, 400);
  CHECK(brief.think == Approx(2.25).epsilon(0.1));
  CHECK(brief.unclear == Approx(2).epsilon(0.05));  // half of the gaps are 4 ms
  CHECK(lengthy.think == Approx(200).epsilon(0.02));
  CHECK(lengthy.unclear == Approx(ServiceDemand::kSchedulerPeriod / 2).epsilon(0.05));
  CHECK(group_that_pauses(3, 4).unclear == 0);  // who never goes on at once thinks
}

TEST_CASE("a lock's wait is no demand") {
  const auto scripts = scripts_of({{1, 5, Spread::kFixed}}, 2, 5000, 20);
  SimulatedLog log = simulated_log(scripts, 2, 9000);
  const double before = measure_demand(log.workload, 2).demand.mean_demand();
  // As if a hundred executions had waited three of their five milliseconds.
  log.workload.events.lock_waits.push_back(
      {.class_id = log.workload.classes[0].id, .seen = {.count = 100}, .total = Microseconds{300'000}});
  const ServiceDemand after = measure_demand(log.workload, 2).demand;
  CHECK(after.mean_demand() == Approx(before - 300.0 / 9000).epsilon(0.002));
  CHECK(after.classes[0].wait == Approx(300.0 / 9000).epsilon(0.1));
}

namespace {

/// The simulated log again and again, as many seconds later each time as it lasts.
Workload repeated(const Workload& once, int times) {
  Workload workload = once;
  std::vector<TraceEvent> events;
  once.trace.for_each([&](const TraceEvent& event) { events.push_back(event); });
  const auto later = std::chrono::ceil<std::chrono::seconds>(events.back().end - events.front().end);
  workload.trace = Trace();
  for (int i = 0; i < times; ++i) {
    for (TraceEvent event : events) {
      event.end += i * later;
      workload.trace.add(event, 0);
    }
  }
  return workload;
}

}  // namespace

TEST_CASE("measured on a quarter of the trace, demand, rate, mix and sessions are those of the whole") {
  auto scripts = scripts_of(kScans, 6, 20'000, 2, Spread::kExponential, 0.04);
  for (auto& script : scripts_of(kMiddling, 6, 5000, 100)) scripts.push_back(std::move(script));
  const Workload workload = repeated(simulated_log(scripts, 4, 60'000).workload, 4);
  const ServiceDemand whole = measure_demand(workload, 4).demand, part = measure_demand(workload, 4, 60'000).demand;
  CHECK(whole.measured_share == 1);
  CHECK(part.measured_share < 0.26);
  CHECK(part.mean_demand() == Approx(whole.mean_demand()).epsilon(0.02));
  CHECK(part.rate == Approx(whole.rate).epsilon(0.001));
  CHECK(part.span == Approx(whole.span).epsilon(0.001));
  CHECK(part.active == Approx(whole.active).epsilon(0.03));
  CHECK(part.busy == Approx(whole.busy).epsilon(0.03));
  CHECK(part.hidden == Approx(whole.hidden).epsilon(0.03));
  for (std::size_t i = 0; i < whole.classes.size(); ++i) {
    CHECK(part.classes[i].executions == whole.classes[i].executions);
    CHECK(part.classes[i].demand == Approx(whole.classes[i].demand).epsilon(0.06));
  }
  REQUIRE(part.groups.size() == whole.groups.size());
  for (std::size_t i = 0; i < whole.groups.size(); ++i) {
    CHECK(static_cast<double>(part.groups[i].executions) ==
          Approx(static_cast<double>(whole.groups[i].executions)).epsilon(0.07));
    CHECK(part.groups[i].sessions == Approx(whole.groups[i].sessions).epsilon(0.07));
  }
}

TEST_CASE("a class that the measured part does not hold has its own response and the others' share of it") {
  Workload workload = repeated(simulated_log(scripts_of(kScans, 4, 10'000, 1), 2, 20'000).workload, 2);
  workload.classes.push_back(workload.classes.front());
  const auto rare = static_cast<std::uint32_t>(workload.classes.size() - 1);
  TraceEvent last;
  workload.trace.for_each([&](const TraceEvent& event) { last = event; });
  last.query = rare;
  last.duration = Microseconds(7000);
  workload.trace.add(last, 0);
  const ServiceDemand demand = measure_demand(workload, 2, 4000).demand;
  const ClassDemand& unmeasured = demand.classes[rare];
  CHECK(unmeasured.measured == 0);
  CHECK(unmeasured.executions == 1);
  CHECK(unmeasured.response == Approx(7));
  CHECK(unmeasured.demand == Approx(7 * demand.mean_demand() / demand.mean_response()).epsilon(0.01));
  std::uint64_t in_groups = 0;
  for (const SessionGroup& group : demand.groups) {
    for (const auto& [query, count] : group.mix) in_groups += query == rare ? count : 0;
  }
  CHECK(in_groups == 1);
}

TEST_CASE("a trace without executions has no demand") {
  const ServiceDemand demand = measure_demand(Workload(), 2).demand;
  CHECK(demand.mean_demand() == 0);
  CHECK(demand.groups.empty());
}

}  // namespace assay
