// LogRecords in columns, and back: a part of a saved workload.
//
// A part holds up to some ten thousand records and the texts that they name, each once, so that it can be read alone
// and in bounded memory. An execution is a number of its client, of its statement and of its values, a step of time and
// a duration; what is no execution has its texts besides.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer/workload_builder.h"
#include "connectors/saved_bytes.h"
#include "parser/log/record.h"

namespace assay {

enum SavedColumn : std::uint8_t {
  kSavedTexts,       ///< all texts of the part; the first one is empty
  kSavedClients,     ///< process, session, user, database, application, host
  kSavedStatements,  ///< shape, dialect, text
  kSavedKinds,       ///< a byte a record
  kSavedFlags,       ///< a byte a record
  kSavedClientOf,
  kSavedStatementOf,  ///< from 1; 0: no statement
  kSavedTimes,        ///< the unit in µs, then steps
  kSavedOffsets,      ///< steps, in minutes
  kSavedDurations,    ///< µs
  kSavedValueOf,      ///< 0: the next one of kSavedValues; from 1: one that was there before
  kSavedValues,
  kSavedRows,     ///< weights, rows, lock time, sums: of records whose flags say so
  kSavedDetails,  ///< of what is no execution: line and texts
  kSavedColumns   ///< how many there are
};
using SavedPart = std::array<std::string, kSavedColumns>;

/// Times that a log can tell, and as many microseconds as can be added to one.
inline constexpr std::int64_t kSavedFirstTime_us = -62'135'596'800'000'000;
inline constexpr std::int64_t kSavedLastTime_us = 253'402'300'799'999'999;
inline constexpr std::uint64_t kSavedLongest_us = std::uint64_t{1} << 62U;

class SavedPartWriter {
 public:
  static constexpr std::size_t kMostRecords = 1U << 17U;
  static constexpr std::size_t kMostTextBytes = 8U << 20U;

  SavedPartWriter();

  /// `told` of the record as it shall be read: with kNormalForm `sql` is the normal form of its class.
  void add(const LogRecord& record, std::string_view sql, Told told);

  bool is_empty() const { return times_.empty(); }
  bool is_full() const { return times_.size() >= kMostRecords || column(kSavedTexts).size() >= kMostTextBytes; }

  /// The part, and begins a new one.
  SavedPart take();

 private:
  SavedBytesWriter& at(SavedColumn c) { return columns_[c]; }
  const SavedBytesWriter& column(SavedColumn c) const { return columns_[c]; }
  std::uint64_t text_number(std::string_view text);
  std::uint64_t client_number(const LogRecord& record);
  std::uint64_t statement_number(const LogRecord& record, std::string_view sql);
  void add_values(std::uint64_t values);
  void add_extras(const LogRecord& record, std::uint8_t flags);
  void add_details(const LogRecord& record);

  std::array<SavedBytesWriter, kSavedColumns> columns_;
  std::vector<std::int64_t> times_;  // µs: their unit is known at the end
  std::unordered_map<std::uint64_t, std::uint64_t> texts_, clients_, statements_, values_;
  std::int64_t offset_ = 0;
};

class SavedPartReader {
 public:
  explicit SavedPartReader(SavedPart part);

  /// The next record; views stay valid as long as the reader. False at the end. Throws SavedDamage.
  bool next(LogRecord& record, Told& told);

 private:
  struct ClientNames {
    std::int64_t process = 0;
    std::string_view session, user, database, application, host;
    std::uint64_t identity = 0;
  };
  struct StatementText {
    std::uint64_t shape = 0;
    SqlDialect dialect = SqlDialect::kPostgres;
    std::string_view text;
  };

  SavedBytesReader& at(SavedColumn c) { return columns_[c]; }
  std::string_view text(SavedBytesReader& from) const;
  void read_dictionaries();
  std::uint64_t read_values();
  void read_extras(LogRecord& record, std::uint8_t flags);
  void read_details(LogRecord& record);

  SavedPart part_;
  std::array<SavedBytesReader, kSavedColumns> columns_;
  std::vector<std::string_view> texts_;
  std::vector<ClientNames> clients_;
  std::vector<StatementText> statements_;
  std::vector<std::uint64_t> values_;
  std::int64_t unit_ = 1, time_ = 0, offset_ = 0;
  ExecutionSummary summary_;
};

}  // namespace assay
