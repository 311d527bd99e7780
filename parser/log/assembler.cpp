#include "parser/log/assembler.h"

#include <algorithm>
#include <utility>

namespace assay {
namespace {

constexpr std::size_t kMaxParses = 64;             // of one process
constexpr std::size_t kKeptCapacity = 64U << 10U;  // bytes of a text's memory that are kept for the next one

/// The server writes <unnamed> for a statement without a name.
bool is_named(std::string_view name) { return !name.empty() && !name.starts_with("<unnamed>"); }

LogRecord record_of(const ExecutionStep& step, const Client& client, RecordKind kind) {
  LogRecord record;
  record.kind = kind;
  record.time = step.time;
  record.line = step.line;
  record.process = step.process;
  record.session = client.session;
  record.user = client.user;
  record.database = client.database;
  record.application = client.application;
  record.host = client.host;
  record.identity = client.identity;
  record.sql = step.sql;
  record.parameters = step.parameters;
  record.shape = step.shape;
  record.values = step.values;
  record.prepared = is_named(step.name);
  record.severity = "LOG";
  return record;
}

LogRecord record_of(const LogEntry& entry, RecordKind kind) {
  LogRecord record = record_of(entry, entry, kind);
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

RecordKind timed_kind(MessageKind kind) {
  return kind == MessageKind::kTimedFetch ? RecordKind::kUnfinished : RecordKind::kExecution;
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

/// Texts that were remembered lie at one place.
bool is_same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.data() == b.data() || a == b);
}

void empty(std::string& text) {
  text.clear();
  if (text.capacity() > kKeptCapacity) text.shrink_to_fit();
}

}  // namespace

void Assembler::add(const ExecutionStep& step) {
  names_users_ |= !step.client->user.empty();
  switch (step.kind) {
    case MessageKind::kTimedParse:
      add_parse(process_of(step, *step.client), step);
      break;
    case MessageKind::kTimedBind:
      add_bind(process_of(step, *step.client), step);
      break;
    default:
      add_timed(step, record_of(step, *step.client, timed_kind(step.kind)));
  }
  keep_limits(step.process);
}

void Assembler::add(const LogEntry& entry) {
  names_users_ |= !entry.user.empty();
  switch (entry.kind) {
    case MessageKind::kTimedParse:
      add_parse(process_of(entry, entry), entry);
      break;
    case MessageKind::kTimedBind:
      add_bind(process_of(entry, entry), entry);
      break;
    case MessageKind::kTimedStatement:
    case MessageKind::kTimedExecute:
    case MessageKind::kTimedFetch:
      add_timed(entry, record_of(entry, timed_kind(entry.kind)));
      break;
    case MessageKind::kStatement:
    case MessageKind::kExecute:
    case MessageKind::kFetch:
      add_statement(process_of(entry, entry), entry);
      break;
    case MessageKind::kDuration:
      add_duration(process_of(entry, entry), entry);
      break;
    case MessageKind::kError:
      add_error(entry);
      break;
    case MessageKind::kConnection:
    case MessageKind::kDisconnection:
      leave(entry.process);
      [[fallthrough]];
    default:
      emit(record_of(entry, plain_kind(entry.kind)));
      return;
  }
  keep_limits(entry.process);
}

Assembler::Process* Assembler::find(std::int64_t process) {
  const auto found = by_id_.find(process);
  if (found == by_id_.end()) return nullptr;
  processes_.splice(processes_.end(), processes_, found->second);
  return &*found->second;
}

/// The process, made known when it is not yet, with the identity of this client.
Assembler::Process& Assembler::process_of(const ExecutionStep& step, const Client& client) {
  Process* process = find(step.process);
  if (process == nullptr) {
    if (spare_.empty()) spare_.emplace_back();
    processes_.splice(processes_.end(), spare_, spare_.begin());
    by_id_[step.process] = std::prev(processes_.end());
    process = &processes_.back();
  }
  Identity& identity = process->identity;
  identity.process = step.process;
  if (client.identity != 0 && identity.client == client.identity && identity.session == client.session) return *process;
  identity.client = client.identity;
  identity.session = client.session;
  identity.user = client.user;
  identity.database = client.database;
  identity.application = client.application;
  identity.host = client.host;
  return *process;
}

/// Closes processes that were silent for longest, and at once the nameless one of a log without process ids, in which
/// nothing can be paired.
void Assembler::keep_limits(std::int64_t process) {
  const auto is_too_much = [&] {
    return !processes_.empty() && (processes_.size() > limits_.processes || text_bytes_ > limits_.text_bytes);
  };
  while (is_too_much() || (process == 0 && by_id_.contains(0))) {
    std::vector<LooseEnd> ends;
    const auto closed = process == 0 ? by_id_[0] : processes_.begin();
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
void Assembler::leave(std::int64_t number) {
  Process* process = find(number);
  if (process == nullptr) return;
  settle(*process);
  std::vector<LooseEnd> ends;
  collect(*process, ends);
  emit_loose(ends);
  forget(by_id_[number]);
}

void Assembler::add_parse(Process& process, const ExecutionStep& entry) {
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

void Assembler::add_bind(Process& process, const ExecutionStep& entry) {
  settle(process);
  store(process.work, entry);
  take_parse(process, entry, process.work);
  process.open = Open::kBind;
}

/// A statement, an execute or a fetch with its own time.
void Assembler::add_timed(const ExecutionStep& entry, LogRecord record) {
  record.protocol = entry.kind == MessageKind::kTimedStatement ? Protocol::kSimple : Protocol::kExtended;
  record.timed = true;
  record.duration = entry.duration;
  Process* process = find(entry.process);
  if (process == nullptr) return emit(record);

  Work& work = process->work;
  const bool bound = process->open == Open::kBind && entry.kind == MessageKind::kTimedExecute &&
                     is_same(work.name, entry.name) && is_same(work.sql(), entry.sql);
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
void Assembler::add_statement(Process& process, const ExecutionStep& entry) {
  Work& work = process.work;
  Work before;
  if (entry.kind == MessageKind::kExecute && process.open == Open::kBind && is_same(work.name, entry.name) &&
      is_same(work.sql(), entry.sql)) {
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

void Assembler::add_duration(Process& process, const ExecutionStep& entry) {
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
  if (Process* process = find(entry.process)) settle_failed(*process, entry);
  // A parallel worker repeats its statement's failure, without a user: the leader has told it.
  const bool repeats = names_users_ && entry.user.empty() && !entry.sql.empty();
  emit(record_of(entry, repeats ? RecordKind::kOther : RecordKind::kError));
  if (entry.severity != "ERROR") leave(entry.process);
}

void Assembler::store(Work& work, const ExecutionStep& entry) {
  release(work);
  work.name = entry.name;
  if (entry.sql_stays) {
    work.known_sql = entry.sql;
  } else {
    work.own_sql = entry.sql;
  }
  work.parameters = entry.parameters;
  work.shape = entry.shape;
  work.duration = entry.duration;
  work.timed = entry.kind == MessageKind::kTimedParse || entry.kind == MessageKind::kTimedBind;
  work.fetch = entry.kind == MessageKind::kFetch;
  work.protocol = entry.kind == MessageKind::kStatement ? Protocol::kSimple : Protocol::kExtended;
  work.time = entry.time;
  work.line = entry.line;
  text_bytes_ += work.bytes();
}

void Assembler::release(Work& work) {
  text_bytes_ -= work.bytes();
  empty(work.name);
  empty(work.own_sql);
  work.known_sql = {};
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
void Assembler::take_parse(Process& process, const ExecutionStep& entry, Work& into) {
  for (std::size_t i = 0; i < process.parse_count; ++i) {
    const Work& parse = process.parses[i];
    if (!names_statement(entry.name, parse.name)) continue;
    if (is_same(parse.sql(), entry.sql)) {
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
  if (has_text && (error.sql.empty() ? error.severity == "ERROR" : work.sql() == error.sql)) {
    if (work.timed) emit_work(process, work, RecordKind::kUnfinished);
    release(work);
    process.open = Open::kNothing;
  }
  settle(process);
  for (std::size_t i = process.parse_count; i-- > 0;) {
    if (error.sql.empty() || process.parses[i].sql() != error.sql) continue;
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
  record.sql = work.sql();
  record.parameters = work.parameters;
  record.shape = work.shape;
  record.prepared = is_named(work.name);
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
