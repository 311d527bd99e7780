// The throughput in the report: from a log that a simulated server wrote, as a user would read it.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/advisors/forecast/scripts.h"
#include "tests/cli/command.h"

namespace assay {
namespace {

using Json = nlohmann::json;

/// Six sessions on two cores, 0.6 ms of demand a statement on average, log_line_prefix = '%m [%p] %u@%d/%a '.
/// Statements faster than `least` ms are left out.
std::string simulated_log_text(double least = 0, std::size_t statements = 4000) {
  std::string log;
  const auto scripts = scripts_of({{0.8, 0.1}, {0.2, 2.6}}, 6, 1000, 4, Spread::kExponential, 0.04);
  simulate_closed(scripts, {.servers = 2, .statements = statements}, [&](const SimulatedStatement& statement) {
    if (statement.end - statement.start < least) return;
    const auto ms = static_cast<std::int64_t>(statement.end);
    log += fmt::format("2026-11-22 10:{:02}:{:02}.{:03} UTC [{}] u@crm/web LOG:  duration: {:.3f} ms  statement: {}\n",
                       ms / 60'000, ms / 1000 % 60, ms % 1000, 500 + statement.session, statement.end - statement.start,
                       statement.query == 0 ? "SELECT a FROM t WHERE id = 1" : "SELECT count(*) FROM t WHERE b = 2");
  });
  return log;
}

Json report_of(const std::string& log, std::vector<std::string> more = {}) {
  const test::Folder folder;
  std::vector<std::string> arguments{"report", folder.write("server.log", log), "--format", "json", "--quiet"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const test::Outcome outcome = test::assay(arguments);
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  return Json::parse(outcome.out);
}

bool mentions(const Json& sentences, const std::string& word) {
  return sentences.dump().find(word) != std::string::npos;
}

}  // namespace

TEST_CASE("the JSON report has the baseline and its accounts balance") {
  const Json report = report_of(simulated_log_text(), {"--cores", "2"});
  const Json& simulation = report.at("simulation");
  CHECK(simulation["servers"] == 2);
  CHECK(simulation["servers_assumed"] == false);
  CHECK(simulation["sessions"] == 6);
  CHECK(simulation["demand"]["mean_ms"].get<double>() == Approx(0.6).epsilon(0.1));
  CHECK(simulation["before"]["throughput"].get<double>() ==
        Approx(simulation["before"]["measured_throughput"].get<double>()).epsilon(0.05));
  std::uint64_t in_groups = 0;
  for (const Json& group : simulation["demand"]["groups"]) in_groups += group["executions"].get<std::uint64_t>();
  CHECK(in_groups == report["workload"]["executions"].get<std::uint64_t>());
  double demand = 0;
  for (const Json& query : simulation["demand"]["queries"]) {
    for (const Json& logged : report["queries"]) {
      if (logged["id"] == query["id"]) demand += query["demand_ms"].get<double>() * logged["calls"].get<double>();
    }
  }
  CHECK(demand / static_cast<double>(in_groups) == Approx(simulation["demand"]["mean_ms"].get<double>()));
}

TEST_CASE("a threshold that the log contradicts forbids nothing") {
  CHECK(report_of(simulated_log_text(), {"--log-threshold", "1ms"}).at("simulation").contains("before"));
}

TEST_CASE("without --cores the report says what it assumes, and asks") {
  const Json report = report_of(simulated_log_text());
  CHECK(report["simulation"]["servers_assumed"] == true);
  CHECK(mentions(report["simulation"]["assumptions"], "--cores"));
}

TEST_CASE("behind a threshold there is no forecast, and the reason") {
  const Json simulation = report_of(simulated_log_text(1), {"--log-threshold", "1ms"}).at("simulation");
  CHECK_FALSE(simulation.contains("before"));
  CHECK(mentions(simulation["refusals"], "log_min_duration_statement = 0"));
}

TEST_CASE("the markdown report has Q, W, the forecast and the growth") {
  const test::Folder folder;
  const std::string log = folder.write("server.log", simulated_log_text());
  const std::string text = test::assay({"report", log, "--cores", "2", "--quiet"}).out;
  for (const char* part : {"## Throughput", "| Q = S / T |", "| W = N / P |", "**Forecast**", "**Closed and open",
                           "**As load grows.**", "of 2 cores at work", "**Where the processor's time goes.**"}) {
    INFO(part);
    CHECK(text.find(part) != std::string::npos);
  }
}

TEST_CASE("a number of cores that is none is wrong use") {
  CHECK(test::assay({"report", "x.log", "--cores", "0"}).status == 2);
  CHECK(test::assay({"report", "x.log", "--cores", "two"}).status == 2);
}

}  // namespace assay
