#include "analyzer/watch/window_builder.h"

#include <catch2/catch.hpp>

#include "parser/sql/shape.h"

namespace assay {
namespace {

using std::chrono::seconds;

LogRecord execution(double at, double ms, std::string_view sql, std::int64_t process = 1) {
  LogRecord record;
  record.kind = RecordKind::kExecution;
  record.timed = true;
  record.time.utc = Timestamp{seconds(600)} + Microseconds{static_cast<std::int64_t>(at * 1e6)};
  record.duration = Microseconds{static_cast<std::int64_t>(ms * 1e3)};
  record.sql = sql;
  record.shape = shape_hash(sql);
  record.database = "crm";
  record.application = "shop";
  record.process = process;
  return record;
}

std::string bytes_of(const WindowBuilder& builder) {
  StateWriter state;
  builder.save(state);
  return state.bytes();
}

}  // namespace

TEST_CASE("A window closes when the log has gone on, and the sums of its parts are its total") {
  WindowBuilder builder(seconds(60), 2);
  builder.add(execution(1, 10, "SELECT 1 FROM a"));
  builder.add(execution(59, 20, "SELECT 2 FROM b"));
  builder.add(execution(61, 30, "SELECT 1 FROM a"));
  CHECK(builder.take_closed().empty());
  builder.add(execution(63, 30, "SELECT 1 FROM a"));
  const auto closed = builder.take_closed();
  REQUIRE(closed.size() == 1);
  CHECK(closed[0].total.calls == 2);
  CHECK(closed[0].total.total == Microseconds{30'000});
  CHECK(closed[0].classes.size() == 2);
  CHECK(closed[0].databases.at("crm").calls == 2);
  CHECK(closed[0].applications.at("shop").total == Microseconds{30'000});
  builder.finish();
  CHECK(builder.take_closed().at(0).total.calls == 2);
}

TEST_CASE("Silence makes empty windows, a few of a long one") {
  WindowBuilder builder(seconds(60), 2);
  builder.add(execution(1, 10, "SELECT 1"));
  builder.advance(Timestamp{seconds(600 + 240)});
  CHECK(builder.take_closed().size() == 4);
  builder.add(execution(1'000'000, 10, "SELECT 1"));
  builder.finish();
  CHECK(builder.take_closed().size() < 2 + WindowBuilder::kMostEmpty);
}

TEST_CASE("Late records count in the oldest open window") {
  WindowBuilder builder(seconds(60), 2);
  builder.add(execution(1, 10, "SELECT 1"));
  builder.add(execution(70, 10, "SELECT 1"));
  builder.add(execution(2, 10, "SELECT 1"));
  builder.finish();
  const auto closed = builder.take_closed();
  REQUIRE(closed.size() == 2);
  CHECK(closed[1].total.calls == 2);
  CHECK(builder.late() == 1);
}

TEST_CASE("Service demand is time at work over the slowdown by the others") {
  WindowBuilder builder(seconds(60), 2);
  for (int process = 1; process <= 4; ++process) builder.add(execution(20, 10'000, "SELECT 1 FROM a", process));
  builder.add(execution(40, 10'000, "SELECT 1 FROM b"));
  builder.finish();
  const Window window = builder.take_closed().at(0);
  // Four statements on two cores for 10 s: 20 s of work, though 40 s were logged; then one alone for 10 s.
  CHECK(static_cast<double>(window.total.demand.count()) == Approx(30e6).epsilon(0.01));
  CHECK(window.utilisation() == Approx(30.0 / 120).epsilon(0.01));
}

TEST_CASE("Errors by code, loops and plans are told by class") {
  WindowBuilder builder(seconds(60), 2);
  for (int i = 0; i < 12; ++i) builder.add(execution(1 + i * 0.002, 1, "SELECT 1 FROM a"));
  LogRecord error = execution(2, 0, "SELECT x");
  error.kind = RecordKind::kError;
  error.sqlstate = "42703";
  builder.add(error);
  LogRecord plan = execution(3, 5, "SELECT 1 FROM a");
  plan.kind = RecordKind::kPlan;
  plan.message = "Seq Scan on a  (cost=0.00..1.00 rows=1 width=4)\n  Filter: (x = 1)";
  builder.add(plan);
  builder.finish();
  const Window window = builder.take_closed().at(0);
  CHECK(window.errors.at("42703") == 1);
  CHECK(window.classes[0].loops == 1);
  CHECK(window.classes[0].repeats == 12);
  CHECK(window.classes[0].plans.size() == 1);
}

TEST_CASE("A plan's shape is its nodes and names, whatever its numbers and its format") {
  const auto a = plan_shape("Index Scan using i on t  (cost=0.1..2 rows=1 width=4)\n  Index Cond: (a = 1)");
  CHECK(a == plan_shape("Index Scan using i on t  (cost=0.4..9 rows=5 width=4)\n  Index Cond: (a = 7)"));
  CHECK(a != plan_shape("Seq Scan on t  (cost=0.4..9 rows=5 width=4)\n  Filter: (a = 7)"));
  const auto json =
      plan_shape("{\n \"Plan\": {\n \"Node Type\": \"Seq Scan\",\n \"Relation Name\": \"t\",\n \"Total Cost\": 3");
  CHECK(json ==
        plan_shape("{\n \"Plan\": {\n \"Node Type\": \"Seq Scan\",\n \"Relation Name\": \"t\",\n \"Total Cost\": 9"));
  CHECK(json != plan_shape("{\n \"Plan\": {\n \"Node Type\": \"Index Scan\",\n \"Relation Name\": \"t\""));
}

TEST_CASE("Saved and restored anywhere, the windows are the same") {
  std::vector<LogRecord> records;
  for (int i = 0; i < 400; ++i) {
    records.push_back(execution(i * 0.7, 1 + i % 50, i % 3 == 0 ? "SELECT 1 FROM a" : "SELECT 1 FROM b", i % 5 + 1));
  }
  const auto saved_at = [&](std::size_t cut) {
    auto builder = std::make_unique<WindowBuilder>(seconds(60), 2);
    std::vector<Window> windows;
    const auto take = [&] {
      for (Window& window : builder->take_closed()) windows.push_back(std::move(window));
    };
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (i == cut) {
        take();
        const std::string state = bytes_of(*builder);
        builder = std::make_unique<WindowBuilder>(seconds(60), 2);
        StateReader reader(state);
        builder->restore(reader);
        CHECK(bytes_of(*builder) == state);
      }
      builder->add(records[i]);
    }
    builder->finish();
    take();
    std::string told;
    for (const Window& window : windows) {
      StateWriter state;
      window.total.save(state);
      for (const WindowClass& of : window.classes) of.figures.save(state);
      told += state.bytes();
    }
    return told;
  };
  const std::string whole = saved_at(records.size());
  for (std::size_t cut = 1; cut < records.size(); cut += 37) CHECK(saved_at(cut) == whole);
}

}  // namespace assay
