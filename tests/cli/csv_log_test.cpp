#include "cli/csv_log.h"

#include <catch2/catch.hpp>

#include "parser/log/reader.h"
#include "tests/cli/command.h"

namespace assay {
namespace {

LogRecord execution(const std::string& sql, const std::string& parameters, Protocol protocol, bool prepared = false) {
  LogRecord record;
  record.kind = RecordKind::kExecution;
  record.protocol = protocol;
  record.prepared = prepared;
  record.timed = true;
  record.time.utc = Timestamp(std::chrono::milliseconds(1'700'000'000'123));
  record.duration = Microseconds(1'234'567);
  record.process = 42;
  record.session = "6b0355eb.2a";
  record.user = "o\"brien";
  record.database = "d,b";
  record.application = "app\n1";
  record.sql = sql;
  record.parameters = parameters;
  record.severity = "LOG";
  record.sqlstate = "00000";
  return record;
}

struct Told {
  std::vector<std::string> texts;
  InputAccount account;
};

Told read_back(const std::vector<LogRecord>& records) {
  const test::Folder folder;
  std::string log;
  for (const LogRecord& record : records) append_csv_log(log, record);
  Told told;
  Diagnostics problems;
  told.account = read_log(
      folder.write("log.csv", log), {},
      [&](const LogRecord& record) {
        told.texts.push_back(std::string(record.sql) + "|" + std::string(record.parameters) + "|" +
                             std::string(record.user) + "|" + std::string(record.database) + "|" +
                             std::string(record.application) + "|" + std::to_string(record.duration.count()) + "|" +
                             (record.prepared ? "prepared" : std::string(record.sqlstate)));
      },
      problems);
  return told;
}

}  // namespace

TEST_CASE("a csvlog of ours tells what was told, whatever the texts hold") {
  const std::string sql = "SELECT 'a\n,\"x\"', E'\\\\' -- \xC3\xBC\n";
  const std::string who = "|o\"brien|d,b|app\n1|1234567|";
  const Told told = read_back({execution(sql, "", Protocol::kSimple),
                               execution("SELECT $1", "$1 = 'it''s, \"q\"\n'", Protocol::kExtended),
                               execution("SELECT $1, $2", "$1 = NULL, $2 = '{a,b}'", Protocol::kExtended, true)});
  REQUIRE(told.texts.size() == 3);
  CHECK(told.texts[0] == sql + "|" + who);
  CHECK(told.texts[1] == "SELECT $1|$1 = 'it''s, \"q\"\n'" + who);
  CHECK(told.texts[2] == "SELECT $1, $2|$1 = NULL, $2 = '{a,b}'" + who + "prepared");
  CHECK(told.account.skipped.empty());
}

TEST_CASE("an error in a csvlog of ours keeps its state, words and statement") {
  const std::string sql = "SELECT 1/0";
  LogRecord error = execution(sql, "", Protocol::kSimple);
  error.kind = RecordKind::kError;
  error.severity = "ERROR";
  error.sqlstate = "22012";
  error.message = "division by zero";
  const Told told = read_back({error});
  REQUIRE(told.texts.size() == 1);
  CHECK(told.texts[0] == "SELECT 1/0||o\"brien|d,b|app\n1|0|22012");
  CHECK(told.account.executions == 0);
}

}  // namespace assay
