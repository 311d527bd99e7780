#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "analyzer/logged_plans.h"
#include "connectors/replaced_file.h"
#include "connectors/sample_choice.h"
#include "connectors/saved_compression.h"
#include "connectors/saved_records.h"
#include "connectors/saved_workload.h"
#include "connectors/saved_workload_schema.h"
#include "connectors/snapshot_seal.h"
#include "parser/base/error.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostMarks = 1024;         // of a head, as in input_glance.cpp
constexpr std::size_t kSampleGroup = 4U << 20U;  // bytes that are compressed together

Error cannot_write(const fs::path& path, const std::string& reason) {
  return Error("cannot write the saved workload " + path.string() + ": " + reason,
               "its name must be of a file in a folder that exists and can be written");
}

/// Translates what SQLite and the file system throw.
template <typename Work>
auto writing(const fs::path& path, Work work) {
  try {
    return work();
  } catch (const SQLite::Exception& exception) {
    throw cannot_write(path, exception.what());
  } catch (const std::system_error& failure) {
    throw cannot_write(path, failure.code().message());
  }
}

template <typename... Values>
void insert(SQLite::Database& file, const std::string& sql, const Values&... values) {
  SQLite::Statement statement(file, sql);
  int position = 0;
  (statement.bind(++position, values), ...);
  statement.exec();
}

std::int64_t integer(std::uint64_t value) { return static_cast<std::int64_t>(value); }

void write_blob(SQLite::Statement& statement, int position, const std::string& content) {
  statement.bind(position, content.data(), static_cast<int>(content.size()));
}

void write_logging(SQLite::Database& file, const LoggingSettings& logging) {
  const auto write = [&](const std::string& name, std::int64_t value) {
    insert(file, "INSERT INTO logging VALUES (?, ?)", name, value);
  };
  const auto threshold = [&](const std::string& name, const std::optional<LoggingSettings::Threshold>& value) {
    if (value) write(name, *value ? (*value)->count() : -1);
  };
  const auto rate = [&](const std::string& name, const std::optional<std::uint32_t>& value) {
    if (value) write(name, *value);
  };
  threshold("log_min_duration_statement", logging.log_min_duration_statement);
  threshold("log_min_duration_sample", logging.log_min_duration_sample);
  threshold("auto_explain_log_min_duration", logging.auto_explain_log_min_duration);
  rate("log_statement_sample_rate", logging.log_statement_sample_rate);
  rate("log_transaction_sample_rate", logging.log_transaction_sample_rate);
  rate("auto_explain_sample_rate", logging.auto_explain_sample_rate);
  if (logging.logs_all_durations) write("logs_all_durations", *logging.logs_all_durations ? 1 : 0);
}

std::string bytes_of(const std::vector<RecordMark>& head) {
  SavedBytesWriter bytes;
  std::int64_t before = 0;
  for (const RecordMark& mark : head) {
    bytes.signed_number(mark.time_us - std::exchange(before, mark.time_us));
    bytes.signed_number(mark.process);
    bytes.word(mark.content);
    bytes.byte(mark.is_execution ? 1 : 0);
  }
  return bytes.bytes();
}

bool has_time(const LogRecord& record) { return record.time.utc != Timestamp{}; }

/// Only an alarm needs its statement as it was written, and it is no plain ERROR.
bool needs_own_text(const LogRecord& record) {
  if (record.kind == RecordKind::kExecution || record.kind == RecordKind::kUnfinished) return false;
  return record.kind != RecordKind::kError || record.severity != "ERROR";
}

}  // namespace

struct SavedWorkloadWriter::State {
  fs::path place;
  SavedWorkloadNotes notes;
  ReplacedFile replaced;
  SQLite::Database file;
  SQLite::Transaction transaction;

  std::int64_t input = -1, part = 0;
  InputGlance glance;
  std::size_t marks_wanted = 0;
  std::uint64_t records = 0, filtered = 0;
  SavedPartWriter records_of_part;
  SampleChoice samples;
  std::unordered_map<ClassId, std::string> normal_forms;  // of the input's classes
  std::unordered_map<ClassId, Microseconds> slowest_plans;

  State(fs::path at, SavedWorkloadNotes all)
      : place(std::move(at)),
        notes(std::move(all)),
        replaced(place),
        file(replaced.path().string(), SQLite::OPEN_READWRITE),
        transaction((prepare(file), file)) {
    file.exec(kSavedWorkloadSchema);
    insert(file, "INSERT INTO workload VALUES (?, ?, ?)", std::string(ASSAY_VERSION), notes.redacted ? 1 : 0,
           notes.others_left_out ? 1 : 0);
    write_logging(file, notes.logging);
  }

  static void prepare(SQLite::Database& file) {
    file.exec("PRAGMA journal_mode = OFF");
    file.exec("PRAGMA synchronous = OFF");
    file.exec(fmt::format("PRAGMA application_id = {}", kSavedWorkloadApplicationId));
    file.exec(fmt::format("PRAGMA user_version = {}", kSavedWorkloadVersion));
  }

  void add(LogRecord record, Told told);
  std::string_view normal_form(const LogRecord& record);
  bool keeps_plan(const LogRecord& plan);
  void write_part();
  void write_samples();
  void write_account(const InputAccount& account);
};

/// Of the first record of its class, as WorkloadBuilder takes it.
std::string_view SavedWorkloadWriter::State::normal_form(const LogRecord& record) {
  const ClassId id = class_id(record.database, record.shape);
  const auto known = normal_forms.find(id);
  if (known != normal_forms.end()) return known->second;
  if (normal_forms.size() >= WorkloadBuilder::kMostClasses) normal_forms.clear();
  const auto text = record.sql.substr(0, WorkloadBuilder::kLongestNormalized);
  return normal_forms.emplace(id, normalize(text, record.dialect)).first->second;
}

bool SavedWorkloadWriter::State::keeps_plan(const LogRecord& plan) {
  if (plan.message.empty()) return true;
  const ClassId id = class_id(plan.database, plan.shape);
  if (slowest_plans.size() >= WorkloadBuilder::kMostClasses && !slowest_plans.contains(id)) return true;
  const auto [slowest, is_first] = slowest_plans.try_emplace(id, plan.duration);
  if (!is_first && plan.duration <= slowest->second) return false;
  slowest->second = plan.duration;
  return true;
}

void SavedWorkloadWriter::State::add(LogRecord record, Told told) {
  if (glance.head.size() < marks_wanted && has_time(record)) glance.head.push_back(mark_of(record));
  const bool is_whole = told == Told::kWhole;
  if (is_whole && record.kind == RecordKind::kExecution) samples.add(record, records);
  ++records;
  std::string_view sql = record.sql;
  if (is_whole && !sql.empty() && !needs_own_text(record)) {
    const std::string_view normal = normal_form(record);
    if (!normal.empty()) sql = normal, told = Told::kNormalForm;
    record.parameters = {};
  }
  if (is_whole && record.kind == RecordKind::kPlan) {
    const bool keeps = keeps_plan(record);
    if (!keeps) told = Told::kWithoutPlan;
    record.message = record.message.substr(0, keeps ? kLongestPlan + 1 : record.message.find('\n'));
  }
  records_of_part.add(record, sql, told);
  if (records_of_part.is_full()) write_part();
}

void SavedWorkloadWriter::State::write_part() {
  if (records_of_part.is_empty()) return;
  const SavedPart columns = records_of_part.take();
  SQLite::Statement statement(file, "INSERT INTO parts VALUES (?, ?, ?, ?, ?)");
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (columns[c].size() > kLongestSavedColumn) throw cannot_write(place, "a record of the log is too long");
    statement.bind(1, input);
    statement.bind(2, part);
    statement.bind(3, static_cast<int>(c));
    statement.bind(4, integer(columns[c].size()));
    write_blob(statement, 5, compress_saved(columns[c]));
    statement.exec();
    statement.reset();
  }
  ++part;
}

void SavedWorkloadWriter::State::write_samples() {
  SavedBytesWriter bytes;
  std::int64_t group = 0;
  const auto write = [&] {
    if (bytes.size() == 0) return;
    SQLite::Statement statement(file, "INSERT INTO samples VALUES (?, ?, ?, ?)");
    statement.bind(1, input);
    statement.bind(2, group++);
    statement.bind(3, integer(bytes.size()));
    write_blob(statement, 4, compress_saved(bytes.bytes()));
    statement.exec();
    bytes.clear();
  };
  for (const ChosenSample& sample : samples.take()) {
    bytes.number(sample.record);
    bytes.text(sample.sql);
    bytes.text(sample.parameters);
    if (bytes.size() >= kSampleGroup) write();
  }
  write();
}

void SavedWorkloadWriter::State::write_account(const InputAccount& account) {
  const std::string head = bytes_of(glance.head);
  SQLite::Statement statement(file,
                              "INSERT INTO inputs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  int position = 0;
  statement.bind(++position, input);
  for (const std::string& text : {account.path, account.format, account.log_line_prefix, account.compression}) {
    statement.bind(++position, text);
  }
  for (const std::uint64_t number : {account.bytes, account.lines, account.record_lines, account.continuation_lines,
                                     account.records, account.executions, account.inside_procedures}) {
    statement.bind(++position, integer(number));
  }
  statement.bind(++position, account.took_rest ? 1 : 0);
  statement.bind(++position, account.cut_short ? 1 : 0);
  statement.bind(++position, integer(filtered));
  statement.bind(++position, glance.is_file || !glance.head.empty() ? 1 : 0);
  statement.bind(++position, integer(glance.bytes));
  statement.bind(++position, std::string(glance.format ? to_string(*glance.format) : std::string_view()));
  statement.bind(++position, integer(head.size()));
  write_blob(statement, ++position, compress_saved(head));
  statement.exec();
  for (const SkippedLines& lines : account.skipped) {
    insert(file, "INSERT INTO skipped VALUES (?, ?, ?, ?, ?, ?)", input, lines.reason, integer(lines.count),
           integer(lines.first_line), lines.hint, lines.is_loss ? 1 : 0);
  }
}

SavedWorkloadWriter::SavedWorkloadWriter(fs::path path, SavedWorkloadNotes notes)
    : state_(writing(path, [&] { return std::make_unique<State>(path, std::move(notes)); })) {}

SavedWorkloadWriter::~SavedWorkloadWriter() = default;

void SavedWorkloadWriter::begin_input(const InputGlance& glance) {
  State& state = *state_;
  ++state.input;
  state.part = 0;
  state.records = state.filtered = 0;
  state.glance = glance;
  // A redacted message has another mark, so that the head must be of what is saved.
  const bool is_known = glance.is_file && glance.is_known();
  state.marks_wanted = !glance.is_file ? kMostMarks : state.notes.redacted ? glance.head.size() : 0;
  if (!is_known || state.notes.redacted) state.glance.head.clear();
  state.normal_forms.clear();
  state.slowest_plans.clear();
}

void SavedWorkloadWriter::add(const LogRecord& record, Told told) {
  if (!passes(record, state_->notes.filter)) {
    ++state_->filtered;
    return;
  }
  writing(state_->place, [&] { state_->add(record, told); });
}

void SavedWorkloadWriter::count_filtered(std::uint64_t records) { state_->filtered += records; }

void SavedWorkloadWriter::finish_input(const InputAccount& account) {
  writing(state_->place, [&] {
    state_->write_part();
    state_->write_samples();
    state_->write_account(account);
  });
}

void SavedWorkloadWriter::drop_input() {
  writing(state_->place, [&] {
    state_->records_of_part = SavedPartWriter();
    state_->samples = SampleChoice();
    insert(state_->file, "DELETE FROM parts WHERE input = ?", state_->input--);
  });
}

void SavedWorkloadWriter::save() {
  writing(state_->place, [&] {
    state_->transaction.commit();
    seal(state_->replaced.path());
    state_->replaced.put_in_place();
  });
}

}  // namespace assay
