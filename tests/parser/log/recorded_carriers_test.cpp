// What rsyslog wrote of a real server's messages tells what the jsonlog of the same run tells.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "tests/parser/log/log_text.h"

using namespace assay;
using namespace assay::test;

namespace {

std::string recorded(const std::string& name) { return std::string(ASSAY_SAMPLES) + "/carriers/recorded/" + name; }

/// Executions and errors of each process, in their order.
std::map<std::int64_t, std::vector<std::string>> by_process(const std::string& path) {
  std::map<std::int64_t, std::vector<std::string>> records;
  Diagnostics diagnostics;
  read_log(
      path, {},
      [&](const LogRecord& record) {
        if (record.kind == RecordKind::kOther) return;
        auto text = told(record);
        // "#011" in a text cannot be told from a tab that the daemon wrote so.
        for (auto at = text.find("#011"); at != std::string::npos; at = text.find("#011")) text.replace(at, 4, "\t");
        records[record.process].push_back(text);
      },
      diagnostics);
  return records;
}

}  // namespace

TEST_CASE("syslog, as a real daemon writes it, tells what jsonlog tells") {
  const auto json = by_process(recorded("syslog.jsonlog.zst"));
  CHECK(json.size() > 4);
  CHECK(by_process(recorded("syslog.rfc3164.log.zst")) == json);
  CHECK(by_process(recorded("syslog.iso.log.zst")) == json);
  CHECK(by_process(recorded("syslog.rfc5424.log.zst")) == json);
}

TEST_CASE("recorded syslog without sequence numbers, and without splitting") {
  CHECK(by_process(recorded("unnumbered.rfc3164.log.zst")) == by_process(recorded("unnumbered.jsonlog.zst")));
  CHECK(by_process(recorded("unsplit.rfc3164.log.zst")) == by_process(recorded("unsplit.jsonlog.zst")));
}

TEST_CASE("recorded pg_stat_statements count what the log of the same run tells") {
  const auto calls_of = [](const std::string& path) {
    std::map<std::uint64_t, std::pair<std::uint64_t, std::int64_t>> calls;  // by shape: calls, rows
    Diagnostics diagnostics;
    read_log(
        path, {},
        [&](const LogRecord& record) {
          if (record.kind == RecordKind::kExecution) ++calls[record.shape].first;
          if (record.kind != RecordKind::kSummary) return;
          CHECK(record.database == "postgres");
          calls[record.shape].first += record.summary->calls;
          calls[record.shape].second += record.summary->rows;
        },
        diagnostics);
    return calls;
  };
  const auto logged = calls_of(recorded("syslog.jsonlog.zst"));
  std::size_t often = 0;
  for (const auto& [shape, counted] : calls_of(recorded("syslog.statements.csv.zst"))) {
    if (counted.first < 100) continue;
    ++often;
    REQUIRE(logged.contains(shape));
    CHECK(logged.at(shape).first == counted.first);
    CHECK(counted.second == static_cast<std::int64_t>(counted.first));  // each gives one row
  }
  CHECK(often == 2);
}
