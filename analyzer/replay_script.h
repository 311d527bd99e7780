// ReplayScript: a log as something that can be run again: each session's statements in their order, with their values
// and the pauses between them.
//
// A log is hostile input. Let in are texts that parse as exactly one SELECT, INSERT, UPDATE, DELETE or MERGE, and
// transaction commands, of which only the meaning is kept. Everything else is left out, and counted with its reason:
// executions = steps + Σ left_out. Each different text is parsed, not only one of its class: classes are told apart by
// a hash, which is no defence.
//
// A pause is the time between two statements of a session. What was left out between them takes no time. By the stamps
// of most logs, which are cut to milliseconds, a pause is off by up to one either way, so single ones may be negative;
// their sums are right.
// What this leaves out: statements that failed, statements whose values the log cut or left out, and the settings of a
// session (SET).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/log/record.h"
#include "parser/sql/transaction_command.h"

namespace assay {

struct ReplayText {
  std::string sql;
  std::uint64_t shape = 0;                    ///< as LogRecord::shape
  std::optional<TransactionCommand> control;  ///< nothing: a statement to be sent as it is
  bool writes = false;                        ///< changes or locks rows
  std::string barred;                         ///< why it is never sent; empty when it may be
  unsigned parameters = 0;                    ///< the highest $n in it
};

struct ReplayStep {
  std::uint32_t text = 0;        ///< position in ReplayScript::texts
  std::uint32_t parameters = 0;  ///< position in ReplayScript::parameters; the first one is empty
  std::uint64_t values = 0;      ///< as LogRecord::values
  std::int64_t start = 0;        ///< µs since ReplayScript::origin
  std::int64_t pause = 0;        ///< µs since the end of the session's execution before; 0 for its first
  Microseconds duration{0};      ///< as logged
  Protocol protocol = Protocol::kSimple;
  bool prepared = false;
};

struct ReplaySession {
  std::string user, application;
  std::vector<ReplayStep> steps;
  std::int64_t end = 0;  ///< µs since ReplayScript::origin
};

/// Sessions that one connection at a time runs, one after another: none of them overlapped in the log.
using ReplayLane = std::vector<std::uint32_t>;

struct ReplayScript {
  std::string database;   ///< as the log names it; empty where it does not
  Timestamp origin{};     ///< start of the first step
  std::int64_t span = 0;  ///< µs, to the end of the last one
  std::vector<ReplayText> texts;
  std::vector<std::string> parameters;  ///< as logged
  std::vector<ReplaySession> sessions;  ///< by their first steps
  std::uint64_t executions = 0;         ///< in the log, behind the filter
  std::uint64_t steps = 0;
  std::map<std::string, std::uint64_t> left_out;  ///< by reason
  bool writes = false;                            ///< some step does

  /// As few lanes as the log had sessions at a time.
  std::vector<ReplayLane> lanes() const;
};

/// The text as it may be sent, or why not.
ReplayText replay_text(std::string_view sql);

struct ReplayScriptOptions {
  bool allow_writes = false;
  std::optional<std::string> database;             ///< whose statements; else …
  std::string preferred_database;                  ///< … this one's, if the log has any, else those of the busiest
  std::size_t most_bytes = std::size_t{1} << 30U;  ///< of texts, values and steps; what is beyond is left out
};

class ReplayScriptBuilder {
 public:
  explicit ReplayScriptBuilder(ReplayScriptOptions options);
  ~ReplayScriptBuilder();

  void add(const LogRecord& record);
  ReplayScript finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay
