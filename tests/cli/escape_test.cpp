#include "cli/escape.h"

#include <catch2/catch.hpp>

namespace assay {

TEST_CASE("a code span cannot be left, and fits a table") {
  CHECK(code_span("SELECT 1") == "`SELECT 1`");
  CHECK(code_span("a | b") == "`a | b`");
  CHECK(table_code_span("a | b") == "`a \\| b`");
  CHECK(code_span("`x`") == "`` `x` ``");
  CHECK(code_span("a`b``c") == "```a`b``c```");
  CHECK(code_span("line\nbreak") == "`line\\nbreak`");
  CHECK(code_span("\x1b[31mred") == "`\\x1b[31mred`");
  CHECK(code_span("") == "(none)");
}

TEST_CASE("names in our own sentences are no markup") {
  CHECK(plain_text("database a_b<script>") == "database a\\_b\\<script\\>");
  CHECK(plain_text("[x](y) `z` a\nb") == "\\[x\\](y) \\`z\\` a\\\\nb");
}

TEST_CASE("a code block ends where we end it") {
  CHECK(code_block("SELECT 1\nFROM t", "sql") == "```sql\nSELECT 1\nFROM t\n```\n");
  CHECK(code_block("```\n# not a heading\n```", "") == "````\n```\n# not a heading\n```\n````\n");
  CHECK(code_block("a\r\x07", "") == "```\na\\r\\x07\n```\n");
}

TEST_CASE("texts are cut between characters, not within one") {
  CHECK(shortened("héllo", 10) == "héllo");
  CHECK(shortened("héllo", 5) == "héllo");
  CHECK(shortened("héllo wörld", 4) == "hél…");
}

}  // namespace assay
