#include "advisors/forecast/forecast.h"

#include <catch2/catch.hpp>

#include "advisors/forecast/refusals.h"
#include "tests/advisors/forecast/scripts.h"
#include "tests/advisors/forecast/simulated_log.h"

namespace assay {
namespace {

const std::vector<ClassLoad> kScans{{0.6, 0.05}, {0.1, 30}, {0.3, 0.2}};

/// The class of simulated_log() with this number, by its position in the workload.
std::uint32_t position_of(const Workload& workload, std::uint32_t query) {
  const ClassId id = class_id("", shape_hash("SELECT a FROM t" + std::to_string(query)));
  for (std::uint32_t i = 0; i < workload.classes.size(); ++i) {
    if (workload.classes[i].id == id) return i;
  }
  FAIL("no such class");
  return 0;
}

struct Server {
  std::size_t sessions = 8, cores = 2;
  double think = 0;
  std::vector<ClassLoad> mix = kScans;

  std::vector<SessionScript> scripts() const {
    return scripts_of(mix, sessions, 60'000 / sessions, think, Spread::kExponential, 0.04);
  }
};

struct Try {
  Forecast forecast;
  double measured_before = 0, measured_after = 0;  // statements a second, simulated
};

/// Forecasts from the server's log that class 1 will need `factor` of its demand, and then lets the server run so.
Try try_factor(const Server& server, double factor) {
  const SimulatedLog log = simulated_log(server.scripts(), server.cores, 50'000);
  MeasuredDemand measured = measure_demand(log.workload, server.cores);
  correct_for_stamps(measured);
  ForecastInput input;
  input.steps.push_back({"I1", {{.query = position_of(log.workload, 1), .factor = factor}}});
  const SimulationResult after = simulate_closed(
      server.scripts(), {.servers = server.cores, .statements = 50'000, .changes = {{}, {factor, 0}, {}}});
  return {make_forecast(measured, input), log.result.throughput * 1e3, after.throughput * 1e3};
}

MeasuredDemand measured_scans(std::size_t sessions = 8, double think = 0) {
  const Server server{.sessions = sessions, .think = think};
  MeasuredDemand measured = measure_demand(simulated_log(server.scripts(), 2, 40'000).workload, 2);
  correct_for_stamps(measured);
  return measured;
}

/// Of measured_scans(): classes come heaviest first.
constexpr std::uint32_t kScan = 0;

}  // namespace

TEST_CASE("throughput after a change is what the changed server does, saturated and not") {
  for (const Server& server : {Server{.sessions = 1}, Server{.sessions = 4}, Server{.sessions = 16},
                               Server{.sessions = 8, .think = 40}, Server{.sessions = 32, .cores = 8, .think = 20}}) {
    for (const double factor : {0.5, 0.1, 0.01}) {
      const Try one = try_factor(server, factor);
      INFO(server.sessions << " sessions, " << server.cores << " cores, think " << server.think << ", factor "
                           << factor);
      CHECK(one.forecast.before.throughput.value == Approx(one.measured_before).epsilon(0.03));
      CHECK(one.forecast.after.throughput.value == Approx(one.measured_after).epsilon(0.1));
      CHECK(one.forecast.after.throughput.low <= one.measured_after);
      CHECK(one.forecast.after.throughput.high >= one.measured_after);
    }
  }
}

TEST_CASE("a cost that falls is worth its calibrated ratio, the floor included") {
  ForecastInput input;
  input.costs = {{0, {20'000, 20'000}, {10, 10}}, {1, {130, 130}, {130, 130}}, {2, {25, 25}, {25, 25}}};
  input.steps.push_back({"I1", {{.query = kScan, .before = {20'000, 20'000}, .after = {10, 10}}}});
  const Forecast forecast = make_forecast(measured_scans(), input);
  const double ratio = forecast.calibration.ratio(20'000, 10);
  CHECK(ratio > 10.0 / 20'000);
  CHECK(forecast.after.throughput.value > 10 * forecast.before.throughput.value);
  CHECK(forecast.after.throughput.low < forecast.after.throughput.value);
  CHECK(forecast.after.throughput.high > forecast.after.throughput.value);
  CHECK(forecast.ratio.value == Approx(forecast.after.throughput.value / forecast.before.throughput.value));
}

TEST_CASE("steps come in the order of what each brings alone, and add up to the whole") {
  ForecastInput input;
  input.steps = {{"small", {{.query = 1, .factor = 0.5}}}, {"large", {{.query = kScan, .factor = 0.1}}}};
  const Forecast forecast = make_forecast(measured_scans(), input);
  REQUIRE(forecast.steps.size() == 2);
  CHECK(forecast.steps[0].id == "large");
  CHECK(forecast.steps[0].alone.throughput.value == Approx(forecast.steps[0].together.throughput.value));
  CHECK(forecast.steps[1].together.throughput.value == Approx(forecast.after.throughput.value));
  CHECK(forecast.steps[1].together.throughput.value > forecast.steps[0].together.throughput.value);
  CHECK(forecast.steps[0].ratio.value > forecast.steps[1].ratio.value);
}

TEST_CASE("of two indexes that serve one class the better one counts, once") {
  ForecastInput input;
  input.costs = {{kScan, {20'000, 20'000}, {100, 100}}, {1, {130, 130}, {130, 130}}, {2, {25, 25}, {25, 25}}};
  input.steps = {{"I1", {{.query = kScan, .before = {20'000, 20'000}, .after = {100, 100}}}},
                 {"I2", {{.query = kScan, .before = {20'000, 20'000}, .after = {400, 400}}}}};
  const Forecast forecast = make_forecast(measured_scans(), input);
  CHECK(forecast.steps[1].together.throughput.value == Approx(forecast.steps[0].alone.throughput.value));
}

TEST_CASE("what writers pay takes off throughput") {
  ForecastInput input;
  input.steps = {{"I1", {{.query = 1, .extra = 1}}}};
  const Forecast forecast = make_forecast(measured_scans(), input);
  CHECK(forecast.ratio.value < 0.95);
}

TEST_CASE("the bottleneck is named, and moves when the processor no longer limits") {
  ForecastInput input;
  input.steps = {{"I1", {{.query = kScan, .factor = 0.001}}}};
  const Forecast forecast = make_forecast(measured_scans(8, 5), input);
  CHECK(forecast.before.bottleneck == Bottleneck::kProcessor);
  CHECK(forecast.after.bottleneck == Bottleneck::kSessions);
}

TEST_CASE("growth saturates at the capacity") {
  const Forecast forecast = make_forecast(measured_scans(4, 50), {});
  REQUIRE(forecast.growth.size() > 3);
  CHECK(forecast.growth.front().before == Approx(forecast.before.throughput.value));
  CHECK(forecast.growth.back().before == Approx(forecast.before.capacity.value).epsilon(0.03));
  CHECK(forecast.before.knee > 4);
  for (std::size_t i = 1; i < forecast.growth.size(); ++i) {
    CHECK(forecast.growth[i].before >= forecast.growth[i - 1].before);
  }
}

TEST_CASE("to the open view, cheaper statements mean less utilisation at the same rate") {
  ForecastInput input;
  input.steps = {{"I1", {{.query = kScan, .factor = 0.1}}}};
  const Forecast forecast = make_forecast(measured_scans(8, 50), input);
  CHECK(forecast.open_after.utilisation < forecast.open_before.utilisation / 3);
  CHECK(forecast.open_after.most_rate > 3 * forecast.open_before.most_rate);
  CHECK(forecast.open_after.response < forecast.open_before.response);
  CHECK(forecast.open_after.p95 < forecast.open_before.p95);
}

TEST_CASE("where it is unclear whether sessions think or wait, the band holds both, and the forecast stays") {
  MeasuredDemand measured = measured_scans(2, 8);
  const Forecast clear = make_forecast(measured, {});
  const double think = measured.demand.groups[0].think;
  measured.demand.groups[0].unclear = think;
  const Forecast unclear = make_forecast(measured, {});
  measured.demand.groups[0].unclear = 0;
  for (SessionGroup& group : measured.demand.groups) group.think = 0;
  const double without = make_forecast(measured, {}).before.throughput.value;
  REQUIRE(without > 1.5 * clear.before.throughput.high);
  CHECK(unclear.before.throughput.value == clear.before.throughput.value);
  CHECK(unclear.before.throughput.high > 0.8 * without);
  CHECK(unclear.before.throughput.low == Approx(clear.before.throughput.low).epsilon(0.1));
}

TEST_CASE("without steps there is a baseline, and forecasts are the same from run to run") {
  const MeasuredDemand measured = measured_scans();
  const Forecast first = make_forecast(measured, {}), second = make_forecast(measured, {});
  CHECK(first.before.throughput.value == first.after.throughput.value);
  CHECK(first.ratio.value == 1);
  CHECK(first.before.p95 == second.before.p95);
  CHECK(first.before.throughput.low == second.before.throughput.low);
  CHECK(first.before.p50 <= first.before.p95);
}

TEST_CASE("what the log cannot tell is refused, with what would help") {
  const Server server;
  const auto forbids = [](const Workload& workload, const std::string& word) {
    for (const std::string& reason : forbidden_by_log(workload)) {
      if (reason.find(word) != std::string::npos) return true;
    }
    return false;
  };
  SimulatedLog log = simulated_log(server.scripts(), 2, 1000);
  CHECK(forbidden_by_log(log.workload).empty());
  CHECK(forbids(Workload(), "how long"));
  CHECK(forbids(simulated_log(server.scripts(), 2, 50).workload, "too few"));
  Workload thresholded = log.workload;
  thresholded.censoring.periods.push_back(
      {.settings = {.log_min_duration_statement = std::optional(Microseconds{100'000})}, .executions = 10});
  CHECK(forbids(thresholded, "log_min_duration_statement = 0"));
  Workload apparent = log.workload;
  apparent.censoring.apparent_threshold = Microseconds{100'000};
  CHECK(forbids(apparent, "left out"));

  Workload locked = log.workload;
  locked.events.lock_waits.push_back({.class_id = locked.classes[0].id,
                                      .target = "transaction",
                                      .seen = {.count = 50},
                                      .total = Microseconds{locked.total.count() / 2}});
  const Refusals found = refusals(locked, measure_demand(locked, 2).demand);
  REQUIRE(found.forbidding.size() == 1);
  CHECK(found.forbidding[0].find("hot rows") != std::string::npos);
}

}  // namespace assay
