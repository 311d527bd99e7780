#include "connectors/saved_records.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "parser/log/identity.h"

namespace assay {
namespace {

enum Flag : std::uint8_t {
  kExtended = 1,
  kTimed = 2,
  kInferred = 4,
  kWeighted = 8,
  kWithRows = 16,
  kNormal = 32,   // sql is the normal form
  kPlanCut = 64,  // message is the first line of a plan
  kPrepared = 128,
};

constexpr auto kLastKind = static_cast<std::uint8_t>(RecordKind::kOther);
constexpr auto kLastDialect = static_cast<std::uint8_t>(SqlDialect::kMysql);
constexpr std::int64_t kMostMinutes = 10'000;

std::uint64_t hash(std::string_view text, std::uint64_t seed) {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

bool has_details(RecordKind kind) { return kind != RecordKind::kExecution && kind != RecordKind::kUnfinished; }

std::uint8_t flags_of(const LogRecord& record, Told told) {
  unsigned flags = 0;
  if (record.protocol == Protocol::kExtended) flags |= kExtended;
  if (record.timed) flags |= kTimed;
  if (record.inferred) flags |= kInferred;
  if (record.weight != 1 || record.weight_per != 1) flags |= kWeighted;
  if (record.rows_sent >= 0 || record.rows_examined >= 0 || record.lock_time.count() != 0) flags |= kWithRows;
  if (told == Told::kNormalForm) flags |= kNormal;
  if (told == Told::kWithoutPlan) flags |= kPlanCut;
  if (record.prepared) flags |= kPrepared;
  return static_cast<std::uint8_t>(flags);
}

std::uint64_t bounded(Microseconds duration) {
  return std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)), kSavedLongest_us);
}

double finite(std::uint64_t bits) {
  const auto value = std::bit_cast<double>(bits);
  if (!std::isfinite(value)) throw SavedDamage{"a number is not finite"};
  return value;
}

}  // namespace

SavedPartWriter::SavedPartWriter() { text_number({}); }

std::uint64_t SavedPartWriter::text_number(std::string_view text) {
  const auto [known, is_new] = texts_.try_emplace(hash(text, 0), texts_.size());
  if (is_new) at(kSavedTexts).text(text);
  return known->second;
}

std::uint64_t SavedPartWriter::client_number(const LogRecord& record) {
  const std::uint64_t identity = record.identity != 0
                                     ? record.identity
                                     : client_identity(record.user, record.database, record.application, record.host);
  const std::uint64_t key = hash(record.session, identity ^ (static_cast<std::uint64_t>(record.process) << 32U));
  const auto [known, is_new] = clients_.try_emplace(key, clients_.size());
  if (is_new) {
    at(kSavedClients).signed_number(record.process);
    for (const auto name : {record.session, record.user, record.database, record.application, record.host}) {
      at(kSavedClients).number(text_number(name));
    }
  }
  return known->second;
}

std::uint64_t SavedPartWriter::statement_number(const LogRecord& record, std::string_view sql) {
  if (sql.empty()) return 0;
  const std::uint64_t text = text_number(sql);
  const std::uint64_t key = record.shape ^ (text << 8U) ^ static_cast<std::uint64_t>(record.dialect);
  const auto [known, is_new] = statements_.try_emplace(key, statements_.size() + 1);
  if (is_new) {
    at(kSavedStatements).word(record.shape);
    at(kSavedStatements).byte(static_cast<std::uint8_t>(record.dialect));
    at(kSavedStatements).number(text);
  }
  return known->second;
}

void SavedPartWriter::add_values(std::uint64_t values) {
  const auto [known, is_new] = values_.try_emplace(values, values_.size() + 1);
  at(kSavedValueOf).number(is_new ? 0 : known->second);
  if (is_new) at(kSavedValues).word(values);
}

void SavedPartWriter::add_extras(const LogRecord& record, std::uint8_t flags) {
  SavedBytesWriter& rows = at(kSavedRows);
  if ((flags & kWeighted) != 0) rows.number(record.weight), rows.number(record.weight_per);
  if ((flags & kWithRows) != 0) {
    rows.signed_number(record.rows_sent);
    rows.signed_number(record.rows_examined);
    rows.number(bounded(record.lock_time));
  }
  if (record.kind != RecordKind::kSummary) return;
  const ExecutionSummary summary = record.summary ? *record.summary : ExecutionSummary();
  rows.number(std::min(summary.calls, kSavedLongest_us));
  rows.number(bounded(summary.total));
  for (const double value : {summary.min_ms, summary.max_ms, summary.mean_ms, summary.stddev_ms}) {
    rows.word(std::bit_cast<std::uint64_t>(value));
  }
  rows.signed_number(summary.rows);
}

void SavedPartWriter::add_details(const LogRecord& record) {
  SavedBytesWriter& details = at(kSavedDetails);
  details.number(record.line);
  for (const auto text : {record.severity, record.sqlstate, record.backend, record.message, record.detail, record.hint,
                          record.context, record.parameters}) {
    details.number(text_number(text));
  }
}

void SavedPartWriter::add(const LogRecord& record, std::string_view sql, Told told) {
  const std::uint8_t flags = flags_of(record, told);
  at(kSavedKinds).byte(static_cast<std::uint8_t>(record.kind));
  at(kSavedFlags).byte(flags);
  at(kSavedClientOf).number(client_number(record));
  at(kSavedStatementOf).number(statement_number(record, sql));
  times_.push_back(std::clamp(record.time.utc.time_since_epoch().count(), kSavedFirstTime_us, kSavedLastTime_us));
  at(kSavedOffsets).signed_number(record.time.offset.count() - std::exchange(offset_, record.time.offset.count()));
  at(kSavedDurations).number(bounded(record.duration));
  add_values(record.values);
  add_extras(record, flags);
  if (has_details(record.kind)) add_details(record);
}

/// Most logs tell milliseconds.
SavedPart SavedPartWriter::take() {
  const bool whole = std::all_of(times_.begin(), times_.end(), [](std::int64_t time) { return time % 1000 == 0; });
  const std::int64_t unit = whole ? 1000 : 1;
  at(kSavedTimes).number(static_cast<std::uint64_t>(unit));
  std::int64_t before = 0;
  for (const std::int64_t time : times_) {
    at(kSavedTimes).signed_number(time / unit - before);
    before = time / unit;
  }
  SavedPart part;
  for (std::size_t c = 0; c < kSavedColumns; ++c) part[c] = columns_[c].bytes();
  *this = SavedPartWriter();
  return part;
}

SavedPartReader::SavedPartReader(SavedPart part) : part_(std::move(part)) {
  for (std::size_t c = 0; c < kSavedColumns; ++c) columns_[c] = SavedBytesReader(part_[c]);
  read_dictionaries();
  unit_ = static_cast<std::int64_t>(at(kSavedTimes).number());
  if (unit_ != 1 && unit_ != 1000) throw SavedDamage{"a unit of time is not known"};
}

std::string_view SavedPartReader::text(SavedBytesReader& from) const {
  const std::uint64_t number = from.number();
  if (number >= texts_.size()) throw SavedDamage{"a text is missing"};
  return texts_[number];
}

void SavedPartReader::read_dictionaries() {
  while (!at(kSavedTexts).is_at_end()) texts_.push_back(at(kSavedTexts).text());
  for (SavedBytesReader& from = at(kSavedClients); !from.is_at_end();) {
    ClientNames& client = clients_.emplace_back();
    client.process = from.signed_number();
    for (auto* name : {&client.session, &client.user, &client.database, &client.application, &client.host}) {
      *name = text(from);
    }
    client.identity = client_identity(client.user, client.database, client.application, client.host);
  }
  for (SavedBytesReader& from = at(kSavedStatements); !from.is_at_end();) {
    StatementText& statement = statements_.emplace_back();
    statement.shape = from.word();
    const std::uint8_t dialect = from.byte();
    if (dialect > kLastDialect) throw SavedDamage{"a dialect is not known"};
    statement.dialect = static_cast<SqlDialect>(dialect);
    statement.text = text(from);
  }
}

std::uint64_t SavedPartReader::read_values() {
  const std::uint64_t number = at(kSavedValueOf).number(values_.size());
  if (number > 0) return values_[number - 1];
  values_.push_back(at(kSavedValues).word());
  return values_.back();
}

void SavedPartReader::read_extras(LogRecord& record, std::uint8_t flags) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  SavedBytesReader& rows = at(kSavedRows);
  if ((flags & kWeighted) != 0) {
    record.weight = static_cast<std::uint32_t>(rows.number(UINT32_MAX));
    record.weight_per = static_cast<std::uint32_t>(rows.number(UINT32_MAX));
    if (record.weight_per == 0 || record.weight < record.weight_per) throw SavedDamage{"a weight is out of range"};
  }
  if ((flags & kWithRows) != 0) {
    record.rows_sent = rows.signed_number(-1, kMost);
    record.rows_examined = rows.signed_number(-1, kMost);
    record.lock_time = Microseconds(rows.number(kSavedLongest_us));
  }
  if (record.kind != RecordKind::kSummary) return;
  summary_.calls = rows.number(kSavedLongest_us);
  summary_.total = Microseconds(rows.number(kSavedLongest_us));
  for (double* value : {&summary_.min_ms, &summary_.max_ms, &summary_.mean_ms, &summary_.stddev_ms}) {
    *value = finite(rows.word());
  }
  summary_.rows = rows.signed_number();
  record.summary = &summary_;
}

void SavedPartReader::read_details(LogRecord& record) {
  SavedBytesReader& details = at(kSavedDetails);
  record.line = details.number();
  for (auto* into : {&record.severity, &record.sqlstate, &record.backend, &record.message, &record.detail, &record.hint,
                     &record.context, &record.parameters}) {
    *into = text(details);
  }
}

bool SavedPartReader::next(LogRecord& record, Told& told) {
  if (at(kSavedKinds).is_at_end()) return false;
  record = LogRecord();
  const std::uint8_t kind = at(kSavedKinds).byte(), flags = at(kSavedFlags).byte();
  if (kind > kLastKind) throw SavedDamage{"a record is of an unknown kind"};
  record.kind = static_cast<RecordKind>(kind);
  record.protocol = (flags & kExtended) != 0 ? Protocol::kExtended : Protocol::kSimple;
  record.timed = (flags & kTimed) != 0;
  record.inferred = (flags & kInferred) != 0;
  record.prepared = (flags & kPrepared) != 0;
  told = (flags & kNormal) != 0 ? Told::kNormalForm : (flags & kPlanCut) != 0 ? Told::kWithoutPlan : Told::kWhole;
  const std::uint64_t client = at(kSavedClientOf).number();
  const std::uint64_t statement = at(kSavedStatementOf).number();
  if (client >= clients_.size() || statement > statements_.size())
    throw SavedDamage{"a client or statement is missing"};
  const ClientNames& names = clients_[client];
  record.process = names.process;
  record.session = names.session;
  record.user = names.user;
  record.database = names.database;
  record.application = names.application;
  record.host = names.host;
  record.identity = names.identity;
  if (statement > 0) {
    record.shape = statements_[statement - 1].shape;
    record.dialect = statements_[statement - 1].dialect;
    record.sql = statements_[statement - 1].text;
  }
  constexpr std::int64_t kSpan = kSavedLastTime_us - kSavedFirstTime_us;
  time_ += at(kSavedTimes).signed_number(-kSpan, kSpan);
  if (time_ < kSavedFirstTime_us / unit_ || time_ > kSavedLastTime_us / unit_)
    throw SavedDamage{"a time is out of range"};
  offset_ += at(kSavedOffsets).signed_number(-2 * kMostMinutes, 2 * kMostMinutes);
  if (std::abs(offset_) > kMostMinutes) throw SavedDamage{"a time zone is out of range"};
  record.time = {Timestamp(Microseconds(time_ * unit_)), UtcOffset(offset_)};
  record.duration = Microseconds(at(kSavedDurations).number(kSavedLongest_us));
  record.values = read_values();
  record.severity = "LOG";
  read_extras(record, flags);
  if (has_details(record.kind)) read_details(record);
  return true;
}

}  // namespace assay
