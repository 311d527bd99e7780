// What a user sees when something is wrong: the message, the exit status, and that nothing is written half.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/cli/command.h"

namespace assay {
namespace {

using test::assay;
using test::Folder;
using test::Outcome;
using test::says;

constexpr const char* kLine = "2026-11-22 10:00:00.123 UTC [7] web@crm LOG:  duration: 1.500 ms  statement: SELECT 1\n";

}  // namespace

TEST_CASE("a good log: the report on stdout, status 0") {
  const Folder folder;
  const Outcome outcome = assay({"report", folder.write("good.log", kLine)});
  CHECK(outcome.status == 0);
  CHECK(says(outcome.out, "1 execution in 1 query class"));
}

TEST_CASE("standard input is an input") {
  const Outcome outcome = assay({"report", "-"}, kLine);
  CHECK(outcome.status == 0);
  CHECK(says(outcome.out, "1 execution in 1 query class"));
}

TEST_CASE("an empty file: a warning, an empty report, status 0") {
  const Folder folder;
  const Outcome outcome = assay({"report", folder.write("empty.log", "")});
  CHECK(outcome.status == 0);
  CHECK(says(outcome.err, "warning"));
  CHECK(says(outcome.out, "No executed statement was found"));
}

TEST_CASE("a missing file: status 1, and nothing is written") {
  const Folder folder;
  const Outcome outcome = assay({"report", folder.path("none.log"), "-o", folder.path("report.md")});
  CHECK(outcome.status == 1);
  CHECK(says(outcome.err, "none.log"));
  CHECK(says(outcome.err, "error"));
  CHECK(folder.files().empty());
}

TEST_CASE("one bad input of two: the report on the other is still written, status 1") {
  const Folder folder;
  const std::string good = folder.write("good.log", kLine);
  const Outcome outcome = assay({"report", good, folder.path("none.log"), "-o", folder.path("report.md")});
  CHECK(outcome.status == 1);
  CHECK(says(test::read_file(folder.path("report.md")), "1 execution in 1 query class"));
}

TEST_CASE("a binary file and a text that is no log: refused with a hint, status 1") {
  const Folder folder;
  for (const std::string& content : {std::string("\x7f"
                                                 "ELF\x02\x01\x01\0\0\0\0\0",
                                                 12),
                                     std::string("Dear diary,\nnothing today.\n")}) {
    const Outcome outcome = assay({"report", folder.write("odd", content)});
    CHECK(outcome.status == 1);
    CHECK(says(outcome.err, "odd"));
    CHECK(says(outcome.err, "hint:"));
    CHECK(outcome.out.empty());
  }
}

TEST_CASE("the format that the user states wins, and a wrong one is told") {
  const Folder folder;
  const Outcome outcome = assay({"report", folder.write("good.log", kLine), "--log-format", "csvlog"});
  CHECK(outcome.status == 1);
  CHECK(says(outcome.err, "csvlog"));
  CHECK(outcome.out.empty());
}

TEST_CASE("a file that may not be read: status 1 and the reason") {
  const Folder folder;
  const std::string path = folder.write("secret.log", kLine);
  ::chmod(path.c_str(), 0);
  if (::geteuid() == 0) REQUIRE(::chown(path.c_str(), 65534, 65534) == 0);
  const Outcome outcome = test::assay_as_stranger({"report", path});
  CHECK(outcome.status == 1);
  CHECK(says(outcome.err, "Permission denied"));
}

TEST_CASE("a folder without a file: status 1 and the reason") {
  const Folder folder;
  const Outcome outcome = assay({"report", folder.path("")});
  CHECK(outcome.status == 1);
  CHECK(says(outcome.err, "holds no file"));
}

TEST_CASE("an output that cannot be written: status 1, and what stood there stays") {
  const Folder folder;
  const std::string good = folder.write("good.log", kLine);
  const Outcome outcome = assay({"report", good, "-o", folder.path("no/such/folder/report.md")});
  CHECK(outcome.status == 1);
  CHECK(says(outcome.err, "cannot be written"));
  CHECK(folder.files() == std::vector<std::string>{"good.log"});
}

TEST_CASE("an old report stays when the new one cannot be written") {
  const Folder folder;
  const std::string good = folder.write("good.log", kLine);
  const std::string report = folder.write("report.md", "the old one");
  const Outcome outcome = assay({"report", good, "-o", report, "--ddl", folder.path("no/such/indexes.sql")});
  CHECK(outcome.status == 1);
  CHECK(test::read_file(report) == "the old one");
  CHECK(folder.files() == std::vector<std::string>{"good.log", "report.md"});
}

TEST_CASE("an output must not replace an input, nor another output") {
  const Folder folder;
  const std::string good = folder.write("good.log", kLine);
  CHECK(assay({"report", good, "-o", good}).status == 2);
  CHECK(assay({"report", good, "-o", folder.path("./good.log")}).status == 2);
  CHECK(assay({"report", good, "-o", folder.path("x"), "--ddl", folder.path("x")}).status == 2);
  CHECK(test::read_file(good) == kLine);
}

TEST_CASE("a report keeps the mode of the one it replaces") {
  const Folder folder;
  const std::string report = folder.write("report.md", "old");
  ::chmod(report.c_str(), 0600);
  REQUIRE(assay({"report", folder.write("good.log", kLine), "-o", report}).status == 0);
  struct stat state {};
  REQUIRE(::stat(report.c_str(), &state) == 0);
  CHECK((state.st_mode & 0777) == 0600);
}

TEST_CASE("a file given twice counts once") {
  const Folder folder;
  const std::string good = folder.write("good.log", kLine);
  const Outcome outcome = assay({"report", good, folder.path("./good.log")});
  CHECK(outcome.status == 0);
  CHECK(says(outcome.err, "given twice: read once"));
  CHECK(says(outcome.out, "1 execution in 1 query class"));
}

TEST_CASE("a pattern that matches nothing: the report on the others is written, status 1") {
  const Folder folder;
  const Outcome outcome = assay({"report", folder.write("good.log", kLine), folder.path("missing*.log")});
  CHECK(outcome.status == 1);
  CHECK(says(outcome.err, "no file matches"));
  CHECK(says(outcome.out, "1 execution in 1 query class"));
}

TEST_CASE("wrong usage is status 2") {
  const Folder folder;
  const std::string good = folder.write("good.log", kLine);
  CHECK(assay({}).status == 2);
  CHECK(assay({"report"}).status == 2);
  CHECK(assay({"nonsense"}).status == 2);
  CHECK(assay({"report", good, "--format", "pdf"}).status == 2);
  CHECK(assay({"report", good, "--since", "yesterday"}).status == 2);
  CHECK(assay({"report", good, "--since", ""}).status == 2);
  CHECK(assay({"report", good, "--budget", "much"}).status == 2);
  CHECK(assay({"report", good, "--jobs", "0"}).status == 2);
  CHECK(assay({"report", good, "--catalog", "a", "--database", "b"}).status == 2);
  CHECK(assay({"snapshot", "postgresql://h/d"}).status == 2);
}

TEST_CASE("a password on the command line is refused, and never repeated") {
  const Folder folder;
  for (const char* uri : {"postgresql://web:s3cret@localhost/crm", "host=localhost password=s3cret dbname=crm",
                          "postgresql://localhost/crm?password=s3cret"}) {
    const Outcome outcome = assay({"snapshot", uri, "-o", folder.path("x.snapshot")});
    CHECK(outcome.status == 2);
    CHECK(outcome.err ==
          "assay: error: the server's address holds a password, which other users of this machine can see\n"
          "hint: put it into ~/.pgpass (mode 0600), or name such a file in PGPASSFILE\n");
    CHECK_FALSE(says(outcome.err + outcome.out, "s3cret"));
  }
  CHECK(folder.files().empty());
}

TEST_CASE("an unreachable server: status 1, a hint, no file") {
  const Folder folder;
  const Outcome outcome = assay({"snapshot", "host=127.0.0.1 port=1 dbname=crm", "-o", folder.path("x.snapshot")});
  CHECK(outcome.status == 1);
  CHECK(says(outcome.err, "hint:"));
  CHECK(folder.files().empty());
}

TEST_CASE("a catalog that is none: status 1 and what to give instead") {
  const Folder folder;
  const std::string good = folder.write("good.log", kLine);
  for (const std::string& content :
       {std::string("hello"), std::string(), std::string("SQLite format 3\0 and nothing", 28)}) {
    const Outcome outcome = assay({"report", good, "--catalog", folder.write("catalog", content)});
    CHECK(outcome.status == 1);
    CHECK(says(outcome.err, "catalog"));
    CHECK(says(outcome.err, "hint:"));
    CHECK(outcome.out.empty());
  }
}

TEST_CASE("help and version are no errors, and name only what is there") {
  const Outcome help = assay({"--help"});
  CHECK(help.status == 0);
  CHECK(says(help.out, "report"));
  CHECK(says(help.out, "snapshot"));
  CHECK_FALSE(says(help.out, "texts"));  // for those who package
  CHECK(assay({"report", "--help"}).status == 0);
  CHECK(says(assay({"--version"}).out, "assay "));
}

TEST_CASE("a closed pipe ends quietly, and the DDL is written all the same") {
  const Folder folder;
  std::string log;  // of a report larger than a pipe holds
  for (int i = 0; i < 40; ++i) {
    log += "2026-11-22 10:00:00.123 UTC [7] web@crm LOG:  duration: 1.500 ms  statement: SELECT c" + std::to_string(i) +
           " FROM t WHERE ";
    for (int k = 0; k < 600; ++k) log += "x" + std::to_string(k) + " = 1 AND ";
    log += "y = 1\n";
  }
  const std::string command = "'" + std::string(ASSAY_BINARY) + "' report '" + folder.write("good.log", log) +
                              "' --ddl '" + folder.path("d.sql") + "' 2>'" + folder.path("err") + "' | head -c 10 >'" +
                              folder.path("out") + "'";
  REQUIRE(std::system(("bash -o pipefail -c \"" + command + "\"").c_str()) == 0);
  CHECK(test::read_file(folder.path("out")) == "# Assay re");
  CHECK(test::read_file(folder.path("err")).find("error") == std::string::npos);
  CHECK(folder.files() == std::vector<std::string>{"d.sql", "d.sql.rollback", "err", "good.log", "out"});
}

}  // namespace assay
