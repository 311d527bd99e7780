// Assembler: puts the entries of each process together to records.
//
// An execution may be told in up to three timed entries (parse, bind, execute), or in a statement and its duration
// on a later line (log_statement with log_duration). The assembler keeps, for each process, the
// parses of statements not executed yet, and one thing that is open: a bind, a statement without its duration,
// or durations without a statement. Whatever closes it decides what it was:
//   execute of that name   its time is added: one execution
//   a bare duration        ends an open statement or bind: one execution
//   another statement      an open bind was executed below the threshold: an execution; an open statement ran untimed
//   an error               an open bind or statement of that text failed: its time is unfinished work
//   the end of the log     unfinished work, but for a statement without any time: an untimed execution
//
// What it cannot know: under log_statement = 'mod' with log_duration, durations of statements that are not logged may
// stand before an execute and are taken for its parse and bind (two at most).
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "parser/base/state_bytes.h"
#include "parser/log/entry.h"
#include "parser/log/reader.h"

namespace assay {

class Assembler {
 public:
  struct Limits {
    std::size_t processes = 10'000;        ///< with something open; the one that was silent longest is closed first
    std::size_t text_bytes = 256U << 20U;  ///< of all that is kept
  };

  explicit Assembler(RecordSink sink) : Assembler(std::move(sink), Limits{}) {}
  Assembler(RecordSink sink, Limits limits) : sink_(std::move(sink)), limits_(limits) {}

  void add(const LogEntry& entry);
  void add(const ExecutionStep& step);

  /// At the end of the log.
  void finish();

  /// What is open, so that another assembler goes on where this one stands (assembler_state.cpp).
  void save(StateWriter& state) const;
  /// Of a new assembler. Throws Error.
  void restore(StateReader& state);

  std::uint64_t records() const { return records_; }
  std::uint64_t executions() const { return executions_; }

 private:
  /// A text that waits for what follows it, and the time that it took so far.
  struct Work {
    std::string name, parameters;
    std::string own_sql;         // unless it stays where it is
    std::string_view known_sql;  // and here it does
    std::uint64_t shape = 0;
    Microseconds duration{0};
    bool timed = false;
    bool fetch = false;
    Protocol protocol = Protocol::kSimple;
    ZonedTime time;
    std::uint64_t line = 0;

    std::string_view sql() const { return known_sql.empty() ? own_sql : known_sql; }
    std::size_t bytes() const { return name.size() + sql().size() + parameters.size(); }
  };
  struct BareDuration {
    Microseconds duration{0};
    ZonedTime time;
    std::uint64_t line = 0;
  };
  enum class Open : std::uint8_t { kNothing, kBind, kStatement, kDurations };
  /// Who a process is, in the last entry that left something open.
  struct Identity {
    std::int64_t process = 0;
    std::uint64_t client = 0;
    std::string session, user, database, application, host;
  };
  struct Process {
    Identity identity;
    std::vector<Work> parses;  // the first parse_count are in use, oldest first
    std::size_t parse_count = 0;
    Open open = Open::kNothing;
    Work work;  // kBind, kStatement
    std::array<BareDuration, 2> durations;
    std::size_t duration_count = 0;
    std::size_t text_bytes = 0;
  };
  using Processes = std::list<Process>;  // silent for longest first

  /// Something open at the end, of one process or of all.
  struct LooseEnd {
    std::uint64_t line = 0;
    const Process* process = nullptr;
    const Work* work = nullptr;  ///< nullptr for a bare duration
    BareDuration bare;
  };

  Process* find(std::int64_t process);
  Process& process_of(const ExecutionStep& step, const Client& client);
  void keep_limits(std::int64_t process);
  static void save(StateWriter& state, const Work& work);
  void restore(StateReader& state, Work& work);
  void restore(StateReader& state, Process& process);
  void forget(Processes::iterator process);
  void leave(std::int64_t process);

  void add_parse(Process& process, const ExecutionStep& step);
  void add_bind(Process& process, const ExecutionStep& step);
  void add_timed(const ExecutionStep& step, LogRecord record);
  void add_statement(Process& process, const ExecutionStep& step);
  void add_duration(Process& process, const ExecutionStep& step);
  void add_error(const LogEntry& entry);

  void store(Work& work, const ExecutionStep& step);
  void release(Work& work);
  void drop_parse(Process& process, std::size_t index);
  void take_parse(Process& process, const ExecutionStep& step, Work& into);
  void settle(Process& process);
  void settle_failed(Process& process, const LogEntry& error);
  void collect(const Process& process, std::vector<LooseEnd>& ends) const;
  void emit_loose(std::vector<LooseEnd>& ends);

  void emit(const LogRecord& record);
  void emit_work(const Process& process, const Work& work, RecordKind kind, bool inferred = false);
  void emit_bare(const Process& process, const BareDuration& bare);
  void emit_bare_all(Process& process);

  RecordSink sink_;
  Limits limits_;
  Processes processes_;
  Processes spare_;
  std::unordered_map<std::int64_t, Processes::iterator> by_id_;
  std::size_t text_bytes_ = 0;
  std::uint64_t records_ = 0, executions_ = 0;
  bool names_users_ = false;  // some entry has named one, so that an entry without is of a background process
};

}  // namespace assay
