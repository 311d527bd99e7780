// Whatever befalls a log, its account balances and its records do not depend on how it is cut into blocks: recorded
// logs of every format, cut, shuffled, joined and corrupted at random, from a fixed seed.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/targets.h"
#include "tests/unpacked.h"

namespace assay {
namespace {

struct Sample {
  LogFormat format;
  std::string name;
};

const std::vector<Sample> kSamples = {
    {LogFormat::kPostgresStderr, "crm/recorded/crm.log.zst"},
    {LogFormat::kPostgresCsv, "crm/recorded/crm.csv.zst"},
    {LogFormat::kPostgresJson, "crm/recorded/crm.jsonlog.zst"},
    {LogFormat::kMysqlSlow, "mariadb/recorded/verbose.log.zst"},
    {LogFormat::kPostgresSyslog, "carriers/recorded/unsplit.rfc3164.log.zst"},
    {LogFormat::kPostgresSyslog, "carriers/recorded/unnumbered.rfc3164.log.zst"},
    {LogFormat::kStatStatements, "carriers/recorded/syslog.statements.csv.zst"},
    {LogFormat::kSqlText, "crm/schema.sql"},
};

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t end) {
  return std::uniform_int_distribution<std::size_t>(0, std::max<std::size_t>(end, 1) - 1)(random);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line;
  return text;
}

std::string cut(const std::string& text, Random& random) {
  const std::size_t begin = below(random, text.size());
  return text.substr(begin, below(random, text.size() - begin));
}

std::string shuffled(const std::string& text, Random& random) {
  auto lines = lines_of(text);
  for (int i = 0; i < 10 && !lines.empty(); ++i) {
    const auto from = lines.begin() + static_cast<std::ptrdiff_t>(below(random, lines.size()));
    std::rotate(from, from + (from + 1 == lines.end() ? 0 : 1), lines.end());
  }
  return joined(lines);
}

std::string corrupted(std::string text, Random& random) {
  static const std::vector<std::string> kDamage = {
      std::string(1, '\0'), "\r\n", "\n", "\"", "'", "\xff\xfe", "\\", "\t", "{", "}", ",", "/*", ":  ", "LOG:  "};
  for (int i = 0; i < 12 && !text.empty(); ++i) {
    const std::size_t at = below(random, text.size());
    const auto& damage = kDamage[below(random, kDamage.size())];
    text.replace(at, below(random, 4), damage);
  }
  return text;
}

std::string with_returns(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return out;
}

std::string damaged(const std::string& text, Random& random) {
  switch (below(random, 6)) {
    case 0:
      return cut(text, random);
    case 1:
      return shuffled(text, random);
    case 2:
      return cut(text, random) + cut(text, random);
    case 3:
      return with_returns(cut(text, random));
    case 4:
      return corrupted(shuffled(text, random), random);
    default:
      return corrupted(text, random);
  }
}

/// A piece from anywhere in the sample, small enough to be read many times.
std::string piece_of(const std::string& text, Random& random) {
  return text.substr(below(random, text.size()), 12'000);
}

}  // namespace

TEST_CASE("damaged logs balance and do not depend on blocks") {
  Random random(20261122);
  for (const auto& [format, name] : kSamples) {
    const std::string text = test::unpacked(name);
    for (int i = 0; i < 60; ++i) {
      const std::string log = damaged(piece_of(text, random), random);
      INFO(name << ", round " << i);
      CHECK_NOTHROW(fuzz::read_as(format, log));
    }
  }
}

TEST_CASE("logs that are cut at every byte of a record balance") {
  for (const auto& [format, name] : kSamples) {
    const std::string text = test::unpacked(name);
    const std::string piece = text.substr(text.find('\n', text.size() / 2) + 1, 1500);
    for (std::size_t end = 0; end <= piece.size(); end += 7) {
      INFO(name << ", " << end << " bytes");
      CHECK_NOTHROW(fuzz::read_as(format, piece.substr(0, end)));
      CHECK_NOTHROW(fuzz::read_as(format, piece.substr(end)));
    }
  }
}

}  // namespace assay
