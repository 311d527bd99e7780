// Inputs that tell the same run are one workload; those of several servers are one workload too, with all their
// records.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/cli/command.h"
#include "tests/cli/packed.h"
#include "tests/cli/server_run.h"
#include "tests/unpacked.h"

namespace assay {
namespace {

using nlohmann::json;
using test::assay;
using test::Folder;
using test::gzipped;
using test::Outcome;
using test::says;
using test::ServerRun;

json report_of(std::vector<std::string> inputs, const std::string& piped = {}) {
  inputs.insert(inputs.begin(), "report");
  inputs.insert(inputs.end(), {"--format", "json", "--quiet"});
  const Outcome outcome = assay(inputs, piped);
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  return json::parse(outcome.out);
}

/// Everything but the inputs.
json workload_of(json report) {
  report.erase("inputs");
  return report;
}

std::string sample(const std::string& name) { return std::string(ASSAY_SAMPLES) + "/crm/recorded/" + name; }

void check_balance(const json& report) {
  for (const auto& input : report["inputs"]) {
    std::uint64_t skipped = 0;
    for (const auto& lines : input["skipped"]) skipped += lines["count"].get<std::uint64_t>();
    CHECK(input["lines"] ==
          input["records"].get<std::uint64_t>() + input["continuation_lines"].get<std::uint64_t>() + skipped);
  }
}

}  // namespace

TEST_CASE("stderr log, csvlog and jsonlog of one server, in any order, are one workload") {
  const json one = workload_of(report_of({sample("crm.jsonlog.zst")}));
  std::vector<std::string> inputs{sample("crm.csv.zst"), sample("crm.jsonlog.zst"), sample("crm.log.zst")};
  do {
    const json all = report_of(inputs);
    CHECK(workload_of(all) == one);
    REQUIRE(all["inputs"].size() == 3);
    CHECK(all["inputs"][0]["format"] == "jsonlog");
    CHECK(all["inputs"][0]["executions"] == 18228);
    for (const std::size_t other : {1U, 2U}) {
      CHECK(all["inputs"][other]["executions"] == 0);
      CHECK(all["inputs"][other]["left_out"] == "tells the same run as " + sample("crm.jsonlog.zst"));
    }
    check_balance(all);
  } while (std::next_permutation(inputs.begin(), inputs.end()));
}

TEST_CASE("the same log, copied or compressed, is read once and named as left out") {
  const Folder folder;
  const std::string log = ServerRun(1).as_stderr(0, 500);
  const std::string plain = folder.write("plain.log", log);
  const json one = workload_of(report_of({plain}));
  for (const auto& copy : {folder.write("a.copy", log), folder.write("a.gz", gzipped(log))}) {
    const json both = report_of({copy, plain});
    CHECK(workload_of(both) == one);
    std::vector<std::string> left_out;
    for (const auto& input : both["inputs"]) {
      if (input.contains("left_out")) left_out.push_back(input["path"]);
    }
    CHECK(left_out.size() == 1);
  }
  const Outcome outcome = assay({"report", plain, folder.path("a.gz"), "-o", folder.path("report.md"), "--quiet"});
  CHECK(outcome.err.ends_with(folder.path("a.gz") + ": warning: left out: tells the same run as " + plain +
                              "\nhint: give one of them\n"));
  CHECK(says(test::read_file(folder.path("report.md")), "from 2 inputs (1 of them left out: told by another)"));
}

TEST_CASE("a log of a single statement, given with its copy, counts once") {
  const Folder folder;
  const std::string log = ServerRun(1).as_stderr(7, 8);
  CHECK(report_of({folder.write("a", log), folder.write("b", log)})["workload"]["executions"] == 1);
}

TEST_CASE("what the tail of one input and the head of another both tell is counted once, in either order") {
  const Folder folder;
  const ServerRun run(2);
  const json whole = workload_of(report_of({folder.write("whole.log", run.as_stderr(0, 1000))}));
  const std::string older = folder.write("z-older.log", run.as_stderr(0, 700));
  const std::string newer = folder.write("a-newer.log", run.as_stderr(500, 1000));
  for (const auto& inputs : {std::vector{older, newer}, std::vector{newer, older}}) {
    const json both = report_of(inputs);
    CHECK(workload_of(both) == whole);
    CHECK(both["inputs"][0]["path"] == older);
    CHECK(both["inputs"][0]["executions"] == 700);
    CHECK(both["inputs"][1]["executions"] == 300);
    CHECK(both["inputs"][1]["told_before"] == 200);
    CHECK(both["inputs"][1]["same_run_as"] == older);
    CHECK_FALSE(both["inputs"][1].contains("left_out"));
    check_balance(both);
  }
}

TEST_CASE("the richer format is read where two overlap, and the other tells the rest") {
  const Folder folder;
  const ServerRun run(3);
  const json whole = workload_of(report_of({folder.write("whole.csv", run.as_csv(0, 1000))}));
  const json both =
      report_of({folder.write("all.log", run.as_stderr(0, 1000)), folder.write("part.csv", run.as_csv(0, 400)),
                 folder.write("rest.csv", run.as_csv(400, 800))});
  CHECK(workload_of(both)["queries"] == whole["queries"]);
  CHECK(both["workload"] == whole["workload"]);
  CHECK(both["inputs"][0]["executions"] == 400);
  CHECK(both["inputs"][1]["executions"] == 400);
  CHECK(both["inputs"][2]["format"] == "stderr");
  CHECK(both["inputs"][2]["executions"] == 200);
}

TEST_CASE("seconds only, and no process, in one of two formats: the same run all the same") {
  const Folder folder;
  const ServerRun run(4);
  const std::string csv = folder.write("run.csv", run.as_csv(0, 500));
  for (const char* prefix : {"%t [%p] ", "%m ", "%t "}) {
    const json both = report_of({csv, folder.write("run.log", run.as_stderr(0, 500, prefix))});
    INFO(prefix);
    CHECK(both["workload"]["executions"] == 500);
    CHECK(both["inputs"][1].contains("left_out"));
  }
}

TEST_CASE("rotated logs are read in the order of their times, and nothing of them is told twice") {
  const Folder folder;
  const ServerRun run(5);
  const json whole = workload_of(report_of({folder.write("whole.log", run.as_stderr(0, 900))}));
  const std::string first = folder.write("c.log", run.as_stderr(0, 300)),
                    second = folder.write("a.log", run.as_stderr(300, 600)),
                    third = folder.write("b.log.gz", gzipped(run.as_stderr(600, 900)));
  const json all = report_of({third, first, second});
  CHECK(workload_of(all) == whole);
  CHECK(all["inputs"][0]["path"] == first);
  CHECK(all["inputs"][1]["path"] == second);
  CHECK(all["inputs"][2]["path"] == third);
  for (const auto& input : all["inputs"]) CHECK_FALSE((input.contains("told_before") || input.contains("server")));
}

TEST_CASE("two servers at the same time, with equal process ids, are one workload of all their records") {
  const Folder folder;
  const std::string a = folder.write("a.log", ServerRun(6).as_stderr(0, 600));
  const std::string b = folder.write("b.log", ServerRun(7).as_stderr(0, 600));
  const json both = report_of({a, b});
  CHECK(both["workload"]["executions"] == 1200);
  CHECK(both["inputs"][0]["server"] == 1);
  CHECK(both["inputs"][1]["server"] == 2);
  CHECK(both["workload"]["sessions"] == 2 * report_of({a})["workload"]["sessions"].get<int>());
  CHECK(says(assay({"report", a, b}).out, "from 2 inputs of 2 servers:"));
}

TEST_CASE("busy servers share no millisecond's statements, though many of them look alike") {
  const Folder folder;
  const std::string a = folder.write("a.log", ServerRun(13, 20'000, 2).as_stderr(0, 20'000));
  const std::string b = folder.write("b.log", ServerRun(14, 20'000, 2).as_stderr(0, 20'000));
  for (const json& both : {report_of({a, b}), report_of({a, b, folder.write("c.log", test::read_file(a))})}) {
    CHECK(both["workload"]["executions"] == 40'000);
    CHECK(both["workload"]["sessions"] == 16);
    int servers = 0;
    for (const auto& input : both["inputs"]) servers = std::max(servers, input["server"].get<int>());
    CHECK(servers == 2);
  }
}

TEST_CASE("rotations of two servers stay with their server, and a copy is of its own") {
  const Folder folder;
  const ServerRun one(8), two(9);
  const json all =
      report_of({folder.write("pg1.log", one.as_stderr(500, 1000)), folder.write("pg2.log", two.as_stderr(500, 1000)),
                 folder.write("pg1.log.1", one.as_stderr(0, 500)), folder.write("pg2.log.1", two.as_stderr(0, 500)),
                 folder.write("copy", two.as_stderr(500, 1000))});
  std::map<std::string, int> servers;
  for (const auto& input : all["inputs"])
    servers[input["path"].get<std::string>().substr(folder.path("").size())] = input["server"];
  CHECK(all["workload"]["executions"] == 2000);
  CHECK(servers["pg1.log"] == servers["pg1.log.1"]);
  CHECK(servers["pg2.log"] == servers["pg2.log.1"]);
  CHECK(servers["copy"] == servers["pg2.log"]);
  CHECK(servers["pg1.log"] != servers["pg2.log"]);
}

TEST_CASE("standard input is read first, and a file that tells the same is left out") {
  const Folder folder;
  const std::string log = ServerRun(10).as_stderr(0, 300);
  const json both = report_of({folder.write("a.log", log), "-"}, log);
  CHECK(both["workload"]["executions"] == 300);
  CHECK(both["inputs"][0]["path"] == "-");
  CHECK(both["inputs"][1]["left_out"] == "tells the same run as -");
}

TEST_CASE("another name of the same file is in the account") {
  const Folder folder;
  const std::string good = folder.write("good.log", ServerRun(11).as_stderr(0, 10));
  const json report = report_of({good, folder.path("./good.log")});
  REQUIRE(report["inputs"].size() == 2);
  CHECK(report["inputs"][1]["path"] == folder.path("./good.log"));
  CHECK(report["inputs"][1]["left_out"] == "tells the same run as " + good);
  CHECK(report["workload"]["executions"] == 10);
}

TEST_CASE("what is counted once does not depend on the number of workers") {
  const Folder folder;
  const ServerRun run(12);
  const std::string a = folder.write("a.log", run.as_stderr(0, 700)), b = folder.write("b.csv", run.as_csv(300, 1000));
  const auto text = [&](const char* jobs) { return assay({"report", a, b, "--jobs", jobs, "--quiet"}).out; };
  CHECK(text("1") == text("5"));
}

TEST_CASE("the pieces of a split log, given in any order, are one workload with every record") {
  const Folder folder;
  for (const char* name : {"events.log.zst", "events.csv.zst", "events.jsonlog.zst"}) {
    const std::string log = test::unpacked(std::string("events/recorded/") + name);
    const json whole = report_of({folder.write("whole", log)});
    std::vector<std::string> pieces;
    const std::size_t size = log.size() / 5 + 1;
    for (const std::size_t i : {3U, 0U, 4U, 1U, 2U}) {
      pieces.push_back(folder.write(std::string("xa") + "abcde"[i], log.substr(i * size, size)));
    }
    const json split = report_of(pieces);
    INFO(name);
    for (const char* sum : {"executions", "errors", "total_ms"})
      CHECK(split["workload"][sum] == whole["workload"][sum]);
    CHECK(split["queries"].size() == whole["queries"].size());
    std::uint64_t lines = 0;
    for (const auto& input : split["inputs"]) {
      CHECK(input["skipped"].empty());
      lines += input["lines"].get<std::uint64_t>();
    }
    CHECK(whole["inputs"][0]["lines"] == lines);
    check_balance(split);
  }
}

}  // namespace assay
