#include "cli/replay_output.h"

#include <functional>
#include <string_view>

#include "analyzer/redaction.h"
#include "analyzer/workload_builder.h"
#include "cli/csv_log.h"
#include "cli/units.h"
#include "cli/whole_file.h"

namespace assay {
namespace {

std::string replayed_inputs(const std::vector<std::string>& inputs) {
  return "replay of " + (inputs.size() == 1 ? inputs.front() : plural(inputs.size(), "input", "inputs"));
}

InputAccount account_of(const Replay& replay, const std::string& name) {
  InputAccount account;
  account.path = name;
  account.format = to_string(LogFormat::kPostgresCsv);
  account.lines = account.record_lines = account.records = replay.executions.size();
  account.executions = replay.succeeded();
  return account;
}

}  // namespace

ReplayOutput::ReplayOutput(const ReplayOptions& options, bool others_left_out)
    : path_(options.output), replayed_(replayed_inputs(options.reading.inputs)), redacts_(options.redact) {
  if (path_.ends_with(".csv")) return;
  saving_.emplace(
      path_, SavedWorkloadNotes{.filter = {}, .logging = {}, .redacted = redacts_, .others_left_out = others_left_out});
  saving_->begin_input({.path = replayed_});
}

Workload ReplayOutput::write(const ReplayScript& script, const Replay& replay) {
  WorkloadBuilder builder({});
  Redactor redactor;
  std::string csv_log;
  tell_replay(script, replay, [&](const LogRecord& told) {
    const LogRecord& record = redacts_ ? redactor.redact(told) : told;
    builder.add(record);
    saving_ ? saving_->add(record, Told::kWhole) : append_csv_log(csv_log, record);
  });
  const InputAccount account = account_of(replay, replayed_);
  if (saving_) {
    saving_->finish_input(account);
    saving_->save();
  } else {
    write_whole_file(path_, csv_log);
  }
  return builder.finish({account});
}

void redact_errors(Replay& replay) {
  Redactor redactor;
  for (ReplayError& error : replay.errors) {
    LogRecord record;
    record.kind = RecordKind::kError;
    record.severity = "ERROR";
    record.sqlstate = error.state;
    record.message = error.message;
    error.message = std::string(redactor.redact(record).message);
  }
}

}  // namespace assay
