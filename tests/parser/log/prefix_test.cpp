#include "parser/log/prefix.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "parser/log/recognition.h"
#include "tests/parser/log/log_text.h"

using namespace assay;
using namespace assay::test;

namespace {

/// "process user database application host session sqlstate time", what is missing as "-"; "no match".
std::string fields(std::string_view pattern, std::string_view line) {
  const auto match = PrefixPattern(pattern).match(line);
  if (!match) return "no match";
  const auto text = [](std::string_view field) { return field.empty() ? std::string_view("-") : field; };
  return fmt::format("{} {} {} {} {} {} {} {}", match->process, text(match->user), text(match->database),
                     text(match->application), text(match->host), text(match->session), text(match->sqlstate),
                     match->time ? to_iso8601({match->time->local, UtcOffset{0}}).substr(11, 15) : "-");
}

std::string detected(std::string_view sample) { return detect_prefix(sample).value_or("nothing"); }

constexpr std::string_view kTime = "2026-11-22 10:00:00.125 CET";
constexpr std::string_view kSecond = "2026-11-22 10:00:00 CET";

}  // namespace

TEST_CASE("log_line_prefix takes a line apart") {
  CHECK(fields("%m [%p] ", fmt::format("{} [42] LOG:  x", kTime)) == "42 - - - - - - 10:00:00.125000");
  CHECK(fields("%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
               fmt::format("{} [42]: [7-1] user=web,db=crm,app=my app,client=10.0.0.1 LOG:  x", kSecond)) ==
        "42 web crm my app 10.0.0.1 - - 10:00:00+00:00");
  CHECK(fields("%t:%r:%u@%d:[%p]:", fmt::format("{}:10.0.0.1(5432):web@crm:[42]:LOG:  x", kSecond)) ==
        "42 web crm - 10.0.0.1 - - 10:00:00+00:00");
  CHECK(fields("%t:%r:%u@%d:[%p]:", fmt::format("{}:2001:db8::1(5432):web@crm:[42]:LOG:  x", kSecond)) ==
        "42 web crm - 2001:db8::1 - - 10:00:00+00:00");
  CHECK(fields("%t:%r:%u@%d:[%p]:", fmt::format("{}::@:[42]:LOG:  x", kSecond)) == "42 - - - - - - 10:00:00+00:00");
  CHECK(fields("%n %c %e %v %x %l %% ", "1795341600.125 6b0355eb.16b2 42601 3/25 0 7 % ERROR:  x") ==
        "5810 - - - - 6b0355eb.16b2 42601 10:00:00.125000");
  CHECK(fields("< %m >", fmt::format("< {} >LOG:  x", kTime)) == "0 - - - - - - 10:00:00.125000");
  CHECK(fields("", "LOG:  x") == "0 - - - - - - -");
}

TEST_CASE("a prefix stops at %q in processes without a session") {
  CHECK(fields(kPrefix, fmt::format("{} [42] LOG:  x", kTime)) == "42 - - - - - - 10:00:00.125000");
  CHECK(fields(kPrefix, fmt::format("{} [42] web@crm/shop LOG:  x", kTime)) == "42 web crm shop - - - 10:00:00.125000");
}

TEST_CASE("[unknown] and empty names are no names") {
  CHECK(fields(kPrefix, fmt::format("{} [42] [unknown]@[unknown]/[unknown] LOG:  x", kTime)) ==
        "42 - - - - - - 10:00:00.125000");
  CHECK(fields("%m [%p] %u@%d ", fmt::format("{} [42] @ LOG:  x", kTime)) == "42 - - - - - - 10:00:00.125000");
}

TEST_CASE("names may hold what ends them") {
  CHECK(fields(kPrefix, fmt::format("{} [42] me@server@crm/shop LOG:  x", kTime)) ==
        "42 me@server crm shop - - - 10:00:00.125000");
  CHECK(fields(kPrefix, fmt::format("{} [42] web@crm/a@b/c LOG:  x", kTime)) ==
        "42 web crm a@b/c - - - 10:00:00.125000");
  CHECK(fields(kPrefix, fmt::format("{} [42] we b@crm/psql [x LOG:  x", kTime)) ==
        "42 we b crm psql [x - - - 10:00:00.125000");
  CHECK(fields("%m [%p] %q%u@%d %a ", fmt::format("{} [42] web@crm a b c LOG:  x", kTime)) ==
        "42 web crm a b c - - - 10:00:00.125000");
  CHECK(fields("%u@%d ", "ä'\"@crm LOG:  x") == "0 ä'\" crm - - - - -");
}

TEST_CASE("padded escapes") {
  CHECK(fields("[%8p] %-10u|%5d ", "[      42] web       |  crm LOG:  x") == "42 web crm - - - - -");
  CHECK(fields("[%-8p] ", "[42      ] LOG:  x") == "42 - - - - - - -");
  CHECK(fields("%-4u|", "somebody|LOG:  x") == "0 somebody - - - - - -");
}

TEST_CASE("a line counts only when prefix and label are whole") {
  CHECK(fields("%m [%p] ", fmt::format("{} [42] looks like one", kTime)) == "no match");
  CHECK(fields("%m [%p] ", fmt::format("{} [] LOG:  x", kTime)) == "no match");
  CHECK(fields("%m [%p] ", "2026-13-22 10:00:00.125 CET [42] LOG:  x") == "no match");
  CHECK(fields("%m [%p] ", fmt::format("\t{} [42] LOG:  x", kTime)) == "no match");
  CHECK(fields("%m [%p] ", fmt::format("{} [42] LOG: x", kTime)) == "no match");
  CHECK(fields("%t [%p] ", fmt::format("{} [42] LOG:  x", kTime)) == "no match");
}

TEST_CASE("a hostile line costs a bounded number of attempts") {
  const std::string line(1'000'000, '@');
  CHECK(fields("%u@%d@%a@%h@%i@%b@ ", line) == "no match");
  CHECK(fields("%u%d%a%h%i%b", line) == "no match");
}

TEST_CASE("a connection through a socket does not hide what its host's place is") {
  std::string sample;
  for (int i = 0; i < 5; ++i)
    sample += fmt::format("{} [42] {} user=web,db=crm,client=[local] LOG:  x\n", kTime, i + 1);
  CHECK(detect_prefix(sample) == "%m [%p] %l user=%u,db=%d,client=%h ");
}

TEST_CASE("the prefix is detected from the log") {
  for (const std::string_view prefix :
       {"%m [%p] %q%u@%d/%a ", "%m [%p] ", "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ", "%t:%r:%u@%d:[%p]:",
        "%m [%p] %q%u@%d ", "%m %u@%d [%p] ", "%t [%p] %q%u@%d %a ", "< %m >", "%m ", "%n [%p] ", "%t ",
        // not among the common ones:
        "%m|%u|%d|%c| ", "%m [%p] %q[%c] %u@%d %e ", "%t %p %c user=%u,db=%d,host=%r ", "[%p] %m vxid=%v xid=%x "}) {
    INFO(prefix);
    std::string sample;
    for (int i = 0; i < 5; ++i) {
      for (std::size_t k = 0; k < prefix.size(); ++k) {
        if (prefix[k] != '%') {
          sample += prefix[k];
          continue;
        }
        switch (prefix[++k]) {
          case 'm':
            sample += fmt::format("2026-11-22 10:00:0{}.125 CET", i);
            break;
          case 't':
            sample += fmt::format("2026-11-22 10:00:0{} CET", i);
            break;
          case 'n':
            sample += fmt::format("179534160{}.125", i);
            break;
          case 'p':
            sample += std::to_string(1000 + i);
            break;
          case 'l':
            sample += std::to_string(i + 1);
            break;
          case 'u':
            sample += "web";
            break;
          case 'd':
            sample += "crm";
            break;
          case 'a':
            sample += "my shop";
            break;
          case 'h':
            sample += "10.0.0.1";
            break;
          case 'r':
            sample += "10.0.0.1(5432)";
            break;
          case 'c':
            sample += fmt::format("6b0355eb.{:x}", 1000 + i);
            break;
          case 'e':
            sample += "00000";
            break;
          case 'v':
            sample += fmt::format("3/{}", i + 10);
            break;
          case 'x':
            sample += "0";
            break;
          default:
            break;
        }
      }
      sample += "LOG:  duration: 1.000 ms  statement: SELECT 1\n\tFROM t\n";
    }
    const auto found = detected(sample);
    INFO(found);
    // Another pattern is as good when it tells the same.
    const auto line = std::string_view(sample).substr(0, sample.find('\n'));
    CHECK(fields(found, line).substr(0, fields(prefix, line).size()) == fields(prefix, line));
  }
}

TEST_CASE("lines of background processes show where %q stands") {
  CHECK(detected("2026-11-22 10:00:00.000 UTC [1] LOG:  checkpoint starting: time\n"
                 "2026-11-22 10:00:00.000 UTC [2] db=crm,user=web LOG:  statement: SELECT 1\n") ==
        "%m [%p] %qdb=%d,user=%u ");
}

TEST_CASE("without labelled lines no prefix is detected") {
  CHECK(detected("") == "nothing");
  CHECK(detected("hello\nworld\n") == "nothing");
}

TEST_CASE("the language of the messages is told by the word for duration") {
  CHECK(foreign_language("LOG:  Dauer: 0.5 ms  Anweisung: SELECT 1") == "German");
  CHECK(foreign_language("LOG:  durée : 0.5 ms  instruction : SELECT 1") == "French");
  CHECK(foreign_language("\"message\":\"耗时: 0.5 ms\"") == "Chinese");
  CHECK(foreign_language("LOG:  duration: 0.5 ms  statement: SELECT 'Dauer: 5'").empty());
  CHECK(foreign_language("LOG:  statement: SELECT 1").empty());
}

TEST_CASE("where nothing else names the process, the number before the session's line does") {
  CHECK(
      detected("2026-11-22 10:00:00 UTC [331-1] web@crm LOG:  x\n2026-11-22 10:00:00 UTC [347-1] web@crm LOG:  y\n") ==
      "%t [%p-%l] %u@%d ");
  CHECK(detected("2026-11-22 10:00:00 UTC [3-1] [331] LOG:  x\n") == "%t [%l-1] [%p] ");
}

TEST_CASE("the SQLSTATE of what is no error is no process") {
  CHECK(detected(" sql_error_code = 00000 LOG:  x\n sql_error_code = 23505 ERROR:  y\n") == " sql_error_code = %e ");
}
