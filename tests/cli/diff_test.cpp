// assay diff: what changed stands on top, what did not is not told, and what cannot be compared is said.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/cli/command.h"

namespace assay {
namespace {

using nlohmann::json;
using test::assay;
using test::Folder;
using test::Outcome;

struct Change {
  double factor = 1;       ///< of the times of class 3
  std::string more_lines;  ///< in front
  double least_ms = 0;     ///< faster ones are not logged
};

/// Ten minutes of twelve classes, some ten calls a second.
std::string run_of(unsigned seed, const Change& change = {}) {
  std::mt19937 random(seed);
  std::lognormal_distribution<double> time(0, 0.4);
  std::string log = change.more_lines;
  for (int i = 0; i < 6000; ++i) {
    const auto query = static_cast<unsigned>(random() % 12);
    const double ms = (1 + query) * time(random) * (query == 3 ? change.factor : 1);
    char line[200];
    std::snprintf(
        line, sizeof line,
        "2026-11-22 10:%02d:%02d.%03d UTC [%u] LOG:  duration: %.3f ms  statement: SELECT c%u FROM t WHERE id = %d\n",
        i / 600, i / 10 % 60, i % 10 * 100, 100 + query % 4, ms, query, i);
    if (ms >= change.least_ms) log += line;
  }
  return log;
}

json diff(const std::string& before, const std::string& after, std::vector<std::string> flags = {}) {
  flags.insert(flags.begin(), {"diff", before, after, "--format", "json", "--quiet"});
  const Outcome outcome = assay(flags);
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  return json::parse(outcome.out);
}

const json& class_of(const json& document, const std::string& text) {
  for (const json& query : document["queries"]) {
    if (query["normalized"].get<std::string>().find(text) != std::string::npos) return query;
  }
  throw std::runtime_error("no such class");
}

std::size_t noteworthy(const json& document) {
  std::size_t count = 0;
  for (const json& query : document["queries"]) count += query["noteworthy"].get<bool>() ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("diff finds the class that became 30 % slower, and no other") {
  const Folder folder;
  const std::string before = folder.write("before.log", run_of(1)),
                    after = folder.write("after.log", run_of(2, {.factor = 1.3}));
  const json document = diff(before, after);
  CHECK(noteworthy(document) == 1);
  const json& slower = class_of(document, "c3 ");
  CHECK(slower["time"]["change"] == "slower");
  CHECK(slower["time"]["ratio"].get<double>() == Approx(1.3).epsilon(0.1));
  CHECK(slower["cost_ms_per_s"].get<double>() ==
        Approx(slower["by_time_ms_per_s"].get<double>() + slower["by_frequency_ms_per_s"].get<double>()));
  CHECK(document["queries"][0]["id"] == slower["id"]);
  CHECK(document["verdict"].get<std::string>().find("Of 12 query classes, 1 slower.") == 0);
  const Outcome markdown = assay({"diff", before, after, "--quiet"});
  CHECK(markdown.status == 0);
  CHECK(markdown.out.find("**Of 12 query classes, 1 slower.") != std::string::npos);
  CHECK(markdown.out.find("slower: +") != std::string::npos);
}

TEST_CASE("diff tells nothing of two runs that differ by chance") {
  const Folder folder;
  CHECK(noteworthy(diff(folder.write("a", run_of(3)), folder.write("b", run_of(4)))) == 0);
}

TEST_CASE("diff says the same of logs, of saved workloads, and of one of each") {
  const Folder folder;
  const std::string before = folder.write("before.log", run_of(1)),
                    after = folder.write("after.log", run_of(2, {.factor = 1.3}));
  for (const auto& log : {before, after}) REQUIRE(assay({"report", log, "--save", log + ".w", "--quiet"}).status == 0);
  const json one = diff(before, after);
  CHECK((diff(before + ".w", after + ".w") == one));
  CHECK((diff(before, after + ".w") == one));
}

TEST_CASE("diff tells a new class, a gone one and a new error") {
  const Folder folder;
  std::string log;
  for (int i = 0; i < 40; ++i) {
    log += "2026-11-22 10:0" + std::to_string(i / 5) + ":" + std::to_string(10 + i) +
           ".000 UTC [9] LOG:  duration: 3.000 ms  statement: SELECT fresh FROM t\n";
  }
  log +=
      "2026-11-22 10:05:00.000 UTC [9] ERROR:  division by zero\n2026-11-22 10:05:00.000 UTC [9] STATEMENT:  SELECT "
      "1/0\n";
  const std::string without = folder.write("a", run_of(5)), with = folder.write("b", run_of(6, {.more_lines = log}));
  const json added = diff(without, with), taken = diff(with, without);
  CHECK(class_of(added, "fresh")["presence"] == "new");
  CHECK(class_of(added, "fresh")["certain"] == true);
  CHECK(class_of(taken, "fresh")["presence"] == "gone");
  REQUIRE(added["new_errors"].size() == 1);
  CHECK(added["new_errors"][0]["sqlstate"] == "22012");
  CHECK(taken["new_errors"].empty());
}

TEST_CASE("diff does not compare times of logs with other thresholds, and says so") {
  const Folder folder;
  const std::string all = folder.write("all", run_of(7));
  const std::string slow = folder.write(
      "slow", run_of(8, {.more_lines = "2026-11-22 09:59:59.000 UTC [1] LOG:  parameter \"log_min_duration_statement\" "
                                       "changed to \"5ms\"\n",
                         .least_ms = 5}));
  const json document = diff(all, slow);
  CHECK(document["notes"].dump().find("BEFORE logs statements of any length, AFTER statements of 5 ms and more only") !=
        std::string::npos);
  for (const json& query : document["queries"]) {
    INFO(query["normalized"]);
    CHECK(query["noteworthy"] == false);
    if (query["presence"] == "both") CHECK(query["time"]["change"] == "unjudged");
  }
}

TEST_CASE("diff lets no text of a log become markup") {
  const Folder folder;
  std::string log;
  for (int i = 0; i < 60; ++i) {
    log += "2026-11-22 10:0" + std::to_string(i / 10) + ":" + std::to_string(10 + i % 40) +
           ".000 UTC [9] LOG:  duration: 3.000 ms  statement: SELECT \"`|<script>\033[31m\" FROM t\n";
  }
  const Outcome outcome =
      assay({"diff", folder.write("a", run_of(9)), folder.write("b", run_of(10, {.more_lines = log})), "--quiet"});
  CHECK(outcome.out.find('\033') == std::string::npos);
  for (std::size_t at = outcome.out.find("<script>"); at != std::string::npos;
       at = outcome.out.find("<script>", at + 1)) {
    const std::size_t line = outcome.out.rfind('\n', at);
    const std::string before = outcome.out.substr(line + 1, at - line - 1);
    const bool in_span = before.find('`') != std::string::npos;
    const bool in_block = before.find("SELECT") == 0;
    CHECK((in_span || in_block));
  }
}

TEST_CASE("diff wants two inputs, and fails where one cannot be read") {
  const Folder folder;
  const std::string log = folder.write("a", run_of(1));
  CHECK(assay({"diff", log}).status == 2);
  CHECK(assay({"diff", log, folder.path("missing")}).status == 1);
  CHECK(assay({"diff", log, log, "-o", log}).status == 2);
  CHECK(assay({"diff", log, log, "-o", folder.path("diff.json"), "--stats", folder.path("stats")}).status == 0);
  CHECK(json::parse(test::read_file(folder.path("diff.json")))["queries"].size() == 12);
  CHECK(json::parse(test::read_file(folder.path("stats"))).contains("comparing"));
}

}  // namespace assay
