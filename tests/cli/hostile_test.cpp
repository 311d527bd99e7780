// A log is hostile input: nothing in it may run, and nothing may break out of the report or reach the terminal.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/cli/command.h"

namespace assay {
namespace {

using test::assay;
using test::Folder;
using test::Outcome;
using test::says;

std::string line(const std::string& user, const std::string& statement) {
  return "2026-11-22 10:00:00.123 UTC [7] " + user + "@crm LOG:  duration: 1.500 ms  statement: " + statement + "\n";
}

// Outside of code, markdown and HTML take effect: what is left when fenced blocks and code spans are taken away.
std::string outside_of_code(const std::string& markdown) {
  std::string rest;
  std::size_t at = 0;
  while (at < markdown.size()) {
    if (markdown[at] != '`') {
      rest += markdown[at++];
      continue;
    }
    const std::size_t open = markdown.find_first_not_of('`', at);
    const std::string fence(open - at, '`');
    std::size_t close = markdown.find(fence, open);
    while (close != std::string::npos && (markdown[close - 1] == '`' || (close + fence.size() < markdown.size() &&
                                                                         markdown[close + fence.size()] == '`'))) {
      close = markdown.find(fence, markdown.find_first_not_of('`', close));
    }
    REQUIRE(close != std::string::npos);
    at = close + fence.size();
  }
  return rest;
}

}  // namespace

TEST_CASE("markdown, HTML and control codes of a log stay inside code") {
  const Folder folder;
  const std::string evil =
      "SELECT '<script>alert(1)</script>', \"</details># x`` ```\", '\x1b]0;owned\x07', E'|a|b|' /* ```\n# "
      "heading\n``` */";
  const std::string path = folder.write(
      "evil.log", line("<b>web</b>`x`", evil) + line("web", "SELECT '[a](javascript:1)' -- ![i](http://x)"));
  const Outcome outcome = assay({"report", path});
  CHECK(outcome.status == 0);
  CHECK_FALSE(says(outcome.out + outcome.err, "\x1b"));
  CHECK_FALSE(says(outcome.out, "\x07"));
  const std::string rest = outside_of_code(outcome.out);
  CHECK_FALSE(says(rest, "<script"));
  CHECK_FALSE(says(rest, "<b>"));
  CHECK_FALSE(says(rest, "javascript"));
  CHECK_FALSE(says(rest, "# heading"));
}

TEST_CASE("a statement that hides others is never planned") {
  const Folder folder;
  const std::string path = folder.write("evil.log", line("web", "SELECT 1; COMMIT; CREATE TABLE owned (a int)"));
  const Outcome outcome = assay(
      {"report", path, "--catalog", std::string(ASSAY_SAMPLES) + "/crm/recorded/crm.snapshot", "--format", "json"});
  REQUIRE(outcome.status == 0);
  const auto report = nlohmann::json::parse(outcome.out);
  CHECK(report["workload"]["planned_share"] == 0);
  CHECK(report["unjudged"].size() == 1);
}

TEST_CASE("a dump that does things is read, not run") {
  const Folder folder;
  const std::string marker = folder.path("owned");
  const std::string dump = folder.write(
      "dump.sql",
      "CREATE TABLE t (a int);\n"
      "CREATE FUNCTION f() RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'COPY t TO PROGRAM ''touch " +
          marker +
          "'''; RETURN 1; END $$;\nCREATE INDEX ON t ((a + f()));\n"
          "DO $$ BEGIN COPY t TO PROGRAM 'touch " +
          marker +
          "'; END $$;\n"
          "\\! touch " +
          marker + "\nCOPY t FROM PROGRAM 'touch " + marker + "';\n");
  const Outcome outcome =
      assay({"report", folder.write("a.log", line("web", "SELECT * FROM t WHERE a = f()")), "--catalog", dump});
  CHECK(outcome.status == 0);
  CHECK(test::read_file(marker).empty());
  CHECK(folder.files() == std::vector<std::string>{"a.log", "dump.sql"});
}

TEST_CASE("names with quotes and newlines are quoted in the DDL") {
  const Folder folder;
  const std::string dump = folder.write("dump.sql", "CREATE TABLE \"t\"\"; DROP TABLE x; --\n\" (\"a`|\" int);\n");
  const std::string log =
      folder.write("a.log", line("web", "SELECT * FROM \"t\"\"; DROP TABLE x; --\n\t\" WHERE \"a`|\" = 1"));
  const Outcome outcome = assay({"report", log, "--catalog", dump, "--format", "json"});
  REQUIRE(outcome.status == 0);
  const auto report = nlohmann::json::parse(outcome.out);
  REQUIRE(report["recommendations"].size() == 1);
  const std::string ddl = report["recommendations"][0]["ddl"][0];
  CHECK(says(ddl, "ON public.\"t\"\"; DROP TABLE x; --\n\" USING btree (\"a`|\")"));
}

}  // namespace assay
