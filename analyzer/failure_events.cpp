#include "analyzer/failure_events.h"

#include <algorithm>

#include "analyzer/bounded_groups.h"
#include "parser/log/message_scan.h"

namespace assay {
namespace {

constexpr std::size_t kMostNames = 8;          // users and applications of an error
constexpr std::size_t kMostSettings = 10'000;  // changed parameters

void remember(std::set<std::string>& names, std::string_view name) {
  if (!name.empty() && names.size() < kMostNames) names.emplace(kept(name, kLongestEventName));
}

/// csvlog writes 00000 for what has no code of its own.
std::string_view sqlstate_of(const LogRecord& record) {
  const bool told = record.sqlstate.size() == 5 && record.sqlstate != "00000";
  return told ? record.sqlstate : sqlstate_of_message(record.severity, record.message);
}

}  // namespace

void FailureEvents::add_error(const LogRecord& record, ClassId id) {
  if (ErrorGroup* group = group_of(errors_, {std::string(sqlstate_of(record)), id}, dropped_)) {
    if (group->seen.count == 0) group->message = kept(first_line(record.message), kLongestMessage);
    group->seen.add(record.time);
    remember(group->users, record.user);
    remember(group->applications, record.application);
  }
  if (const auto cause = cancel_cause(record.message)) {
    if (Occurrences* seen = group_of(cancelled_, {*cause, id}, dropped_)) seen->add(record.time);
  }
}

void FailureEvents::add_temporary_file(const LogRecord& record, const TemporaryFileMessage& file, ClassId id) {
  TemporaryFileGroup* group = group_of(files_, id, dropped_);
  if (group == nullptr) return;
  group->seen.add(record.time);
  group->bytes += file.bytes;
  group->largest = std::max(group->largest, file.bytes);
}

bool FailureEvents::add_notice(const LogRecord& record) {
  if (const auto alarm = alarm_of(record.message)) {
    add_alarm(record, *alarm);
    return true;
  }
  const auto change = parse_parameter_change(record.message);
  if (!change) return false;
  if (parameters_.size() == kMostSettings) {
    ++dropped_;
    return true;
  }
  ParameterSetting& setting = parameters_.emplace_back();
  setting.name = kept(change->name, kLongestEventName);
  if (change->value) setting.value = kept(*change->value, kLongestMessage);
  setting.needs_restart = change->needs_restart;
  setting.time = record.time;
  setting.line = record.line;
  return true;
}

void FailureEvents::add_alarm(const LogRecord& record, Alarm alarm) {
  AlarmGroup& group = alarms_[static_cast<std::size_t>(alarm)];
  if (group.seen.count == 0) {
    group.alarm = alarm;
    group.line = record.line;
    group.message = kept(first_line(record.message), kLongestMessage);
    const auto statement = alarm == Alarm::kCrash ? statement_of_crash(record.detail) : record.sql;
    group.statement = kept(statement, kLongestEventQuery);
  }
  group.seen.add(record.time);
}

void FailureEvents::finish(ServerEvents& events) {
  for (auto& [key, group] : errors_) {
    ErrorGroup& error = events.errors.emplace_back(std::move(group));
    std::tie(error.sqlstate, error.class_id) = key;
  }
  for (const auto& [key, seen] : cancelled_) events.cancelled.push_back({key.first, key.second, seen});
  for (auto& [id, group] : files_) {
    events.temporary_files.push_back(group);
    events.temporary_files.back().class_id = id;
  }
  const auto more = [](const auto& a, const auto& b) { return a.seen.count > b.seen.count; };
  std::stable_sort(events.errors.begin(), events.errors.end(), more);
  std::stable_sort(events.cancelled.begin(), events.cancelled.end(), more);
  std::stable_sort(events.temporary_files.begin(), events.temporary_files.end(),
                   [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
  for (AlarmGroup& alarm : alarms_) {
    if (alarm.seen.count > 0) events.alarms.push_back(std::move(alarm));
  }
  events.parameters = std::move(parameters_);
  events.dropped += dropped_;
}

}  // namespace assay
