// PrefixReader is fast because it remembers; PrefixPattern, which remembers nothing, is its oracle.
#include "parser/log/prefix_reader.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <random>

#include "parser/log/identity.h"
#include "tests/parser/log/log_text.h"

using namespace assay;
using namespace assay::test;

namespace {

/// All that a match tells, but for its identity.
std::string told(const PrefixMatch& match) {
  const std::string time = match.time ? fmt::format("{} {} {} {}", match.time->local.time_since_epoch().count(),
                                                    match.time->length, match.time->zone, match.epoch)
                                      : "no time";
  return fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", time, match.process, match.session, match.user, match.database,
                     match.application, match.host, match.sqlstate, match.label, static_cast<int>(match.field),
                     match.length);
}

std::string by_pattern(const PrefixPattern& pattern, std::string_view line) {
  const auto match = pattern.match(line);
  return match ? told(*match) : "no match";
}

std::string by_reader(PrefixReader& reader, std::string_view line) {
  PrefixMatch match;
  if (!reader.match(line, match)) return "no match";
  const bool identified = match.identity == 0 ||
                          match.identity == client_identity(match.user, match.database, match.application, match.host);
  return identified ? told(match) : "another client's identity";
}

using Random = std::mt19937;

std::string_view one_of(Random& random, const std::vector<std::string_view>& choices) {
  return choices[random() % choices.size()];
}

/// What a server would write for the escape, out of few enough values that they return.
std::string text_of(char escape, Random& random) {
  const auto number = [&](unsigned most) { return random() % most; };
  const auto second = [&] {
    return fmt::format("2026-{}-22 1{}:0{}:{:02}", one_of(random, {"11", "07"}), number(2), number(3), number(62));
  };
  const auto zone = one_of(random, {"CET", "CEST", "UTC", "+0530"});
  switch (escape) {
    case 'm':
      return fmt::format("{}.{:03} {}", second(), number(1000), zone);
    case 't':
      return fmt::format("{} {}", second(), zone);
    case 'n':
      return fmt::format("{}.{:03}", 1'795'341'600 + number(100), number(1000));
    case 'p':
    case 'l':
      return std::to_string(number(40));
    case 'c':
      return fmt::format("6b0355eb.{:x}", number(40));
    case 'u':
      return std::string(one_of(random, {"web", "", "[unknown]", "me@server", "a rather long name of a user"}));
    case 'd':
      return std::string(one_of(random, {"crm", "", "[unknown]", "shop"}));
    case 'a':
      return std::string(one_of(random, {"shop", "", "psql", "jobs LOG:  x", "caf\xc3\xa9"}));
    case 'h':
    case 'r':
      return std::string(one_of(random, {"10.0.0.1", "2001:db8::1", "[local]", "10.0.0.2(5432)"}));
    case 'e':
      return std::string(one_of(random, {"00000", "42601"}));
    default:
      return "0";
  }
}

std::string random_line(const PrefixPattern& pattern, Random& random) {
  std::string line;
  for (const auto& [escape, literal, width] : pattern.elements()) {
    if (escape == 'q' && random() % 8 == 0) break;
    if (escape == 0) line += literal;
    if (escape != 0 && escape != 'q') line += text_of(escape, random);
  }
  return line +
         std::string(one_of(random, {"LOG:  x", "DETAIL:  y", "ERROR:  z", "LOG: x", "LOG:  ", "STATEMENT:  s"}));
}

/// As it is, or with one byte changed, put in, left out, or with its end cut off.
std::string damaged(std::string line, Random& random) {
  const std::size_t at = random() % line.size();
  switch (random() % 12) {
    case 0:
      line[at] = static_cast<char>(random());
      break;
    case 1:
      line.insert(at, 1, one_of(random, {" ", "@", "/", "0", ":", "["})[0]);
      break;
    case 2:
      line.erase(at, 1);
      break;
    case 3:
      line.resize(at);
      break;
    default:
      break;
  }
  return line;
}

}  // namespace

TEST_CASE("the prefix reader finds what the pattern finds, line after line") {
  const auto* const prefix = GENERATE("%m [%p] %q%u@%d/%a ", "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
                                      "%m [%p] ", "%t:%r:%u@%d:[%p]:", "%m [%p] %c %e %u %d ", "%m ", "%t",
                                      "%n [%p] %u@%d ", "%p %m %u ", "%m-%p-%l-", "", "%m [%p] %q%a ");
  CAPTURE(prefix);
  PrefixReader reader(prefix);
  Random random(20261122);
  std::size_t matched = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string line = damaged(random_line(reader.pattern(), random), random);
    const std::string expected = by_pattern(reader.pattern(), line);
    matched += expected != "no match";
    if (by_reader(reader, line) == expected) continue;
    CAPTURE(line);
    REQUIRE(by_reader(reader, line) == expected);
  }
  CHECK(matched > 2'000);
}
