// Events on their way from a log to the report.
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/command.h"

namespace assay {
namespace {

using nlohmann::json;
using test::assay;
using test::Folder;
using test::Outcome;
using test::says;

const std::string kRecorded = std::string(ASSAY_SAMPLES) + "/events/recorded/";

json report_on(const std::string& path) {
  const Outcome outcome = assay({"report", path, "--format", "json", "--quiet"});
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  return json::parse(outcome.out);
}

/// "statement timeout" -> 3, from a list of objects that have a count.
std::map<std::string, int> counts(const json& list, const char* key) {
  std::map<std::string, int> counts;
  for (const json& item : list) counts[item.value(key, "")] += item["count"].get<int>();
  return counts;
}

std::string normalized(const json& report, const json& item) {
  for (const json& query : report["queries"]) {
    if (query["id"] == item.value("query", "")) return query["normalized"];
  }
  return {};
}

/// Of markdown, less its fenced blocks: one ends with the fence that it began with.
std::vector<std::string> lines_outside_of_blocks(const std::string& markdown) {
  std::vector<std::string> lines;
  std::istringstream text(markdown);
  std::string fence;
  for (std::string line; std::getline(text, line);) {
    if (fence.empty() && line.starts_with("```")) {
      fence = line.substr(0, line.find_first_not_of('`'));
    } else if (!fence.empty()) {
      if (line == fence) fence.clear();
    } else {
      lines.push_back(line);
    }
  }
  return lines;
}

std::string line(const std::string& rest) { return "2026-11-22 10:00:00.123 UTC [7] web@crm " + rest + "\n"; }

}  // namespace

TEST_CASE("a recorded server's complaints are told as they were caused") {
  for (const char* name : {"events.log.zst", "events.csv.zst", "events.jsonlog.zst"}) {
    INFO(name);
    const json report = report_on(kRecorded + name);
    const json& events = report["events"];
    CHECK(counts(events["cancelled"], "cause") == std::map<std::string, int>{{"statement timeout", 3},
                                                                             {"lock timeout", 1},
                                                                             {"user request", 1},
                                                                             {"idle-in-transaction timeout", 1},
                                                                             {"administrator command", 1}});
    auto states = counts(events["errors"], "sqlstate");
    states[""] += states["P0001"];  // of the server's own function, told by the codes of csvlog and jsonlog only
    states.erase("P0001");
    CHECK(states == std::map<std::string, int>{{"", 1},
                                               {"22012", 1},
                                               {"22P02", 1},
                                               {"23503", 1},
                                               {"23505", 5},
                                               {"23514", 1},
                                               {"25P03", 1},
                                               {"28000", 2},
                                               {"28P01", 2},
                                               {"40P01", 2},
                                               {"42601", 1},
                                               {"42703", 1},
                                               {"42P01", 1},
                                               {"55P03", 1},
                                               {"57014", 4},
                                               {"57P01", 1},
                                               {"57P03", states["57P03"]}});
    CHECK(counts(events["alarms"], "kind")["crash"] == 1);

    REQUIRE(events["lock_waits"].size() == 2);
    const json& wait = events["lock_waits"][0];
    CHECK(wait["relation"] == "account");
    CHECK(wait["granted"] == 2);
    CHECK(wait["total_ms"].get<double>() == Approx(1000).epsilon(0.1));
    REQUIRE(wait["blockers"].size() == 1);
    CHECK(normalized(report, wait) == "UPDATE account SET balance = balance - ? WHERE id = ?");
    CHECK(normalized(report, wait["blockers"][0]) == "UPDATE account SET balance = balance + ? WHERE id = ?");
    REQUIRE(events["lock_waits"][1]["blockers"].size() == 1);
    CHECK(normalized(report, events["lock_waits"][1]["blockers"][0]) == "LOCK TABLE visit IN ACCESS EXCLUSIVE MODE");

    REQUIRE(events["deadlocks"].size() == 1);
    CHECK(events["deadlocks"][0]["count"] == 2);
    CHECK(events["deadlocks"][0]["statements"].size() == 2);
    CHECK(events["temporary_files"].size() == 2);
    CHECK(events["checkpoints"]["by_time"].get<int>() >= 1);
    CHECK(events["checkpoints"]["by_wal"].get<int>() >= 1);
    CHECK(events["checkpoints"]["too_frequent"].get<int>() >= 1);
    CHECK(events["connections"]["failures"].size() == 3);
    CHECK(events["connections"]["most_open"] == 2);
    REQUIRE(events["parameters"].size() == 2);
    CHECK(events["parameters"][0]["value"] == "8MB");
    CHECK_FALSE(events["parameters"][1].contains("value"));

    const json& sessions = report["sessions"];
    REQUIRE(sessions["loops"].size() == 2);
    CHECK(sessions["loops"][0]["runs"] == 4);
    CHECK(sessions["loops"][0]["median_repeats"] == 25);
    CHECK(normalized(report, sessions["loops"][0]) == "SELECT item, amount FROM order_line WHERE order_id = ?");
    CHECK(sessions["loops"][1]["most_repeats"] == 40);
    CHECK(sessions["idle"].size() >= 3);
  }
}

TEST_CASE("plans in all formats of auto_explain are kept with their class, nested ones too") {
  const json report = report_on(kRecorded + "events.log.zst");
  int plans = 0;
  bool nested = false;
  for (const json& query : report["queries"]) {
    if (!query.contains("plan")) continue;
    ++plans;
    nested |= query["plan"].value("nested_in", "") != "";
  }
  // One statement in four formats, the call of the function, and the statement within it.
  CHECK(plans == 3);
  CHECK(nested);
}

TEST_CASE("a log of nothing but executions has no section of events") {
  const Folder folder;
  const Outcome outcome = assay({"report", folder.write("a.log", line("LOG:  duration: 1.5 ms  statement: SELECT 1"))});
  CHECK(outcome.status == 0);
  for (const char* section : {"## Alarms", "## Errors", "## Cancelled", "## Locks", "## Temporary", "## Checkpoints",
                              "## Autovacuum", "## Connections", "## Clients", "## Sessions"}) {
    INFO(section);
    CHECK_FALSE(says(outcome.out, section));
  }
}

TEST_CASE("a log of plans alone is counted from them, and the report says so") {
  const Folder folder;
  const Outcome outcome =
      assay({"report",
             folder.write("a.log", line("LOG:  duration: 1.500 ms  plan:\n\tQuery Text: SELECT a FROM t\n\tSeq Scan "
                                        "on t  (cost=0.00..1.00 rows=1 width=4)"))});
  CHECK(outcome.status == 0);
  CHECK(says(outcome.out, "1 execution in 1 query class"));
  CHECK(says(outcome.out, "so the executions are those that it logged"));
  CHECK(says(outcome.out, "Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)"));
}

TEST_CASE("names and texts of events stay inside code") {
  const Folder folder;
  const std::string evil = "<script>`|\x1b[31m";
  std::string log = line("LOG:  duration: 1.5 ms  statement: SELECT 1");
  log += line("ERROR:  relation \"" + evil + "\" does not exist") + line("STATEMENT:  SELECT '" + evil + "'");
  log += line("LOG:  automatic vacuum of table \"a.b." + evil + "\": index scans: 1");
  log += line("LOG:  connection received: host=" + evil + " port=5");
  log += line("LOG:  connection authorized: user=" + evil + " database=" + evil + " application_name=" + evil);
  log += line("FATAL:  password authentication failed for user \"" + evil + "\"");
  log += line("LOG:  process 7 still waiting for ShareLock on transaction 9 after 1000.123 ms");
  log += line("DETAIL:  Process holding the lock: 4. Wait queue: 7.");
  log += line("CONTEXT:  while updating tuple (0,1) in relation \"" + evil + "\"");
  log += line("ERROR:  deadlock detected");
  log +=
      line("DETAIL:  Process 7 waits for ShareLock on transaction 1; blocked by process 8.\n\tProcess 8 waits for " +
           evil + " on " + evil + "; blocked by process 7.\n\tProcess 7: SELECT '" + evil + "'\n\tProcess 8: " + evil);
  log += line("LOG:  server process (PID 7) was terminated by signal 9: " + evil);
  log += line("DETAIL:  Failed process was running: " + evil);
  log += line("LOG:  duration: 1.5 ms  plan:\n\tQuery Text: SELECT '" + evil + "'\n\tSeq Scan on \"" + evil +
              "\"  (cost=0.00..1.00 rows=1 width=4)\n\t```\n\t# heading");
  const Outcome outcome = assay({"report", folder.write("evil.log", log)});
  CHECK(outcome.status == 0);
  CHECK_FALSE(says(outcome.out + outcome.err, "\x1b"));
  CHECK_FALSE(says(outcome.out, "\n# heading\n```\n"));
  for (const std::string& text : lines_outside_of_blocks(outcome.out)) {
    const auto found = text.find("<script>");
    if (found == std::string::npos) continue;
    INFO(text);
    CHECK(text.rfind('`', found) != std::string::npos);
  }
  CHECK(assay({"report", folder.path("evil.log"), "--format", "json"}).status == 0);
}

}  // namespace assay
