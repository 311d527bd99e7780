#include "advisors/watch/detector.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <random>

namespace assay {
namespace {

using std::chrono::seconds;

/// What differs from an ordinary minute, from which window on.
struct Anomaly {
  ClassId id = 0;
  int from = 0, upto = 1'000'000;
  double slower = 1, rate = 1;
};

/// A server with classes of very different rates and times: each minute's level wavers by 5 %, executions by a
/// log-normal spread, and the load goes up and down with the day.
class Server {
 public:
  explicit Server(std::size_t classes, unsigned seed = 1) : random_(seed) {
    for (std::size_t i = 0; i < classes; ++i) {
      rates_.push_back(400.0 / std::pow(static_cast<double>(i % 100 + 1), 0.8));
      times_.push_back(std::exp(std::normal_distribution<double>(std::log(3e3), 1.5)(random_)));
    }
  }

  std::vector<Anomaly> anomalies;
  double swing = 0.6;  ///< of the load over a day

  Window window(int minute) {
    Window made{.start = Timestamp{seconds(minute * 60)}, .width = seconds(60), .cores = 8};
    const double day = 1 + swing * std::sin(minute * 2 * M_PI / 1440);
    for (std::size_t i = 0; i < rates_.size(); ++i) {
      double rate = rates_[i] * day, time = times_[i];
      for (const Anomaly& anomaly : anomalies) {
        if (anomaly.id != i + 1 || minute < anomaly.from || minute >= anomaly.upto) continue;
        rate *= anomaly.rate;
        time *= anomaly.slower;
      }
      time *= std::exp(std::normal_distribution<double>(0, 0.05)(random_));
      WindowClass of{.id = i + 1};
      const int calls = rate <= 0 ? 0 : std::poisson_distribution<int>(rate)(random_);
      std::lognormal_distribution<double> each(std::log(time), 0.7);
      for (int call = 0; call < calls; ++call) {
        const Microseconds duration{std::llround(each(random_))};
        ++of.figures.calls;
        ++of.figures.timed_calls;
        of.figures.total += duration;
        of.figures.demand += duration;
        of.figures.latencies.add(duration);
      }
      if (calls == 0) continue;
      made.total.add(of.figures);
      made.classes.push_back(std::move(of));
    }
    return made;
  }

 private:
  std::mt19937_64 random_;
  std::vector<double> rates_, times_;
};

using Change = std::function<void(Window&, int)>;

std::vector<Alert> alerts_of(Server& server, int minutes, const Change& change = {}) {
  Detector detector;
  std::vector<Alert> told;
  for (int minute = 0; minute < minutes; ++minute) {
    Window window = server.window(minute);
    if (change) change(window, minute);
    for (Alert& alert : detector.observe(window)) told.push_back(std::move(alert));
  }
  return told;
}

int minute_of(Timestamp time) { return static_cast<int>(time.time_since_epoch() / std::chrono::minutes(1)); }

}  // namespace

TEST_CASE("A quiet day of 500 classes is no more than one false alarm") {
  Server server(500, 7);
  const auto told = alerts_of(server, 1440);
  for (const Alert& alert : told)
    UNSCOPED_INFO(to_string(alert.kind) << alert.class_id << " at " << minute_of(alert.since) << " " << alert.before
                                        << " " << alert.now);
  CHECK(std::count_if(told.begin(), told.end(), [](const Alert& alert) { return !alert.recovered; }) <= 1);
}

TEST_CASE("A class that is 30 % slower is found within three windows, in most of forty runs") {
  int found = 0, others = 0, runs = 0;
  for (unsigned seed = 100; seed < 120; ++seed) {
    for (const ClassId id : {ClassId{1}, ClassId{2}}) {  // some 400 and 230 executions a minute
      Server server(20, seed);
      server.anomalies = {{.id = id, .from = 90, .slower = 1.3}};
      const auto told = alerts_of(server, 93);
      ++runs;
      for (const Alert& alert : told) {
        const bool is_it = alert.kind == AlertKind::kSlower && alert.class_id == id;
        found += is_it ? 1 : 0;
        others += is_it ? 0 : 1;
        if (!is_it)
          UNSCOPED_INFO(to_string(alert.kind) << alert.class_id << " told " << minute_of(alert.told) << " since "
                                              << minute_of(alert.since) << ": " << alert.before << " to " << alert.now);
        if (is_it) CHECK(alert.cause == AlertCause::kMoreWork);
        if (is_it) CHECK(std::abs(minute_of(alert.since) - 90) <= 2);
      }
    }
  }
  CHECK(found >= runs * 9 / 10);
  CHECK(others == 0);
}

TEST_CASE("Ten times as many calls are found, told once, and recover") {
  Server server(20);
  server.anomalies = {{.id = 5, .from = 90, .upto = 110, .rate = 10}};
  const auto told = alerts_of(server, 130);
  REQUIRE(told.size() == 2);
  CHECK(told[0].kind == AlertKind::kMoreCalls);
  CHECK(told[0].class_id == 5);
  CHECK(told[0].now / told[0].before == Approx(10).epsilon(0.3));
  CHECK(minute_of(told[0].told) <= 93);
  CHECK(told[1].number == told[0].number);
  CHECK(told[1].recovered.has_value());
}

TEST_CASE("A night of quiet and the morning after it are no alert") {
  Server server(30);
  server.swing = 0;
  for (ClassId id = 1; id <= 30; ++id) server.anomalies.push_back({.id = id, .from = 300, .upto = 600, .rate = 0.02});
  CHECK(alerts_of(server, 700).empty());
}

TEST_CASE("Silence is one alert, and its end another") {
  Server server(30);
  for (ClassId id = 1; id <= 30; ++id) server.anomalies.push_back({.id = id, .from = 100, .upto = 110, .rate = 0});
  const auto told = alerts_of(server, 130);
  REQUIRE(told.size() == 2);
  CHECK(told[0].kind == AlertKind::kSilence);
  CHECK(told[1].recovered.has_value());
}

TEST_CASE("A class that is gone while the others go on is found") {
  Server server(20);
  server.anomalies = {{.id = 2, .from = 90, .rate = 0}};
  const auto told = alerts_of(server, 100);
  REQUIRE(told.size() == 1);
  CHECK(told[0].kind == AlertKind::kGone);
  CHECK(told[0].class_id == 2);
}

TEST_CASE("When everything is slower, that is one alert") {
  Server server(20);
  for (ClassId id = 1; id <= 20; ++id) server.anomalies.push_back({.id = id, .from = 90, .upto = 110, .slower = 2});
  const auto told = alerts_of(server, 130);
  for (const Alert& alert : told)
    UNSCOPED_INFO(to_string(alert.kind) << alert.class_id << (alert.recovered ? " recovered " : " told ")
                                        << minute_of(alert.told));
  REQUIRE(told.size() == 2);
  CHECK(told[0].kind == AlertKind::kServerSlower);
  CHECK(told[0].also.size() >= 3);
  CHECK(told[1].recovered.has_value());
}

TEST_CASE("When everything is called more often, that is one alert") {
  Server server(20);
  for (ClassId id = 1; id <= 20; ++id) server.anomalies.push_back({.id = id, .from = 90, .rate = 5});
  const auto told = alerts_of(server, 100);
  REQUIRE(told.size() == 1);
  CHECK(told[0].kind == AlertKind::kLoad);
}

TEST_CASE("A new class that costs something is found, a small one is not") {
  Server server(20);
  server.anomalies = {{.id = 1, .upto = 90, .rate = 0},
                      {.id = 1, .from = 90, .slower = 10},
                      {
                          .id = 19,
                          .upto = 90,
                          .rate = 0,
                      }};
  server.anomalies.push_back({.id = 19, .from = 90, .rate = 0.2});
  const auto told = alerts_of(server, 100);
  REQUIRE(told.size() == 1);
  CHECK(told[0].kind == AlertKind::kNewClass);
  CHECK(told[0].class_id == 1);
}

TEST_CASE("A burst of errors is found by its code, a few errors a minute are not") {
  Server server(10);
  const auto told = alerts_of(server, 120, [](Window& window, int minute) {
    window.errors["23505"] = static_cast<std::uint64_t>(minute % 4);
    if (minute >= 90 && minute < 100) window.errors["40P01"] = 25;
  });
  REQUIRE(told.size() == 2);
  CHECK(told[0].kind == AlertKind::kErrors);
  CHECK(told[0].sqlstate == "40P01");
  CHECK(told[1].recovered.has_value());
}

TEST_CASE("Another plan, and what it costs, is one alert") {
  Server server(10);
  server.anomalies = {{.id = 3, .from = 90, .slower = 4}};
  const auto told = alerts_of(server, 100, [](Window& window, int minute) {
    for (WindowClass& of : window.classes) {
      if (of.id == 3) of.plans[minute < 90 ? 11 : 22] = 2;
    }
  });
  REQUIRE(told.size() == 1);
  CHECK(told[0].kind == AlertKind::kPlanChange);
  CHECK(told[0].class_id == 3);
  CHECK(told[0].now / told[0].before == Approx(4).epsilon(0.2));
}

TEST_CASE("Where the slower executions wait for locks, that is the cause") {
  Server server(10);
  server.anomalies = {{.id = 3, .from = 90, .slower = 2}};
  const auto told = alerts_of(server, 100, [](Window& window, int minute) {
    for (WindowClass& of : window.classes) {
      if (of.id != 3 || minute < 90) continue;
      of.figures.lock_time = of.figures.total / 2;
      of.figures.demand -= of.figures.lock_time;
    }
  });
  REQUIRE(told.size() == 1);
  CHECK(told[0].cause == AlertCause::kLocks);
}

TEST_CASE("The onset of loops is found") {
  Server server(10);
  const auto told = alerts_of(server, 100, [](Window& window, int minute) {
    for (WindowClass& of : window.classes) {
      if (of.id == 2 && minute >= 90) of.loops = of.figures.calls / 20;
    }
  });
  REQUIRE(told.size() == 1);
  CHECK(told[0].kind == AlertKind::kLoops);
}

TEST_CASE("Steady growth tells when the processors will be full") {
  Server server(10);
  server.swing = 0;
  const auto told = alerts_of(server, 110, [](Window& window, int minute) {
    window.total.demand = Microseconds{static_cast<std::int64_t>(8 * 60e6 * (0.2 + 0.005 * minute))};
  });
  REQUIRE(told.size() == 1);
  CHECK(told[0].kind == AlertKind::kSaturation);
  const double truth = (1 - 0.2) / 0.005 - minute_of(told[0].told);
  CHECK(*told[0].minutes_left == Approx(truth).margin(10));
}

TEST_CASE("Saved and restored in the middle, the detector finds the same") {
  const auto run = [](int restart) {
    Server server(10);
    server.anomalies = {{.id = 2, .from = 70, .upto = 90, .slower = 2}, {.id = 5, .from = 80, .rate = 10}};
    auto detector = std::make_unique<Detector>();
    std::string told;
    for (int minute = 0; minute < 110; ++minute) {
      if (minute == restart) {
        StateWriter state;
        detector->save(state);
        detector = std::make_unique<Detector>();
        StateReader reader(state.bytes());
        detector->restore(reader);
        CHECK(reader.is_at_end());
      }
      for (const Alert& alert : detector->observe(server.window(minute))) {
        told += std::to_string(alert.number) + std::string(to_string(alert.kind)) + (alert.recovered ? "-" : "+") +
                std::to_string(minute) + " ";
      }
    }
    return told;
  };
  const std::string whole = run(-1);
  CHECK(!whole.empty());
  for (const int restart : {10, 71, 75, 85, 95}) CHECK(run(restart) == whole);
}

}  // namespace assay
