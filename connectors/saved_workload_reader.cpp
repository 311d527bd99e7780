#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>

#include "connectors/saved_compression.h"
#include "connectors/saved_records.h"
#include "connectors/saved_workload.h"
#include "connectors/saved_workload_schema.h"
#include "connectors/snapshot_seal.h"
#include "parser/base/error.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostInputs = 10'000;
constexpr std::size_t kMostMarks = 1024;
constexpr std::size_t kMostSkipReasons = 1000;     // of all inputs together, a hundred each are never reached
constexpr std::size_t kLongestPart = 320U << 20U;  // bytes of all columns

/// SQLite's file header: 16 bytes of magic, user_version at byte 60, the application's id at 68.
using Header = std::array<char, 72>;

std::optional<Header> header_of(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return std::nullopt;
  Header header{};
  std::ifstream file(path, std::ios::binary);
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  if (!file.read(header.data(), header.size()) || std::string_view(header.data(), 16) != kMagic) return std::nullopt;
  return header;
}

std::uint32_t number_at(const Header& header, std::size_t offset) {
  std::uint32_t number = 0;
  for (std::size_t i = offset; i < offset + 4; ++i) number = number << 8U | static_cast<unsigned char>(header[i]);
  return number;
}

Error cannot_read(const fs::path& path, const std::string& reason) {
  return Error("cannot read the saved workload " + path.string() + ": " + reason,
               "copy it again, as a binary file, or save it again from the logs");
}

template <typename Work>
auto reading(const fs::path& path, Work work) {
  try {
    return work();
  } catch (const SQLite::Exception& exception) {
    throw cannot_read(path, exception.what());
  } catch (const SavedDamage& damage) {
    throw cannot_read(path, damage.what);
  }
}

template <typename Read>
void for_each(SQLite::Database& file, const std::string& sql, Read read) {
  for (SQLite::Statement rows(file, sql); rows.executeStep();) read(rows);
}

std::uint64_t count(const SQLite::Column& column) {
  const std::int64_t value = column.getInt64();
  if (value < 0) throw SavedDamage{"a count is negative"};
  return static_cast<std::uint64_t>(value);
}

std::string_view blob(const SQLite::Column& column) {
  return {static_cast<const char*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())};
}

/// A table that is really a view or has a trigger could run anything, so the schema must be ours to the letter.
std::vector<std::string> schema_of(SQLite::Database& file) {
  std::vector<std::string> schema;
  for_each(file, "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name",
           [&](auto& row) {
             for (int i = 0; i < 4; ++i) schema.push_back(row.getColumn(i).getString());
           });
  return schema;
}

void check_soundness(SQLite::Database& file) {
  SQLite::Database ours(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_MEMORY | SQLite::OPEN_CREATE);
  ours.exec(kSavedWorkloadSchema);
  if (schema_of(file) != schema_of(ours)) throw SavedDamage{"its tables are not those of a saved workload"};
  for_each(file, "PRAGMA quick_check(1)", [&](auto& row) {
    if (row.getColumn(0).getString() != "ok") throw SavedDamage{row.getColumn(0).getString()};
  });
}

/// Before SQLite sees a byte of it.
void check_version_and_seal(const fs::path& path) {
  const auto header = header_of(path);
  if (!header || number_at(*header, 68) != kSavedWorkloadApplicationId) throw SavedDamage{"it is none"};
  const std::uint32_t version = number_at(*header, 60);
  if (version != kSavedWorkloadVersion) {
    throw Error(fmt::format("the saved workload {} has format version {}, this assay reads version {}", path.string(),
                            version, kSavedWorkloadVersion),
                version > kSavedWorkloadVersion ? "read it with the assay that wrote it, or a newer one"
                                                : "save it again from the logs");
  }
  if (!is_whole(path)) throw SavedDamage{"its checksum is wrong: it was cut short or changed on its way here"};
}

LoggingSettings read_logging(SQLite::Database& file) {
  LoggingSettings logging;
  for_each(file, "SELECT name, value FROM logging", [&](auto& row) {
    const std::string name = row.getColumn(0).getString();
    const std::int64_t value = row.getColumn(1).getInt64();
    const auto threshold = value < 0 ? LoggingSettings::Threshold() : LoggingSettings::Threshold(Microseconds(value));
    const auto rate = static_cast<std::uint32_t>(std::clamp<std::int64_t>(value, 0, kWholeRate));
    if (name == "log_min_duration_statement") logging.log_min_duration_statement = threshold;
    if (name == "log_min_duration_sample") logging.log_min_duration_sample = threshold;
    if (name == "auto_explain_log_min_duration") logging.auto_explain_log_min_duration = threshold;
    if (name == "log_statement_sample_rate") logging.log_statement_sample_rate = rate;
    if (name == "log_transaction_sample_rate") logging.log_transaction_sample_rate = rate;
    if (name == "auto_explain_sample_rate") logging.auto_explain_sample_rate = rate;
    if (name == "logs_all_durations") logging.logs_all_durations = value != 0;
  });
  return logging;
}

void read_head(SavedBytesReader bytes, InputGlance& glance) {
  constexpr std::int64_t kSpan = kSavedLastTime_us - kSavedFirstTime_us;
  std::int64_t time = 0;
  while (!bytes.is_at_end()) {
    if (glance.head.size() == kMostMarks) throw SavedDamage{"the head of an input is too long"};
    time += bytes.signed_number(-kSpan, kSpan);
    if (time < kSavedFirstTime_us || time > kSavedLastTime_us) throw SavedDamage{"a time is out of range"};
    RecordMark& mark = glance.head.emplace_back();
    mark.time_us = time;
    mark.process = bytes.signed_number();
    mark.content = bytes.word();
    mark.is_execution = bytes.byte() != 0;
  }
  if (glance.head.empty()) return;
  const auto [first, last] = std::minmax_element(glance.head.begin(), glance.head.end(),
                                                 [](auto& a, auto& b) { return a.time_us < b.time_us; });
  glance.first_us = first->time_us;
  glance.head_end_us = last->time_us;
}

/// The texts of samples, in the order of their records, a group at a time.
class SampleReader {
 public:
  SampleReader(SQLite::Database& file, std::int64_t input)
      : groups_(file, "SELECT size, content FROM samples WHERE input = ? ORDER BY part") {
    groups_.bind(1, input);
    advance();
  }

  /// Gives an execution its text, if it is a sample.
  void give(std::uint64_t number, LogRecord& record, Told& told) {
    if (at_end_ || number != next_) return;
    // Copied: the group may be over before the record is.
    sql_ = next_sql_;
    parameters_ = next_parameters_;
    record.sql = sql_;
    record.parameters = parameters_;
    told = Told::kWhole;
    advance();
  }

 private:
  void advance() {
    while (bytes_.is_at_end()) {
      if (!groups_.executeStep()) {
        at_end_ = true;
        return;
      }
      group_ = decompress_saved(blob(groups_.getColumn(1)), count(groups_.getColumn(0)));
      bytes_ = SavedBytesReader(group_);
    }
    const std::uint64_t number = bytes_.number();
    if (any_ && number <= next_) throw SavedDamage{"samples are out of order"};
    next_ = number;
    any_ = true;
    next_sql_ = bytes_.text();
    next_parameters_ = bytes_.text();
  }

  SQLite::Statement groups_;
  std::string group_, sql_, parameters_;
  SavedBytesReader bytes_;
  bool at_end_ = false, any_ = false;
  std::uint64_t next_ = 0;
  std::string_view next_sql_, next_parameters_;
};

}  // namespace

struct SavedWorkload::State {
  fs::path path;
  std::unique_ptr<SQLite::Database> file;
  LoggingSettings logging;
  bool is_redacted = false, others_left_out = false;
  std::vector<InputGlance> glances;
  std::vector<Input> inputs;

  void open();
  void read_inputs();
  SavedPart part_of(std::int64_t input, std::int64_t part) const;
};

void SavedWorkload::State::open() {
  check_version_and_seal(path);
  file = std::make_unique<SQLite::Database>(path.string(), SQLite::OPEN_READONLY);
  sqlite3_limit(file->getHandle(), SQLITE_LIMIT_LENGTH, static_cast<int>(kLongestSavedColumn));
  sqlite3_limit(file->getHandle(), SQLITE_LIMIT_ATTACHED, 0);
  file->exec("PRAGMA trusted_schema = OFF");
  file->exec("PRAGMA cell_size_check = ON");
  file->exec("PRAGMA mmap_size = 0");
  check_soundness(*file);
  for_each(*file, "SELECT redacted, others_left_out FROM workload LIMIT 1", [&](auto& row) {
    is_redacted = row.getColumn(0).getInt64() != 0;
    others_left_out = row.getColumn(1).getInt64() != 0;
  });
  logging = read_logging(*file);
  read_inputs();
}

void SavedWorkload::State::read_inputs() {
  for_each(*file, "SELECT * FROM inputs ORDER BY input", [&](auto& row) {
    if (inputs.size() == kMostInputs) throw SavedDamage{"it has too many inputs"};
    if (count(row.getColumn(0)) != inputs.size()) throw SavedDamage{"its inputs are not numbered in order"};
    Input& input = inputs.emplace_back();
    InputAccount& account = input.account;
    int column = 0;
    for (auto* text : {&account.path, &account.format, &account.log_line_prefix, &account.compression}) {
      *text = row.getColumn(++column).getString();
    }
    for (auto* number : {&account.bytes, &account.lines, &account.record_lines, &account.continuation_lines,
                         &account.records, &account.executions, &account.inside_procedures}) {
      *number = count(row.getColumn(++column));
    }
    if (account.record_lines > account.lines || account.continuation_lines > account.lines - account.record_lines) {
      throw SavedDamage{"an account of lines does not balance"};
    }
    account.took_rest = row.getColumn(++column).getInt64() != 0;
    account.cut_short = row.getColumn(++column).getInt64() != 0;
    input.filtered = count(row.getColumn(++column));
    InputGlance& glance = glances.emplace_back();
    glance.path = account.path;
    glance.is_file = row.getColumn(++column).getInt64() != 0;
    glance.bytes = count(row.getColumn(++column));
    glance.format = parse_log_format(row.getColumn(++column).getString());
    const std::uint64_t size = count(row.getColumn(++column));
    if (size > 64 * kMostMarks) throw SavedDamage{"the head of an input is too long"};
    const std::string head = decompress_saved(blob(row.getColumn(++column)), size);
    read_head(SavedBytesReader(head), glance);
  });
  std::size_t reasons = 0;
  for_each(*file, "SELECT * FROM skipped ORDER BY rowid", [&](auto& row) {
    const std::uint64_t input = count(row.getColumn(0));
    if (input >= inputs.size() || ++reasons > kMostSkipReasons + 100 * inputs.size()) {
      throw SavedDamage{"skipped lines belong to nothing"};
    }
    inputs[input].account.skipped.push_back({.reason = row.getColumn(1).getString(),
                                             .count = count(row.getColumn(2)),
                                             .first_line = count(row.getColumn(3)),
                                             .hint = row.getColumn(4).getString(),
                                             .is_loss = row.getColumn(5).getInt64() != 0});
  });
}

SavedPart SavedWorkload::State::part_of(std::int64_t input, std::int64_t part) const {
  SQLite::Statement rows(*file,
                         "SELECT column_number, size, content FROM parts WHERE input = ? AND part = ? ORDER BY "
                         "column_number");
  rows.bind(1, input);
  rows.bind(2, part);
  SavedPart columns;
  std::size_t found = 0, bytes = 0;
  for (; rows.executeStep(); ++found) {
    if (found == columns.size() || count(rows.getColumn(0)) != found) throw SavedDamage{"a part has other columns"};
    const std::uint64_t size = count(rows.getColumn(1));
    if (size > kLongestPart - bytes) throw SavedDamage{"a part is too long"};
    bytes += size;
    columns[found] = decompress_saved(blob(rows.getColumn(2)), size);
  }
  if (found != columns.size()) throw SavedDamage{"a part lacks columns"};
  return columns;
}

SavedWorkload::SavedWorkload(fs::path path) : state_(std::make_unique<State>()) {
  state_->path = std::move(path);
  reading(state_->path, [&] { state_->open(); });
}

SavedWorkload::~SavedWorkload() = default;

const LoggingSettings& SavedWorkload::logging() const { return state_->logging; }
bool SavedWorkload::is_redacted() const { return state_->is_redacted; }
bool SavedWorkload::others_left_out() const { return state_->others_left_out; }
const std::vector<InputGlance>& SavedWorkload::inputs() const { return state_->glances; }

SavedWorkload::Input SavedWorkload::read(std::size_t input, const Sink& sink) const {
  return reading(state_->path, [&] {
    const auto number = static_cast<std::int64_t>(input);
    SQLite::Statement last(*state_->file, "SELECT coalesce(max(part) + 1, 0) FROM parts WHERE input = ?");
    last.bind(1, number);
    last.executeStep();
    const std::int64_t parts = last.getColumn(0).getInt64();
    SampleReader samples(*state_->file, number);
    std::uint64_t record_number = 0;
    for (std::int64_t part = 0; part < parts; ++part) {
      SavedPartReader records(state_->part_of(number, part));
      LogRecord record;
      for (Told told = Told::kWhole; records.next(record, told); ++record_number) {
        samples.give(record_number, record, told);
        sink(record, told);
      }
    }
    return state_->inputs[input];
  });
}

bool is_saved_workload(const fs::path& path) {
  const auto header = header_of(path);
  return header && number_at(*header, 68) == kSavedWorkloadApplicationId;
}

}  // namespace assay
