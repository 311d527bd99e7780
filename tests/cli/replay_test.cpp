// assay replay from a server's own log to a log of the replay.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "connectors/private_cluster.h"
#include "connectors/session.h"
#include "tests/cli/command.h"

namespace assay {
namespace {

class LoggingServer {
 public:
  LoggingServer()
      : cluster_({.settings = {{"log_min_duration_statement", "0"},
                               {"log_line_prefix", "%m [%p] %q%u@%d/%a "},
                               {"log_min_messages", "warning"},
                               {"log_timezone", "UTC"}}}),
        session_(cluster_.conninfo("postgres")) {
    session_.query("CREATE TABLE t (id int PRIMARY KEY, note text)");
    session_.query("INSERT INTO t SELECT i, 'n' || i FROM generate_series(1, 1000) i");
    const std::size_t loaded = cluster_.log().size();
    for (int i = 0; i < 20; ++i) session_.query("SELECT note FROM t WHERE id = $1", {std::to_string(i)});
    session_.query("BEGIN");
    session_.query("SELECT count(*) FROM t");
    session_.query("COMMIT");
    session_.query("INSERT INTO t VALUES (5000, 'x')");
    session_.query("DELETE FROM t WHERE id = 5000");
    log_ = cluster_.log().substr(loaded);
  }

  std::string uri() const { return cluster_.conninfo("postgres"); }
  const std::string& log() const { return log_; }
  std::string count() { return *session_.query("SELECT count(*) FROM t")[0][0]; }

 private:
  PrivateCluster cluster_;
  Session session_;
  std::string log_;
};

nlohmann::json report_of(const std::string& log) {
  const test::Outcome outcome = test::assay({"report", log, "--format", "json"});
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  return nlohmann::json::parse(outcome.out);
}

std::map<std::string, int> calls_of(const nlohmann::json& report) {
  std::map<std::string, int> calls;
  for (const auto& query : report["queries"]) calls[query["id"]] = query["calls"];
  return calls;
}

}  // namespace

TEST_CASE("a replayed log is a log: the same classes and calls, as assay reads them, and the sums of the screen") {
  LoggingServer server;
  const test::Folder folder;
  const std::string log = folder.write("server.log", server.log());
  const test::Outcome outcome =
      test::assay({"replay", log, "--database", server.uri(), "--allow-writes", "-o", folder.path("replayed.csv")});
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  CHECK(server.count() == "1000");
  const auto logged = report_of(log), replayed = report_of(folder.path("replayed.csv"));
  CHECK(calls_of(replayed) == calls_of(logged));
  CHECK(replayed["workload"]["executions"] == 25);
  CHECK(replayed["inputs"][0]["skipped"].empty());
  CHECK_THAT(outcome.out, Catch::Contains("sent        25 of 25 executions"));
  CHECK_THAT(outcome.out, Catch::Contains("left out    0\n"));
  CHECK_THAT(outcome.err, Catch::Contains("superuser"));
}

TEST_CASE("a replay is saved as a workload that report and diff read, with times in microseconds") {
  LoggingServer server;
  const test::Folder folder;
  const std::string log = folder.write("server.log", server.log());
  for (const char* name : {"before.workload", "after.workload"}) {
    const test::Outcome outcome = test::assay(
        {"replay", log, "--database", server.uri(), "--allow-writes", "--think", "0", "-o", folder.path(name)});
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
  }
  const auto replayed = report_of(folder.path("after.workload"));
  CHECK(calls_of(replayed) == calls_of(report_of(log)));
  CHECK(replayed["workload"]["executions"] == 25);
  CHECK(replayed["inputs"][0]["path"] == "replay of " + log);
  CHECK(replayed["inputs"][0]["executions"] == 25);
  const test::Outcome diff =
      test::assay({"diff", folder.path("before.workload"), folder.path("after.workload"), "--format", "json"});
  INFO(diff.err);
  REQUIRE(diff.status == 0);
  CHECK(nlohmann::json::parse(diff.out)["after"]["executions"] == 25);
  CHECK(folder.files() == std::vector<std::string>{"after.workload", "before.workload", "server.log"});
}

TEST_CASE("with --redact no value of the log is in what a replay writes and shows, and it is sent all the same") {
  LoggingServer server;
  const test::Folder folder;
  const std::string front = "2026-11-22 10:00:00.000 UTC [1] LOG:  duration: 1.0 ms  statement: ";
  const std::string log =
      folder.write("server.log", front + "SELECT id FROM t WHERE note = 'secret'\n" + front + "SELECT 'secret'::int\n");
  for (const std::string name : {"replayed.workload", "replayed.csv"}) {
    const test::Outcome outcome =
        test::assay({"replay", log, "--database", server.uri(), "--redact", "-o", folder.path(name)});
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    CHECK_THAT(outcome.out, Catch::Contains("sent        2 of 2") && Catch::Contains("22P02"));
    CHECK_THAT(outcome.out, !Catch::Contains("secret"));
    const auto report = report_of(folder.path(name));
    CHECK(report["workload"]["executions"] == 1);
    CHECK_THAT(report.dump(), !Catch::Contains("secret"));
    CHECK_THAT(test::read_file(folder.path(name)), !Catch::Contains("secret"));
  }
}

TEST_CASE("what a log prepared is prepared again, also from the workload that was saved of it") {
  LoggingServer server;
  const test::Folder folder;
  std::string text;
  for (const char* name : {"S_1", "<unnamed>"}) {
    for (int i = 1; i <= 3; ++i) {
      const std::string at = "2026-11-22 10:00:0" + std::to_string(i) + ".000 UTC [1] ";
      text += at + "LOG:  duration: 1.0 ms  execute " + name + ": SELECT note FROM t WHERE id " +
              (name[0] == 'S' ? "=" : ">") + " $1\n" + at + "DETAIL:  parameters: $1 = '" + std::to_string(i) + "'\n";
    }
  }
  const std::string log = folder.write("server.log", text);
  REQUIRE(test::assay({"report", log, "--save", folder.path("saved.workload")}).status == 0);
  for (const std::string& input : {log, folder.path("saved.workload")}) {
    const test::Outcome outcome =
        test::assay({"replay", input, "--database", server.uri(), "--think", "0", "-o", folder.path("replayed.csv")});
    INFO(input + outcome.err);
    REQUIRE(outcome.status == 0);
    CHECK_THAT(outcome.out, Catch::Contains("sent        6 of 6"));
    const std::string replayed = test::read_file(folder.path("replayed.csv"));
    CHECK_THAT(replayed, Catch::Contains("execute s: SELECT note FROM t WHERE id = $1") &&
                             Catch::Contains("execute <unnamed>: SELECT note FROM t WHERE id > $1"));
    CHECK_THAT(replayed, !Catch::Contains("execute <unnamed>: SELECT note FROM t WHERE id = $1"));
  }
}

TEST_CASE("without --allow-writes a replay reads, and says what it left out") {
  LoggingServer server;
  const test::Folder folder;
  const std::string log = folder.write("server.log", server.log());
  const test::Outcome outcome =
      test::assay({"replay", log, "--database", server.uri(), "-o", folder.path("replayed.csv"), "--think", "0"});
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  CHECK_THAT(outcome.out, Catch::Contains("sent        23 of 25 executions"));
  CHECK_THAT(outcome.out, Catch::Contains("         2  writes or locks rows (--allow-writes)"));
  CHECK_THAT(outcome.out, Catch::Contains("errors      0"));
}

TEST_CASE("a replay that cannot be is refused, and nothing is written") {
  const test::Folder folder;
  const std::string log =
      folder.write("server.log", "2026-11-22 10:00:00.000 UTC [1] LOG:  duration: 1 ms  statement: DELETE FROM t\n");
  const auto replay = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"replay", log, "-o", folder.path("out.csv")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return test::assay(arguments);
  };
  CHECK(replay({}).status == 2);
  CHECK(replay({"--database", "postgresql://u:secret@h/d"}).status == 2);
  CHECK_THAT(replay({"--database", "postgresql://u:secret@h/d"}).err, !Catch::Contains("secret"));
  CHECK(replay({"--database", "host=/nowhere", "--rate", "2"}).status == 2);
  CHECK(replay({"--database", "host=/nowhere", "--duration", "soon"}).status == 2);
  CHECK(replay({"--database", "host=/nowhere"}).status == 1);
  PrivateCluster server;
  const test::Outcome nothing = replay({"--database", server.conninfo("postgres")});
  CHECK(nothing.status == 1);
  CHECK_THAT(nothing.err, Catch::Contains("1 × writes or locks rows") && Catch::Contains("--allow-writes"));
  const test::Outcome nowhere = test::assay({"replay", log, "--allow-writes", "--database", server.conninfo("postgres"),
                                             "-o", folder.path("none/out.workload")});
  CHECK(nowhere.status == 1);
  CHECK_THAT(nowhere.err, Catch::Contains("cannot write the saved workload"));
  CHECK(folder.files() == std::vector<std::string>{"server.log"});
}

}  // namespace assay
