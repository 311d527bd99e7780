#include "parser/log/parameters.h"

#include <catch2/catch.hpp>

using namespace assay;

namespace {

/// "7 | NULL | it's", or "nothing".
std::string values(std::string_view logged) {
  const auto parameters = parse_parameters(logged);
  if (!parameters) return "nothing";
  std::string out;
  for (const auto& value : *parameters) out += (out.empty() ? "" : " | ") + value.value_or("NULL");
  return out;
}

}  // namespace

TEST_CASE("parameters as the server logs them") {
  CHECK(values("") == "");
  CHECK(values("$1 = '7'") == "7");
  CHECK(values("$1 = '7', $2 = NULL, $3 = ''") == "7 | NULL | ");
  CHECK(values("$1 = 'it''s', $2 = ''''") == "it's | '");
  CHECK(values("$1 = 'a, $2 = ''b''', $2 = 'c'") == "a, $2 = 'b' | c");
  CHECK(values("$1 = 'two\n\tlines'") == "two\n\tlines");
  CHECK(values("$1 = 'NULL'") == "NULL");
}

TEST_CASE("NULL is no text") {
  CHECK(parse_parameters("$1 = NULL") == ParameterValues{std::nullopt});
  CHECK(parse_parameters("$1 = 'NULL'") == ParameterValues{"NULL"});
}

TEST_CASE("$1 and $10 are told apart") {
  std::string logged = "$1 = '1'";
  std::string expected = "1";
  for (int i = 2; i <= 12; ++i) {
    logged += ", $" + std::to_string(i) + " = '" + std::to_string(i) + "'";
    expected += " | " + std::to_string(i);
  }
  CHECK(values(logged) == expected);
}

TEST_CASE("a list that was cut off or is malformed yields nothing") {
  for (const auto* logged :
       {"$1 = 'abc...'", "$1 = 'abc", "$1 = 'a', $2 = 'b...'", "$1 = 'a',", "$1 = 'a', $3 = 'b'", "$2 = 'a'", "$1 = a",
        "$1='a'", "$1 = 'a' $2 = 'b'", "$1 = NULLS", "$0 = 'a'", "$1 =", "$", "x"}) {
    INFO(logged);
    CHECK(values(logged) == "nothing");
  }
}
