// csvlog: one CSV record an entry, quoted fields with newlines in them, 23 columns up to version 12, 24 in 13,
// 26 since 14 (csvlog.c).
//
// A corrupt record must not swallow the file: a record counts only when it has the right shape from its time stamp to
// its number of columns; otherwise its lines are skipped up to the next line that starts like a record.
// Blocks are cut only behind a record of the right shape, so that a statement that quotes a csvlog is not cut into.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "parser/base/scan.h"
#include "parser/log/known_records.h"
#include "parser/log/timestamp.h"
#include "parser/log/tokenizer.h"

namespace assay {
namespace {

constexpr std::size_t kMinColumns = 23, kMaxColumns = 26;

enum Column : std::size_t {
  kTime = 0,
  kUser = 1,
  kDatabase = 2,
  kProcess = 3,
  kHost = 4,
  kSession = 5,
  kSeverity = 11,
  kSqlstate = 12,
  kMessage = 13,
  kDetail = 14,
  kHint = 15,
  kContext = 18,
  kStatement = 19,
  kApplication = 22,
  kBackend = 23,  // from 13 on
};

struct CsvField {
  std::string_view text;  ///< without its quotes
  bool doubled = false;   ///< holds doubled quotes
};

enum class CsvOutcome { kRecord, kCorrupt, kCutOff };

struct CsvRecord {
  std::array<CsvField, kMaxColumns> fields;
  std::size_t columns = 0;
  std::optional<LogTime> time;
  std::size_t end = 0;  ///< behind its newline; for kCorrupt and kCutOff: where reading stopped
};

/// Reads the quoted field at `at`, its opening quote; leaves `at` behind the closing one.
bool read_quoted(std::string_view text, std::size_t& at, CsvField& field) {
  const std::size_t begin = ++at;
  for (;;) {
    const auto quote = find_any<'"'>(text, at);
    if (quote == text.size()) {
      at = text.size();
      return false;
    }
    at = quote + 1;
    if (at < text.size() && text[at] == '"') {
      field.doubled = true;
      ++at;
      continue;
    }
    field.text = text.substr(begin, quote - begin);
    return true;
  }
}

void read_plain(std::string_view text, std::size_t& at, CsvField& field) {
  const std::size_t begin = at;
  at = find_any<',', '\n', '"'>(text, at);
  field.text = text.substr(begin, at - begin);
  if (at == text.size() || text[at] == '\n') {
    if (field.text.ends_with('\r')) field.text.remove_suffix(1);
  }
}

/// Where the record ends: at a newline, with or without a carriage return before it.
bool take_record_end(std::string_view text, std::size_t& at) {
  const std::size_t skip = at < text.size() && text[at] == '\r' ? 1 : 0;
  if (at + skip < text.size() && text[at + skip] != '\n') return false;
  at = std::min(at + skip + 1, text.size());
  return true;
}

/// One record from the front of a line. Changes nothing, since a corrupt record is read again line by line.
CsvOutcome read_record(std::string_view text, std::size_t at, CsvRecord& record) {
  record.columns = 0;
  for (;;) {
    if (record.columns == kMaxColumns) return record.end = at, CsvOutcome::kCorrupt;
    CsvField field;
    if (at < text.size() && text[at] == '"') {
      if (!read_quoted(text, at, field)) return record.end = at, CsvOutcome::kCutOff;
    } else {
      read_plain(text, at, field);
    }
    record.fields[record.columns++] = field;
    record.end = at;
    if (at < text.size() && text[at] == ',') {
      ++at;
      continue;
    }
    const bool at_end = at == text.size();
    if (!take_record_end(text, at)) return CsvOutcome::kCorrupt;
    if (record.columns < kMinColumns) return at_end ? CsvOutcome::kCutOff : CsvOutcome::kCorrupt;
    record.end = at;
    return CsvOutcome::kRecord;
  }
}

/// Steps over an empty or quoted field and its comma.
bool skip_text(std::string_view& text) {
  if (text.starts_with('"')) {
    std::size_t at = 0;
    CsvField field;
    if (!read_quoted(text, at, field)) return false;
    text.remove_prefix(at);
  }
  if (!text.starts_with(',')) return false;
  text.remove_prefix(1);
  return true;
}

template <typename Predicate>
bool skip_some(std::string_view& text, Predicate allowed) {
  const auto end = static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), allowed) - text.begin());
  text.remove_prefix(end);
  return end > 0;
}

std::int64_t to_process(std::string_view digits) {
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

/// Takes out the carriage returns before newlines; returns the new end.
char* without_returns(char* begin, char* end) {
  char* to = begin;
  for (const char* from = begin; from < end; ++from) {
    if (*from != '\r' || from + 1 == end || from[1] != '\n') *to++ = *from;
  }
  return to;
}

/// For KnownRecords.
struct CsvText {
  static constexpr char kEndByte = '"';
  static constexpr int kFrontQuotes = 6, kTailQuotes = 4;
  static constexpr std::string_view kBegin = "", kSessionEnd = ",", kMessage = "LOG,00000,\"", kDetail = ",\"",
                                    kNoDetail = ",", kBeforeApplication = ",,,,,,,,\"", kEnd = "\n";

  static bool ends(std::string_view rest) { return rest.starts_with("\","); }

  static std::size_t plain_end(std::string_view text) {
    const std::size_t quote = find_any<'"'>(text, 0);
    return quote < text.size() && ends(text.substr(quote)) ? quote : 0;
  }

  static std::size_t string_end(std::string_view text) {
    std::size_t at = 0;
    for (;; at += 2) {
      at = find_any<'"'>(text, at);
      if (at + 1 >= text.size()) return 0;
      if (text[at + 1] != '"') return at;
    }
  }

  /// The number of the line, the command, the start of the session, and the transaction's two numbers.
  static std::size_t skip_numbers(std::string_view text, std::size_t at) {
    for (int field = 0; field < 5; ++field) {
      if (field == 1) {
        if (at == text.size() || text[at] != '"') return 0;
        at = find_any<'"', '\n'>(text, at + 1) + 1;
        if (at >= text.size() || text[at - 1] != '"') return 0;
      } else {
        at = find_any<',', '"', '\n'>(text, at);
      }
      if (at >= text.size() || text[at] != ',') return 0;
      ++at;
    }
    return at;
  }
};

class CsvTokenizer : public Tokenizer {
 public:
  explicit CsvTokenizer(const LogDialect& dialect)
      : crlf_(dialect.crlf),
        max_record_(dialect.max_record),
        clock_(dialect.zone),
        known_(dialect.max_record, shapes_) {}

  bool starts_record(std::string_view text) const override { return starts_csv_record(text); }
  std::size_t last_border(std::string_view text) const override;
  bool is_completed_by(std::string_view text, std::string_view) const override;
  void tokenize(Block& block) override;

 private:
  static bool is_entry(CsvRecord& record);
  std::string_view unquoted(const CsvField& field) const;
  void add(Block& block, std::string_view whole, const CsvRecord& record, std::uint64_t lines);
  std::size_t skip(Block& block, std::size_t at, const CsvRecord& record, CsvOutcome outcome);

  bool crlf_;
  std::size_t max_record_;
  ZoneClock clock_;
  ShapeCache shapes_;
  KnownRecords<CsvText> known_;
};

/// The last line that starts like a record and stands right behind a record of the right shape.
std::size_t CsvTokenizer::last_border(std::string_view text) const {
  for (std::size_t border = Tokenizer::last_border(text); border > 0;) {
    const std::size_t before = Tokenizer::last_border(text.substr(0, border));
    if (before == 0 && !starts_record(text)) return border;
    CsvRecord record;
    if (read_record(text.substr(0, border), before, record) == CsvOutcome::kRecord && record.end == border &&
        is_entry(record))
      return border;
    border = before;
  }
  return 0;
}

/// Within a line, or within quotes.
bool CsvTokenizer::is_completed_by(std::string_view text, std::string_view) const {
  return !text.ends_with('\n') || std::count(text.begin(), text.end(), '"') % 2 != 0;
}

/// Whether its columns hold what they must; reads its time.
bool CsvTokenizer::is_entry(CsvRecord& record) {
  const auto& severity = record.fields[kSeverity].text;
  const auto& process = record.fields[kProcess].text;
  record.time = scan_log_time(record.fields[kTime].text);
  return record.time && !process.empty() && std::all_of(process.begin(), process.end(), is_digit) &&
         !severity.empty() && severity.size() < 40;
}

/// The field's text, its doubled quotes made single in place.
std::string_view CsvTokenizer::unquoted(const CsvField& field) const {
  const bool returns = crlf_ && field.text.find("\r\n") != std::string_view::npos;
  if (!field.doubled && !returns) return field.text;
  char* const begin = const_cast<char*>(field.text.data());  // the block's own bytes
  char* to = begin;
  for (std::size_t from = 0; from < field.text.size();) {
    const std::size_t quote = find_any<'"'>(field.text, from);
    const std::size_t upto = std::min(quote + 1, field.text.size());
    if (to != begin + from) std::memmove(to, begin + from, upto - from);
    to += upto - from;
    from = upto + 1;
  }
  if (returns) to = without_returns(begin, to);
  return {begin, static_cast<std::size_t>(to - begin)};
}

void CsvTokenizer::add(Block& block, std::string_view whole, const CsvRecord& record, std::uint64_t lines) {
  if (!crlf_) {
    const auto& message = record.fields[kMessage].text;
    known_.note(whole.substr(static_cast<std::size_t>(message.data() - whole.data())));
  }
  const auto text = [&](Column column) { return unquoted(record.fields[column]); };
  LogEntry entry;
  entry.line = block.lines;
  entry.lines = lines;
  entry.time = clock_.resolve(*record.time);
  entry.user = text(kUser);
  entry.database = text(kDatabase);
  entry.process = to_process(text(kProcess));
  entry.host = host_without_port(text(kHost));
  entry.session = text(kSession);
  entry.severity = text(kSeverity);
  entry.sqlstate = text(kSqlstate);
  if (entry.sqlstate == "00000") entry.sqlstate = {};
  entry.message = text(kMessage);
  entry.detail = text(kDetail);
  entry.statement = text(kStatement);
  entry.hint = text(kHint);
  entry.context = text(kContext);
  entry.application = text(kApplication);
  if (record.columns > kBackend) entry.backend = text(kBackend);
  const auto told = interpret(entry, shapes_);
  if (!crlf_) known_.learn(whole, entry, told);
  block.add(entry);
}

/// Skips from a corrupt record to the next line that starts like one; returns its place.
std::size_t CsvTokenizer::skip(Block& block, std::size_t at, const CsvRecord& record, CsvOutcome outcome) {
  const auto text = block.text();
  const std::size_t next = std::min(first_record(*this, text, line_end(text, at) + 1), text.size());
  const auto skipped = text.substr(at, next - at);
  const std::uint64_t lines = count_lines(skipped);
  const bool blank = skipped.find_first_not_of("\r\n") == std::string_view::npos;
  if (blank) {
    block.skips.add(SkipReason::kBlank, block.lines, lines, skipped);
  } else if (outcome == CsvOutcome::kCutOff && next == text.size() && block.at_end &&
             (lines == 1 || starts_record(skipped))) {
    block.skips.add(SkipReason::kCutOff, block.lines, lines, skipped);
  } else if (at == 0 && !starts_record(skipped)) {
    block.skips.add(SkipReason::kMidRecord, block.lines, lines, skipped);
  } else {
    const bool on_first_line = record.end < at + line_end(skipped, 0);
    block.skips.add(SkipReason::kNoCsvRecord, block.lines, lines, skipped, on_first_line ? record.end - at + 1 : 0);
  }
  block.lines += lines;
  return next;
}

void CsvTokenizer::tokenize(Block& block) {
  const auto text = block.text();
  CsvRecord record;
  known_.begin_block();
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t size = crlf_ ? 0 : known_.read(block, text.substr(at))) {
      at += size;
      continue;
    }
    const auto outcome = read_record(text, at, record);
    if (outcome != CsvOutcome::kRecord || !is_entry(record)) {
      at = skip(block, at, record, outcome);
      continue;
    }
    const auto whole = text.substr(at, record.end - at);
    const std::uint64_t lines = count_lines(whole);
    if (whole.size() > max_record_) {
      block.skips.add(SkipReason::kTooLong, block.lines, lines, whole);
    } else {
      add(block, whole, record, lines);
      block.continuation_lines += lines - 1;
    }
    block.lines += lines;
    at = record.end;
  }
  block.unknown_zone = clock_.unknown_zone();
}

}  // namespace

bool starts_csv_record(std::string_view text) {
  constexpr std::size_t kFarEnough = 2048;  // four names, doubled quotes included
  text = text.substr(0, kFarEnough);
  const auto time = scan_log_time(text);
  if (!time) return false;
  text.remove_prefix(time->length);
  if (!text.starts_with(',')) return false;
  text.remove_prefix(1);
  return skip_text(text) && skip_text(text) && skip_some(text, is_digit) && skip_text(text) && skip_text(text) &&
         skip_some(text, is_hex) && text.starts_with('.');
}

std::unique_ptr<Tokenizer> make_csv_tokenizer(const LogDialect& dialect) {
  return std::make_unique<CsvTokenizer>(dialect);
}

}  // namespace assay
