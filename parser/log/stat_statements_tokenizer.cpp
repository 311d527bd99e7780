// pg_stat_statements as CSV: the first line names the columns, each further record is one statement with its sums.
//
// The columns' names depend on the version: total_time became total_exec_time with 13, which also tells the planning
// apart (total_plan_time); a logged duration holds both, so they are added up. Users and databases are numbers
// unless the query joined their names in (rolname, datname). Columns may come in any order, and most may be absent.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include "parser/log/stat_statements.h"
#include "parser/log/tokenizer.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

enum Column : std::size_t { kQuery, kCalls, kTotal, kPlan, kMin, kMax, kMean, kDeviation, kRows, kUser, kDatabase };
constexpr std::size_t kColumns = kDatabase + 1;
constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);

struct ColumnName {
  std::string_view name;
  Column column;
};
// The better name comes first: a name says more than a number.
constexpr ColumnName kNames[] = {
    {"query", kQuery},           {"calls", kCalls},
    {"total_exec_time", kTotal}, {"total_time", kTotal},
    {"total_plan_time", kPlan},  {"min_exec_time", kMin},
    {"min_time", kMin},          {"max_exec_time", kMax},
    {"max_time", kMax},          {"mean_exec_time", kMean},
    {"mean_time", kMean},        {"stddev_exec_time", kDeviation},
    {"stddev_time", kDeviation}, {"rows", kRows},
    {"rolname", kUser},          {"usename", kUser},
    {"username", kUser},         {"user", kUser},
    {"userid", kUser},           {"datname", kDatabase},
    {"database", kDatabase},     {"dbname", kDatabase},
    {"dbid", kDatabase},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return out;
}

struct Field {
  std::string_view text;  ///< without its quotes
  bool doubled = false;   ///< holds doubled quotes
  bool last = false;      ///< of the record
};

/// Takes a field off the front of `record`; nothing where its quotes are not closed or something stands behind them.
std::optional<Field> take_field(std::string_view& record) {
  Field field;
  std::size_t end = 0;
  if (record.starts_with('"')) {
    for (end = 1;; end += 2, field.doubled = true) {
      end = record.find('"', end);
      if (end == std::string_view::npos) return std::nullopt;
      if (end + 1 == record.size() || record[end + 1] != '"') break;
    }
    field.text = record.substr(1, end - 1);
    ++end;
  } else {
    end = std::min(record.find(','), record.size());
    field.text = record.substr(0, end);
  }
  field.last = end == record.size();
  if (!field.last && record[end] != ',') return std::nullopt;
  record.remove_prefix(field.last ? end : end + 1);
  return field;
}

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  while (const auto field = take_field(line)) {
    fields.push_back(field->text);
    if (field->last) break;
  }
  return fields;
}

/// Where each column stands.
using Places = std::array<std::size_t, kColumns>;

Places places_of(std::string_view header) {
  Places places;
  places.fill(kAbsent);
  const auto fields = fields_of(header);
  for (const auto& [name, column] : kNames) {
    const auto found = std::find_if(fields.begin(), fields.end(), [wanted = name](auto field) { return lower(field) == wanted; });
    if (found != fields.end() && places[column] == kAbsent) {
      places[column] = static_cast<std::size_t>(found - fields.begin());
    }
  }
  return places;
}

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> milliseconds_of(std::string_view text) {
  constexpr double kMost = 1e15;  // 31,000 years: more is no time
  const auto value = number_of<double>(text);
  return value && *value >= 0 && *value < kMost ? value : std::nullopt;
}

/// Size of the record at the front of `text`, its newline included; npos where its quotes are not closed.
std::size_t record_size(std::string_view text) {
  bool quoted = false;
  for (std::size_t at = 0; (at = text.find_first_of("\"\n", at)) != std::string_view::npos; ++at) {
    if (text[at] == '"') quoted = !quoted;
    if (text[at] == '\n' && !quoted) return at + 1;
  }
  return quoted ? std::string_view::npos : text.size();
}

std::string_view without_line_end(std::string_view record) {
  if (record.ends_with('\n')) record.remove_suffix(1);
  if (record.ends_with('\r')) record.remove_suffix(1);
  return record;
}

/// Makes doubled quotes single, in place.
std::string_view undoubled(std::string_view text) {
  char* const begin = const_cast<char*>(text.data());  // the block's own bytes
  char* to = begin;
  for (std::size_t at = 0; at < text.size(); ++at) {
    *to++ = text[at];
    if (text[at] == '"') ++at;
  }
  return {begin, static_cast<std::size_t>(to - begin)};
}

class StatStatementsTokenizer : public Tokenizer {
 public:
  explicit StatStatementsTokenizer(const LogDialect& dialect)
      : header_(dialect.header),
        places_(places_of(header_)),
        columns_(fields_of(header_).size()),
        max_record_(dialect.max_record) {}

  bool starts_record(std::string_view) const override { return true; }
  std::size_t last_border(std::string_view text) const override;
  std::size_t look_ahead() const override { return kFarLookAhead; }
  void tokenize(Block& block) override;

 private:
  using Fields = std::array<Field, kColumns>;

  bool read_row(std::string_view record, Fields& fields) const;
  void add(Block& block, const Fields& fields) const;
  std::size_t add_record(Block& block, std::size_t at) const;

  std::string header_;
  Places places_;
  std::size_t columns_, max_record_;
};

/// Quotes can be told apart only from the front on. A row that is damaged counts as one line, so that reading finds
/// back; what is not closed may go on behind `text`.
std::size_t StatStatementsTokenizer::last_border(std::string_view text) const {
  std::size_t border = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = record_size(text.substr(at));
    if (size == std::string_view::npos || at + size >= text.size()) break;
    Fields fields;
    const bool is_row = read_row(without_line_end(text.substr(at, size)), fields);
    at = is_row ? at + size : line_end(text, at) + 1;
    border = at;
  }
  return border;
}

/// False for a record with another number of columns, or with numbers that are none.
bool StatStatementsTokenizer::read_row(std::string_view record, Fields& fields) const {
  constexpr std::uint64_t kMostCalls = 1ULL << 53U;
  std::size_t column = 0;
  for (bool last = false; !last; ++column) {
    const auto field = take_field(record);
    if (!field) return false;
    last = field->last;
    for (std::size_t i = 0; i < kColumns; ++i) {
      if (places_[i] == column) fields[i] = *field;
    }
  }
  const auto calls = number_of<std::uint64_t>(fields[kCalls].text);
  return column == columns_ && calls && *calls <= kMostCalls && milliseconds_of(fields[kTotal].text);
}

void StatStatementsTokenizer::add(Block& block, const Fields& fields) const {
  const auto text = [&](Column column) {
    return fields[column].doubled ? undoubled(fields[column].text) : fields[column].text;
  };
  const auto milliseconds = [&](Column column, double otherwise) {
    return milliseconds_of(fields[column].text).value_or(otherwise);
  };
  ExecutionSummary& summary = block.summaries.emplace_back();
  summary.calls = number_of<std::uint64_t>(fields[kCalls].text).value_or(0);
  summary.total = Microseconds(std::llround((milliseconds(kTotal, 0) + milliseconds(kPlan, 0)) * 1e3));
  summary.min_ms = milliseconds(kMin, -1);
  summary.max_ms = milliseconds(kMax, -1);
  summary.mean_ms = milliseconds(kMean, -1);
  summary.stddev_ms = milliseconds(kDeviation, -1);
  summary.rows = number_of<std::int64_t>(fields[kRows].text).value_or(-1);
  LogEntry& entry = block.entries.emplace_back();
  entry.kind = MessageKind::kSummary;
  entry.line = block.lines;
  entry.summary = &summary;
  entry.user = text(kUser);
  entry.database = text(kDatabase);
  entry.sql = text(kQuery);
  entry.shape = entry.sql.empty() ? 0 : shape_hash(entry.sql);
}

/// Takes the record at `at`; returns the place behind it.
std::size_t StatStatementsTokenizer::add_record(Block& block, std::size_t at) const {
  const auto text = block.text().substr(at);
  const std::size_t size = record_size(text);
  const auto record = text.substr(0, size);
  const auto row = without_line_end(record);
  Fields fields;
  if (size != std::string_view::npos && size <= max_record_ && row != header_ && read_row(row, fields)) {
    const std::uint64_t lines = count_lines(record);
    add(block, fields);
    block.continuation_lines += lines - 1;
    block.lines += lines;
    return at + size;
  }
  const auto line = text.substr(0, line_end(text, 0));
  if (row == header_) {
    ++block.continuation_lines;  // of all rows, whose columns it names
  } else {
    const bool cut_off = block.at_end && size == std::string_view::npos;
    const bool blank = line.find_first_not_of(" \r") == std::string_view::npos;
    block.skips.add(blank     ? SkipReason::kBlank
                    : cut_off ? SkipReason::kCutOff
                              : SkipReason::kNoRow,
                    block.lines, 1, line);
  }
  ++block.lines;
  return at + line.size() + 1;
}

void StatStatementsTokenizer::tokenize(Block& block) {
  for (std::size_t at = 0; at < block.size;) at = add_record(block, at);
}

}  // namespace

std::optional<std::string> stat_statements_header(std::string_view sample) {
  const auto end = sample.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = without_line_end(sample.substr(0, end + 1));
  const Places places = places_of(line);
  if (places[kQuery] == kAbsent || places[kCalls] == kAbsent || places[kTotal] == kAbsent) return std::nullopt;
  return std::string(line);
}

std::unique_ptr<Tokenizer> make_stat_statements_tokenizer(const LogDialect& dialect) {
  return std::make_unique<StatStatementsTokenizer>(dialect);
}

}  // namespace assay
