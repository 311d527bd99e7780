#include "tests/cli/server_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace assay::test {
namespace {

std::string time_text(std::int64_t ms, bool with_ms) {
  auto text = fmt::format("2026-11-22 {:02}:{:02}:{:02}", 10 + ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60);
  if (with_ms) text += fmt::format(".{:03}", ms % 1000);
  return text + " UTC";
}

std::string message(std::int64_t us, const std::string& sql) {
  return fmt::format("duration: {}.{:03} ms  statement: {}", us / 1000, us % 1000, sql);
}

}  // namespace

ServerRun::ServerRun(unsigned seed, std::size_t statements, unsigned most_gap_ms) {
  std::mt19937 random(seed);
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < statements; ++i) {
    ms += static_cast<std::int64_t>(random() % most_gap_ms);
    const int process = 1000 + static_cast<int>(random() % 8);
    const bool is_short = random() % 3 != 0;
    executions_.push_back(
        {ms, process, static_cast<std::int64_t>(is_short ? 20 + random() % 10 : 1000 + random() % 90'000),
         is_short ? "BEGIN" : fmt::format("SELECT c{} FROM t WHERE id = {}", random() % 5, random() % 999)});
  }
}

std::string ServerRun::as_stderr(std::size_t from, std::size_t to, const std::string& prefix) const {
  std::string log;
  for (std::size_t i = from; i < to; ++i) {
    const Execution& one = executions_[i];
    log += time_text(one.ms, prefix.starts_with("%m")) + " ";
    if (prefix.find("%p") != std::string::npos) log += fmt::format("[{}] ", one.process);
    log += "LOG:  " + message(one.us, one.sql) + "\n";
  }
  return log;
}

std::string ServerRun::as_csv(std::size_t from, std::size_t to) const {
  std::string log;
  for (std::size_t i = from; i < to; ++i) {
    const Execution& one = executions_[i];
    log += fmt::format(
        "{},,,{},\"[local]\",6b0355eb.{:x},1,\"SELECT\",2026-11-22 09:00:00 UTC,3/4,0,LOG,00000,\"{}\","
        ",,,,,,,,\"\",\"client backend\",,0\n",
        time_text(one.ms, true), one.process, one.process, message(one.us, one.sql));
  }
  return log;
}

}  // namespace assay::test
