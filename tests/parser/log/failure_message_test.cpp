// What went wrong, told from the server's words.
#include "parser/log/failure_message.h"

#include <catch2/catch.hpp>

namespace assay {
namespace {

std::string_view code(std::string_view message) { return sqlstate_of_message("ERROR", message); }

}  // namespace

TEST_CASE("the SQLSTATE is told from the common messages") {
  CHECK(code("deadlock detected") == "40P01");
  CHECK(code("could not serialize access due to concurrent update") == "40001");
  CHECK(code("canceling statement due to statement timeout") == "57014");
  CHECK(code("canceling statement due to lock timeout") == "55P03");
  CHECK(code("canceling statement due to conflict with recovery") == "40001");
  CHECK(code("terminating connection due to idle-in-transaction timeout") == "25P03");
  CHECK(code("terminating connection due to administrator command") == "57P01");
  CHECK(code("terminating background worker \"parallel worker\" due to administrator command") == "57P01");
  CHECK(code("the database system is in recovery mode") == "57P03");
  CHECK(code("duplicate key value violates unique constraint \"a_pkey\"") == "23505");
  CHECK(code("null value in column \"a\" of relation \"t\" violates not-null constraint") == "23502");
  CHECK(code("null value in column \"a\" violates not-null constraint") == "23502");
  CHECK(code("insert or update on table \"a\" violates foreign key constraint \"f\"") == "23503");
  CHECK(code("new row for relation \"a\" violates check constraint \"c\"") == "23514");
  CHECK(code("syntax error at or near \"x\"") == "42601");
  CHECK(code("syntax error at end of input") == "42601");
  CHECK(code("relation \"x\" does not exist") == "42P01");
  CHECK(code("relation \"x\" already exists") == "42P07");
  CHECK(code("column \"x\" does not exist") == "42703");
  CHECK(code("column t.x does not exist") == "42703");
  CHECK(code("function f(integer) does not exist") == "42883");
  CHECK(code("division by zero") == "22012");
  CHECK(code("invalid input syntax for type integer: \"twelve\"") == "22P02");
  CHECK(code("value too long for type character varying(3)") == "22001");
  CHECK(code("value \"99999999999\" is out of range for type integer") == "22003");
  CHECK(code("permission denied for table t") == "42501");
  CHECK(code("current transaction is aborted, commands ignored until end of transaction block") == "25P02");
  CHECK(code("cannot execute INSERT in a read-only transaction") == "25006");
  CHECK(code("could not obtain lock on row in relation \"t\"") == "55P03");
  CHECK(code("out of shared memory") == "53200");
  CHECK(code("could not extend file \"base/5/7\": No space left on device") == "53100");
  CHECK(code("invalid page in block 7 of relation base/5/7") == "XX001");
  CHECK(sqlstate_of_message("FATAL", "role \"x\" does not exist") == "28000");
  CHECK(sqlstate_of_message("ERROR", "role \"x\" does not exist") == "42704");
  CHECK(sqlstate_of_message("FATAL", "password authentication failed for user \"x\"") == "28P01");
  CHECK(code("no stock").empty());
  CHECK(code("").empty());
}

TEST_CASE("a later line of a message tells nothing of its code") { CHECK(code("x\ndivision by zero").empty()); }

TEST_CASE("a SQLSTATE has a class") {
  CHECK(sqlstate_class_name("23505") == "integrity constraint violation");
  CHECK(sqlstate_class_name("57") == "operator intervention");
  CHECK(sqlstate_class_name("ZZ000").empty());
  CHECK(sqlstate_class_name("").empty());
}

TEST_CASE("cancelled statements have a cause") {
  const auto cause = [](std::string_view message) {
    const auto found = cancel_cause(message);
    return found ? to_string(*found) : "none";
  };
  CHECK(cause("canceling statement due to statement timeout") == "statement timeout");
  CHECK(cause("canceling statement due to user request") == "user request");
  CHECK(cause("canceling statement due to lock timeout") == "lock timeout");
  CHECK(cause("canceling statement due to conflict with recovery") == "conflict with recovery");
  CHECK(cause("terminating connection due to conflict with recovery") == "conflict with recovery");
  CHECK(cause("terminating connection due to idle-in-transaction timeout") == "idle-in-transaction timeout");
  CHECK(cause("terminating connection due to idle-session timeout") == "idle-session timeout");
  CHECK(cause("terminating connection due to transaction timeout") == "transaction timeout");
  CHECK(cause("terminating connection due to administrator command") == "administrator command");
  CHECK(cause("division by zero") == "none");
}

TEST_CASE("what nobody may overlook") {
  CHECK(alarm_of("server process (PID 7) was terminated by signal 9: Killed") == Alarm::kCrash);
  CHECK(alarm_of("server process (PID 7) exited with exit code 1") == std::nullopt);
  CHECK(alarm_of("the database system is in recovery mode") == Alarm::kRecovery);
  CHECK(alarm_of("the database system is starting up") == Alarm::kRecovery);
  CHECK(alarm_of("could not write to file \"pg_wal/xlogtemp.7\": No space left on device") == Alarm::kDiskFull);
  CHECK(alarm_of("out of shared memory") == Alarm::kSharedMemory);
  CHECK(alarm_of("out of memory") == Alarm::kOutOfMemory);
  CHECK(alarm_of("invalid page in block 0 of relation base/5/16384") == Alarm::kCorruption);
  CHECK(alarm_of("could not read block 3 in file \"base/5/7\": read only 0 of 8192 bytes") == Alarm::kCorruption);
  CHECK(alarm_of("database \"crm\" must be vacuumed within 39985967 transactions") == Alarm::kWraparound);
  CHECK(alarm_of("database is not accepting commands to avoid wraparound data loss in database \"crm\"") ==
        Alarm::kWraparound);
  CHECK(alarm_of("database system is ready to accept connections") == std::nullopt);
  CHECK(statement_of_crash("Failed process was running: SELECT 1") == "SELECT 1");
  CHECK(statement_of_crash("x").empty());
}

TEST_CASE("parameters that a reload changed") {
  const auto changed = parse_parameter_change("parameter \"log_min_duration_statement\" changed to \"0\"");
  REQUIRE(changed);
  CHECK(changed->name == "log_min_duration_statement");
  CHECK(changed->value == "0");
  const auto quoted = parse_parameter_change("parameter \"search_path\" changed to \"\"a\", b\"");
  CHECK(quoted->value == "\"a\", b");
  const auto removed =
      parse_parameter_change("parameter \"work_mem\" removed from configuration file, reset to default");
  CHECK(removed->name == "work_mem");
  CHECK(removed->value == std::nullopt);
  CHECK_FALSE(removed->needs_restart);
  CHECK(parse_parameter_change("parameter \"max_connections\" cannot be changed without restarting the server")
            ->needs_restart);
  CHECK_FALSE(parse_parameter_change("parameter \"x\" is odd"));
  CHECK_FALSE(parse_parameter_change("parameters"));
}

TEST_CASE("a temporary file has a path and a size") {
  const auto file = parse_temporary_file("temporary file: path \"base/pgsql_tmp/pgsql_tmp1.0\", size 280000");
  REQUIRE(file);
  CHECK(file->path == "base/pgsql_tmp/pgsql_tmp1.0");
  CHECK(file->bytes == 280000);
  CHECK(parse_temporary_file("temporary file: path \"a\", size 5 at character 7")->bytes == 5);
  CHECK_FALSE(parse_temporary_file("temporary file: path \"a\""));
  CHECK_FALSE(parse_temporary_file("temporary file: path \"a\", size x"));
}

}  // namespace assay
