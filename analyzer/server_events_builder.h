// LogRecords -> ServerEvents. Takes every record that is no execution, in the order of the log; memory is bounded
// (bounded_groups.h). Each kind of event has a part of its own.
#pragma once

#include "analyzer/connection_events.h"
#include "analyzer/failure_events.h"
#include "analyzer/lock_events.h"
#include "analyzer/maintenance_events.h"
#include "analyzer/server_events.h"
#include "analyzer/session_patterns_builder.h"

namespace assay {

class ServerEventsBuilder {
 public:
  /// `sessions` tells what a process that holds a lock has done, `classes` which class that is. Both must outlive it.
  ServerEventsBuilder(SessionPatternsBuilder& sessions, ClassLookup classes)
      : sessions_(sessions), locks_(sessions, std::move(classes)) {}

  /// `id`: of the class of the record's statement, 0 for none.
  void add(const LogRecord& record, ClassId id);

  /// An execution: it may be what a lock wait had to wait for.
  void executed(const LogRecord& record, ClassId id) {
    if (locks_.awaits_holder()) locks_.executed(record.process, id, record.time.utc, record.duration);
  }

  ServerEvents finish();

 private:
  void add_error(const LogRecord& record, ClassId id);
  bool add_message(const LogRecord& record, ClassId id);

  SessionPatternsBuilder& sessions_;
  LockEvents locks_;
  FailureEvents failures_;
  MaintenanceEvents maintenance_;
  ConnectionEvents connections_;
  Occurrences messages_;
  std::uint64_t other_ = 0;
};

}  // namespace assay
