// The command line itself: help, version, colour, a file of options, completions and the manual page.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <regex>
#include <set>

#include "tests/cli/command.h"

namespace assay {
namespace {

using test::assay;
using test::Folder;
using test::says;

constexpr const char* kLog =
    "2026-11-22 10:00:00.000 UTC [7] u@crm LOG:  duration: 5.000 ms  statement: SELECT 1\n"
    "2026-11-22 10:00:01.000 UTC [7] u@crm LOG:  duration: 1.000 ms  statement: SELECT 2 FROM t\n";

std::set<std::string> options_of(const std::string& text) {
  static const std::regex kOption("\n  (?:-[a-zA-Z],)?(--[a-z][a-z-]+)");
  return {std::sregex_token_iterator(text.begin(), text.end(), kOption, 1), {}};
}

std::set<std::string> commands() {
  const std::string help = assay({"--help"}).out;
  static const std::regex kCommand("\n  ([a-z]+) {2,}");
  return {std::sregex_token_iterator(help.begin() + static_cast<std::ptrdiff_t>(help.find("Subcommands:")), help.end(),
                                     kCommand, 1),
          {}};
}

bool shell_accepts(const std::string& shell, const std::string& script) {
  const Folder folder;
  return std::system((shell + " -n " + folder.write("script", script)).c_str()) == 0;
}

}  // namespace

TEST_CASE("each command has an example in its help") {
  REQUIRE(commands().size() >= 2);
  for (const std::string& command : commands()) {
    INFO(command);
    CHECK(says(assay({command, "--help"}).out, "Example"));
  }
}

TEST_CASE("completions and manual page know each command and each option that the help knows") {
  const std::string bash = assay({"texts", "bash"}).out, zsh = assay({"texts", "zsh"}).out;
  std::string man = std::regex_replace(assay({"texts", "man"}).out, std::regex(R"(\\-)"), "-");
  for (const std::string& command : commands()) {
    CHECK(says(bash, "    " + command + ")"));
    CHECK(says(zsh, "'" + command + ":"));
    CHECK(says(man, "assay " + command));
    for (const std::string& option : options_of(assay({command, "--help"}).out)) {
      INFO(command << " " << option);
      CHECK(says(bash, option));
      CHECK(says(zsh, option));
      CHECK(says(man, option));
    }
  }
}

TEST_CASE("bash reads its completions, and completes") {
  CHECK(shell_accepts("bash", assay({"texts", "bash"}).out));
  const Folder folder;
  const std::string script = folder.write("complete", assay({"texts", "bash"}).out +
                                                          "COMP_WORDS=(assay report --for); COMP_CWORD=2; _assay\n"
                                                          "[ \"${COMPREPLY[*]}\" = --format ] || exit 1\n"
                                                          "COMP_WORDS=(assay report --format h); COMP_CWORD=3; _assay\n"
                                                          "[ \"${COMPREPLY[*]}\" = html ] || exit 2\n"
                                                          "COMP_WORDS=(assay sna); COMP_CWORD=1; _assay\n"
                                                          "[ \"${COMPREPLY[*]}\" = snapshot ] || exit 3\n");
  CHECK(std::system(("bash " + script).c_str()) == 0);
}

TEST_CASE("zsh reads its completions, where there is a zsh") {
  if (std::system("command -v zsh >/dev/null") != 0) return;
  CHECK(shell_accepts("zsh", assay({"texts", "zsh"}).out));
}

TEST_CASE("the manual page is one: man formats it without complaint, where there is a man") {
  if (std::system("command -v man >/dev/null") != 0) return;
  const Folder folder;
  const std::string page = folder.write("assay.1", assay({"texts", "man"}).out), errors = folder.path("errors");
  CHECK(std::system(("man --warnings -E UTF-8 -l -Tutf8 -Z " + page + " >/dev/null 2>" + errors).c_str()) == 0);
  CHECK(test::read_file(errors).empty());
}

TEST_CASE("a file gives options, and the command line goes before it") {
  const Folder folder;
  const std::string log = folder.write("a.log", kLog);
  const std::string config = folder.write("assay.toml", "[report]\nformat = \"csv\"\nquiet = true\n");
  CHECK(assay({"report", log, "--config", config}).out.starts_with("id,database"));
  CHECK(assay({"report", log, "--config", config, "--format", "markdown"}).out.starts_with("# Assay report"));
}

TEST_CASE("a file of options that is not there, or holds an unknown one, is wrong usage") {
  const Folder folder;
  const std::string log = folder.write("a.log", kLog);
  CHECK(assay({"report", log, "--config", folder.path("missing")}).status == 2);
  const std::string config = folder.write("assay.toml", "[report]\nfromat = \"csv\"\n");
  const auto outcome = assay({"report", log, "--config", config});
  CHECK(outcome.status == 2);
  CHECK(says(outcome.out + outcome.err, "fromat"));
}

TEST_CASE("colour where it is asked for, and none in a pipe") {
  CHECK(says(assay({"report", "missing.log", "--color", "always"}).err, "\x1b[1;31merror:\x1b[0m"));
  CHECK_FALSE(says(assay({"report", "missing.log"}).err, "\x1b"));
  CHECK_FALSE(says(assay({"report", "missing.log", "--color", "never"}).err, "\x1b"));
}

}  // namespace assay
