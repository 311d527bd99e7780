#include "analyzer/redaction.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "parser/log/failure_message.h"
#include "parser/log/message_scan.h"
#include "parser/sql/lexer.h"

namespace assay {
namespace {

constexpr std::size_t kMostBytes = 64U << 20U;  // of statements that are remembered
constexpr std::string_view kMask = "…";
constexpr std::string_view kRedacted = "(redacted)";

std::size_t largest_parameter(std::string_view sql, SqlDialect dialect) {
  std::size_t largest = 0;
  Lexer lexer(sql, dialect);
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    if (token.kind != TokenKind::kParameter || !token.text.starts_with('$')) continue;
    std::size_t number = 0;
    std::from_chars(token.text.data() + 1, token.text.data() + token.text.size(), number);
    largest = std::max(largest, number);
  }
  return largest;
}

bool is_any(const Token& token, std::initializer_list<std::string_view> words) {
  return token.kind == TokenKind::kWord &&
         std::any_of(words.begin(), words.end(), [&](auto word) { return is_word(token.text, word); });
}

bool is_like(const Token& token) { return is_any(token, {"like", "ilike"}) || token.is("~~") || token.is("~~*"); }

/// 'abc%' -> 'x%'.
std::string pattern_of(std::string_view literal) {
  std::string pattern = "'";
  for (const char c : literal.substr(1, literal.size() - std::min<std::size_t>(literal.size(), 2))) {
    const bool is_wildcard = c == '%' || c == '_';
    if (is_wildcard || pattern.back() != 'x') pattern += is_wildcard ? c : 'x';
  }
  return pattern + "'";
}

/// Writes a statement without its literals, token by token.
class StatementRedaction {
 public:
  StatementRedaction(std::string_view sql, SqlDialect dialect)
      : sql_(sql), dialect_(dialect), parameters_(largest_parameter(sql, dialect)) {}

  std::string text() {
    Lexer lexer(sql_, dialect_);
    std::size_t end = 0;
    for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
      const auto begin = static_cast<std::size_t>(token.text.data() - sql_.data());
      if (begin > end && !text_.empty()) text_ += ' ';
      end = begin + token.text.size();
      write(token);
      before_ = token;
    }
    return std::move(text_);
  }

 private:
  void write(const Token& token) {
    if (token.kind == TokenKind::kString) return write_string(token);
    const bool names_column = is_any(before_, {"by"});
    if (token.kind == TokenKind::kNumber && !names_column) return write_parameter();
    const std::size_t begin = text_.size();
    text_ += token.text;
    last_word_ = begin;
  }
  void write_parameter() { text_ += dialect_ == SqlDialect::kMysql ? "?" : "$" + std::to_string(++parameters_); }

  /// DATE '…' is a literal of that type, and no type takes a parameter so.
  void write_string(const Token& token) {
    if (is_like(before_) && token.text.starts_with('\'')) {
      text_ += pattern_of(token.text);
    } else if (is_any(before_, {"date", "time", "timestamp", "timestamptz", "interval"}) &&
               dialect_ == SqlDialect::kPostgres) {
      text_.resize(last_word_);
      text_ += "CAST(";
      write_parameter();
      text_ += " AS " + std::string(before_.text) + ")";
    } else {
      write_parameter();
    }
  }

  std::string_view sql_;
  SqlDialect dialect_;
  std::size_t parameters_;
  std::string text_;
  std::size_t last_word_ = 0;
  Token before_;
};

/// What the server quotes behind such a word is the name of an object, or a setting's value.
bool names_object(std::string_view before) {
  constexpr std::array<std::string_view, 20> kWords{
      "relation", "table", "column",    "constraint", "index",    "database", "user", "role",    "schema",    "view",
      "sequence", "type",  "parameter", "function",   "operator", "encoding", "host", "trigger", "extension", "to"};
  while (before.ends_with(' ')) before.remove_suffix(1);
  const auto word = before.substr(before.find_last_of(" (") + 1);
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

bool is_own_wording(const LogRecord& record) {
  if (!sqlstate_of_message(record.severity, record.message).empty()) return true;
  return record.sqlstate.size() == 5 && record.sqlstate != "00000" && !record.sqlstate.starts_with("P0");
}

bool is_known_notice(std::string_view message) {
  constexpr std::array<std::string_view, 9> kFronts{"checkpoint",     "restartpoint", "automatic ",
                                                    "process ",       "connection ",  "disconnection",
                                                    "temporary file", "parameter ",   "received SIGHUP"};
  return alarm_of(message).has_value() ||
         std::any_of(kFronts.begin(), kFronts.end(), [&](auto front) { return message.starts_with(front); });
}

/// Of a DETAIL: who holds a lock; of deadlocks and crashes the statements, without their literals.
std::string redacted_detail(std::string_view detail) {
  constexpr std::string_view kCrash = "Failed process was running: ";
  if (detail.starts_with(kCrash)) {
    return std::string(kCrash) + redacted_statement(detail.substr(kCrash.size()), SqlDialect::kPostgres);
  }
  if (!detail.starts_with("Process")) return {};
  std::string text;
  for (auto rest = detail; !rest.empty(); rest.remove_prefix(std::min(first_line(rest).size() + 1, rest.size()))) {
    const auto line = first_line(rest);
    if (!line.starts_with("Process")) continue;  // a query goes on
    const auto colon = line.find(": ");
    const bool is_query = colon != std::string_view::npos &&
                          line.substr(0, colon).find_first_not_of("0123456789", 8) == std::string_view::npos;
    if (!text.empty()) text += '\n';
    text += is_query ? std::string(line.substr(0, colon + 2)) +
                           redacted_statement(line.substr(colon + 2), SqlDialect::kPostgres)
                     : std::string(line);
  }
  return text;
}

std::string redacted_context(std::string_view context) {
  const auto line = first_line(context);
  if (line.starts_with("PL/pgSQL function ")) return std::string(line);
  return line.starts_with("while ") ? redacted_message(line) : std::string();
}

}  // namespace

std::string redacted_statement(std::string_view sql, SqlDialect dialect) {
  return StatementRedaction(sql, dialect).text();
}

std::string redacted_message(std::string_view message) {
  std::string text;
  while (!message.empty()) {
    const auto open = message.find('"');
    const auto close = open == std::string_view::npos ? open : message.find('"', open + 1);
    if (close == std::string_view::npos) {
      // One that is not closed may be a value that goes on.
      return text + std::string(message.substr(0, open)) + (open == std::string_view::npos ? "" : std::string(kMask));
    }
    text += message.substr(0, open + 1);
    text += names_object(message.substr(0, open)) ? message.substr(open + 1, close - open - 1) : kMask;
    text += '"';
    message.remove_prefix(close + 1);
  }
  return text;
}

std::string_view Redactor::statement_of(const LogRecord& record) {
  // By the text: of one shape, lists have different lengths.
  const std::uint64_t key = XXH3_64bits_withSeed(record.sql.data(), record.sql.size(), record.shape);
  const auto known = statements_.find(key);
  if (known != statements_.end()) return known->second;
  statement_ = redacted_statement(record.sql, record.dialect);
  if (bytes_ + statement_.size() > kMostBytes) return statement_;
  bytes_ += statement_.size();
  return statements_.emplace(key, statement_).first->second;
}

void Redactor::redact_texts(const LogRecord& record) {
  const bool is_error = record.kind == RecordKind::kError;
  const bool keeps =
      is_error ? is_own_wording(record) : record.kind != RecordKind::kOther || is_known_notice(record.message);
  message_ = record.message.empty() ? std::string() : std::string(kRedacted);
  if (keeps) message_ = redacted_message(is_error ? first_line(record.message) : record.message);
  if (record.kind == RecordKind::kPlan) message_.clear();
  detail_ = redacted_detail(record.detail);
  context_ = redacted_context(record.context);
  redacted_.message = message_;
  redacted_.detail = detail_;
  redacted_.context = context_;
  redacted_.hint = {};
}

const LogRecord& Redactor::redact(const LogRecord& record) {
  redacted_ = record;
  redacted_.parameters = {};
  if (!record.sql.empty()) redacted_.sql = statement_of(record);
  if (record.kind != RecordKind::kExecution && record.kind != RecordKind::kUnfinished) redact_texts(record);
  return redacted_;
}

}  // namespace assay
