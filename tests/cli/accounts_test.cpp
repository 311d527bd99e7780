// What a user is told of lines that could not be read, of settings that censor the log, and of what a run took.
#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/cli/command.h"
#include "tests/cli/packed.h"
#include "tests/cli/server_run.h"

namespace assay {
namespace {

using nlohmann::json;
using test::assay;
using test::Folder;
using test::Outcome;
using test::says;
using test::ServerRun;

json json_of(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "report");
  arguments.insert(arguments.end(), {"--format", "json", "--quiet"});
  const Outcome outcome = assay(arguments);
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  return json::parse(outcome.out);
}

}  // namespace

TEST_CASE("more than 5 % of the lines skipped: a warning, and again among the report's first lines") {
  const Folder folder;
  std::string log;
  for (int i = 0; i < 60; ++i) log += "garbage\n";
  const std::string path = folder.write("half.log", log + ServerRun(1).as_stderr(0, 40));
  const Outcome outcome = assay({"report", path, "--quiet"});
  CHECK(outcome.status == 0);
  const std::string what =
      "60 of 100 lines (60.0 %) were skipped, most of them: the file starts in the middle of a record";
  CHECK(says(outcome.err, path + ": warning: " + what + "\nhint: "));
  const auto place = outcome.out.find("**Read with care.** In `" + path + "`, " + what);
  CHECK(place < outcome.out.find("**What costs most.**"));
}

TEST_CASE("5 % and less: no such warning") {
  const Folder folder;
  const std::string log = "garbage\n" + ServerRun(1).as_stderr(0, 40);
  CHECK_FALSE(says(assay({"report", folder.write("good.log", log)}).err, "were skipped, most of them"));
}

TEST_CASE("a log_line_prefix that is wrong for one of two inputs: that one fails, the other is reported") {
  const Folder folder;
  const std::string good = folder.write("good.log", ServerRun(1).as_stderr(0, 40));
  const std::string other = folder.write("other.log", ServerRun(2).as_stderr(0, 40, "%m "));
  const Outcome outcome = assay({"report", good, other, "--log-line-prefix", "%m [%p] "});
  CHECK(outcome.status == 1);
  CHECK(says(outcome.err, other + ": error: no line of it could be read as stderr"));
  CHECK(says(outcome.err, "the log looks like --log-line-prefix '%m '"));
  CHECK(says(outcome.out, "40 executions"));
}

TEST_CASE("a file in which nothing is recognised fails, and the rest is reported") {
  const Folder folder;
  const std::string good = folder.write("good.log", ServerRun(1).as_stderr(0, 40));
  const Outcome outcome = assay({"report", folder.write("diary", "Dear diary,\nnothing today.\n"), good});
  CHECK(outcome.status == 1);
  CHECK(says(outcome.err, "diary: no log format that assay knows"));
  CHECK(says(outcome.out, "40 executions"));
}

TEST_CASE("what a compressed file tells before its damage is in the account, and the status says that it failed") {
  const Folder folder;
  const ServerRun run(3, 100'000);
  const std::string packed = test::gzipped(run.as_stderr(0, 100'000));
  const std::string path = folder.write("cut.log.gz", packed.substr(0, packed.size() * 9 / 10));
  const Outcome outcome = assay({"report", path, "--format", "json", "--quiet"});
  CHECK(outcome.status == 1);
  CHECK(says(outcome.err, "the gzip data is damaged at byte "));
  const json report = json::parse(outcome.out);
  REQUIRE(report["inputs"].size() == 1);
  CHECK(report["inputs"][0]["cut_short"] == true);
  const int lines = report["inputs"][0]["lines"], records = report["inputs"][0]["records"];
  CHECK(lines - records <= 1);  // the last one may be cut off
  CHECK(report["inputs"][0]["executions"] == report["workload"]["executions"]);
}

TEST_CASE("a record that a rotation cut in two is put together, and its lines are those of the file where it begins") {
  const Folder folder;
  const std::string log =
      "2026-11-22 10:00:00.000 UTC [1] LOG:  duration: 1.000 ms  statement: SELECT a\n"
      "\tFROM t\n\tWHERE b\n"
      "2026-11-22 10:00:01.000 UTC [1] LOG:  duration: 2.000 ms  statement: SELECT 1\n";
  for (const char* at : {"ms  statement", "FROM t", "\tFROM t", "\n\tWHERE", "HERE b", "\n2026-11-22 10:00:01"}) {
    const std::size_t cut = log.find(at);
    const std::string first = folder.write("b.log", log.substr(0, cut)), rest = folder.write("a.log", log.substr(cut));
    const json report = json_of({rest, first});
    INFO(at);
    CHECK(report["workload"]["executions"] == 2);
    CHECK(report["workload"]["total_ms"] == 3.0);
    CHECK(report["queries"].size() == 2);
    CHECK(report["inputs"][0]["path"] == first);
    CHECK(report["inputs"][0]["lines"] == 3);
    CHECK(report["inputs"][0]["continuation_lines"] == 2);
    CHECK(report["inputs"][1]["lines"] == 1);
    CHECK(report["inputs"][1]["skipped"].empty());
    CHECK(says(assay({"report", rest, first}).err,
               first + ": note: its last record goes on in " + rest + ", and counts here\n"));
  }
}

TEST_CASE("lines before the first record that do not continue the file before are skipped, with the reason") {
  const Folder folder;
  const std::string before = "2026-11-22 10:00:00.000 UTC [1] LOG:  duration: 1.000 ms  statement: SELECT a FROM t\n";
  const std::string behind = "garbage\n2026-11-22 10:00:01.000 UTC [1] LOG:  duration: 2.000 ms  statement: SELECT 1\n";
  const json report = json_of({folder.write("a.log", before), folder.write("b.log", behind)});
  CHECK(report["workload"]["executions"] == 2);
  CHECK(report["inputs"][0]["lines"] == 1);
  CHECK(report["inputs"][1]["lines"] == 2);
  CHECK(report["inputs"][1]["skipped"][0]["reason"] == "the file starts in the middle of a record");
}

TEST_CASE("where summer time ends within a log, the hour that comes twice is two hours") {
  const Folder folder;
  const auto line = [](const std::string& stamp) {
    return stamp + " [1] LOG:  duration: 1000.000 ms  statement: SELECT 1\n";
  };
  const std::string summer = line("2026-10-25 02:30:00.000 CEST") + line("2026-10-25 02:59:59.000 CEST"),
                    winter = line("2026-10-25 02:00:01.000 CET") + line("2026-10-25 02:30:00.000 CET");
  const json one = json_of({folder.write("whole.log", summer + winter)});
  CHECK(one["workload"]["first"] == "2026-10-25T02:29:59+02:00");
  CHECK(one["workload"]["last"] == "2026-10-25T02:30:00+01:00");
  const std::string before = folder.write("b.log", summer), behind = folder.write("a.log", winter);
  const json two = json_of({behind, before});
  CHECK(two["inputs"][0]["path"] == before);
  CHECK(two["workload"] == one["workload"]);
  CHECK(two["workload"]["executions"] == 4);
}

TEST_CASE("the account names the prefix that was found, and what it leaves out") {
  const Folder folder;
  const std::string path = folder.write("good.log", ServerRun(1).as_stderr(0, 40));
  CHECK(says(assay({"report", path}).out, "- `" + path +
                                              "`: read with log_line_prefix `%m [%p] `, which leaves out session (%c), "
                                              "user (%u), database (%d), application (%a), host (%h), SQLSTATE (%e)"));
  CHECK(json_of({path})["inputs"][0]["log_line_prefix"] == "%m [%p] ");
}

TEST_CASE("the statistics of a run: what it took, and nothing of it in the report") {
  const Folder folder;
  const std::string path = folder.write("good.log", ServerRun(1).as_stderr(0, 40));
  const std::string plain = assay({"report", path}).out;
  const Outcome outcome = assay({"report", path, "--jobs", "1", "--stats", folder.path("stats.json")});
  CHECK(outcome.out == plain);
  const json stats = json::parse(test::read_file(folder.path("stats.json")));
  CHECK(stats["jobs"] == 1);
  CHECK(stats["reading"]["lines"] == 40);
  CHECK(stats["reading"]["executions"] == 40);
  CHECK(stats["reading"]["bytes"] == test::read_file(path).size());
  for (const char* stage : {"reading", "planning", "writing"}) CHECK(stats[stage]["seconds"].get<double>() >= 0);
  CHECK(stats["reading"]["lines_per_second"].get<double>() > 0);
  CHECK(stats["peak_memory_bytes"].get<std::uint64_t>() > 1'000'000);
  CHECK(assay({"report", path, "--stats", path}).status == 2);
}

TEST_CASE("a trace that does not fit is sampled, and the report says so") {
  const Folder folder;
  const std::string path = folder.write("good.log", ServerRun(1).as_stderr(0, 1000));
  const json whole = json_of({path})["workload"], part = json_of({path, "--memory", "8kB"})["workload"];
  CHECK(whole["trace"] == json{{"executions", 1000}, {"rate", 1.0}});
  CHECK(part["trace"]["rate"].get<double>() < 1);
  CHECK(part["trace"]["executions"].get<int>() <= 8192 / 32);
  CHECK(part["executions"] == 1000);
  CHECK(says(assay({"report", path, "--memory", "8kB"}).out, "- The trace of executions did not fit into memory"));
}

TEST_CASE("a sample of known rate: estimates with their errors, beside what was logged") {
  const Folder folder;
  const std::string path = folder.write("good.log", ServerRun(1).as_stderr(0, 300));
  const json report = json_of({path, "--log-sample-rate", "0.3"});
  CHECK(report["workload"]["executions"] == 300);
  CHECK(report["workload"]["estimated_executions"] == 1000);
  CHECK(report["workload"]["estimated_executions_error"].get<double>() == Approx(std::sqrt(300 * 0.7) / 0.3));
  std::uint64_t calls = 0;
  for (const auto& query : report["queries"]) calls += query["estimated_calls"].get<std::uint64_t>();
  CHECK(calls == 1000);
  const std::string text = assay({"report", path, "--log-sample-rate", "0.3"}).out;
  CHECK(says(text,
             "**What the log leaves out.** 300 logged executions stand for an estimated 1,000 (standard error 48)"));
  CHECK_FALSE(says(assay({"report", path}).out, "What the log leaves out"));
}

TEST_CASE("a threshold: nothing is scaled, and the report says what cannot be seen") {
  const Folder folder;
  const std::string log =
      "2026-11-22 10:00:00.000 UTC [1] LOG:  received SIGHUP, reloading configuration files\n"
      "2026-11-22 10:00:00.000 UTC [1] LOG:  parameter \"log_min_duration_statement\" changed to \"100ms\"\n"
      "2026-11-22 10:00:01.000 UTC [2] LOG:  duration: 200.000 ms  statement: SELECT 1\n";
  const std::string path = folder.write("good.log", log);
  const Outcome outcome = assay({"report", path});
  CHECK(
      says(outcome.out,
           "**What the log leaves out.** From 2026-11-22T10:00:00+00:00 on, statements faster than 100 ms are not in "
           "this log: counts and throughput are lower bounds, and N+1 loops and candidates for a cache cannot be seen, "
           "by the log."));
  const json report = json_of({path});
  CHECK(report["workload"]["censoring"][0]["log_min_duration_statement_ms"] == 100.0);
  CHECK_FALSE(report["workload"].contains("estimated_executions"));
}

TEST_CASE("a stated threshold that the log contradicts is not believed") {
  const Folder folder;
  const Outcome outcome =
      assay({"report", folder.write("good.log", ServerRun(1).as_stderr(0, 300)), "--log-threshold", "1s"});
  CHECK(says(outcome.out, "should not be in this log, but 300 are: the setting did not hold for all of it"));
}

TEST_CASE("thresholds and rates that are none are wrong usage") {
  const Folder folder;
  const std::string path = folder.write("good.log", ServerRun(1).as_stderr(0, 3));
  for (const char* rate : {"0", "2", "10%", ""}) CHECK(assay({"report", path, "--log-sample-rate", rate}).status == 2);
  for (const char* threshold : {"-1", "soon", ""})
    CHECK(assay({"report", path, "--log-threshold", threshold}).status == 2);
}

TEST_CASE("several databases in one log: how the time divides, and which one the advice is for") {
  const Folder folder;
  std::string log;
  for (const char* database : {"crm", "crm", "shop"}) {
    log += std::string("2026-11-22 10:00:00.000 UTC [1] web@") + database +
           " LOG:  duration: 10.000 ms  statement: SELECT a FROM t WHERE b = 1\n";
  }
  const std::string text = assay({"report", folder.write("two.log", log)}).out;
  CHECK(says(text,
             "| `crm` | 2 | 20.0 ms | 66.7 % | in this report |\n"
             "| `shop` | 1 | 10.0 ms | 33.3 % | none here: give its own catalog |\n"));
  CHECK(says(text, "another database than the one judged: shop"));
}

}  // namespace assay
