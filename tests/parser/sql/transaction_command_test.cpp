#include "parser/sql/transaction_command.h"

#include <catch2/catch.hpp>

namespace assay {
namespace {

/// The command written anew: with savepoints called s, read-only where `read_only`.
std::string anew(std::string_view sql, bool read_only = false) {
  const auto command = transaction_command(sql);
  return command ? sql_of(*command, "s", read_only) : "none";
}

}  // namespace

TEST_CASE("transaction commands are written anew, whatever the text around them") {
  CHECK(anew("begin") == "BEGIN");
  CHECK(anew("START TRANSACTION ISOLATION LEVEL REPEATABLE READ") == "BEGIN ISOLATION LEVEL repeatable read");
  CHECK(anew("BEGIN READ ONLY") == "BEGIN READ ONLY");
  CHECK(anew("BEGIN ISOLATION LEVEL SERIALIZABLE, READ WRITE") == "BEGIN ISOLATION LEVEL serializable");
  CHECK(anew("/* x */ END;") == "COMMIT");
  CHECK(anew("COMMIT AND CHAIN") == "COMMIT AND CHAIN");
  CHECK(anew("ABORT") == "ROLLBACK");
  CHECK(anew("SAVEPOINT \"x; DROP TABLE t\"") == "SAVEPOINT s");
  CHECK(anew("RELEASE x") == "RELEASE SAVEPOINT s");
  CHECK(anew("ROLLBACK TO x") == "ROLLBACK TO SAVEPOINT s");
  CHECK(transaction_command("SAVEPOINT \"Ab\"")->savepoint == "Ab");
}

TEST_CASE("a read-only replay begins no transaction that may write") {
  CHECK(anew("BEGIN READ WRITE", true) == "BEGIN READ ONLY");
  CHECK(anew("BEGIN ISOLATION LEVEL SERIALIZABLE, READ WRITE", true) == "BEGIN ISOLATION LEVEL serializable READ ONLY");
}

TEST_CASE("what is no single transaction command is none") {
  for (const char* sql : {"", "SELECT 1", "BEGIN; DROP TABLE t", "SET TRANSACTION READ WRITE",
                          "PREPARE TRANSACTION 'x'", "COMMIT PREPARED 'x'", "BEGIN (", "DO 'COMMIT'"}) {
    CHECK(anew(sql) == "none");
  }
}

}  // namespace assay
