// What the clouds wrap around PostgreSQL's messages.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "parser/base/error.h"
#include "tests/parser/log/log_text.h"

using namespace assay;
using namespace assay::test;

namespace {

using Records = std::vector<std::string>;

Records records_of(std::string_view text, std::string_view format) {
  const auto reading = read_text(text);
  check_account(reading.account, text);
  CHECK(reading.account.format == format);
  return reading.records;
}

std::string cloudsql(std::string_view payload) {
  return fmt::format(
      "{{\"insertId\":\"s=1\",\"logName\":\"projects/p/logs/cloudsql.googleapis.com%2Fpostgres.log\",\"severity\":"
      "\"INFO\",\"resource\":{{\"type\":\"cloudsql_database\",\"labels\":{{\"database_id\":\"p:i\"}}}},\"textPayload\":"
      "\"{}\",\"timestamp\":\"2026-11-22T20:51:55.020123Z\"}}\n",
      payload);
}

constexpr std::string_view kCloudSqlPrefix = "2026-11-22 20:51:55.020 UTC [12]: [3-1] db=crm,user=web ";

std::string azure(std::string_view properties) {
  return fmt::format(
      "{{\"LogicalServerName\":\"s\",\"category\":\"PostgreSQLLogs\",\"operationName\":\"LogEvent\",\"time\":\"2026-11-"
      "22T20:51:55Z\",\"properties\":{{{}}}}}\n",
      properties);
}

std::string cloudnativepg(std::string_view message) {
  return fmt::format(
      "{{\"level\":\"info\",\"ts\":\"2026-11-22T20:51:55.02Z\",\"logger\":\"postgres\",\"msg\":\"record\","
      "\"logging_pod\":\"c-1\",\"record\":{{\"log_time\":\"2026-11-22 20:51:55.020 UTC\",\"user_name\":\"web\","
      "\"database_name\":\"crm\",\"process_id\":\"25\",\"connection_from\":\"10.0.0.1:5432\",\"session_id\":\"6b03."
      "19\",\"error_severity\":\"LOG\",\"sql_state_code\":\"00000\",\"message\":\"{}\",\"detail\":\"parameters: $1 = "
      "'7'\",\"application_name\":\"shop\",\"backend_type\":\"client backend\"}}}}",
      message);
}

}  // namespace

TEST_CASE("RDS and Aurora write stderr with their own prefix, whose fields are empty for background processes") {
  CHECK(
      records_of("2026-11-22 20:51:55 UTC::@:[11]:LOG:  checkpoint starting: time\n"
                 "2026-11-22 20:51:55 UTC:10.0.0.1(5432):web@crm:[12]:LOG:  duration: 1.000 ms  execute q: SELECT $1\n"
                 "2026-11-22 20:51:55 UTC:10.0.0.1(5432):web@crm:[12]:DETAIL:  parameters: $1 = '7'\n"
                 "2026-11-22 20:51:56 UTC:[local]:rdsadmin@rdsadmin:[13]:LOG:  duration: 2.000 ms  statement: SELECT\n"
                 "\t1\n",
                 "stderr") == Records{"other LOG checkpoint starting: time", "web@crm 1.000ms SELECT $1 [$1 = '7']",
                                      "rdsadmin@rdsadmin 2.000ms SELECT\n1"});
}

TEST_CASE("Cloud SQL carries lines of stderr") {
  const std::string prefix(kCloudSqlPrefix);
  CHECK(records_of(cloudsql(prefix + "LOG:  duration: 1.000 ms  execute q: SELECT \\\"a\\\"") + cloudsql("\\tFROM t") +
                       cloudsql("") + cloudsql("WHERE a = $1") + cloudsql(prefix + "DETAIL:  parameters: $1 = '7'") +
                       cloudsql(prefix + "ERROR:  syntax error\\n" + prefix + "STATEMENT:  x\\n\\ty"),
                   "cloudsql") ==
        Records{"web@crm 1.000ms SELECT \"a\"\nFROM t\n\nWHERE a = $1 [$1 = '7']", "error syntax error | x\ny"});
}

TEST_CASE("Cloud SQL's export as an array, a member in several lines") {
  CHECK(
      records_of("[\n"
                 "  {\n"
                 "    \"labels\": {\n"
                 "      \"a\": \"{\"\n"
                 "    },\n"
                 "    \"textPayload\": \"2026-11-22 20:51:55.020 UTC [12]: [3-1] db=crm,user=web LOG:  duration: 1.000 "
                 "ms  statement: SELECT 1\",\n"
                 "    \"timestamp\": \"2026-11-22T20:51:55Z\"\n"
                 "  },\n"
                 "  {\n"
                 "    \"textPayload\": \"\\tFROM t\"\n"
                 "  }\n"
                 "]\n",
                 "cloudsql") == Records{"web@crm 1.000ms SELECT 1\nFROM t"});
}

TEST_CASE("the message in jsonPayload is read too, and other logs' entries are skipped") {
  const auto text = std::string(
      "{\"jsonPayload\":{\"message\":\"2026-11-22 20:51:55.020 UTC [12]: [3-1] "
      "db=crm,user=web LOG:  duration: 1.000 ms  statement: SELECT 1\"},\"timestamp\":\"x\"}\n"
      "{\"protoPayload\":{\"a\":1},\"timestamp\":\"x\"}\n");
  CHECK(records_of(text, "cloudsql") == Records{"web@crm 1.000ms SELECT 1"});
  CHECK(read_text(text).account.skipped[0].reason == "line of another program");
}

TEST_CASE("Azure's flexible server leaves prefix and label in the message") {
  CHECK(records_of(azure("\"timestamp\":\"2026-11-22 20:51:55.123 UTC\",\"processId\":12,\"errorLevel\":\"LOG\","
                         "\"sqlerrcode\":\"00000\",\"message\":\"2026-11-22 20:51:55 UTC-6b0355eb.c-LOG:  duration: "
                         "1.000 ms  execute q: SELECT $1\\n\\tFROM t\"") +
                       azure("\"timestamp\":\"2026-11-22 20:51:55.123 UTC\",\"processId\":12,\"errorLevel\":\"LOG\","
                             "\"sqlerrcode\":\"00000\",\"message\":\"2026-11-22 20:51:55 UTC-6b0355eb.c-DETAIL:  "
                             "parameters: $1 = '7'\""),
                   "azure") == Records{"1.000ms SELECT $1\nFROM t [$1 = '7']"});
}

TEST_CASE("Azure's single server has message and detail in fields of their own") {
  CHECK(records_of(azure("\"prefix\":\"2026-11-22 20:51:55 UTC-6b0355eb.c-\",\"message\":\"duration: 1.000 ms  execute "
                         "q: SELECT $1\",\"detail\":\"parameters: $1 = '7'\",\"errorLevel\":\"LOG\",\"domain\":"
                         "\"postgres-11\",\"sqlerrcode\":\"00000\"") +
                       "{\"category\":\"PostgreSQLFlexSessions\",\"properties\":{\"collection\":\"x\"}}\n",
                   "azure") == Records{"1.000ms SELECT $1 [$1 = '7']"});
}

TEST_CASE("Azure's users are named with their server") {
  CHECK(records_of(azure("\"message\":\"2026-11-22 20:51:55 UTC-6b0355eb.c-web@server@crm-LOG:  duration: 1.000 ms  "
                         "statement: SELECT 1\",\"errorLevel\":\"LOG\"")
                       .insert(0, azure("\"message\":\"2026-11-22 20:51:55 UTC-6b0355eb.c-web@server@crm-LOG:  x\","
                                        "\"errorLevel\":\"LOG\"")),
                   "azure")
            .back()
            .ends_with("1.000ms SELECT 1"));
}

TEST_CASE("CloudNativePG's records have csvlog's columns") {
  CHECK(records_of("{\"level\":\"info\",\"ts\":\"x\",\"logger\":\"instance-manager\",\"msg\":\"starting\"}\n" +
                       cloudnativepg("duration: 1.000 ms  execute q: SELECT \\\"a\\\", $1\\nFROM t") + "\n",
                   "cnpg") == Records{"web@crm 1.000ms SELECT \"a\", $1\nFROM t [$1 = '7']"});
}

TEST_CASE("what a Kubernetes node has cut into parts is put together") {
  const auto line = cloudnativepg("duration: 1.000 ms  statement: SELECT \\\"a\\\"");
  const Records expected{"web@crm 1.000ms SELECT \"a\" [$1 = '7']"};
  const std::string front = "2026-11-22T20:51:55.020123456Z stdout ";
  for (std::size_t cut = 1; cut + 1 < line.size(); ++cut) {
    const auto text = front + "F " + line + "\n" + front + "P " + line.substr(0, cut) + "\n" +
                      "2026-11-22T20:51:55.020123456Z stderr F starting\n" + front + "F " + line.substr(cut) + "\n";
    const auto reading = read_text(text);
    CAPTURE(cut);
    CHECK(reading.records == Records{expected[0], expected[0]});
    check_account(reading.account, text);
  }
}

TEST_CASE("a part whose rest never comes is skipped") {
  const auto line = cloudnativepg("duration: 1.000 ms  statement: SELECT 1");
  const std::string front = "2026-11-22T20:51:55.020123456Z stdout ";
  const auto text = front + "F " + line + "\n" + front + "P " + line.substr(0, 100) + "\n";
  const auto reading = read_text(text);
  check_account(reading.account, text);
  REQUIRE(reading.account.skipped.size() == 1);
  CHECK(reading.account.skipped[0].reason == "the last record is cut off");
}

TEST_CASE("the clouds' logs are the same for any number of workers and size of block") {
  std::string sql, parts, azures;
  const std::string front = "2026-11-22T20:51:55.020123456Z stdout ";
  for (int i = 0; i < 400; ++i) {
    sql += cloudsql(fmt::format("{}LOG:  duration: 1.000 ms  statement: SELECT {}", kCloudSqlPrefix, i));
    for (int line = 0; line < i % 4; ++line) sql += cloudsql("\\tFROM t");
    const auto record = cloudnativepg(fmt::format("duration: 1.000 ms  statement: SELECT {}", i));
    for (std::size_t at = 0; at < record.size(); at += 97) {
      parts += front + (at + 97 < record.size() ? "P " : "F ") + record.substr(at, 97) + "\n";
      if (i % 9 == 0 && at == 97) parts += "2026-11-22T20:51:55.020123456Z stderr F starting\n";
    }
    azures +=
        azure(fmt::format("\"message\":\"2026-11-22 20:51:55 UTC-6b0355eb.c-LOG:  duration: 1.000 ms  statement: "
                          "SELECT {}\",\"errorLevel\":\"LOG\"",
                          i));
  }
  for (const auto& text : {sql, parts, azures}) {
    const auto whole = read_text(text);
    CHECK(whole.account.executions == 400);
    for (const std::size_t block : {64U, 1000U, 9000U}) {
      ReadOptions options;
      options.jobs = 3;
      ReadLimits limits;
      limits.block = block;
      const auto pieces = read_text(text, options, limits);
      CHECK(pieces.records == whole.records);
      CHECK(pieces.lines == whole.lines);
      check_account(pieces.account, text);
    }
  }
}

TEST_CASE("damaged JSON of the clouds keeps the account balanced") {
  const std::string front = "2026-11-22T20:51:55.020123456Z stdout ";
  const std::string text = cloudsql(std::string(kCloudSqlPrefix) + "LOG:  x") + "{\"textPayload\":\"a\n\n{}\n[\n],\n" +
                           cloudsql("\\tb") + "{\"textPayload\":\"\\ud8\"}\nnothing\n{\"textPayload\":";
  for (const auto format : {LogFormat::kCloudSql, LogFormat::kAzure, LogFormat::kCloudNativePg}) {
    ReadOptions options;
    options.format = format;
    options.log_line_prefix = "%m [%p]: [%l-1] db=%d,user=%u ";
    for (std::size_t length = 0; length <= text.size(); length += 3) {
      const auto cut = text.substr(0, length);
      if (!cut.empty()) check_account(read_text(cut, options).account, cut);
    }
  }
}
