// What the entries of a process add up to. Each case is run through stderr, csvlog and jsonlog.
#include <catch2/catch.hpp>

#include "parser/log/assembler.h"
#include "tests/parser/log/log_text.h"

using namespace assay;
using namespace assay::test;

namespace {

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("a statement with its duration is an execution") {
  CHECK(executions({log(1, "duration: 12.345 ms  statement: SELECT 1")}) == Told{"web@crm 12.345ms SELECT 1"});
}

TEST_CASE("durations are exact microseconds, of any length") {
  CHECK(executions({log(1, "duration: 0.001 ms  statement: a"), log(1, "duration: 1234567890.999 ms  statement: b"),
                    log(1, "duration: 5 ms  statement: c")}) ==
        Told{"web@crm 0.001ms a", "web@crm 1234567890.999ms b", "web@crm 5.000ms c"});
}

TEST_CASE("statements keep their lines, tabs, comments and quotes") {
  const std::string sql = "SELECT a, -- \"first\"\n\tb\n\n2026-11-22 10:00:00.000 UTC [1] LOG:  x\n1 \\ 'it''s'\n";
  CHECK(executions({log(1, "duration: 1.000 ms  statement: " + sql)}) == Told{"web@crm 1.000ms " + sql});
}

TEST_CASE("parse, bind and execute are one execution: the sum of the times, the execute's parameters") {
  CHECK(executions({log(1, "duration: 0.100 ms  parse s1: SELECT $1"),
                    log(1, "duration: 0.020 ms  bind s1: SELECT $1", "parameters: $1 = '7'"),
                    log(1, "duration: 3.000 ms  execute s1: SELECT $1", "parameters: $1 = '7'")}) ==
        Told{"web@crm 3.120ms SELECT $1 [$1 = '7']"});
}

TEST_CASE("a parallel worker repeats the failure of its leader: one error") {
  Event worker = error(2, "terminating background worker \"parallel worker\" due to administrator command", "SELECT 1");
  worker.severity = "FATAL";
  worker.user = worker.database = worker.application = "";
  CHECK(executions({error(1, "canceling statement due to user request", "SELECT 1"), worker}) ==
        Told{"error canceling statement due to user request | SELECT 1"});
}

TEST_CASE("parameters are spelt with a capital since PostgreSQL 16") {
  CHECK(executions(
            {log(1, "duration: 3.000 ms  execute s1: SELECT $1", "Parameters: $1 = 'it''s,\n\ttwo', $2 = NULL")}) ==
        Told{"web@crm 3.000ms SELECT $1 [$1 = 'it''s,\n\ttwo', $2 = NULL]"});
}

TEST_CASE("the bind's parameters serve when the execute has none") {
  CHECK(executions({log(1, "duration: 0.020 ms  bind s1: SELECT $1", "parameters: $1 = '7'"),
                    log(1, "duration: 3.000 ms  execute s1: SELECT $1")}) ==
        Told{"web@crm 3.020ms SELECT $1 [$1 = '7']"});
}

TEST_CASE("a parse counts once, for the first execution") {
  CHECK(executions({log(1, "duration: 1.000 ms  parse s1: SELECT 1"), log(1, "duration: 0.100 ms  bind s1: SELECT 1"),
                    log(1, "duration: 2.000 ms  execute s1: SELECT 1"), log(1, "duration: 0.100 ms  bind s1: SELECT 1"),
                    log(1, "duration: 2.000 ms  execute s1: SELECT 1")}) ==
        Told{"web@crm 3.100ms SELECT 1", "web@crm 2.100ms SELECT 1"});
}

TEST_CASE("a parse is remembered by process and name until it is executed") {
  CHECK(executions(
            {log(1, "duration: 1.000 ms  parse a: SELECT 'a'"), log(1, "duration: 1.000 ms  parse b: SELECT 'b'"),
             log(2, "duration: 5.000 ms  execute a: SELECT 'a'"), log(1, "duration: 2.000 ms  execute a: SELECT 'a'"),
             log(1, "duration: 2.000 ms  execute b: SELECT 'b'")}) ==
        Told{"web@crm 5.000ms SELECT 'a'", "web@crm 3.000ms SELECT 'a'", "web@crm 3.000ms SELECT 'b'"});
}

TEST_CASE("names may hold colons, and portals stand behind a slash") {
  CHECK(
      executions({log(1, "duration: 1.000 ms  parse s:1: SELECT 1"), log(1, "duration: 1.000 ms  bind s:1/p: SELECT 1"),
                  log(1, "duration: 1.000 ms  execute s:1/p: SELECT 1")}) == Told{"web@crm 3.000ms SELECT 1"});
  CHECK(executions({log(1, "duration: 1.000 ms  parse <unnamed>: SELECT 1"),
                    log(1, "duration: 1.000 ms  execute <unnamed>: SELECT 1")}) == Told{"web@crm 2.000ms SELECT 1"});
}

TEST_CASE("a parse of the same name and another text is not the execution's") {
  CHECK(executions({log(1, "duration: 1.000 ms  parse <unnamed>: SELECT 'old'"),
                    log(1, "duration: 2.000 ms  execute <unnamed>: SELECT 'new'")}) ==
        Told{"unfinished 1.000ms SELECT 'old'", "web@crm 2.000ms SELECT 'new'"});
}

TEST_CASE("a parse that is parsed again, or never executed, is unfinished") {
  CHECK(executions(
            {log(1, "duration: 1.000 ms  parse s1: SELECT 1"), log(1, "duration: 2.000 ms  parse s1: SELECT 2")}) ==
        Told{"unfinished 1.000ms SELECT 1", "unfinished 2.000ms SELECT 2"});
}

TEST_CASE("a bind whose execute lay under the threshold is an execution when the process goes on") {
  const auto bind = log(1, "duration: 0.020 ms  bind s1: SELECT $1", "parameters: $1 = '7'");
  const Told expected{"web@crm 0.020ms SELECT $1 [$1 = '7']", "web@crm 1.000ms SELECT 2"};
  CHECK(executions({bind, log(1, "duration: 1.000 ms  statement: SELECT 2")}) == expected);
  CHECK(executions({bind, log(1, "duration: 0.500 ms  bind s2: SELECT 2"),
                    log(1, "duration: 0.500 ms  execute s2: SELECT 2")}) == expected);
  CHECK(
      executions({bind, bind, log(1, "duration: 1.000 ms  execute s2: SELECT 2")}) ==
      Told{"web@crm 0.020ms SELECT $1 [$1 = '7']", "web@crm 0.020ms SELECT $1 [$1 = '7']", "web@crm 1.000ms SELECT 2"});
  CHECK(executions({bind, log(1, "disconnection: session time: 0:00:00.008 user=web database=crm host=[local]")}) ==
        Told{"web@crm 0.020ms SELECT $1 [$1 = '7']"});
}

TEST_CASE("a bind at the end of the log is unfinished") {
  CHECK(executions({log(1, "duration: 0.100 ms  parse s1: SELECT 1"),
                    log(1, "duration: 0.020 ms  bind s1: SELECT 1")}) == Told{"unfinished 0.120ms SELECT 1"});
}

TEST_CASE("parse and bind before an error are unfinished") {
  CHECK(
      executions({log(1, "duration: 0.100 ms  parse s1: SELECT 1/$1"), error(1, "division by zero", "SELECT 1/$1")}) ==
      Told{"unfinished 0.100ms SELECT 1/$1", "error division by zero | SELECT 1/$1"});
  CHECK(executions({log(1, "duration: 0.100 ms  parse s1: SELECT 1/$1"),
                    log(1, "duration: 0.020 ms  bind s1: SELECT 1/$1"), error(1, "division by zero", "SELECT 1/$1")}) ==
        Told{"unfinished 0.120ms SELECT 1/$1", "error division by zero | SELECT 1/$1"});
}

TEST_CASE("an error of another statement leaves an open bind an execution, and other parses alone") {
  CHECK(executions({log(1, "duration: 1.000 ms  parse s9: SELECT 9"), log(1, "duration: 0.020 ms  bind s1: SELECT 1"),
                    error(1, "syntax error", "SELEC"), log(1, "duration: 2.000 ms  execute s9: SELECT 9")}) ==
        Told{"web@crm 0.020ms SELECT 1", "error syntax error | SELEC", "web@crm 3.000ms SELECT 9"});
}

TEST_CASE("a fetch is unfinished work, with its statement") {
  CHECK(executions({log(1, "duration: 2.000 ms  execute S_1/C_2: SELECT 1"),
                    log(1, "duration: 1.000 ms  execute fetch from S_1/C_2: SELECT 1")}) ==
        Told{"web@crm 2.000ms SELECT 1", "unfinished 1.000ms SELECT 1"});
  CHECK(executions({log(1, "execute fetch from S_1/C_2: SELECT 1"), log(1, "duration: 1.000 ms")}) ==
        Told{"unfinished 1.000ms SELECT 1"});
}

TEST_CASE("log_statement with log_duration: the duration is on a later line of the same process") {
  CHECK(executions({log(1, "statement: SELECT 'a'"), log(2, "statement: SELECT 'b'"), log(2, "duration: 2.000 ms"),
                    log(1, "duration: 1.000 ms")}) == Told{"web@crm 2.000ms SELECT 'b'", "web@crm 1.000ms SELECT 'a'"});
}

TEST_CASE("a duration never crosses statements") {
  CHECK(executions({log(1, "statement: SELECT 'a'"), log(1, "statement: SELECT 'b'"), log(1, "duration: 2.000 ms"),
                    log(1, "duration: 3.000 ms")}) ==
        Told{"web@crm untimed SELECT 'a'", "web@crm 2.000ms SELECT 'b'", "unfinished 3.000ms"});
}

TEST_CASE("bare durations before an execute are its parse and bind") {
  CHECK(executions({log(1, "duration: 0.100 ms"), log(1, "duration: 0.020 ms"),
                    log(1, "execute s1: SELECT $1", "parameters: $1 = '7'"), log(1, "duration: 3.000 ms")}) ==
        Told{"web@crm 3.120ms SELECT $1 [$1 = '7']"});
  CHECK(executions({log(1, "statement: SELECT 0"), log(1, "duration: 9.000 ms"), log(1, "duration: 0.020 ms"),
                    log(1, "execute s1: SELECT 1"), log(1, "duration: 3.000 ms")}) ==
        Told{"web@crm 9.000ms SELECT 0", "web@crm 3.020ms SELECT 1"});
}

TEST_CASE("log_statement with a threshold of zero: parse and bind with their names, then the bare duration") {
  CHECK(executions({log(1, "duration: 0.100 ms  parse s1: SELECT $1"),
                    log(1, "duration: 0.020 ms  bind s1: SELECT $1", "parameters: $1 = '7'"),
                    log(1, "execute s1: SELECT $1", "parameters: $1 = '7'"), log(1, "duration: 3.000 ms")}) ==
        Told{"web@crm 3.120ms SELECT $1 [$1 = '7']"});
}

TEST_CASE("a bare duration after a bind is its execute") {
  CHECK(executions({log(1, "duration: 2.000 ms  bind s1: SELECT 1"), log(1, "duration: 0.016 ms")}) ==
        Told{"web@crm 2.016ms SELECT 1"});
}

TEST_CASE("durations that belong to nothing are unfinished, without a statement") {
  CHECK(executions({log(1, "duration: 1.000 ms"), log(1, "duration: 2.000 ms"), log(1, "duration: 3.000 ms"),
                    log(1, "duration: 4.000 ms  statement: SELECT 1")}) ==
        Told{"unfinished 1.000ms", "unfinished 2.000ms", "unfinished 3.000ms", "web@crm 4.000ms SELECT 1"});
}

TEST_CASE("a statement without any duration is an execution without a time") {
  CHECK(executions({log(1, "statement: SELECT 1"), log(1, "execute s1: SELECT $1", "parameters: $1 = '7'")}) ==
        Told{"web@crm untimed SELECT 1", "web@crm untimed SELECT $1 [$1 = '7']"});
}

TEST_CASE("a statement that fails is the error's only") {
  CHECK(executions({log(1, "statement: SELECT 1/0"), error(1, "division by zero", "SELECT 1/0"),
                    log(1, "statement: SELECT 2")}) ==
        Told{"error division by zero | SELECT 1/0", "web@crm untimed SELECT 2"});
  CHECK(executions({log(1, "statement: SELECT 1"), error(1, "syntax error", "SELEC")}) ==
        Told{"web@crm untimed SELECT 1", "error syntax error | SELEC"});
  CHECK(executions({log(1, "statement: SELECT 1/0"), error(1, "division by zero")}) == Told{"error division by zero"});
}

TEST_CASE("a fatal error without a statement hit an idle session") {
  Event fatal = error(1, "terminating connection due to idle-in-transaction timeout");
  fatal.severity = "FATAL";
  CHECK(executions({log(1, "statement: BEGIN"), fatal}) ==
        Told{"web@crm untimed BEGIN", "error terminating connection due to idle-in-transaction timeout"});
}

TEST_CASE("what happens within a statement does not end it") {
  Event file = log(1, "temporary file: path \"base/pgsql_tmp/pgsql_tmp1.0\", size 280000");
  file.statement = "SELECT 1";
  Event wait =
      log(1, "process 1 still waiting for ShareLock on transaction 7 after 200.1 ms", "Process holding the lock: 2.");
  wait.statement = "SELECT 1";
  CHECK(executions({log(1, "statement: SELECT 1"), file, wait,
                    log(1, "process 1 acquired ShareLock on transaction 7 after 900.1 ms"),
                    log(1, "duration: 1000.000 ms")}) ==
        Told{"temp temporary file: path \"base/pgsql_tmp/pgsql_tmp1.0\", size 280000 | SELECT 1",
             "lock process 1 still waiting for ShareLock on transaction 7 after 200.1 ms | SELECT 1",
             "lock process 1 acquired ShareLock on transaction 7 after 900.1 ms", "web@crm 1000.000ms SELECT 1"});
}

TEST_CASE("a plan is no execution, and its statement may have many lines") {
  CHECK(
      executions(
          {log(1,
               "duration: 2.000 ms  plan:\nQuery Text: SELECT a,\n\tb\nFROM t\nSeq Scan on t  (cost=0.00..1.00 rows=1 "
               "width=4)\n  Filter: x"),
           log(1, "duration: 2.500 ms  statement: SELECT a,\n\tb\nFROM t")}) ==
      Told{"plan SELECT a,\n\tb\nFROM t", "web@crm 2.500ms SELECT a,\n\tb\nFROM t"});
  CHECK(
      executions({log(
          1,
          "duration: 2.000 ms  plan:\n{\n  \"Query Text\": \"SELECT '\\\"}', \\n\\u00e4\",\n  \"Plan\": {\n  }\n}")}) ==
      Told{"plan SELECT '\"}', \nä"});
}

TEST_CASE("a process number that is used again is another process") {
  CHECK(executions({log(1, "duration: 1.000 ms  parse s1: SELECT 1"), log(1, "connection received: host=[local]"),
                    log(1, "duration: 2.000 ms  execute s1: SELECT 1")}) ==
        Told{"unfinished 1.000ms SELECT 1", "web@crm 2.000ms SELECT 1"});
}

TEST_CASE("work that is open at the end comes in the order of its lines") {
  CHECK(executions({log(3, "statement: SELECT 3"), log(1, "duration: 1.000 ms  parse a: SELECT 'a'"),
                    log(2, "duration: 2.000 ms"), log(1, "duration: 1.000 ms  bind b: SELECT 'b'")}) ==
        Told{"web@crm untimed SELECT 3", "unfinished 1.000ms SELECT 'a'", "unfinished 2.000ms",
             "unfinished 1.000ms SELECT 'b'"});
}

TEST_CASE("an error's message has no position in it, whatever the format") {
  const auto events = std::vector{error(1, "syntax error at or near \"x\"", "SELECT x")};
  auto text = as_stderr(events);
  text.insert(text.find("\n"), " at character 8");
  CHECK(executions(text) == executions(events));
}

TEST_CASE("without process ids nothing is paired") {
  CHECK(executions("2026-11-22 10:00:00.000 UTC LOG:  statement: SELECT 1\n"
                   "2026-11-22 10:00:00.000 UTC LOG:  duration: 1.000 ms\n"
                   "2026-11-22 10:00:00.000 UTC LOG:  duration: 2.000 ms  execute a: SELECT 2\n") ==
        Told{"untimed SELECT 1", "unfinished 1.000ms", "2.000ms SELECT 2"});
}

TEST_CASE("%c tells the process too") {
  CHECK(executions("2026-11-22 10:00:00.000 UTC 6b0355eb.16b2 LOG:  statement: SELECT 1\n"
                   "2026-11-22 10:00:00.000 UTC 6b0355eb.16b4 LOG:  duration: 1.000 ms\n"
                   "2026-11-22 10:00:00.000 UTC 6b0355eb.16b2 LOG:  duration: 2.000 ms\n") ==
        Told{"2.000ms SELECT 1", "unfinished 1.000ms"});
}

TEST_CASE("the assembler closes the process that was silent for longest when it knows too many") {
  Told records;
  Assembler assembler([&](const LogRecord& record) { records.push_back(told(record)); }, {2, 1000});
  const auto parse = [&](std::int64_t process, std::string_view sql) {
    LogEntry entry;
    entry.process = process;
    entry.kind = MessageKind::kTimedParse;
    entry.name = "s";
    entry.sql = sql;
    entry.line = static_cast<std::uint64_t>(process);
    assembler.add(entry);
  };
  parse(1, "one");
  parse(2, "two");
  parse(1, "one again");
  CHECK(records == Told{"unfinished 0.000ms one"});
  parse(3, "three");
  CHECK(records == Told{"unfinished 0.000ms one", "unfinished 0.000ms two"});
  parse(4, std::string(900, 'x'));
  parse(5, std::string(200, 'y'));
  CHECK(records.size() == 5);
  assembler.finish();
  CHECK(records.back() == "unfinished 0.000ms " + std::string(200, 'y'));
  CHECK(assembler.records() == 6);
}
