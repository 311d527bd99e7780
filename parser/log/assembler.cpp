#include "parser/log/assembler.h"

#include <algorithm>
#include <utility>

namespace assay {
namespace {

constexpr std::size_t kMaxParses = 64;             // of one process
constexpr std::size_t kKeptCapacity = 64U << 10U;  // bytes of a text's memory that are kept for the next one

LogRecord record_of(const LogEntry& entry, RecordKind kind) {
  LogRecord record;
  record.kind = kind;
  record.time = entry.time;
  record.line = entry.line;
  record.process = entry.process;
  record.session = entry.session;
  record.user = entry.user;
  record.database = entry.database;
  record.application = entry.application;
  record.host = entry.host;
  record.identity = entry.identity;
  record.sql = entry.sql;
  record.parameters = entry.parameters;
  record.shape = entry.shape;
  record.values = entry.values;
  record.dialect = entry.dialect;
  record.weight = entry.weight;
  record.rows_sent = entry.rows_sent;
  record.rows_examined = entry.rows_examined;
  record.lock_time = entry.lock_time;
  record.summary = entry.summary;
  record.severity = entry.severity;
  record.sqlstate = entry.sqlstate;
  if (entry.kind == MessageKind::kFailedStatement) {
    record.timed = true;
    record.duration = entry.duration;
  }
  if (kind == RecordKind::kExecution || kind == RecordKind::kUnfinished) return record;
  record.message = entry.message;
  record.detail = entry.detail;
  record.hint = entry.hint;
  record.context = entry.context;
  record.backend = entry.backend;
  if (kind == RecordKind::kPlan) {
    record.timed = true;
    record.duration = entry.duration;
  }
  return record;
}

RecordKind plain_kind(MessageKind kind) {
  switch (kind) {
    case MessageKind::kPlan:
      return RecordKind::kPlan;
    case MessageKind::kLockWait:
      return RecordKind::kLockWait;
    case MessageKind::kTemporaryFile:
      return RecordKind::kTemporaryFile;
    case MessageKind::kConnection:
      return RecordKind::kConnection;
    case MessageKind::kDisconnection:
      return RecordKind::kDisconnection;
    case MessageKind::kSummary:
      return RecordKind::kSummary;
    case MessageKind::kError:
    case MessageKind::kFailedStatement:
      return RecordKind::kError;
    default:
      return RecordKind::kOther;
  }
}

/// `name` is "statement" or "statement/portal".
bool names_statement(std::string_view name, std::string_view statement) {
  return name.starts_with(statement) && (name.size() == statement.size() || name[statement.size()] == '/');
}

void empty(std::string& text) {
  text.clear();
  if (text.capacity() > kKeptCapacity) text.shrink_to_fit();
}

}  // namespace

void Assembler::add(const LogEntry& entry) {
  names_users_ |= !entry.user.empty();
  switch (entry.kind) {
    case MessageKind::kTimedParse:
      add_parse(entry);
      break;
    case MessageKind::kTimedBind:
      add_bind(entry);
      break;
    case MessageKind::kTimedStatement:
    case MessageKind::kTimedExecute:
    case MessageKind::kTimedFetch:
      add_timed(entry);
      break;
    case MessageKind::kStatement:
    case MessageKind::kExecute:
    case MessageKind::kFetch:
      add_statement(entry);
      break;
    case MessageKind::kDuration:
      add_duration(entry);
      break;
    case MessageKind::kError:
      add_error(entry);
      break;
    case MessageKind::kConnection:
    case MessageKind::kDisconnection:
      leave(entry);
      [[fallthrough]];
    default:
      emit(record_of(entry, plain_kind(entry.kind)));
      return;
  }
  keep_limits(entry);
}

Assembler::Process* Assembler::find(const LogEntry& entry) {
  const auto found = by_id_.find(entry.process);
  if (found == by_id_.end()) return nullptr;
  processes_.splice(processes_.end(), processes_, found->second);
  return &*found->second;
}

/// The process, made known when it is not yet, with the identity of this entry.
Assembler::Process& Assembler::process_of(const LogEntry& entry) {
  Process* process = find(entry);
  if (process == nullptr) {
    if (spare_.empty()) spare_.emplace_back();
    processes_.splice(processes_.end(), spare_, spare_.begin());
    by_id_[entry.process] = std::prev(processes_.end());
    process = &processes_.back();
  }
  Identity& identity = process->identity;
  identity.process = entry.process;
  if (entry.identity != 0 && identity.client == entry.identity && identity.session == entry.session) return *process;
  identity.client = entry.identity;
  identity.session = entry.session;
  identity.user = entry.user;
  identity.database = entry.database;
  identity.application = entry.application;
  identity.host = entry.host;
  return *process;
}

/// Closes processes that were silent for longest, and at once the nameless one of a log without process ids, in which
/// nothing can be paired.
void Assembler::keep_limits(const LogEntry& entry) {
  std::vector<LooseEnd> ends;
  const auto is_too_much = [&] {
    return !processes_.empty() && (processes_.size() > limits_.processes || text_bytes_ > limits_.text_bytes);
  };
  while (is_too_much() || (entry.process == 0 && by_id_.contains(0))) {
    const auto closed = entry.process == 0 ? by_id_[0] : processes_.begin();
    collect(*closed, ends);
    emit_loose(ends);
    forget(closed);
  }
}

void Assembler::forget(Processes::iterator process) {
  while (process->parse_count > 0) drop_parse(*process, process->parse_count - 1);
  release(process->work);
  process->open = Open::kNothing;
  process->duration_count = 0;
  by_id_.erase(process->identity.process);
  spare_.splice(spare_.end(), processes_, process);
}

/// The process ends, or another one begins under its number: what was open came to its end.
void Assembler::leave(const LogEntry& entry) {
  Process* process = find(entry);
  if (process == nullptr) return;
  settle(*process);
  std::vector<LooseEnd> ends;
  collect(*process, ends);
  emit_loose(ends);
  forget(by_id_[entry.process]);
}

void Assembler::add_parse(const LogEntry& entry) {
  Process& process = process_of(entry);
  settle(process);
  for (std::size_t i = 0; i < process.parse_count; ++i) {
    const bool parsed_again = process.parses[i].name == entry.name;
    if (!parsed_again && !(i == 0 && process.parse_count == kMaxParses)) continue;
    emit_work(process, process.parses[i], RecordKind::kUnfinished);
    drop_parse(process, i);
    break;
  }
  if (process.parses.size() == process.parse_count) process.parses.emplace_back();
  store(process.parses[process.parse_count++], entry);
}

void Assembler::add_bind(const LogEntry& entry) {
  Process& process = process_of(entry);
  settle(process);
  store(process.work, entry);
  take_parse(process, entry, process.work);
  process.open = Open::kBind;
}

/// A statement, an execute or a fetch with its own time.
void Assembler::add_timed(const LogEntry& entry) {
  const bool fetch = entry.kind == MessageKind::kTimedFetch;
  LogRecord record = record_of(entry, fetch ? RecordKind::kUnfinished : RecordKind::kExecution);
  record.protocol = entry.kind == MessageKind::kTimedStatement ? Protocol::kSimple : Protocol::kExtended;
  record.timed = true;
  record.duration = entry.duration;
  Process* process = find(entry);
  if (process == nullptr) return emit(record);

  Work& work = process->work;
  const bool bound = process->open == Open::kBind && entry.kind == MessageKind::kTimedExecute &&
                     work.name == entry.name && work.sql == entry.sql;
  if (bound) {
    record.duration += work.duration;
    if (record.parameters.empty()) record.parameters = work.parameters;
    process->open = Open::kNothing;
  } else {
    settle(*process);
    if (entry.kind == MessageKind::kTimedExecute) {
      work.duration = Microseconds{0};
      take_parse(*process, entry, work);
      record.duration += work.duration;
    }
  }
  emit(record);
  release(work);
}

/// log_statement: the time, if any, comes later. Before an execute, its parse and bind were told.
void Assembler::add_statement(const LogEntry& entry) {
  Process& process = process_of(entry);
  Work& work = process.work;
  Work before;
  if (entry.kind == MessageKind::kExecute && process.open == Open::kBind && work.name == entry.name &&
      work.sql == entry.sql) {
    before.parameters = work.parameters;
    before.duration = work.duration;
    before.timed = true;
  } else if (entry.kind == MessageKind::kExecute && process.open == Open::kDurations) {
    for (std::size_t i = 0; i < process.duration_count; ++i) before.duration += process.durations[i].duration;
    before.timed = true;
    process.duration_count = 0;
  } else {
    settle(process);
  }
  store(work, entry);
  work.duration = before.duration;
  work.timed = before.timed;
  if (work.parameters.empty() && !before.parameters.empty()) {
    text_bytes_ += before.parameters.size();
    work.parameters = std::move(before.parameters);
  }
  if (entry.kind == MessageKind::kExecute) take_parse(process, entry, work);
  process.open = Open::kStatement;
}

void Assembler::add_duration(const LogEntry& entry) {
  Process& process = process_of(entry);
  if (process.open == Open::kBind || process.open == Open::kStatement) {
    Work& work = process.work;
    work.duration += entry.duration;
    work.timed = true;
    work.time = entry.time;
    emit_work(process, work, work.fetch ? RecordKind::kUnfinished : RecordKind::kExecution);
    release(work);
    process.open = Open::kNothing;
    return;
  }
  auto& durations = process.durations;
  if (process.duration_count == durations.size()) {
    emit_bare(process, durations.front());
    std::rotate(durations.begin(), durations.begin() + 1, durations.end());
    --process.duration_count;
  }
  durations[process.duration_count++] = {entry.duration, entry.time, entry.line};
  process.open = Open::kDurations;
}

void Assembler::add_error(const LogEntry& entry) {
  if (Process* process = find(entry)) settle_failed(*process, entry);
  // A parallel worker repeats its statement's failure, without a user: the leader has told it.
  const bool repeats = names_users_ && entry.user.empty() && !entry.sql.empty();
  emit(record_of(entry, repeats ? RecordKind::kOther : RecordKind::kError));
  if (entry.severity != "ERROR") leave(entry);
}

void Assembler::store(Work& work, const LogEntry& entry) {
  release(work);
  work.name = entry.name;
  work.sql = entry.sql;
  work.parameters = entry.parameters;
  work.shape = entry.shape;
  work.duration = entry.duration;
  work.timed = entry.kind == MessageKind::kTimedParse || entry.kind == MessageKind::kTimedBind;
  work.fetch = entry.kind == MessageKind::kFetch;
  work.protocol = entry.kind == MessageKind::kStatement ? Protocol::kSimple : Protocol::kExtended;
  work.time = entry.time;
  work.line = entry.line;
  text_bytes_ += work.name.size() + work.sql.size() + work.parameters.size();
}

void Assembler::release(Work& work) {
  text_bytes_ -= work.name.size() + work.sql.size() + work.parameters.size();
  empty(work.name);
  empty(work.sql);
  empty(work.parameters);
}

void Assembler::drop_parse(Process& process, std::size_t index) {
  const auto at = process.parses.begin() + static_cast<std::ptrdiff_t>(index);
  release(*at);
  std::rotate(at, at + 1, process.parses.begin() + static_cast<std::ptrdiff_t>(process.parse_count));
  --process.parse_count;
}

/// Adds the time of the statement's parse to `into`, when it was told. A parse of that name with another text is an
/// older one, whose executions lay under the threshold.
void Assembler::take_parse(Process& process, const LogEntry& entry, Work& into) {
  for (std::size_t i = 0; i < process.parse_count; ++i) {
    const Work& parse = process.parses[i];
    if (!names_statement(entry.name, parse.name)) continue;
    if (parse.sql == entry.sql) {
      into.duration += parse.duration;
      into.timed = true;
    } else {
      emit_work(process, parse, RecordKind::kUnfinished);
    }
    drop_parse(process, i);
    return;
  }
}

/// The process went on: what was open came to its end.
void Assembler::settle(Process& process) {
  const Work& work = process.work;
  const auto open = std::exchange(process.open, Open::kNothing);
  if (open == Open::kDurations) emit_bare_all(process);
  if (open == Open::kBind || (open == Open::kStatement && !work.fetch)) {
    emit_work(process, work, RecordKind::kExecution, open == Open::kBind);
  }
  if (open == Open::kStatement || open == Open::kBind) release(process.work);
}

/// An error ends the statement that it names. One without a statement (log_min_error_statement) ends what is open;
/// a FATAL one without a statement hit an idle session.
void Assembler::settle_failed(Process& process, const LogEntry& error) {
  Work& work = process.work;
  const bool has_text = process.open == Open::kBind || process.open == Open::kStatement;
  if (has_text && (error.sql.empty() ? error.severity == "ERROR" : work.sql == error.sql)) {
    if (work.timed) emit_work(process, work, RecordKind::kUnfinished);
    release(work);
    process.open = Open::kNothing;
  }
  settle(process);
  for (std::size_t i = process.parse_count; i-- > 0;) {
    if (error.sql.empty() || process.parses[i].sql != error.sql) continue;
    emit_work(process, process.parses[i], RecordKind::kUnfinished);
    drop_parse(process, i);
  }
}

void Assembler::collect(const Process& process, std::vector<LooseEnd>& ends) const {
  for (std::size_t i = 0; i < process.parse_count; ++i) {
    ends.push_back({process.parses[i].line, &process, &process.parses[i], {}});
  }
  if (process.open == Open::kBind || process.open == Open::kStatement) {
    ends.push_back({process.work.line, &process, &process.work, {}});
  }
  if (process.open != Open::kDurations) return;
  for (std::size_t i = 0; i < process.duration_count; ++i) {
    ends.push_back({process.durations[i].line, &process, nullptr, process.durations[i]});
  }
}

/// In the order of their lines.
void Assembler::emit_loose(std::vector<LooseEnd>& ends) {
  std::sort(ends.begin(), ends.end(), [](const LooseEnd& a, const LooseEnd& b) { return a.line < b.line; });
  for (const auto& [line, process, work, bare] : ends) {
    if (work == nullptr) {
      emit_bare(*process, bare);
    } else if (work->timed) {
      emit_work(*process, *work, RecordKind::kUnfinished);
    } else if (!work->fetch) {
      emit_work(*process, *work, RecordKind::kExecution);
    }
  }
  ends.clear();
}

void Assembler::finish() {
  std::vector<LooseEnd> ends;
  for (const Process& process : processes_) collect(process, ends);
  emit_loose(ends);
  while (!processes_.empty()) forget(processes_.begin());
}

void Assembler::emit(const LogRecord& record) {
  ++records_;
  if (record.kind == RecordKind::kExecution) ++executions_;
  if (record.kind == RecordKind::kSummary) executions_ += record.summary->calls;
  sink_(record);
}

void Assembler::emit_work(const Process& process, const Work& work, RecordKind kind, bool inferred) {
  LogRecord record;
  record.inferred = inferred;
  record.kind = kind;
  record.protocol = work.protocol;
  record.timed = work.timed;
  record.time = work.time;
  record.duration = work.duration;
  record.line = work.line;
  record.process = process.identity.process;
  record.session = process.identity.session;
  record.user = process.identity.user;
  record.database = process.identity.database;
  record.application = process.identity.application;
  record.host = process.identity.host;
  record.identity = process.identity.client;
  record.sql = work.sql;
  record.parameters = work.parameters;
  record.shape = work.shape;
  record.severity = "LOG";
  emit(record);
}

void Assembler::emit_bare(const Process& process, const BareDuration& bare) {
  Work work;
  work.duration = bare.duration;
  work.timed = true;
  work.time = bare.time;
  work.line = bare.line;
  emit_work(process, work, RecordKind::kUnfinished);
}

void Assembler::emit_bare_all(Process& process) {
  for (std::size_t i = 0; i < process.duration_count; ++i) emit_bare(process, process.durations[i]);
  process.duration_count = 0;
}

}  // namespace assay
