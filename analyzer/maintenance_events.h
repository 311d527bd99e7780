// Checkpoints and autovacuum, added up; a part of ServerEventsBuilder.
#pragma once

#include <map>
#include <string>

#include "analyzer/server_events.h"
#include "parser/log/record.h"

namespace assay {

class MaintenanceEvents {
 public:
  /// True where the record tells of a checkpoint or of autovacuum.
  bool add(const LogRecord& record);

  /// "canceling autovacuum task": somebody wanted a lock on its table.
  void add_cancelled(const LogRecord& record);

  void finish(ServerEvents& events);

 private:
  bool add_checkpoint(const LogRecord& record);
  bool add_vacuum(const LogRecord& record);

  CheckpointTally checkpoints_;
  std::map<std::string, TableMaintenance> tables_;
  std::uint64_t dropped_ = 0;
};

}  // namespace assay
