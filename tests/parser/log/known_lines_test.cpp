// What was seen before is read in another way than what was not (known_texts.h, known_records.h), and must mean the
// same. Each case is run through stderr, csvlog and jsonlog.
#include <catch2/catch.hpp>

#include "tests/parser/log/log_text.h"

using namespace assay;
using namespace assay::test;

namespace {

using Told = std::vector<std::string>;

/// The message so often that it is known.
std::vector<Event> again(const Event& event, std::size_t times = 4) { return std::vector<Event>(times, event); }

}  // namespace

TEST_CASE("a statement that returns is the same each time, with its lines and quotes") {
  const std::string sql = "SELECT \"a\", b\n\tFROM t\nWHERE c = $1 -- why\n\\";
  CHECK(executions(again(log(1, "duration: 1.000 ms  execute s: " + sql, "parameters: $1 = '7'"))) ==
        Told(4, "web@crm 1.000ms " + sql + " [$1 = '7']"));
}

TEST_CASE("a known statement is not taken for a longer one that begins with it") {
  auto events = again(log(1, "duration: 1.000 ms  statement: SELECT a"));
  events.push_back(log(1, "duration: 1.000 ms  statement: SELECT a\nFROM t"));
  events.push_back(log(1, "duration: 1.000 ms  statement: SELECT a, \"b\""));
  CHECK(executions(events) == Told{"web@crm 1.000ms SELECT a", "web@crm 1.000ms SELECT a", "web@crm 1.000ms SELECT a",
                                   "web@crm 1.000ms SELECT a", "web@crm 1.000ms SELECT a\nFROM t",
                                   "web@crm 1.000ms SELECT a, \"b\""});
}

TEST_CASE("parameters of a known statement may hold quotes and lines") {
  auto events = again(log(1, "duration: 1.000 ms  execute s: SELECT $1", "parameters: $1 = '7'"), 3);
  events.push_back(log(1, "duration: 1.000 ms  execute s: SELECT $1", "parameters: $1 = 'a\"b\\\n\tc'"));
  events.push_back(log(1, "duration: 1.000 ms  execute s: SELECT $1"));
  CHECK(executions(events) == Told{"web@crm 1.000ms SELECT $1 [$1 = '7']", "web@crm 1.000ms SELECT $1 [$1 = '7']",
                                   "web@crm 1.000ms SELECT $1 [$1 = '7']",
                                   "web@crm 1.000ms SELECT $1 [$1 = 'a\"b\\\n\tc']", "web@crm 1.000ms SELECT $1"});
}

TEST_CASE("an error that reads like a duration teaches nothing") {
  CHECK(executions({error(1, "duration: 1.000 ms  statement: SELECT 1 + x", "SELECT 2"),
                    log(1, "duration: 1.000 ms  statement: SELECT 1 + x"),
                    log(1, "duration: 1.000 ms  statement: SELECT 1 + x")}) ==
        Told{"error duration: 1.000 ms  statement: SELECT 1 + x | SELECT 2", "web@crm 1.000ms SELECT 1 + x",
             "web@crm 1.000ms SELECT 1 + x"});
}
