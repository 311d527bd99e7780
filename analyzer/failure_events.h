// Errors, cancelled statements, alarms, temporary files and changed parameters, added up; a part of
// ServerEventsBuilder.
#pragma once

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "analyzer/server_events.h"
#include "parser/log/record.h"

namespace assay {

class FailureEvents {
 public:
  void add_error(const LogRecord& record, ClassId id);
  void add_temporary_file(const LogRecord& record, const TemporaryFileMessage& file, ClassId id);

  /// Of any record: what nobody may overlook, and changed parameters. True where it was one of them.
  bool add_notice(const LogRecord& record);

  void finish(ServerEvents& events);

 private:
  void add_alarm(const LogRecord& record, Alarm alarm);

  std::map<std::pair<std::string, ClassId>, ErrorGroup> errors_;
  std::map<std::pair<CancelCause, ClassId>, Occurrences> cancelled_;
  std::map<ClassId, TemporaryFileGroup> files_;
  std::array<AlarmGroup, kAlarms> alarms_;
  std::vector<ParameterSetting> parameters_;
  std::uint64_t dropped_ = 0;
};

}  // namespace assay
