// auto_explain's four formats.
#include "parser/log/plan_message.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

namespace assay {
namespace {

/// "sql | parameters | plan".
std::string told(std::string text) {
  const PlanMessage message = read_plan_in_place(text);
  return fmt::format("{} | {} | {}", message.sql, message.parameters, message.plan);
}

}  // namespace

TEST_CASE("text: the plan begins with the first line that has costs") {
  CHECK(told("\nQuery Text: SELECT a,\n  b\nFROM t\nSeq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n  Filter: x") ==
        "SELECT a,\n  b\nFROM t |  | Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n  Filter: x");
}

TEST_CASE("text: rows are fractional since PostgreSQL 18") {
  CHECK(told("\nQuery Text: SELECT 1\nResult  (cost=0.00..0.01 rows=1 width=4) (actual time=0.001..0.002 rows=0.50 "
             "loops=2)") ==
        "SELECT 1 |  | Result  (cost=0.00..0.01 rows=1 width=4) (actual time=0.001..0.002 rows=0.50 loops=2)");
}

TEST_CASE("text: parameters stand between statement and plan since PostgreSQL 16") {
  CHECK(told("\nQuery Text: SELECT $1\nQuery Parameters: $1 = '7'\nResult  (cost=0.00..0.01 rows=1 width=4)") ==
        "SELECT $1 | $1 = '7' | Result  (cost=0.00..0.01 rows=1 width=4)");
}

TEST_CASE("text: a message without a plan is a statement") {
  CHECK(told("\nQuery Text: SELECT 1") == "SELECT 1 |  | ");
}

TEST_CASE("JSON: escapes are resolved, and the object around the plan is left out") {
  CHECK(told("\n{\n  \"Query Text\": \"SELECT '\\\"}', \\n\\u00e4\",\n  \"Plan\": {\n    \"Node Type\": \"Result\"\n  "
             "}\n}") == "SELECT '\"}', \nä |  | \"Plan\": {\n    \"Node Type\": \"Result\"\n  }");
  CHECK(told("\n{\n  \"Query Text\": \"SELECT $1\",\n  \"Query Parameters\": \"$1 = 'a\\\\b'\",\n  \"Plan\": {}\n}") ==
        "SELECT $1 | $1 = 'a\\b' | \"Plan\": {}");
}

TEST_CASE("XML: entities are resolved") {
  CHECK(told("\n<explain xmlns=\"http://www.postgresql.org/2009/explain\">\n  <Query-Text>SELECT a &lt; b &amp;&amp; "
             "c</Query-Text>\n  <Plan>\n    <Node-Type>Result</Node-Type>\n  </Plan>\n</explain>") ==
        "SELECT a < b && c |  | <Plan>\n    <Node-Type>Result</Node-Type>\n  </Plan>");
  CHECK(told("\n<explain>\n  <Query-Text>a</Query-Text>\n  <Query-Parameters>$1 = '&lt;'</Query-Parameters>\n  "
             "<Plan>\n  </Plan>\n</explain>") == "a | $1 = '<' | <Plan>\n  </Plan>");
}

TEST_CASE("YAML: strings are those of JSON") {
  CHECK(told("\nQuery Text: \"SELECT \\\"a\\\",\\n  b\"\nPlan: \n  Node Type: \"Result\"") ==
        "SELECT \"a\",\n  b |  | Plan: \n  Node Type: \"Result\"");
}

TEST_CASE("what is cut off or something else never ends the program") {
  const std::string whole = "\n<explain>\n  <Query-Text>SELECT &lt;</Query-Text>\n  <Plan>\n  </Plan>\n</explain>";
  for (std::size_t size = 0; size <= whole.size(); ++size) told(whole.substr(0, size));
  const std::string json = "\n{\n  \"Query Text\": \"SELECT \\\"\\u00e4\",\n  \"Plan\": {\n    \"a\": [1]\n  }\n}";
  for (std::size_t size = 0; size <= json.size(); ++size) told(json.substr(0, size));
  const std::string yaml = "\nQuery Text: \"SELECT \\\"\"\nPlan: \n  a: 1";
  for (std::size_t size = 0; size <= yaml.size(); ++size) told(yaml.substr(0, size));
  CHECK(told("") == " |  | ");
  CHECK(told("\nsomething new") == " |  | ");
}

}  // namespace assay
