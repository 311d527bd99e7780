// What compare() calls slower is slower, and two runs of one workload under noise are the same.
#include "analyzer/comparison.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <random>
#include <set>

#include "analyzer/block_statistics.h"
#include "analyzer/workload_builder.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

/// Noise that moves in time: an autoregressive process of first order, in steps of a second.
class MovingNoise {
 public:
  MovingNoise(std::mt19937_64& random, std::size_t seconds, double deviation, double correlation_s) {
    const double keep = std::exp(-1 / correlation_s);
    std::normal_distribution<double> step(0, deviation * std::sqrt(1 - keep * keep));
    double value = std::normal_distribution<double>(0, deviation)(random);
    for (std::size_t s = 0; s < seconds; ++s) values_.push_back(value = keep * value + step(random));
  }
  double at(double second) const { return values_[std::min(values_.size() - 1, static_cast<std::size_t>(second))]; }

 private:
  std::vector<double> values_;
};

struct Scenario {
  std::size_t classes = 100, seconds = 900;
  double spread = 0.5;          ///< of a class's log times
  double machine_noise = 0.25;  ///< moves all classes together, over half a minute
  double class_noise = 0.1;    ///< moves each by itself, over a quarter of a minute
  double run_to_run = 0.02;     ///< of a class, constant over a run
  double machine_shift = 0;     ///< of the whole run
  std::function<double(std::size_t)> factor = [](std::size_t) { return 1.0; };            ///< of a class's times
  std::function<double(std::size_t)> frequency_factor = [](std::size_t) { return 1.0; };  ///< of its calls
};

double rate_of(std::size_t index) {
  return 0.05 * std::pow(60.0, static_cast<double>(index % 25) / 24);
}  // 0.05 to 3 a second

std::string text_of(std::size_t index) { return "SELECT c" + std::to_string(index) + " FROM t WHERE id = 1"; }

/// A run of a workload, as its log would tell it. Calls come in bursts of two on the average.
Workload run_of(const Scenario& scenario, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  const MovingNoise machine(random, scenario.seconds, scenario.machine_noise, 30);
  struct Call {
    double second = 0;
    std::size_t query = 0;
    double log_us = 0;
  };
  std::vector<Call> calls;
  for (std::size_t c = 0; c < scenario.classes; ++c) {
    const MovingNoise own(random, scenario.seconds, scenario.class_noise, 15);
    const double base = std::log(300.0 + 97 * static_cast<double>(c)) + scenario.run_to_run * normal(random) +
                        scenario.machine_shift + std::log(scenario.factor(c));
    const double bursts = rate_of(c) * scenario.frequency_factor(c) / 2;
    std::exponential_distribution<double> pause(bursts);
    for (double s = pause(random); s < static_cast<double>(scenario.seconds); s += pause(random)) {
      for (std::size_t burst = 1 + random() % 3; burst > 0; --burst) {
        calls.push_back({s + 0.01 * static_cast<double>(burst), c,
                         base + machine.at(s) + own.at(s) + scenario.spread * normal(random)});
      }
    }
  }
  std::sort(calls.begin(), calls.end(), [](auto& a, auto& b) { return a.second < b.second; });
  WorkloadBuilder builder({});
  for (const Call& call : calls) {
    const std::string sql = text_of(call.query);
    LogRecord record;
    record.kind = RecordKind::kExecution;
    record.timed = true;
    record.sql = sql;
    record.shape = shape_hash(sql);
    record.database = "crm";
    record.process = static_cast<std::int64_t>(1 + call.query % 7);
    record.time.utc = Timestamp(Microseconds(1'763'800'000'000'000 + static_cast<std::int64_t>(call.second * 1e6)));
    record.duration = Microseconds(static_cast<std::int64_t>(std::exp(call.log_us)));
    builder.add(record);
  }
  return builder.finish({});
}

/// Classes of which something is told, and thereof those called slower.
struct Findings {
  std::set<std::string> noteworthy, slower, faster, more_frequent;
};

Findings told_of(const Comparison& comparison) {
  Findings told;
  for (const ClassComparison& one : comparison.classes) {
    if (one.is_noteworthy()) told.noteworthy.insert(one.normalized);
    if (one.time.change == Change::kMore) told.slower.insert(one.normalized);
    if (one.time.change == Change::kLess) told.faster.insert(one.normalized);
    if (one.frequency.change == Change::kMore) told.more_frequent.insert(one.normalized);
  }
  return told;
}

std::string normal_form_of(std::size_t index) { return "SELECT c" + std::to_string(index) + " FROM t WHERE id = ?"; }

}  // namespace

TEST_CASE("two runs of one workload under noise that moves in time: fewer than one class in a hundred is told") {
  std::size_t classes = 0, told = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Scenario second;
    second.machine_shift = seed % 2 == 0 ? 0 : 0.3;
    const Comparison comparison = compare(run_of({}, 2 * seed), run_of(second, 2 * seed + 1));
    classes += comparison.judged_times;
    told += told_of(comparison).noteworthy.size();
  }
  INFO(told << " of " << classes);
  CHECK(classes > 1800);
  CHECK(static_cast<double>(told) < 0.01 * static_cast<double>(classes));
}

TEST_CASE("a class made 30 % slower is found, and only that") {
  std::size_t changed = 0, found = 0, others = 0, wrong = 0;
  for (std::uint64_t seed = 100; seed < 120; ++seed) {
    Scenario slower;
    slower.factor = [](std::size_t c) { return c % 20 == 19 ? 1.3 : 1.0; };
    const Findings told = told_of(compare(run_of({}, 2 * seed), run_of(slower, 2 * seed + 1)));
    for (std::size_t c = 0; c < 100; ++c) {
      const bool is_changed = c % 20 == 19;
      if (!is_changed) ++others, wrong += told.noteworthy.count(normal_form_of(c));
      if (is_changed && rate_of(c) * 900 >= 400) ++changed, found += told.slower.count(normal_form_of(c));
    }
  }
  INFO(found << " of " << changed << " found, " << wrong << " of " << others << " wrongly");
  CHECK(changed >= 40);
  CHECK(static_cast<double>(found) >= 0.9 * static_cast<double>(changed));
  CHECK(static_cast<double>(wrong) < 0.01 * static_cast<double>(others));
}

TEST_CASE("a workload is the same as itself") {
  const Workload one = run_of({}, 5);
  const Comparison comparison = compare(one, one);
  CHECK(told_of(comparison).noteworthy.empty());
  CHECK(comparison.common_time == Approx(1));
  for (const ClassComparison& told : comparison.classes) CHECK(told.cost() == Approx(0).margin(1e-9));
}

TEST_CASE("a machine that is slower for all is told once, and not of each class") {
  Scenario slower;
  slower.machine_shift = std::log(1.4);
  const Comparison comparison = compare(run_of({}, 31), run_of(slower, 32));
  CHECK(comparison.common_time > 1.2);
  CHECK(told_of(comparison).slower.size() <= 1);
}

TEST_CASE("a class that is faster, and one that runs thrice as often, are told as that") {
  Scenario changed;
  changed.factor = [](std::size_t c) { return c == 24 ? 0.6 : 1.0; };
  changed.frequency_factor = [](std::size_t c) { return c == 49 ? 3.0 : 1.0; };
  const Findings told = told_of(compare(run_of({}, 41), run_of(changed, 42)));
  CHECK(told.faster.contains(normal_form_of(24)));
  CHECK(told.more_frequent == std::set<std::string>{normal_form_of(49)});
  CHECK(told.noteworthy.size() <= 3);
}

TEST_CASE("what a class costs more is split into frequency and time without a rest") {
  Scenario changed;
  changed.factor = [](std::size_t c) { return 1 + 0.1 * static_cast<double>(c % 3); };
  changed.frequency_factor = [](std::size_t c) { return 1 + 0.5 * static_cast<double>(c % 2); };
  const Comparison comparison = compare(run_of({}, 51), run_of(changed, 52));
  double sum = 0;
  for (const ClassComparison& one : comparison.classes) {
    CHECK(one.by_frequency + one.by_time == Approx(one.cost()).margin(1e-9));
    sum += one.cost();
  }
  CHECK(sum == Approx(comparison.after.ms_per_s - comparison.before.ms_per_s));
}

TEST_CASE("a class of one log only is new or gone where it would have been seen, else it is not certain") {
  Scenario fewer;
  fewer.frequency_factor = [](std::size_t c) { return c == 24 || c == 0 ? 1e-9 : 1.0; };
  const Comparison gone = compare(run_of({}, 61), run_of(fewer, 62));
  for (const ClassComparison& one : gone.classes) {
    if (one.normalized == normal_form_of(24)) CHECK((one.presence == Presence::kGone && one.is_certain));
  }
  Scenario rare;
  rare.frequency_factor = [](std::size_t c) { return c == 0 ? 0.05 : 1.0; };
  const Comparison appeared = compare(run_of(fewer, 63), run_of(rare, 64));
  for (const ClassComparison& one : appeared.classes) {
    if (one.normalized == normal_form_of(24)) CHECK((one.presence == Presence::kNew && one.is_certain));
    if (one.normalized == normal_form_of(0)) CHECK_FALSE(one.is_certain);
  }
}

TEST_CASE("a longer log of the same load shows no other frequencies") {
  Scenario longer;
  longer.seconds = 2400;
  const Comparison comparison = compare(run_of({}, 71), run_of(longer, 72));
  CHECK(comparison.common_frequency == Approx(1).margin(0.1));
  CHECK(told_of(comparison).noteworthy.size() <= 1);
}

TEST_CASE("classes of two databases of different names are compared by their texts") {
  Workload before = run_of({}, 81), after = run_of({}, 82);
  for (QueryClass& query : after.classes) query.database = "crm_copy", query.id += 1;
  const Comparison comparison = compare(before, after);
  CHECK(comparison.classes.size() == 100);
  CHECK(comparison.judged_times > 90);
}

TEST_CASE("the mean of windows knows the variance of independent values and that of windows that move together") {
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  double squares_independent = 0, squares_moving = 0, told_independent = 0, told_moving = 0;
  constexpr int kRounds = 400;
  for (int round = 0; round < kRounds; ++round) {
    WindowSums independent, moving;
    for (std::size_t w = 0; w < kWindows; ++w) {
      const double shared = 0.5 * normal(random);
      for (int i = 0; i < 20; ++i) {
        independent.add(w, normal(random));
        moving.add(w, shared + normal(random));
      }
    }
    const UncertainMean a = mean_of(independent), b = mean_of(moving);
    squares_independent += a.value * a.value, told_independent += a.variance;
    squares_moving += b.value * b.value, told_moving += b.variance;
  }
  CHECK(squares_independent / kRounds == Approx(1.0 / (20 * kWindows)).epsilon(0.25));
  CHECK(told_independent / squares_independent == Approx(1).epsilon(0.3));
  CHECK(squares_moving / kRounds == Approx((0.25 + 1.0 / 20) / kWindows).epsilon(0.25));
  CHECK(told_moving / squares_moving == Approx(1).epsilon(0.3));
}

TEST_CASE("significances are adjusted as Benjamini and Hochberg do") {
  std::vector<double> p{0.01, 0.04, 0.03, 0.005};
  adjust(p);
  CHECK(p[0] == Approx(0.02));
  CHECK(p[1] == Approx(0.04));
  CHECK(p[2] == Approx(0.04));
  CHECK(p[3] == Approx(0.02));
}

TEST_CASE("errors that became more than chance brings are told, single ones are not") {
  CHECK(binomial_significance(1, 20, 1000, 1000) < 0.001);
  CHECK(binomial_significance(5, 7, 1000, 1000) > 0.5);
  CHECK(binomial_significance(0, 0, 1000, 1000) == 1);
  CHECK(binomial_significance(20, 20, 1000, 1000) > 0.9);
}

TEST_CASE("a plan's outline is the same from text, JSON, YAML and XML") {
  const std::string expected = "Sort > Index Scan using t_a on t";
  CHECK(
      plan_outline("Query Text: SELECT 1\nSort  (cost=0.1..0.2 rows=1 width=4)\n  Sort Key: a\n  ->  Index Scan using "
                   "t_a on t  (cost=0.1..0.2 rows=1 width=4)\n        Index Cond: (a = 1)") == expected);
  CHECK(plan_outline("{\n \"Plan\": {\n \"Node Type\": \"Sort\",\n \"Plans\": [\n {\n \"Node Type\": \"Index Scan\",\n "
                     "\"Index Name\": \"t_a\",\n \"Relation Name\": \"t\",\n") == expected);
  CHECK(plan_outline("Plan: \n  Node Type: \"Sort\"\n  Plans: \n    - Node Type: \"Index Scan\"\n      Index Name: "
                     "\"t_a\"\n      Relation Name: \"t\"\n") == expected);
  CHECK(plan_outline("<Plan>\n<Node-Type>Sort</Node-Type>\n<Plan>\n<Node-Type>Index Scan</Node-Type>\n<Index-Name>t_a</"
                     "Index-Name>\n<Relation-Name>t</Relation-Name>") == expected);
  CHECK(plan_outline("nothing").empty());
}

}  // namespace assay
