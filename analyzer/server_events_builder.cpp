#include "analyzer/server_events_builder.h"

#include "parser/log/failure_message.h"

namespace assay {

void ServerEventsBuilder::add(const LogRecord& record, ClassId id) {
  if (record.time.utc != Timestamp{}) messages_.add(record.time);
  connections_.see(record.time);
  switch (record.kind) {
    case RecordKind::kExecution:
    case RecordKind::kSummary:
    case RecordKind::kPlan:
      return;
    case RecordKind::kUnfinished:
      return sessions_.busy_until(record.process, record.time.utc);
    case RecordKind::kError:
      return add_error(record, id);
    default:
      if (!add_message(record, id)) ++other_;
  }
}

void ServerEventsBuilder::add_error(const LogRecord& record, ClassId id) {
  locks_.give_up(record.process, record.time);
  failures_.add_error(record, id);
  failures_.add_notice(record);
  if (record.message.starts_with("deadlock detected")) locks_.add_deadlock(record);
  if (record.message.starts_with("canceling autovacuum task")) maintenance_.add_cancelled(record);
  if (record.severity == "ERROR") return sessions_.busy_until(record.process, record.time.utc);
  sessions_.terminate(record.process, record.time.utc);
  connections_.add_fatal(record);
}

bool ServerEventsBuilder::add_message(const LogRecord& record, ClassId id) {
  if (const auto lock = parse_lock_message(record.message, record.detail, record.context)) {
    locks_.add(record, *lock, id);
    return true;
  }
  if (const auto file = parse_temporary_file(record.message)) {
    failures_.add_temporary_file(record, *file, id);
    return true;
  }
  if (connections_.add(record)) {
    sessions_.leave(record.process);
    return true;
  }
  if (maintenance_.add(record)) return true;
  if (alarm_of(record.message) == Alarm::kCrash) connections_.close_all();
  return failures_.add_notice(record);
}

ServerEvents ServerEventsBuilder::finish() {
  ServerEvents events;
  locks_.finish(events);
  failures_.finish(events);
  maintenance_.finish(events);
  connections_.finish(events);
  events.messages = messages_;
  events.other_messages = other_;
  return events;
}

}  // namespace assay
