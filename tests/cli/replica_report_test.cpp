// Replicas in the report: from logs that a simulated server wrote, as a user would read it.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/advisors/forecast/scripts.h"
#include "tests/cli/command.h"

namespace assay {
namespace {

using Json = nlohmann::json;

/// Sessions on one core; a fifth of the statements write, the others read, each for other values, so that no cache
/// helps. A read needs `read` ms. What took less than `least` ms is not logged.
std::string log_text(std::size_t sessions, double think, double read, double write = 0.3, double least = 0) {
  std::string log;
  const auto scripts = scripts_of({{0.8, read}, {0.2, write}}, sessions, 1000, think, Spread::kExponential, 0.04);
  std::uint64_t number = 0;
  simulate_closed(scripts, {.servers = 1, .statements = 6000}, [&](const SimulatedStatement& statement) {
    if (statement.end - statement.start < least) return;
    const auto ms = static_cast<std::int64_t>(statement.end);
    const std::string sql = statement.query == 0 ? fmt::format("SELECT a FROM t WHERE id = {}", ++number)
                                                 : fmt::format("UPDATE u SET b = {}", ++number);
    log += fmt::format("2026-11-22 10:{:02}:{:02}.{:03} UTC [{}] u@crm/web LOG:  duration: {:.3f} ms  statement: {}\n",
                       ms / 60'000, ms / 1000 % 60, ms % 1000, 500 + statement.session, statement.end - statement.start,
                       sql);
  });
  return log;
}

std::string report_of(const std::string& log, std::vector<std::string> more) {
  const test::Folder folder;
  std::vector<std::string> arguments{"report", folder.write("server.log", log), "--quiet", "--cores", "1"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const test::Outcome outcome = test::assay(arguments);
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  return outcome.out;
}

Json json_of(const std::string& log, std::vector<std::string> more = {}) {
  more.insert(more.end(), {"--format", "json"});
  return Json::parse(report_of(log, more));
}

const Json* replica_of(const Json& report) {
  for (const Json& item : report["recommendations"]) {
    if (item["kind"] == "add_replica") return &item;
  }
  return nullptr;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("where reads keep the processor busy, replicas are recommended, and stand in the forecast", "[replica]") {
  const std::string log = log_text(16, 4, 3);
  const Json report = json_of(log);
  const Json* item = replica_of(report);
  REQUIRE(item != nullptr);
  CHECK((*item)["replica"]["replicas"].get<int>() >= 1);
  CHECK((*item)["replica"]["moved_share"].get<double>() == Approx(0.8).epsilon(0.03));
  CHECK((*item)["gain"]["throughput_ratio"].get<double>() > 1.5);
  const Json& step = report["simulation"]["steps"].back();
  CHECK(step["id"] == (*item)["id"]);
  CHECK(step["together"]["throughput"].get<double>() > 1.5 * report["simulation"]["after"]["throughput"].get<double>());
  const Json& points = report["replicas"]["fleet"]["points"];
  CHECK(points[0]["p95_ms"] == report["simulation"]["after"]["p95_ms"]);  // the forecast's own simulation
  CHECK(points[1]["requests_per_server"].get<double>() == report["workload"]["executions"].get<double>() / 2);
  CHECK(report["replicas"]["fleet"]["policies"].size() == 5);

  const std::string text = report_of(log, {});
  for (const char* part :
       {"## Replicas", "[Add ", "**A1: add ", "| replicas | W = N / P", "least connections",
        "target_session_attrs=read-write", "backend primary", "No index was weighed", "| lag of the replica |"}) {
    INFO(part);
    CHECK(has(text, part));
  }
}

TEST_CASE("where the sessions' pace or the writes are the limit, there is nothing to paste", "[replica]") {
  for (const auto& [log, why] : {std::pair{log_text(4, 60, 0.5), "the sessions' own pace is the limit"},
                                 std::pair{log_text(16, 2, 0.1, 6), "the primary is the limit"}}) {
    CHECK(replica_of(json_of(log)) == nullptr);
    const std::string text = report_of(log, {});
    CHECK(has(text, "**Nothing to gain from a server more:**"));
    CHECK(has(text, why));
    CHECK_FALSE(has(text, "target_session_attrs"));
  }
}

TEST_CASE("a target that is missed asks for as many as meet it", "[replica]") {
  const std::string log = log_text(8, 6, 1.2);
  const Json today = json_of(log)["replicas"]["fleet"]["points"];
  const double now = today[0]["p95_ms"], wanted = today[1]["p95_ms"].get<double>() * 1.01;
  REQUIRE(wanted < 0.9 * now);
  const Json report = json_of(log, {"--target-p95", fmt::format("{}", wanted)});
  CHECK(report["replicas"]["fleet"]["smallest_for_targets"] == 1);
  REQUIRE(replica_of(report) != nullptr);
  CHECK((*replica_of(report))["replica"]["replicas"] == 1);
  const Json easy = json_of(log, {"--target-throughput", "1"});
  CHECK(easy["replicas"]["fleet"]["smallest_for_targets"] == 0);
  CHECK_FALSE(json_of(log, {"--target-p95", "0.00001"})["replicas"]["fleet"].contains("smallest_for_targets"));
  CHECK(test::assay({"report", "x.log", "--target-p95", "-1"}).status == 2);
}

TEST_CASE("a log that lacks statements tells no safe share", "[replica]") {
  const Json report = json_of(log_text(4, 10, 1, 0.3, 1), {"--log-threshold", "1ms"});
  CHECK(report["replicas"]["refusal"] == "the log does not hold all executions");
  CHECK_FALSE(report["replicas"].contains("safe_shares"));
  CHECK(json_of(log_text(4, 10, 1))["replicas"].contains("safe_shares"));
}

}  // namespace assay
