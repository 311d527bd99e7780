// The slow query log of MySQL 5.0 to 9, MariaDB and Percona Server: log.cc's File_query_log::write_slow() (MySQL),
// MYSQL_QUERY_LOG::write() (MariaDB).
//
// When did a statement end? The log is written at the end of a statement, and so says "# Time:": an ISO time
// with microseconds in each record since MySQL 5.7, the local time in seconds, and only when it changes, before
// that and in MariaDB. "SET timestamp" is that same instant in UTC in every server that writes the local form; since
// MySQL 8.0.14 it is the start. So the ISO time is the record's, and where there is none, SET timestamp.
// (With log-short-format, MySQL 8.0.14 and later tell the start alone.)
//
// Log_slow_rate_limit (Percona Server) is the weight of a record: it stands for so many statements. With the rate type
// "query" each statement had that chance, with "session" each connection: then a session is there as a whole or not at
// all, and sums over few sessions are coarse. Statements over slow_query_log_always_write_time, 10 s
// unless set, are logged whatever the rate, and stand for themselves. MariaDB does not write its rate.
//
// A statement that failed (Errno, Last_errno) is an error with the time that it took. An administrator command
// (Prepare, Quit …) is an execution, since its time is the server's, of a text that says so.
//
// A statement inside of a stored procedure is marked ("# Stored_routine:"), for procedure_time.h.
//
// What this leaves out: "# explain:" and the counters of pages, temporary tables and sorts.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "parser/base/scan.h"
#include "parser/log/mysql_slow.h"
#include "parser/log/mysql_slow_record.h"
#include "parser/log/mysql_slow_time.h"
#include "parser/log/tokenizer.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

constexpr std::string_view kCommand = "# administrator command: ";
constexpr Microseconds kAlwaysWritten = std::chrono::seconds(10);  // Percona's slow_query_log_always_write_time

/// The line at the front, without its end; steps behind it.
std::string_view take_line(std::string_view& text) {
  const auto end = line_end(text, 0);
  auto line = text.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

/// A count; one that is too large stays at the most.
template <typename Integer>
Integer to_count(std::string_view digits) {
  Integer value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc::result_out_of_range ? std::numeric_limits<Integer>::max() : value;
}

/// One name of "# Name: value  Name: value", and its value. The name of a database may hold blanks: it ends where the
/// field does that each server writes behind it.
struct Field {
  std::string_view name, value;
};

std::optional<Field> take_field(std::string_view& line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  Field field;
  field.name = line.substr(0, colon);
  field.name.remove_prefix(std::min(field.name.find_last_of(" #") + 1, field.name.size()));
  line.remove_prefix(colon + 1);
  if (field.name == "Schema") {
    take(line, " ");
    const auto end = std::min({line.find("  QC_hit: "), line.find("  Last_errno: "), line.size()});
    field.value = line.substr(0, end);
    line.remove_prefix(end);
    return field;
  }
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  field.value = line.substr(0, line.find(' '));
  line.remove_prefix(field.value.size());
  return field;
}

/// "web[web] @ app1 [10.0.0.7]  Id:    12": the account, then the name that was given, then host and address.
void read_user_and_host(std::string_view line, LogEntry& entry) {
  const auto at = line.find("] @ ");
  if (at == std::string_view::npos) return;
  const auto open = std::min(line.find('['), at);
  entry.user = open > 0 ? line.substr(0, open) : line.substr(open + 1, at - open - 1);
  line.remove_prefix(at + std::string_view("] @ ").size());
  const auto address = line.find('[');
  const auto close = line.find(']', std::min(address, line.size()));
  if (close == std::string_view::npos) return;
  entry.host = line.substr(0, address);
  while (entry.host.ends_with(' ')) entry.host.remove_suffix(1);
  if (entry.host.empty()) entry.host = line.substr(address + 1, close - address - 1);
  line.remove_prefix(close + 1);
  if (const auto id = take_field(line); id && id->name == "Id") entry.process = to_count<std::int64_t>(id->value);
}

/// Takes the carriage returns before newlines out of `text`, which is in a block, in place.
std::string_view without_carriage_returns(std::string_view text) {
  char* const begin = const_cast<char*>(text.data());  // the block's own bytes
  char* to = begin;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') *to++ = text[i];
  }
  return {begin, static_cast<std::size_t>(to - begin)};
}

class MysqlSlowTokenizer : public Tokenizer {
 public:
  explicit MysqlSlowTokenizer(const LogDialect& dialect)
      : crlf_(dialect.crlf), max_record_(dialect.max_record), zone_(dialect.zone.value_or(UtcOffset{0})) {}

  bool starts_record(std::string_view text) const override {
    return starts_slow_header(text) || banner_length(text) > 0;
  }
  std::size_t last_border(std::string_view text) const override;
  std::size_t front_rest(std::string_view text) const override;
  bool is_completed_by(std::string_view text, std::string_view rest) const override;
  void tokenize(Block& block) override;

 private:
  /// What a record tells beside its entry.
  struct Details {
    SlowLogTime time;
    bool failed = false;
    std::uint32_t rate_limit = 1;
    std::uint64_t routine = 0;  // as in InsideRoutine; 0 for none
    std::string_view use;       // "use crm" of the prologue
  };

  std::size_t without_cut_off_header(std::string_view record) const;
  void add_banner(Block& block, std::string_view banner, std::uint64_t lines) const;
  void add_record(Block& block, std::string_view record, std::uint64_t lines, bool may_be_cut_off) const;
  void skip(Block& block, std::string_view text, std::uint64_t lines, bool is_last) const;
  std::size_t add_next(Block& block, std::size_t at) const;
  void read_fields(std::string_view line, LogEntry& entry, Details& details) const;
  void read_header(std::string_view& text, LogEntry& entry, Details& details) const;
  void read_prologue(std::string_view& text, LogEntry& entry, Details& details) const;
  bool read_statement(std::string_view text, LogEntry& entry) const;

  bool crlf_;
  std::size_t max_record_;
  UtcOffset zone_;
};

/// Goes through the records from the front: only so is it known which headers are quoted.
std::size_t MysqlSlowTokenizer::last_border(std::string_view text) const {
  std::size_t border = 0, at = 0;
  while (const auto next = slow_record_end(text, at, false)) {
    at = *next;
    if (starts_slow_header(text.substr(at))) border = at;
  }
  return border;
}

/// A header behind anything but the end of a statement is more of the header, or of the literal, that was cut; and so
/// may be one at the front, unless it begins with the time.
std::size_t MysqlSlowTokenizer::front_rest(std::string_view text) const {
  std::size_t at = first_record(*this, text, 0);
  while (at != std::string_view::npos) {
    const auto last = at == 0 ? std::string_view::npos : text.find_last_not_of("\r\n", at - 1);
    const auto here = text.substr(at);
    if (last == std::string_view::npos && (here.starts_with("# Time: ") || banner_length(here) > 0)) break;
    if (last != std::string_view::npos && text[last] == ';') break;
    at = first_record(*this, text, line_end(text, at) + 1);
  }
  return at;
}

/// Within a line, in the header or what the server adds to it, or before the semicolon.
bool MysqlSlowTokenizer::is_completed_by(std::string_view text, std::string_view) const {
  if (!text.ends_with('\n')) return true;
  const auto last = text.find_last_not_of("\r\n");
  if (last == std::string_view::npos) return false;
  const auto line = text.substr(text.rfind('\n', last) + 1);
  const bool is_prologue = line.starts_with("SET timestamp=") || line.starts_with("use ");
  return text[last] != ';' || is_prologue;
}

/// At the end of the file the last header may be cut off, so that it looks like a part of the statement before it.
/// Returns where that one ends.
std::size_t MysqlSlowTokenizer::without_cut_off_header(std::string_view record) const {
  const auto statement_end = record.rfind(crlf_ ? ";\r\n#" : ";\n#");
  const auto last = record.find_last_not_of("\r\n");
  if (statement_end == std::string_view::npos || record[last] == ';') return record.size();
  const auto line = record.substr(record.rfind('\n', statement_end) + 1);
  return SlowLogTime().read_set(line.substr(0, line.find(';') + 1)) ? record.size()  // of "# administrator command: "
                                                                    : line_end(record, statement_end) + 1;
}

void MysqlSlowTokenizer::add_banner(Block& block, std::string_view banner, std::uint64_t lines) const {
  LogEntry& entry = block.entries.emplace_back();
  entry.line = block.lines;
  entry.lines = lines;
  entry.message = take_line(banner);
  entry.database = std::string_view("");  // the server forgets which it told last
  entry.dialect = SqlDialect::kMysql;
  block.continuation_lines += lines - 1;
}

void MysqlSlowTokenizer::read_fields(std::string_view line, LogEntry& entry, Details& details) const {
  while (const auto field = take_field(line)) {
    const auto& [name, value] = *field;
    if (name == "Query_time") {
      entry.duration = slow_log_seconds(value);
    } else if (name == "Lock_time") {
      entry.lock_time = slow_log_seconds(value);
    } else if (name == "Rows_sent") {
      entry.rows_sent = to_count<std::int64_t>(value);
    } else if (name == "Rows_examined") {
      entry.rows_examined = to_count<std::int64_t>(value);
    } else if (name == "Schema") {
      entry.database = value;
    } else if (name == "Thread_id") {
      entry.process = to_count<std::int64_t>(value);
    } else if (name == "Errno" || name == "Last_errno") {
      details.failed = value != "0";
      if (details.failed)
        entry.message = {name.data(), static_cast<std::size_t>(value.data() + value.size() - name.data())};
    } else if (name == "Stored_routine") {
      details.routine = std::max<std::uint64_t>(XXH3_64bits(value.data(), value.size()), 1);
    } else if (name == "Log_slow_rate_limit") {
      details.rate_limit = std::max<std::uint32_t>(to_count<std::uint32_t>(value), 1);
    }
  }
}

/// The lines that begin with #, and steps behind them.
void MysqlSlowTokenizer::read_header(std::string_view& text, LogEntry& entry, Details& details) const {
  while (text.starts_with('#') && !text.starts_with(kCommand)) {
    auto line = take_line(text);
    if (take(line, "# Time: ")) {
      details.time.read_written(line);
    } else if (take(line, "# User@Host: ")) {
      read_user_and_host(line, entry);
    } else if (!line.starts_with("# explain: ") && !line.starts_with("# Warnings")) {
      read_fields(line, entry, details);
    }
  }
}

/// "use crm;" and "SET last_insert_id=1,insert_id=2,timestamp=1795338062;", which the server adds, and steps behind
/// them. A statement of a client that looks like them stands behind the timestamp.
void MysqlSlowTokenizer::read_prologue(std::string_view& text, LogEntry& entry, Details& details) const {
  auto rest = text;
  auto line = take_line(rest);
  const bool is_statement = rest.empty();
  if (!is_statement && take(line, "use ") && line.ends_with(';')) {
    line.remove_suffix(1);
    details.use = {text.data(), static_cast<std::size_t>(line.data() + line.size() - text.data())};
    if (line.size() > 1 && line.front() == '`' && line.back() == '`') line = line.substr(1, line.size() - 2);
    if (entry.database.data() == nullptr) entry.database = line;
    text = rest;
    line = take_line(rest);
  }
  if (details.time.read_set(line)) text = rest;
}

/// False when the statement is not there as a whole: the server ends each with a semicolon.
bool MysqlSlowTokenizer::read_statement(std::string_view text, LogEntry& entry) const {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  const bool is_whole = text.ends_with(';');
  if (is_whole) text.remove_suffix(1);
  if (text.starts_with(kCommand)) text.remove_prefix(std::string_view("# ").size());
  if (crlf_) text = without_carriage_returns(text);
  entry.sql = text;
  return is_whole && !text.empty();
}

void MysqlSlowTokenizer::add_record(Block& block, std::string_view record, std::uint64_t lines,
                                    bool may_be_cut_off) const {
  if (record.size() > max_record_) return block.skips.add(SkipReason::kTooLong, block.lines, lines, record);
  LogEntry entry;
  Details details;
  entry.line = block.lines;
  entry.lines = lines;
  entry.dialect = SqlDialect::kMysql;
  auto text = record;
  read_header(text, entry, details);
  read_prologue(text, entry, details);
  const bool is_whole = read_statement(text, entry);
  if (entry.sql.empty() && !may_be_cut_off) entry.sql = details.use;  // the command Init DB, which has no other text
  if (!is_whole && (may_be_cut_off || entry.sql.empty())) {
    return block.skips.add(SkipReason::kCutOff, block.lines, lines, record);
  }
  entry.time = details.time.resolve(zone_);
  entry.kind = details.failed ? MessageKind::kFailedStatement : MessageKind::kTimedStatement;
  entry.severity = details.failed ? "ERROR" : "LOG";
  if (entry.duration < kAlwaysWritten) entry.weight = details.rate_limit;
  entry.shape = shape_hash(entry.sql, SqlDialect::kMysql);
  entry.values = XXH3_64bits(entry.sql.data(), entry.sql.size());
  if (details.routine != 0) block.routines.push_back({block.entries.size(), details.routine});
  block.entries.push_back(entry);
  block.continuation_lines += lines - 1;
}

/// Lines before the first header of a file, or behind its last one where that is cut off.
void MysqlSlowTokenizer::skip(Block& block, std::string_view text, std::uint64_t lines, bool is_last) const {
  const bool blank = text.find_first_not_of("\r\n") == std::string_view::npos;
  const bool cut_off = is_last && text.data() != block.bytes.data();
  const auto reason = blank ? SkipReason::kBlank : cut_off ? SkipReason::kCutOff : SkipReason::kMidRecord;
  block.skips.add(reason, block.lines, lines, text);
}

/// Adds what stands at `at`; returns where the next thing begins.
std::size_t MysqlSlowTokenizer::add_next(Block& block, std::size_t at) const {
  const auto text = block.text();
  const bool is_record = starts_slow_header(text.substr(at));
  std::size_t end = slow_record_end(text, at, true).value_or(text.size());
  if (is_record) end = before_banners(text, at, end);
  const bool is_last = block.at_end && end == text.size();
  if (is_record && is_last) end = at + without_cut_off_header(text.substr(at));
  const auto whole = text.substr(at, end - at);
  const auto lines = count_lines(whole);
  if (is_record) {
    add_record(block, whole, lines, is_last);
  } else if (banner_length(whole) > 0) {
    add_banner(block, whole, lines);
  } else {
    skip(block, whole, lines, is_last);
  }
  block.lines += lines;
  return end;
}

void MysqlSlowTokenizer::tokenize(Block& block) {
  for (std::size_t at = 0; at < block.size;) at = add_next(block, at);
}

}  // namespace

std::unique_ptr<Tokenizer> make_mysql_slow_tokenizer(const LogDialect& dialect) {
  return std::make_unique<MysqlSlowTokenizer>(dialect);
}

}  // namespace assay
