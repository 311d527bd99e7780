// The formats of a report beside markdown and JSON: HTML and CSV, chosen by name or by how the file ends.
#include <catch2/catch.hpp>

#include "tests/cli/command.h"

namespace assay {
namespace {

using test::assay;
using test::Folder;
using test::Outcome;
using test::read_file;
using test::says;

std::string log_of(const std::string& statement) {
  return "2026-11-22 10:00:00.000 UTC [7] u@crm LOG:  duration: 5.000 ms  statement: " + statement +
         "\n2026-11-22 10:00:01.000 UTC [7] u@crm LOG:  duration: 1.000 ms  statement: SELECT 1\n";
}

std::string report(const std::string& log, const std::string& output) {
  const Folder folder;
  const std::string path = folder.write("a.log", log);
  const Outcome outcome = assay({"report", path, "-o", folder.path(output), "--quiet"});
  REQUIRE(outcome.status == 0);
  return read_file(folder.path(output));
}

}  // namespace

TEST_CASE("the output's name tells the format") {
  CHECK(report(log_of("SELECT 2"), "a.html").starts_with("<!DOCTYPE html>"));
  CHECK(report(log_of("SELECT 2"), "a.csv").starts_with("id,database,calls,"));
  CHECK(report(log_of("SELECT 2"), "a.json").starts_with("{"));
  CHECK(report(log_of("SELECT 2"), "a.md").starts_with("# Assay report"));
  CHECK(report(log_of("SELECT 2"), "a.report").starts_with("# Assay report"));
}

TEST_CASE("the option --format goes before the name") {
  const Folder folder;
  const std::string path = folder.write("a.log", log_of("SELECT 2"));
  CHECK(assay({"report", path, "--format", "csv", "--quiet"}).out.starts_with("id,database"));
  CHECK(assay({"report", path, "--format", "pdf"}).status == 2);
}

TEST_CASE("CSV: quotation marks doubled, a line's end kept inside, no formula for a spreadsheet") {
  const std::string text = report(log_of("SELECT \"a\"\n\tFROM t"), "a.csv");
  CHECK(says(text, "\"SELECT \"\"a\"\""));
  CHECK(
      says(report("2026-11-22 10:00:00.000 UTC [7] u@=cmd() LOG:  duration: 5.000 ms  statement: SELECT 1\n", "a.csv"),
           "\"'=cmd()\""));
}

TEST_CASE("HTML: one file, no address of another") {
  const std::string page = report(log_of("SELECT 2 FROM t WHERE a = 3"), "a.html");
  CHECK(says(page, "default-src 'none'"));
  for (const char* reference : {"src=", "<link", "@import", "url("}) {
    CHECK_FALSE(says(page.substr(0, page.find("<script")), reference));
  }
  CHECK(says(page, "data-chart="));
}

TEST_CASE("HTML: a statement's markup is text") {
  const std::string page = report(log_of("SELECT '<img src=x onerror=alert(1)>' AS \"</code><script>\""), "a.html");
  const std::string body = page.substr(page.find("<main>"), page.find("</main>") - page.find("<main>"));
  CHECK(says(body, "&lt;/code&gt;&lt;script&gt;"));
  CHECK_FALSE(says(body, "<script"));
  CHECK_FALSE(says(body, "<img"));
}

TEST_CASE("charts are text on standard output and Mermaid in a file, unless told") {
  const Folder folder;
  const std::string path = folder.write("a.log", log_of("SELECT 2, 3"));
  CHECK(says(assay({"report", path, "--quiet"}).out, "█"));
  CHECK(says(assay({"report", path, "--quiet", "--charts", "mermaid"}).out, "```mermaid"));
  CHECK(says(report(log_of("SELECT 2, 3"), "a.md"), "```mermaid"));
}

}  // namespace assay
