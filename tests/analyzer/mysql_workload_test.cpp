// What a workload keeps of MySQL's records beside time.
#include <catch2/catch.hpp>
#include <limits>

#include "analyzer/meaning.h"
#include "analyzer/workload_builder.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

LogRecord record(std::string_view sql, std::int64_t sent, std::int64_t examined) {
  return {.kind = RecordKind::kExecution,
          .timed = true,
          .duration = Microseconds{1000},
          .database = "crm",
          .sql = sql,
          .shape = shape_hash(sql, SqlDialect::kMysql),
          .dialect = SqlDialect::kMysql,
          .rows_sent = sent,
          .rows_examined = examined,
          .lock_time = Microseconds{10}};
}

Workload workload_of(const std::vector<LogRecord>& records) {
  WorkloadBuilder builder({});
  for (const LogRecord& record : records) builder.add(record);
  return builder.finish({});
}

}  // namespace

TEST_CASE("rows sent and examined are summed up by class, in MySQL's dialect") {
  const Workload workload = workload_of(
      {record("SELECT a FROM t WHERE b = \"x\"", 1, 100), record("SELECT a FROM t WHERE b = 'y' # z", 2, 50)});
  REQUIRE(workload.classes.size() == 1);
  const QueryClass& query = workload.classes[0];
  CHECK(query.normalized == "SELECT a FROM t WHERE b = ?");
  CHECK(query.rows->sent == 3);
  CHECK(query.rows->examined == 150);
  CHECK(query.rows->lock_time == Microseconds{20});
}

TEST_CASE("a statement that failed is an error, its time unfinished work") {
  LogRecord failed = record("INSERT INTO t VALUES (1)", 0, 7);
  failed.kind = RecordKind::kError;
  const Workload workload = workload_of({failed});
  CHECK(workload.executions == 0);
  CHECK(workload.errors == 1);
  CHECK(workload.total == Microseconds{1000});
  CHECK(workload.classes.at(0).errors == 1);
  CHECK(workload.classes[0].unfinished == Microseconds{1000});
  CHECK(workload.classes[0].rows->examined == 7);
}

TEST_CASE("forged counts of rows stay at the most") {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  const Workload workload =
      workload_of({record("SELECT 1", 0, kMost), record("SELECT 1", 0, kMost), record("SELECT 1", 0, kMost)});
  CHECK(workload.classes.at(0).rows->examined == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("MySQL's statements are not shown to PostgreSQL's parser") {
  const auto meanings = understand(workload_of({record("SELECT 1", 1, 0)}), nullptr);
  REQUIRE(meanings.size() == 1);
  CHECK_FALSE(meanings[0].statement);
  CHECK_FALSE(meanings[0].fingerprint);
  CHECK(meanings[0].problem == "MySQL's SQL: counted, not judged yet");
}

}  // namespace assay
