// LogRecord: one event as a log tells it, whatever the format it was written in.
//
// Views point into the block that was read (or into text that the reader unescaped for it) and are valid
// only while the reader's callback runs: who wants to keep a text copies it.
#pragma once

#include <cstdint>
#include <string_view>

#include "parser/base/time.h"
#include "parser/sql/dialect.h"

namespace assay {

enum class RecordKind : std::uint8_t {
  kExecution,   ///< a statement that ran to its end; parse, bind and execute summed up
  kUnfinished,  ///< time of a parse, bind or fetch that belongs to no completed execution
  kError,       ///< ERROR, FATAL or PANIC
  kPlan,        ///< auto_explain: `message` is the plan alone; no execution, but `duration` is that of its statement
  kLockWait,    ///< "still waiting for …Lock", "acquired …Lock"
  kTemporaryFile,
  kConnection,     ///< "connection received", "connection authorized"
  kDisconnection,  ///< "disconnection: session time: …"
  kSummary,        ///< many executions in one row, as pg_stat_statements tells them: see ExecutionSummary
  kOther,
};

enum class Protocol : std::uint8_t { kSimple, kExtended };

/// What is told of many executions at once. Times are sums over all of them; a value that is not known is negative.
struct ExecutionSummary {
  std::uint64_t calls = 0;
  Microseconds total{0};
  double min_ms = -1, max_ms = -1, mean_ms = -1, stddev_ms = -1;
  std::int64_t rows = -1;
};

struct LogRecord {
  RecordKind kind = RecordKind::kOther;
  Protocol protocol = Protocol::kSimple;
  bool timed = false;        ///< false: the log tells that it ran, but not how long
  ZonedTime time;            ///< when the record was written: for an execution, its end; utc 0 when it is not told
  Microseconds duration{0};  ///< of an execution, of unfinished work, or of a statement that failed where it is told
  std::uint64_t line = 0;    ///< where the record starts in its input, counted from 1

  std::int64_t process = 0;  ///< process id of the backend; 0 when the log does not tell
  std::string_view session;  ///< %c, or the column session_id; may be empty
  std::string_view user, database, application, host;
  std::uint64_t identity = 0;  ///< client_identity() of these four where the reader has it at hand; else 0

  std::string_view sql;         ///< the statement; empty when the log does not tell
  std::string_view parameters;  ///< as logged: $1 = 'a', $2 = NULL
  std::uint64_t shape = 0;      ///< shape_hash(sql) (parser/sql/shape.h); 0 without sql
  std::uint64_t values = 0;     ///< hash of the values of this execution: of the literals in sql and the parameters
  SqlDialect dialect = SqlDialect::kPostgres;
  /// It stands for weight / weight_per executions: more than one where the server logs a sample, 10/3 at a rate of 0.3.
  std::uint32_t weight = 1, weight_per = 1;
  bool prepared = false;  ///< of a statement with a name: parsed once, executed often
  bool inferred = false;                            ///< an execution of which only the bind was logged
  std::uint32_t server = 0;                         ///< that wrote it, where the inputs are of several; counted from 0
  std::int64_t rows_sent = -1, rows_examined = -1;  ///< MySQL; -1 when not told
  Microseconds lock_time{0};                        ///< MySQL; part of the duration
  const ExecutionSummary* summary = nullptr;        ///< of kSummary

  std::string_view severity;  ///< LOG, ERROR, FATAL, …
  std::string_view sqlstate;  ///< five characters, or empty where the format leaves it out
  // For what is no execution, as the server wrote them, all lines:
  std::string_view message, detail, hint, context;
  std::string_view backend;  ///< backend_type: "client backend", "autovacuum worker"; empty when not told
};

}  // namespace assay
