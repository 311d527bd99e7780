// A saved workload is an INPUT like the log that it was saved from, and many of them are one run over all their logs.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>
#include <regex>

#include "tests/cli/command.h"
#include "tests/cli/server_run.h"
#include "tests/unpacked.h"

namespace assay {
namespace {

using nlohmann::json;
using test::assay;
using test::Folder;
using test::Outcome;
using test::ServerRun;

using Paths = std::vector<std::string>;

Outcome report(const Paths& inputs, const Paths& flags = {}) {
  Paths arguments{"report", "--format", "json", "--quiet"};
  arguments.insert(arguments.end(), inputs.begin(), inputs.end());
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  Outcome outcome = assay(arguments);
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  return outcome;
}

std::string saved(const std::string& log, const Paths& flags = {}) {
  Paths all{"--save", log + ".workload"};
  all.insert(all.end(), flags.begin(), flags.end());
  report({log}, all);
  return log + ".workload";
}

Paths all_saved(const Paths& logs, const Paths& flags = {}) {
  Paths paths;
  for (const std::string& log : logs) paths.push_back(saved(log, flags));
  return paths;
}

/// `count` files of the log, cut where a record begins (`begins` matches there, at the front of a line).
Paths cut(const Folder& folder, const std::string& log, const std::regex& begins, std::size_t count, unsigned seed) {
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at < log.size(); at = log.find('\n', at) + 1) {
    const auto line = log.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = line + static_cast<std::ptrdiff_t>(std::min<std::size_t>(160, log.size() - at));
    if (std::regex_search(line, end, begins, std::regex_constants::match_continuous)) places.push_back(at);
    if (log.find('\n', at) == std::string::npos) break;
  }
  std::shuffle(places.begin(), places.end(), std::mt19937(seed));
  places.resize(std::min(places.size(), count - 1));
  places.insert(places.end(), {0, log.size()});
  std::sort(places.begin(), places.end());
  Paths paths;
  for (std::size_t i = 0; i + 1 < places.size(); ++i) {
    const std::string name = "part-" + std::string(1, static_cast<char>('a' + i)) + ".log";
    paths.push_back(folder.write(name, log.substr(places[i], places[i + 1] - places[i])));
  }
  return paths;
}

std::string sample(const std::string& name) { return test::unpacked(name); }

const std::regex kStderrRecord("[0-9-]{10} [0-9:.]+ [^\n]*? (LOG|ERROR|FATAL|WARNING|PANIC): ");
const std::regex kJsonRecord("\\{\"timestamp\"");
const std::regex kCsvRecord("[0-9-]{10} [0-9:.]+ [A-Z]+,\"?[a-z_]*\"?,");

}  // namespace

TEST_CASE("24 saved hours are one run over their logs, byte for byte") {
  const auto [name, record] = GENERATE(table<std::string, const std::regex*>(
      {{"crm/recorded/crm.log.zst", &kStderrRecord}, {"crm/recorded/crm.jsonlog.zst", &kJsonRecord}}));
  const unsigned seed = GENERATE(1U, 2U, 3U);
  const Folder folder;
  const Paths logs = cut(folder, sample(name), *record, 24, seed);
  REQUIRE(logs.size() == 24);
  const std::string one = report(logs).out;
  Paths hours = all_saved(logs);
  CHECK((report(hours).out == one));
  std::shuffle(hours.begin(), hours.end(), std::mt19937(seed));
  CHECK((report(hours).out == one));
}

TEST_CASE("saved workloads merge into one that is like them, in any grouping, with logs among them") {
  const Folder folder;
  const Paths logs = cut(folder, sample("crm/recorded/crm.log.zst"), kStderrRecord, 6, 4);
  const std::string one = report(logs).out;
  const Paths hours = all_saved(logs);
  const std::string morning = folder.path("morning"), evening = folder.path("evening"), day = folder.path("day");
  report({hours[0], hours[3], hours[4]}, {"--save", morning});
  report({hours[1], hours[2], hours[5]}, {"--save", evening});
  CHECK((report({evening, morning}).out == one));
  CHECK((report({evening, morning}, {"--save", day}).out == one));
  CHECK((report({day}).out == one));
  CHECK((report({logs[0], hours[1], logs[2], hours[3], logs[4], hours[5]}).out == one));
}

TEST_CASE("what is read alone from a saved workload is what its log tells") {
  const std::string path = GENERATE("crm/recorded/crm.csv.zst", "events/recorded/events.log.zst",
                                    "mysql/percona-8.0.log", "mysql/mysql-5.5.log", "mysql/mysql-8.0-extra.log");
  const Folder folder;
  const std::string source = std::string(ASSAY_SAMPLES) + "/" + path;
  if (test::read_file(source).empty()) return;
  const std::string one = report({source}, {"--save", folder.path("w")}).out;
  CHECK((report({folder.path("w")}).out == one));
}

TEST_CASE("an open transaction, a loop and a lock wait go on from one saved workload to the next") {
  std::string log;
  const auto say = [&](int ms, int process, const std::string& text) {
    char stamp[64];
    std::snprintf(stamp, sizeof stamp, "2026-11-22 10:00:%02d.%03d UTC [%d] LOG:  ", ms / 1000, ms % 1000, process);
    log += stamp + text + "\n";
  };
  for (int i = 0; i < 60; ++i) {
    if (i % 15 == 0) say(i * 20, 1, "duration: 0.010 ms  statement: BEGIN");
    say(i * 20 + 5, 1, "duration: 0.300 ms  statement: SELECT * FROM lines WHERE invoice = " + std::to_string(i));
    say(i * 20 + 6, 1,
        "duration: 0.200 ms  statement: UPDATE invoices SET seen = true WHERE id = " + std::to_string(i));
    if (i % 15 == 14) say(i * 20 + 9, 1, "duration: 0.020 ms  statement: COMMIT");
    if (i == 20) say(i * 20 + 7, 2, "process 2 still waiting for ShareLock on transaction 77 after 1000.123 ms");
    if (i == 29) say(i * 20 + 12, 2, "process 2 acquired ShareLock on transaction 77 after 1200.123 ms");
  }
  const unsigned seed = GENERATE(range(1U, 9U));
  const Folder folder;
  const Paths logs = cut(folder, log, kStderrRecord, 12, seed);
  CHECK((report(all_saved(logs)).out == report(logs).out));
}

TEST_CASE("the hour that is given twice, saved or not, counts once") {
  const Folder folder;
  const ServerRun run(3);
  const std::string a = folder.write("a.log", run.as_stderr(0, 500)),
                    b = folder.write("b.log", run.as_stderr(500, 1000));
  const std::string overlapping = folder.write("c.log", run.as_stderr(300, 700));
  const Paths logs{a, b, overlapping};
  CHECK((report(all_saved(logs)).out == report(logs).out));
  const json one = json::parse(report({a, b}).out);
  const json twice = json::parse(report({saved(a), a, saved(b), saved(overlapping)}).out);
  CHECK(twice["workload"] == one["workload"]);
  CHECK(twice["queries"] == one["queries"]);
  const json copied = json::parse(report({saved(a), saved(folder.write("a.copy", test::read_file(a)))}).out);
  CHECK(copied["workload"] == json::parse(report({a}).out)["workload"]);
}

TEST_CASE("the logs of two servers, saved, are two servers") {
  const Folder folder;
  const Paths logs{folder.write("a.log", ServerRun(1).as_stderr(0, 400)),
                   folder.write("b.log", ServerRun(2).as_stderr(0, 400))};
  CHECK((report(all_saved(logs)).out == report(logs).out));
}

TEST_CASE("sums saved beside logs are left out as they are from the files themselves") {
  const Folder folder;
  const std::string log = folder.write(
      "a.log", "2026-11-22 10:00:00.000 UTC [1] LOG:  duration: 5.000 ms  statement: SELECT a FROM t WHERE b = 1\n");
  const std::string sums = folder.write(
      "sums.csv", "userid,dbid,queryid,query,calls,total_exec_time,rows\n1,1,1,SELECT a FROM t WHERE b = $1,5,25,5\n");
  CHECK((report({saved(log), saved(sums)}).out == report({log, sums}).out));
  report({log, sums}, {"--save", folder.path("both")});
  CHECK((report({folder.path("both")}).out == report({log, sums}).out));
}

TEST_CASE("a filter, a threshold and a sampling rate stay with what was saved under them") {
  const Folder folder;
  const Paths logs = cut(folder, sample("crm/recorded/crm.log.zst"), kStderrRecord, 3, 5);
  const Paths flags =
      GENERATE(Paths{"--user", "crm_report"}, Paths{"--log-threshold", "100ms", "--log-sample-rate", "0.5"});
  CHECK((report(all_saved(logs, flags)).out == report(logs, flags).out));
}

TEST_CASE("workloads saved under different sampling rates are not added up unasked") {
  const Folder folder;
  const Paths logs = cut(folder, ServerRun(1).as_stderr(0, 100), kStderrRecord, 2, 5);
  const std::string half = saved(logs[0], {"--log-sample-rate", "0.5"}), whole = saved(logs[1]);
  const Outcome outcome = assay({"report", half, whole});
  CHECK(outcome.status == 2);
  CHECK(outcome.err.find("saved with different --log-threshold or --log-sample-rate") != std::string::npos);
}

TEST_CASE("a filter at reading counts what it counts in the log") {
  const Folder folder;
  const std::string log = folder.write("a.log", sample("crm/recorded/crm.log.zst"));
  const Paths flags{"--since", "2026-11-22T22:29", "--until", "2026-11-22T22:30", "--db", "crm"};
  const json one = json::parse(report({log}, flags).out), again = json::parse(report({saved(log)}, flags).out);
  for (const char* key : {"executions", "classes", "total_ms", "first", "last", "errors"}) {
    CHECK(again["workload"][key] == one["workload"][key]);
  }
  REQUIRE(again["queries"].size() == one["queries"].size());
  for (std::size_t i = 0; i < one["queries"].size(); ++i) {
    for (const char* key : {"id", "normalized", "calls", "total_ms", "p95_ms", "max_ms", "errors", "users"}) {
      CHECK(again["queries"][i].value(key, json()) == one["queries"][i].value(key, json()));
    }
  }
}

TEST_CASE("no value of the log is in a workload that was redacted, nor in its report") {
  const Folder folder;
  const std::string front = "2026-11-22 10:00:00.000 UTC [1] ";
  std::string log;
  const auto say = [&](const std::string& line) { log += front + line + "\n"; };
  say("LOG:  duration: 1.000 ms  statement: SELECT * FROM t WHERE a = 'SECRET1' AND b LIKE 'SECRET2%' /* SECRET3 */");
  say("LOG:  duration: 1.000 ms  execute <unnamed>: SELECT * FROM t WHERE a = $1 AND d > DATE 'SECRET4' AND n = "
      "4711471147");
  say("DETAIL:  parameters: $1 = 'SECRET5'");
  say("ERROR:  duplicate key value violates unique constraint \"t_pkey\"");
  say("DETAIL:  Key (email)=(SECRET6) already exists.");
  say("STATEMENT:  INSERT INTO t VALUES ('SECRET7')");
  say("ERROR:  invalid input syntax for type integer: \"SECRET8\"");
  say("STATEMENT:  SELECT 'SECRET9'::int");
  say("ERROR:  customer SECRET10 is blocked");
  say("CONTEXT:  SQL statement \"SELECT 'SECRET11'\"");
  say("LOG:  customer SECRET12 came");
  say("LOG:  duration: 9.000 ms  plan:\n\tQuery Text: SELECT * FROM t WHERE a = 'SECRET13'\n\tSeq Scan on t  "
      "(cost=0.00..1.00 rows=1 width=4)\n\t  Filter: (a = 'SECRET14'::text)");
  say("LOG:  server process (PID 7) was terminated by signal 9: Killed");
  say("DETAIL:  Failed process was running: UPDATE t SET a = 'SECRET15'");
  const std::string path = folder.write("a.log", log);
  const std::string json_report = report({path}, {"--redact", "--save", folder.path("w")}).out;
  const std::string markdown = assay({"report", path, "--redact"}).out;
  CHECK(json_report.find("SECRET") == std::string::npos);
  CHECK(markdown.find("SECRET") == std::string::npos);
  CHECK(json_report.find("4711471147") == std::string::npos);
  CHECK(json_report.find("t_pkey") != std::string::npos);
  CHECK(report({folder.path("w")}).out == json_report);
  const std::string plain = assay({"report", path}).out;
  CHECK(plain.find("SECRET") != std::string::npos);
}

TEST_CASE("24 redacted hours are one redacted run") {
  const Folder folder;
  const Paths logs = cut(folder, sample("crm/recorded/crm.log.zst"), kStderrRecord, 24, 6);
  CHECK((report(all_saved(logs, {"--redact"})).out == report(logs, {"--redact"}).out));
}

TEST_CASE("killed while it saves, nothing or the old workload is there") {
  const Folder folder;
  const std::string log = folder.write("a.log", sample("crm/recorded/crm.log.zst"));
  const std::string place = folder.path("a.workload");
  std::string old;
  for (const int delay_ms : {5, 20, 40, 60, 80, 100, 130, 160}) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::execl(ASSAY_BINARY, ASSAY_BINARY, "report", log.c_str(), "--save", place.c_str(), "-o", "/dev/null", "--quiet",
              nullptr);
      ::_exit(127);
    }
    ::usleep(static_cast<useconds_t>(delay_ms) * 1000);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    const std::string now = test::read_file(place);
    if (now.empty()) {
      CHECK(old.empty());
      continue;
    }
    CHECK(assay({"report", place, "--quiet"}).status == 0);
    old = now;
  }
}

TEST_CASE("a damaged workload is told, and the report on the others is written") {
  const Folder folder;
  const std::string log = folder.write("a.log", ServerRun(1).as_stderr(0, 100));
  std::string bytes = test::read_file(saved(log));
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  const Outcome outcome = assay({"report", folder.write("bad", bytes), log, "--quiet"});
  CHECK(outcome.status == 1);
  CHECK(outcome.err.find("its checksum is wrong") != std::string::npos);
  CHECK(outcome.out.find("100") != std::string::npos);
  CHECK(assay({"report", folder.path("bad")}).status == 1);
}

TEST_CASE("what is saved never replaces what is read") {
  const Folder folder;
  const std::string log = folder.write("a.log", ServerRun(1).as_stderr(0, 10));
  CHECK(assay({"report", log, "--save", log}).status == 2);
  CHECK(assay({"report", log, "--save", folder.path("x/y")}).status == 1);
}

}  // namespace assay
