// What is left of a statement or a message without its values.
#include "analyzer/redaction.h"

#include <catch2/catch.hpp>

#include "parser/sql/shape.h"

namespace assay {
namespace {

std::string redacted(const std::string& sql) { return redacted_statement(sql, SqlDialect::kPostgres); }

}  // namespace

TEST_CASE("literals become parameters, behind those that are there") {
  CHECK(redacted("SELECT * FROM t WHERE a = 'x' AND b = 7") == "SELECT * FROM t WHERE a = $1 AND b = $2");
  CHECK(redacted("SELECT * FROM t WHERE a = $2 AND b IN (1,2)") == "SELECT * FROM t WHERE a = $2 AND b IN ($3,$4)");
  CHECK(redacted("SELECT '{}'::jsonb, E'\\'x', $$y$$") == "SELECT $1::jsonb, $2, $3");
  CHECK(redacted_statement("SELECT `a` FROM t WHERE b = \"x\"", SqlDialect::kMysql) == "SELECT `a` FROM t WHERE b = ?");
}

TEST_CASE("a redacted statement is still of its shape, and keeps the wildcards of its patterns") {
  for (const std::string sql :
       {"SELECT a FROM t WHERE b LIKE 'ab%' AND c = 'x'", "INSERT INTO t VALUES (1,'a'),(2,'b')",
        "SELECT a FROM t WHERE b IN ('x','y') ORDER BY 2", "UPDATE t SET a = 1.5 WHERE b = 'z'"}) {
    CHECK(shape_hash(redacted(sql)) == shape_hash(sql));
  }
  CHECK(redacted("SELECT 1 FROM t WHERE a LIKE '%ab_c%'") == "SELECT $1 FROM t WHERE a LIKE '%x_x%'");
}

TEST_CASE("a literal with its type in front becomes a cast") {
  CHECK(redacted("SELECT a FROM t WHERE d > date '2026-01-01'") == "SELECT a FROM t WHERE d > CAST($1 AS date)");
  CHECK(redacted("SELECT now() - INTERVAL '1 day'") == "SELECT now() - CAST($1 AS INTERVAL)");
}

TEST_CASE("comments go") {
  CHECK(redacted("SELECT a /* Smith */ FROM t -- Jones\n WHERE b = 1") == "SELECT a FROM t WHERE b = $1");
}

TEST_CASE("of what a message quotes, names stay and values go") {
  CHECK(redacted_message("relation \"t\" does not exist") == "relation \"t\" does not exist");
  CHECK(redacted_message("invalid input syntax for type integer: \"Smith\"") ==
        "invalid input syntax for type integer: \"…\"");
  CHECK(redacted_message("unterminated quoted string at or near \"'Smith") ==
        "unterminated quoted string at or near …");
}

TEST_CASE("of messages only those in the server's own wording stay") {
  Redactor redactor;
  LogRecord record;
  record.kind = RecordKind::kError;
  record.severity = "ERROR";
  record.message = "customer Smith is blocked";
  CHECK(redactor.redact(record).message == "(redacted)");
  record.sqlstate = "P0001";
  CHECK(redactor.redact(record).message == "(redacted)");
  record.message = "duplicate key value violates unique constraint \"t_pkey\"";
  record.sqlstate = "23505";
  record.detail = "Key (name)=(Smith) already exists.";
  CHECK(redactor.redact(record).message == record.message);
  CHECK(redactor.redact(record).detail.empty());
  record.message = "deadlock detected";
  record.detail =
      "Process 1 waits for ShareLock on transaction 5; blocked by process 2.\nProcess 1: UPDATE t SET a = 'Smith'";
  CHECK(redactor.redact(record).detail ==
        "Process 1 waits for ShareLock on transaction 5; blocked by process 2.\nProcess 1: UPDATE t SET a = $1");
}

}  // namespace assay
