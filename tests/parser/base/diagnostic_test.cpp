#include "parser/base/diagnostic.h"

#include <catch2/catch.hpp>

using namespace assay;

TEST_CASE("a diagnostic has the compiler's form") {
  const Diagnostic diagnostic{"pg.log", 12, Severity::kWarning, "not a csvlog record", "a,b;c", 4, "look at it"};
  CHECK(to_string(diagnostic) ==
        "pg.log:12: warning: not a csvlog record\n"
        "    a,b;c\n"
        "       ^\n"
        "hint: look at it\n");
}

TEST_CASE("a diagnostic leaves out what it does not have") {
  CHECK(to_string({"pg.log", 0, Severity::kNote, "no %d", "", 0, ""}) == "pg.log: note: no %d\n");
  CHECK(to_string({"pg.log", 3, Severity::kError, "bad", "text", 0, ""}) == "pg.log:3: error: bad\n    text\n");
}

TEST_CASE("everything in a diagnostic is escaped, and the caret stays in place") {
  CHECK(to_string({"a\nb", 1, Severity::kError, "\x1b[31m", "\tä\x01x", 5, "\a"}) ==
        "a\\nb:1: error: \\x1b[31m\n"
        "    \\tä\\x01x\n"
        "           ^\n"
        "hint: \\x07\n");
}

TEST_CASE("a long excerpt is cut around the caret") {
  const std::string line = std::string(500, 'a') + "X" + std::string(500, 'b');
  CHECK(to_string({"f", 1, Severity::kError, "m", line, 501, ""}) == "f:1: error: m\n    …" + std::string(60, 'a') +
                                                                         "X" + std::string(59, 'b') + "…\n" +
                                                                         std::string(4 + 1 + 60, ' ') + "^\n");
}

TEST_CASE("an excerpt is never cut within a character") {
  std::string line;
  for (int i = 0; i < 200; ++i) line += "€";
  for (std::uint64_t column = 0; column <= line.size() + 1; ++column) {
    const auto text = to_string({"f", 1, Severity::kError, "m", line, column, ""});
    const bool within = column > 0 && (column - 1) % 3 != 0 && column <= line.size();
    CHECK((text.find("\\x") != std::string::npos) == within);
  }
}

TEST_CASE("printable text keeps letters of all scripts and escapes what steers a terminal") {
  CHECK(printable("SELECT 'äß€😀'") == "SELECT 'äß€😀'");
  CHECK(printable("a\nb\tc\rd") == "a\\nb\\tc\\rd");
  CHECK(printable(std::string_view("\0\x1b\x7f", 3)) == "\\x00\\x1b\\x7f");
  CHECK(printable("\xC2\x9B") == "\\u009b");
  CHECK(printable("a\u202Eb\u2066c\u200F") == "a\\u202eb\\u2066c\\u200f");
}

TEST_CASE("printable text escapes bytes that are not UTF-8") {
  CHECK(printable("\xFF"
                  "a\xC3") == "\\xffa\\xc3");
  CHECK(printable("\xC0\x80") == "\\xc0\\x80");
  CHECK(printable("\xED\xA0\x80") == "\\xed\\xa0\\x80");
  CHECK(printable("\xF4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
}
