// assay verify from a log and a report to the report with what was measured, on a real server.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "connectors/private_cluster.h"
#include "connectors/session.h"
#include "tests/cli/command.h"

namespace assay {
namespace {

using Json = nlohmann::json;

/// A shop with one query that wants an index, one that does not, and its log.
class Shop {
 public:
  Shop()
      : cluster_({.settings = {{"log_min_duration_statement", "0"},
                               {"log_line_prefix", "%m [%p] %q%u@%d/%a "},
                               {"log_min_messages", "warning"},
                               {"log_timezone", "UTC"},
                               {"max_parallel_workers_per_gather", "0"}}}),
        admin_(cluster_.conninfo("postgres")) {
    admin_.query("CREATE DATABASE shop");
    Session shop(cluster_.conninfo("shop"));
    shop.query("CREATE TABLE orders (id int PRIMARY KEY, customer int, total int, note text)");
    shop.query(
        "INSERT INTO orders SELECT i, i * 7919 % 5000, i % 100, repeat('x', 60) FROM generate_series(1, 60000) i");
    shop.query("VACUUM ANALYZE orders");
    const std::size_t loaded = cluster_.log().size();
    for (int i = 0; i < 300; ++i) {
      shop.query("SELECT sum(total) FROM orders WHERE customer = $1", {std::to_string(i)});
      shop.query("SELECT note FROM orders WHERE id = $1", {std::to_string(i)});
      if (i % 10 == 0) shop.query("INSERT INTO orders VALUES ($1, 1, 1, 'new')", {std::to_string(100'000 + i)});
    }
    log_ = folder_.write("server.log", cluster_.log().substr(loaded));
    shop.query("DELETE FROM orders WHERE id >= 100000");  // as it was before the log
    const auto snapshot = test::assay({"snapshot", cluster_.conninfo("shop"), "-o", folder_.path("shop.snapshot")});
    REQUIRE(snapshot.status == 0);
    const auto report = test::assay({"report", log_, "--catalog", folder_.path("shop.snapshot"), "--format", "json",
                                     "--cores", "2", "-o", folder_.path("report.json")});
    INFO(report.err);
    REQUIRE(report.status == 0);
    report_ = Json::parse(test::read_file(folder_.path("report.json")));
  }

  std::vector<std::string> arguments(const Json& report) {
    folder_.write("changed.json", report.dump());
    return {"verify",
            folder_.path("changed.json"),
            log_,
            "--scratch",
            cluster_.conninfo("postgres"),
            "--template",
            "shop",
            "-o",
            folder_.path("new.json"),
            "--think",
            "0",
            "--rounds",
            "2",
            "--history-file",
            folder_.path("history.sqlite")};
  }

  /// The report with one more recommendation.
  Json with(const std::string& id, const std::string& ddl) const {
    Json report = report_;
    Json item = report["recommendations"][0];
    item["id"] = id;
    item["ddl"] = {ddl};
    item["queries"] = Json::array();
    report["recommendations"].push_back(item);
    return report;
  }

  std::string databases() {
    return *admin_.query("SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database")[0][0];
  }
  std::string contents() {
    Session shop(cluster_.conninfo("shop"));
    return *shop.query("SELECT count(*) || ' ' || sum(id) FROM orders")[0][0];
  }

  /// Is there a new report?
  bool wrote() const {
    const auto files = folder_.files();
    return std::find(files.begin(), files.end(), "new.json") != files.end();
  }

  const Json& report() const { return report_; }
  const test::Folder& folder() const { return folder_; }

 private:
  test::Folder folder_;
  PrivateCluster cluster_;
  Session admin_;
  std::string log_;
  Json report_;
};

bool follows_the_schema(const std::string& path) {
  const std::string program =
      "/usr/bin/python3 -c 'import json, jsonschema, sys; schema, report = [json.load(open(p)) for p in sys.argv[1:]]; "
      "jsonschema.Draft202012Validator(schema).validate(report)' '" ASSAY_TESTS "/../docs/report.schema.json' ";
  return std::system((program + path).c_str()) == 0;
}

constexpr const char* kOnlyOurs = "postgres shop template0 template1";

}  // namespace

TEST_CASE("verify measures what the report's indexes bring, names one that no plan uses, and leaves nothing behind") {
  Shop shop;
  const std::string before = shop.contents();
  const Json report = shop.with("I99", "CREATE INDEX CONCURRENTLY orders_useless_idx ON public.orders (note, total);");
  const test::Outcome outcome = test::assay(shop.arguments(report));
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  CHECK(shop.databases() == kOnlyOurs);
  CHECK(shop.contents() == before);

  const Json verified = Json::parse(test::read_file(shop.folder().path("new.json")));
  const Json& measured = verified["measured"];
  CHECK(measured["rounds"] == 2);
  CHECK(measured["executions"] == 630);
  CHECK(measured["left_out"].empty());
  CHECK(measured["errors"].empty());  // the inserts of every round meet the data of the beginning
  CHECK(measured["unused"] == Json({"I99"}));
  CHECK(measured["throughput"]["ratio"]["value"] > 0);
  CHECK(measured["throughput"].contains("forecast_ratio"));
  CHECK(verified["recommendations"][0]["evidence"] == "measured");
  CHECK(verified["recommendations"][0]["measured_scans"] >= 600);
  CHECK(std::any_of(measured["queries"].begin(), measured["queries"].end(), [](const Json& query) {
    return query["calls"] == 300 && query["response_ms"]["forecast_ratio"] < 0.5;
  }));
  CHECK_THAT(outcome.out, Catch::Contains("used by no plan: I99"));
  CHECK(follows_the_schema(shop.folder().path("new.json")));

  const test::Outcome history =
      test::assay({"verify", "--history", "--history-file", shop.folder().path("history.sqlite")});
  CHECK(history.status == 0);
  CHECK_THAT(history.out, Catch::Contains("median error") && Catch::Contains("of 1\n") && Catch::Contains("planned"));
}

TEST_CASE("verify creates a report's statistics too, and says that nothing was forecast of them") {
  Shop shop;
  const auto with_statistics_on = [&](const std::string& columns) {
    Json report = shop.with(
        "S1", "CREATE STATISTICS public.orders_stat (dependencies, mcv) ON " + columns + " FROM public.orders;");
    Json& item = report["recommendations"].back();
    item["kind"] = "create_statistics";
    item["evidence"] = "none";
    item["ddl"].push_back("ANALYZE public.orders;");
    return test::assay(shop.arguments(report));
  };
  const test::Outcome missing = with_statistics_on("customer, no_such_column");
  CHECK(missing.status == 1);
  CHECK_THAT(missing.err, Catch::Contains("the report's DDL fails") && Catch::Contains("no_such_column"));
  const test::Outcome outcome = with_statistics_on("customer, total");
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  CHECK_THAT(outcome.out, Catch::Contains("tried without a forecast, so in the measured figures only: S1\n"));
  const Json verified = Json::parse(test::read_file(shop.folder().path("new.json")));
  CHECK(verified["recommendations"].back()["evidence"] == "measured");
  CHECK_THAT(verified["measured"]["not_tried"].dump(), !Catch::Contains("S1"));
  CHECK(verified["measured"]["throughput"].contains("forecast_ratio"));
  CHECK(follows_the_schema(shop.folder().path("new.json")));
  CHECK(shop.databases() == kOnlyOurs);
}

TEST_CASE("a report with other DDL than indexes' is refused before a database is made") {
  Shop shop;
  for (const char* ddl :
       {"DROP TABLE orders;", "CREATE INDEX i ON orders (id); DROP DATABASE shop;", "ALTER SYSTEM SET fsync = off;",
        "CREATE STATISTICS s ON (lower(note)), id FROM orders;", "nonsense"}) {
    const test::Outcome outcome = test::assay(shop.arguments(shop.with("I99", ddl)));
    CHECK(outcome.status == 1);
    CHECK_THAT(outcome.err, Catch::Contains("I99 neither creates nor drops an index"));
  }
  for (const char* text : {"", "[]", "{}", "{\"assay\": {\"schema\": 2}}", "{\"assay\": {\"schema\": 1}}"}) {
    std::vector<std::string> arguments = shop.arguments(shop.report());
    shop.folder().write("changed.json", text);
    CHECK(test::assay(arguments).status == 1);
  }
  std::vector<std::string> deep = shop.arguments(shop.report());
  shop.folder().write("changed.json", std::string(1'000'000, '['));
  CHECK(test::assay(deep).status == 1);
  CHECK(shop.databases() == kOnlyOurs);
  CHECK_FALSE(shop.wrote());
}

TEST_CASE("verify that is ended by a signal drops its databases and writes nothing") {
  Shop shop;
  std::vector<std::string> arguments = shop.arguments(shop.report());
  std::replace(arguments.begin(), arguments.end(), std::string("2"), std::string("100"));  // rounds
  const pid_t child = fork();
  if (child == 0) {
    std::vector<char*> argv{const_cast<char*>(ASSAY_BINARY)};
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    execv(ASSAY_BINARY, argv.data());
    _exit(127);
  }
  for (int i = 0; i < 600 && shop.databases() == kOnlyOurs; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(shop.databases() != kOnlyOurs);
  std::this_thread::sleep_for(std::chrono::seconds(2));  // into the rounds
  kill(child, SIGTERM);
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 1);
  CHECK(shop.databases() == kOnlyOurs);
  CHECK_FALSE(shop.wrote());
}

TEST_CASE("verify says what it needs") {
  CHECK(test::assay({"verify"}).status == 2);
  CHECK(test::assay({"verify", "r.json", "l.log", "--scratch", "host=/x", "-o", "n.json"}).status == 2);
  CHECK(test::assay(
            {"verify", "r.json", "l.log", "--scratch", "postgresql://u:secret@h/d", "--template", "t", "-o", "n.json"})
            .status == 2);
  const test::Folder folder;
  const test::Outcome none = test::assay({"verify", "--history", "--history-file", folder.path("none.sqlite")});
  CHECK(none.status == 0);
  CHECK(none.out == "No forecast was verified yet.\n");
  const test::Outcome broken =
      test::assay({"verify", "--history", "--history-file", folder.write("broken.sqlite", std::string(5000, 'x'))});
  CHECK(broken.status == 1);
  CHECK_THAT(broken.err, Catch::Contains("--no-history"));
}

}  // namespace assay
