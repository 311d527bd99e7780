// assay check as CI runs it: what it prints, in which form, and with which status.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/cli/command.h"

namespace assay {
namespace {

using test::assay;
using test::Folder;
using test::Outcome;
using test::read_file;
using test::says;

const std::string kSnapshot = ASSAY_SAMPLES "/crm/recorded/crm.snapshot";

constexpr const char* kQueries =
    "SELECT id FROM accounts WHERE id = 7;\n"
    "\n"
    "DELETE\n"
    "FROM taggings;\n"
    "SELECT id, kind FROM activities\n"
    "WHERE kind = 'call' AND subject = 'a' ORDER BY id LIMIT 20 OFFSET 40;\n";

Outcome check(const Folder& folder, const std::string& sql, std::vector<std::string> options = {}) {
  options.insert(options.begin(), {"check", folder.write("q.sql", sql), "--quiet", "--rule", "foreign-key-index=off"});
  return assay(options);
}

}  // namespace

TEST_CASE("text: file and line, level, rule, the line and a caret, a hint, and status 3") {
  const Folder folder;
  const Outcome outcome = check(folder, kQueries);
  CHECK(outcome.status == 3);
  CHECK(says(outcome.out, folder.path("q.sql") +
                              ":3: error: DELETE without WHERE empties the table [delete-without-where]\n"
                              "    DELETE\n    ^\nhint: add the condition; where all of it is meant, TRUNCATE\n"));
  CHECK(says(outcome.out, folder.path("q.sql") + ":6: warning: pages by OFFSET"));
}

TEST_CASE("the planner of production is asked, so that a test database with ten rows hides nothing") {
  const Folder folder;
  const Outcome outcome =
      check(folder, "SELECT id FROM contacts WHERE job_title = 'x';\nSELECT id FROM contacts WHERE id = 1;\n",
            {"--catalog", kSnapshot});
  CHECK(outcome.status == 3);
  CHECK(says(outcome.out, ":1: error: reads contacts, 180028 rows, from end to end"));
  CHECK_FALSE(says(outcome.out, ":2:"));
}

TEST_CASE("a migration's index is there, with production's rows") {
  const Folder folder;
  const std::string dump = read_file(ASSAY_SAMPLES "/crm/recorded/crm.schema.sql");
  const std::string sql = "SELECT id FROM contacts WHERE job_title = 'x';\n";
  const std::string before = folder.write("before.sql", dump);
  const std::string after = folder.write("after.sql", dump + "\nCREATE INDEX ON public.contacts (job_title);\n");
  CHECK(says(check(folder, sql, {"--catalog", kSnapshot, "--schema", before}).out, "sequential-scan"));
  const Outcome outcome = check(folder, sql, {"--catalog", kSnapshot, "--schema", after});
  CHECK_FALSE(says(outcome.out, "sequential-scan"));
  CHECK(outcome.status == 0);
}

TEST_CASE("options --fail-on and --rule") {
  const Folder folder;
  CHECK(check(folder, kQueries, {"--fail-on", "never"}).status == 0);
  CHECK(check(folder, kQueries, {"--rule", "delete-without-where=warning"}).status == 0);
  CHECK(check(folder, kQueries, {"--rule", "delete-without-where=off", "--fail-on", "warning"}).status == 3);
  CHECK(check(folder, kQueries, {"--rule", "nothing=off"}).status == 2);
  CHECK(check(folder, kQueries, {"--rule", "offset-paging=loud"}).status == 2);
  CHECK(check(folder, kQueries, {"--request-budget", "/a=fast"}).status == 2);
}

TEST_CASE("a baseline accepts what there is, and no more") {
  const Folder folder;
  const std::string baseline = folder.path("assay.baseline");
  CHECK(check(folder, kQueries, {"--write-baseline", baseline}).status == 3);
  const Outcome again = check(folder, kQueries, {"--baseline", baseline});
  CHECK(again.status == 0);
  CHECK(again.out.empty());
  CHECK(check(folder, std::string(kQueries) + "UPDATE tags SET name = 'x';\n", {"--baseline", baseline}).status == 3);
  CHECK(check(folder, kQueries, {"--baseline", folder.write("bad", "{\"assay_baseline\": 1")}).status == 1);
  CHECK(check(folder, kQueries, {"--baseline", folder.path("missing")}).status == 1);
}

TEST_CASE("a comment with a reason lifts a rule from its statement") {
  const Folder folder;
  const std::string lifted = "-- assay: allow delete-without-where (a scratch table)\nDELETE FROM tags;\n";
  CHECK(check(folder, lifted).status == 0);
  CHECK(check(folder, "DELETE FROM tags; -- assay: allow delete-without-where (a scratch table)\n").status == 0);
  CHECK(check(folder, "DELETE FROM /* assay: allow delete-without-where (scratch) */ tags;\n").status == 0);
  CHECK(check(folder, "-- assay: allow offset-paging (no)\nDELETE FROM tags;\n").status == 3);
  CHECK(check(folder, lifted + "DELETE FROM taggings;\n").status == 3);
  const Outcome bare = check(folder, "-- assay: allow delete-without-where\nDELETE FROM tags;\n");
  CHECK(bare.status == 3);
  CHECK(says(bare.out, "gives no (reason)"));
}

TEST_CASE("JSON, SARIF and GitHub's annotations say the same") {
  const Folder folder;
  const auto json = nlohmann::json::parse(check(folder, kQueries, {"--format", "json"}).out);
  REQUIRE(json["findings"].size() == 2);
  CHECK(json["findings"][0]["rule"] == "delete-without-where");
  CHECK(json["findings"][0]["line"] == 3);
  const auto sarif = nlohmann::json::parse(check(folder, kQueries, {"--format", "sarif"}).out);
  CHECK(sarif["version"] == "2.1.0");
  const auto& result = sarif["runs"][0]["results"][0];
  CHECK(result["ruleId"] == "delete-without-where");
  CHECK(result["locations"][0]["physicalLocation"]["region"]["startLine"] == 3);
  CHECK(says(check(folder, kQueries, {"--format", "github"}).out,
             "::error file=" + folder.path("q.sql") + ",line=3,title=delete-without-where::DELETE without WHERE"));
}

TEST_CASE("no finding can end GitHub's message and begin a command of its own") {
  const Folder folder;
  const Outcome outcome = check(folder, "DELETE FROM \"x\n::set-output name=a::b\";\n", {"--format", "github"});
  CHECK_FALSE(says(outcome.out, "\n::set-output"));
}

TEST_CASE("an input that cannot be read goes before what was found") {
  const Folder folder;
  CHECK(assay({"check", folder.write("q.sql", kQueries), folder.path("missing.sql"), "--quiet"}).status == 1);
}

TEST_CASE("a request's budget, from the tags in a test's log") {
  const Folder folder;
  const std::string log = folder.write("a.log",
                                       "2026-11-22 10:00:00.000 UTC [7] u@crm LOG:  duration: 30.000 ms  statement: "
                                       "SELECT 1 /*route='%2Fcheckout',traceparent='00-1-a-01'*/\n"
                                       "2026-11-22 10:00:00.100 UTC [7] u@crm LOG:  duration: 30.000 ms  statement: "
                                       "SELECT 2 /*route='%2Fcheckout',traceparent='00-1-b-01'*/\n");
  CHECK(assay({"check", log, "--quiet", "--request-budget", "/checkout=50"}).status == 3);
  CHECK(assay({"check", log, "--quiet", "--request-budget", "/checkout=60"}).status == 0);
}

}  // namespace assay
