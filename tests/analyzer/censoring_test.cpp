#include "analyzer/censoring.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "analyzer/workload_builder.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

using Settings = std::map<std::string, std::string>;

constexpr Microseconds operator""_ms(unsigned long long ms) {
  return Microseconds(static_cast<std::int64_t>(ms * 1000));
}

LogRecord execution(Microseconds duration, std::string_view sql = "SELECT 1") {
  LogRecord record;
  record.kind = RecordKind::kExecution;
  record.timed = true;
  record.time = {Timestamp(std::chrono::hours(10)), UtcOffset{0}};
  record.duration = duration;
  record.user = "web";
  record.sql = sql;
  record.shape = shape_hash(sql);
  return record;
}

LogRecord server_says(std::string_view message) {
  LogRecord record;
  record.time = {Timestamp(std::chrono::hours(11)), UtcOffset{0}};
  record.message = message;
  return record;
}

/// Executions that a logged one of that length stands for.
double weight(CensoringObserver& observer, Microseconds duration) {
  const LogRecord logged = execution(duration);
  const LogRecord& weighed = observer.weigh(logged);
  return static_cast<double>(weighed.weight) / weighed.weight_per;
}

double weight(const Settings& settings, Microseconds duration) {
  CensoringObserver observer({}, logging_settings(settings));
  return weight(observer, duration);
}

std::optional<double> threshold_ms(std::string_view text) {
  const auto threshold = parse_threshold(text);
  if (!threshold) return std::nullopt;
  return *threshold ? static_cast<double>((*threshold)->count()) / 1e3 : -1;
}

}  // namespace

TEST_CASE("thresholds as PostgreSQL reads and prints them") {
  CHECK(threshold_ms("100") == 100);
  CHECK(threshold_ms("100ms") == 100);
  CHECK(threshold_ms("250 ms") == 250);
  CHECK(threshold_ms("1.5s") == 1500);
  CHECK(threshold_ms("1min") == 60'000);
  CHECK(threshold_ms("500us") == 0.5);
  CHECK(threshold_ms("0") == 0);
  CHECK(threshold_ms("-1") == -1);
  for (const char* text : {"", "ms", "fast", "1 week", "1e400", "nan", "10ms!"}) CHECK_FALSE(threshold_ms(text));
}

TEST_CASE("sampling rates, exact in millionths") {
  CHECK(parse_rate("0.3") == 300'000U);
  CHECK(parse_rate("1") == 1'000'000U);
  CHECK(parse_rate("0") == 0U);
  CHECK(parse_rate("1e-4") == 100U);
  for (const char* text : {"", "1.1", "-0.1", "10%", "nan", "0.0000001"}) CHECK_FALSE(parse_rate(text));
}

TEST_CASE("a logged execution stands for as many as its rate says") {
  const Settings sampled{{"log_min_duration_statement", "100ms"},
                         {"log_min_duration_sample", "10ms"},
                         {"log_statement_sample_rate", "0.3"}};
  CHECK(weight(sampled, 50_ms) == Approx(10.0 / 3).epsilon(1e-12));
  CHECK(weight(sampled, 10_ms) > 1);
  CHECK(weight(sampled, 100_ms) == 1);
  CHECK(weight(sampled, 9_ms) == 1);  // by another setting: not known
  CHECK(
      weight(
          {{"log_min_duration_statement", "0"}, {"log_min_duration_sample", "0"}, {"log_statement_sample_rate", "0.1"}},
          1_ms) == 1);
  CHECK(weight({{"log_min_duration_statement", "-1"}, {"log_transaction_sample_rate", "0.25"}}, 1_ms) == 4);
  CHECK(weight({{"log_min_duration_sample", "0"},
                {"log_statement_sample_rate", "0.5"},
                {"log_transaction_sample_rate", "0.5"}},
               1_ms) == Approx(1 / 0.75));
  CHECK(weight({{"log_min_duration_sample", "-1"}, {"log_statement_sample_rate", "0.1"}}, 1_ms) == 1);
  CHECK(weight({{"log_duration", "on"},
                {"log_statement", "all"},
                {"log_min_duration_sample", "0"},
                {"log_statement_sample_rate", "0.1"}},
               1_ms) == 1);
}

TEST_CASE("the log tells when a rate changes, and from then on it holds") {
  CensoringObserver observer({}, {});
  CHECK(weight(observer, 1_ms) == 1);
  observer.weigh(server_says("parameter \"log_min_duration_sample\" changed to \"0\""));
  observer.weigh(server_says("parameter \"log_statement_sample_rate\" changed to \"0.1\""));
  CHECK(weight(observer, 1_ms) == 10);
  observer.weigh(
      server_says("parameter \"log_statement_sample_rate\" removed from configuration file, reset to default"));
  CHECK(weight(observer, 1_ms) == 1);
  const Censoring censoring = observer.finish();
  REQUIRE(censoring.periods.size() == 3);
  CHECK(censoring.periods[1].source == "the log");
  CHECK(censoring.periods[1].from->utc == Timestamp(std::chrono::hours(11)));
  CHECK(censoring.periods[1].executions == 1);
  CHECK(censoring.periods[1].sampled == 1);
}

TEST_CASE("of several servers, a change holds for the one that tells it") {
  CensoringObserver observer({}, {});
  LogRecord change = server_says("parameter \"log_transaction_sample_rate\" changed to \"0.5\"");
  change.server = 1;
  observer.weigh(change);
  LogRecord of_other = execution(1_ms), of_same = of_other;
  of_same.server = 1;
  CHECK(observer.weigh(of_other).weight == 1);
  CHECK(observer.weigh(of_same).weight_per == 500'000);
}

TEST_CASE("what the user states wins over the log, and the log over the catalog") {
  LoggingSettings flags;
  flags.log_transaction_sample_rate = 500'000;
  CensoringObserver stated(flags, {});
  stated.weigh(server_says("parameter \"log_transaction_sample_rate\" changed to \"0.1\""));
  CHECK(weight(stated, 1_ms) == 2);
  CensoringObserver told({}, logging_settings({{"log_transaction_sample_rate", "0.5"}}));
  CHECK(weight(told, 1_ms) == 2);
  told.weigh(server_says("parameter \"log_transaction_sample_rate\" changed to \"0.1\""));
  CHECK(weight(told, 1_ms) == 10);
}

TEST_CASE("a client cannot change what is believed of the settings") {
  for (const auto& forge : {+[](LogRecord& r) { r.user = "web"; }, +[](LogRecord& r) { r.sql = "DO $$ … $$"; },
                            +[](LogRecord& r) { r.context = "PL/pgSQL function inline_code_block line 1 at RAISE"; }}) {
    CensoringObserver observer({}, {});
    LogRecord forged = server_says("parameter \"log_transaction_sample_rate\" changed to \"0.001\"");
    forge(forged);
    observer.weigh(forged);
    CHECK(weight(observer, 1_ms) == 1);
  }
}

TEST_CASE("settings that never end are kept in bounds") {
  CensoringObserver observer({}, {});
  for (int i = 1; i < 1000; ++i) {
    const std::string text = "parameter \"log_min_duration_statement\" changed to \"" + std::to_string(i) + "\"";
    observer.weigh(server_says(text));
    observer.weigh(execution(1_ms));
  }
  const Censoring censoring = observer.finish();
  CHECK(censoring.periods.size() == 32);
  CHECK(censoring.has_more_periods);
}

TEST_CASE("executions that the settings forbid are counted, so that the settings are doubted") {
  CensoringObserver observer({}, logging_settings({{"log_min_duration_statement", "100ms"}}));
  for (int i = 0; i < 10; ++i) observer.weigh(execution(i < 4 ? 1_ms : 200_ms));
  const Censoring censoring = observer.finish();
  REQUIRE(censoring.periods.size() == 1);
  CHECK(censoring.periods[0].executions == 10);
  CHECK(censoring.periods[0].unexplained == 4);
}

TEST_CASE("where parse, bind and execute are drawn one by one, a bind alone is no execution") {
  CensoringObserver observer(
      {}, logging_settings({{"log_min_duration_sample", "0"}, {"log_statement_sample_rate", "0.1"}}));
  LogRecord bind = execution(1_ms);
  bind.inferred = true;
  CHECK(observer.weigh(bind).kind == RecordKind::kUnfinished);
  CHECK(observer.weigh(execution(1_ms)).kind == RecordKind::kExecution);
}

TEST_CASE("a weight that the log itself tells is left as it is") {
  CensoringObserver observer({}, logging_settings({{"log_transaction_sample_rate", "0.5"}}));
  LogRecord record = execution(1_ms);
  record.weight = 20;
  CHECK(observer.weigh(record).weight == 20);
  CHECK(observer.weigh(record).weight_per == 1);
}

TEST_CASE("truth: estimates from a sample are off by no more than the stated error allows") {
  constexpr std::array kClasses{"SELECT a", "SELECT b", "UPDATE c SET d = 1"};
  std::mt19937 random(20261122);
  int off_calls = 0, off_total = 0, off_by_far = 0, checked = 0;
  for (int round = 0; round < 40; ++round) {
    CensoringObserver observer({}, logging_settings({{"log_min_duration_statement", "50ms"},
                                                     {"log_min_duration_sample", "0"},
                                                     {"log_statement_sample_rate", "0.1"}}));
    WorkloadBuilder builder({});
    std::array<double, kClasses.size()> calls{}, total{};
    for (int i = 0; i < 6000; ++i) {
      const std::size_t which = random() % 3;
      std::lognormal_distribution<double> length(8 + static_cast<double>(which), 1.0);
      const LogRecord record = execution(Microseconds(std::llround(length(random))), kClasses[which]);
      ++calls[which];
      total[which] += static_cast<double>(record.duration.count());
      const bool is_logged = record.duration >= 50_ms || random() % 10 == 0;
      if (is_logged) builder.add(observer.weigh(record));
    }
    const Workload workload = builder.finish({});
    REQUIRE(workload.classes.size() == kClasses.size());
    for (const QueryClass& query : workload.classes) {
      const auto which = static_cast<std::size_t>(
          std::find(kClasses.begin(), kClasses.end(), query.samples.front().sql) - kClasses.begin());
      const double calls_off =
          std::abs(static_cast<double>(query.estimated_calls()) - calls[which]) / query.calls_error();
      const double total_off =
          std::abs(static_cast<double>(query.estimated_total().count()) - total[which]) / query.total_error_us();
      off_calls += calls_off > 1.96 ? 1 : 0;
      off_total += total_off > 1.96 ? 1 : 0;
      off_by_far += calls_off > 4 || total_off > 4 ? 1 : 0;
      ++checked;
    }
    CHECK(workload.estimated_executions > 5000);
  }
  // 5 % are expected beyond 1.96 standard errors: 6 of 120, with a deviation of 2.4.
  CHECK(checked == 120);
  CHECK(off_calls <= 14);
  CHECK(off_total <= 14);
  CHECK(off_by_far == 0);
}

TEST_CASE("percentiles, mean and deviation are of what the sample stands for") {
  CensoringObserver observer({}, logging_settings({{"log_min_duration_statement", "100ms"},
                                                   {"log_min_duration_sample", "0"},
                                                   {"log_statement_sample_rate", "0.01"}}));
  WorkloadBuilder builder({});
  for (int i = 0; i < 10; ++i) builder.add(observer.weigh(execution(1_ms)));  // of 1,000
  for (int i = 0; i < 100; ++i) builder.add(observer.weigh(execution(1000_ms)));
  const Workload workload = builder.finish({});
  const QueryClass& query = workload.classes.front();
  CHECK(query.calls == 110);
  CHECK(query.estimated_calls() == 1100);
  CHECK(query.estimated_total() == 101'000_ms);
  CHECK(query.mean_us() == Approx(101e6 / 1100));
  CHECK(query.percentile(0.5).count() == Approx(1000).epsilon(0.005));
  CHECK(query.percentile(0.95).count() == Approx(1e6).epsilon(0.005));
  CHECK(query.calls_error() == Approx(std::sqrt(10 * 0.99) / 0.01));
  CHECK(workload.estimated_executions == 1100);
  CHECK(workload.estimated_total == 101'000_ms);
}

TEST_CASE("rates that are no whole numbers add up") {
  CensoringObserver observer({}, logging_settings({{"log_transaction_sample_rate", "0.3"}}));
  WorkloadBuilder builder({});
  for (int i = 0; i < 3000; ++i) builder.add(observer.weigh(execution(3_ms)));
  const Workload workload = builder.finish({});
  CHECK(workload.estimated_executions == 10'000);
  CHECK(workload.estimated_total == 30'000_ms);
  CHECK(workload.classes.front().latencies.count() == 10'000);
}

TEST_CASE("without a sample, estimates are what was logged") {
  WorkloadBuilder builder({});
  builder.add(execution(3_ms));
  const Workload workload = builder.finish({});
  CHECK_FALSE(workload.is_sampled());
  CHECK(workload.estimated_executions == 1);
  CHECK(workload.estimated_total == 3_ms);
}

TEST_CASE("a sharp edge at a round number looks like a threshold, another least duration does not") {
  const auto edge_of = [](double least_ms, std::size_t count, unsigned seed) -> std::optional<Microseconds> {
    std::mt19937 random(seed);
    std::lognormal_distribution<double> length(std::log(50e3), 1.2);
    WorkloadBuilder builder({});
    for (std::size_t i = 0; i < count;) {
      const Microseconds duration(std::llround(length(random)));
      if (static_cast<double>(duration.count()) < least_ms * 1e3) continue;
      builder.add(execution(duration));
      ++i;
    }
    return apparent_threshold(builder.finish({}));
  };
  for (unsigned seed = 0; seed < 10; ++seed) {
    CHECK(edge_of(100, 2000, seed) == 100_ms);
    CHECK(edge_of(250, 2000, seed) == 250_ms);
    CHECK_FALSE(edge_of(0, 2000, seed));
    CHECK_FALSE(edge_of(137, 2000, seed));
    CHECK_FALSE(edge_of(100, 50, seed));
  }
}

}  // namespace assay
