// LogEntry: one message of the server with its details, as each of the three formats carries it, and what
// the message means. The formats fill in the fields, interpret() the meaning; the assembler puts the
// entries of one process together. Views point into the block that the entry was read from.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "parser/base/time.h"
#include "parser/log/record.h"
#include "parser/sql/shape_cache.h"

namespace assay {

/// What a labelled line of the stderr format holds. kMessage starts an entry, the others belong to one.
enum class EntryField : std::uint8_t { kMessage, kDetail, kStatement, kHint, kContext, kOther };

enum class MessageKind : std::uint8_t {
  kOther,
  kStatement,       ///< "statement: …" (log_statement)
  kExecute,         ///< "execute name: …" (log_statement)
  kFetch,           ///< "execute fetch from name: …" (log_statement)
  kDuration,        ///< "duration: … ms" and nothing else (log_duration)
  kTimedStatement,  ///< "duration: … ms  statement: …", and so on
  kTimedParse,
  kTimedBind,
  kTimedExecute,
  kTimedFetch,
  kPlan,
  kLockWait,
  kTemporaryFile,
  kError,
  kConnection,
  kDisconnection,
  kSummary,
  kFailedStatement,  ///< an error that tells its statement's time (MySQL)
};

constexpr bool is_timed_statement(MessageKind kind) {
  return kind >= MessageKind::kTimedStatement && kind <= MessageKind::kTimedFetch;
}

/// Who a session is.
struct Client {
  /// `database` without data() is not told, and may be inherited (parser/log/mysql_slow.h).
  std::string_view session, user, database, application, host;
  std::uint64_t identity = 0;  ///< as in LogRecord
};

/// A statement, and the time that a step of it took (parse, bind, execute) where it is told. Most of a log is that and
/// nothing more, so it is small: two lines of a processor's cache.
struct ExecutionStep {
  MessageKind kind = MessageKind::kOther;
  bool sql_stays = false;  ///< `sql` points to what is remembered as long as the log is read (known_texts.h)
  std::uint64_t line = 0;  ///< counted from 0 in the block
  std::uint64_t lines = 1;
  ZonedTime time;
  std::int64_t process = 0;
  const Client* client = nullptr;  ///< in its block; a LogEntry is its own
  Microseconds duration{0};
  std::string_view name;  ///< of the prepared statement, with "/portal" where there is one
  std::string_view sql, parameters;
  std::uint64_t shape = 0, values = 0;  ///< as in LogRecord
};

/// Whatever a message tells.
struct LogEntry : ExecutionStep, Client {
  EntryField field = EntryField::kMessage;  ///< another one: its text is in `message`, its entry elsewhere
  std::size_t steps_before = 0;             ///< of its block
  std::string_view severity, sqlstate, message, detail, statement, hint, context, backend;

  // What only other servers' logs tell, as in LogRecord:
  SqlDialect dialect = SqlDialect::kPostgres;
  std::uint32_t weight = 1;
  std::int64_t rows_sent = -1, rows_examined = -1;
  Microseconds lock_time{0};
  const ExecutionSummary* summary = nullptr;
};

/// Puts the text of a labelled line into its entry. False for a label that nothing is kept of.
bool set_field(LogEntry& entry, EntryField field, std::string_view text);

/// Fills in the meaning: from `kind` on. To be called again when a field was added. Returns what the statement is.
ShapeAndValues interpret(LogEntry& entry, ShapeCache& shapes);

/// The front of a message that tells how long a statement took: "duration: 1.234 ms  execute name: ".
struct TimedHead {
  MessageKind kind = MessageKind::kOther;
  Microseconds duration{0};
  std::string_view name;   ///< as in LogEntry
  std::size_t length = 0;  ///< behind it stands the statement
};

/// False for other messages, and where it is not written as the server always writes it; `ahead` may go on behind the
/// message.
bool read_timed_head(std::string_view ahead, TimedHead& head);

/// Puts a DETAIL into its step: the parameters, if it is them. `literals` is the hash of the values in the statement.
void tell_detail(ExecutionStep& step, std::string_view detail, std::uint64_t literals);

}  // namespace assay
