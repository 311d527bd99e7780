// LogRecord: one event as a log tells it, whatever the format it was written in.
//
// Views point into the block that was read (or into text that the reader unescaped for it) and are valid
// only while the reader's callback runs: who wants to keep a text copies it.
#pragma once

#include <cstdint>
#include <string_view>

#include "parser/base/time.h"

namespace assay {

enum class RecordKind : std::uint8_t {
  kExecution,      ///< a statement that ran to its end; parse, bind and execute summed up
  kUnfinished,     ///< time of a parse, bind or fetch that belongs to no completed execution
  kError,          ///< ERROR, FATAL or PANIC
  kPlan,           ///< auto_explain; never counted as an execution
  kLockWait,       ///< "still waiting for …Lock", "acquired …Lock"
  kTemporaryFile,
  kOther,
};

enum class Protocol : std::uint8_t { kSimple, kExtended };

struct LogRecord {
  RecordKind kind = RecordKind::kOther;
  Protocol protocol = Protocol::kSimple;
  bool timed = false;        ///< false: the log tells that it ran, but not how long
  ZonedTime time;            ///< when the record was written: for an execution, its end
  Microseconds duration{0};  ///< of an execution or of unfinished work
  std::uint64_t line = 0;    ///< where the record starts in its input, counted from 1

  std::int64_t process = 0;  ///< process id of the backend; 0 when the log does not tell
  std::string_view session;  ///< %c, or the column session_id; may be empty
  std::string_view user, database, application, host;

  std::string_view sql;         ///< the statement; empty when the log does not tell
  std::string_view parameters;  ///< as logged: $1 = 'a', $2 = NULL
  std::uint64_t shape = 0;      ///< shape_hash(sql) (parser/sql/shape.h); 0 without sql

  std::string_view severity;  ///< LOG, ERROR, FATAL, …
  std::string_view sqlstate;  ///< five characters, or empty where the format leaves it out
  std::string_view message;   ///< first line of the message, for what is no execution
};

}  // namespace assay
