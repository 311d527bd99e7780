#include "advisors/partition/key_range.h"

#include <algorithm>
#include <charconv>

#include "parser/sql/lexer.h"

namespace assay {
namespace {

constexpr double kDay = 86400;

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && rest == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::optional<double> unit_seconds(std::string_view unit) {
  if (unit.size() > 1 && unit.ends_with('s')) unit.remove_suffix(1);
  if (unit == "year") return 365.25 * kDay;
  if (unit == "mon" || unit == "month") return 30 * kDay;
  if (unit == "week") return 7 * kDay;
  if (unit == "day") return kDay;
  if (unit == "hour") return 3600.0;
  if (unit == "minute" || unit == "min") return 60.0;
  if (unit == "second" || unit == "sec") return 1.0;
  return std::nullopt;
}

/// "04:05:06.7"
std::optional<double> clock_seconds(std::string_view text) {
  double seconds = 0;
  while (true) {
    const std::size_t colon = text.find(':');
    const auto part = number(text.substr(0, colon));
    if (!part) return std::nullopt;
    seconds = seconds * 60 + *part;
    if (colon == std::string_view::npos) return seconds;
    text.remove_prefix(colon + 1);
  }
}

std::string_view next_word(std::string_view& text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

std::string_view unquoted(std::string_view token) {
  return token.size() >= 2 ? token.substr(1, token.size() - 2) : token;
}

double seconds_of(ZonedTime time) { return static_cast<double>(time.utc.time_since_epoch().count()) / 1e6; }

std::optional<double> moment(std::string_view literal) {
  const auto time = parse_iso8601(literal, UtcOffset{0});
  return time ? std::optional(seconds_of(*time)) : std::nullopt;
}

/// What stands behind the operator: a literal, or now() and perhaps an interval before or after it.
std::optional<double> value_behind(Lexer lexer, ZonedTime now) {
  Token token = lexer.next();
  while (token.is("(")) token = lexer.next();
  if (token.kind == TokenKind::kString) return moment(unquoted(token.text));
  constexpr int kMostTokens = 12;  // "(assay_clock.now())::timestamp without time zone - …"
  bool is_now = false;
  for (int i = 0; i < kMostTokens && token.kind != TokenKind::kEnd; ++i, token = lexer.next()) {
    is_now |= token.kind == TokenKind::kWord && (is_word(token.text, "now") || is_word(token.text, "current_date") ||
                                                 is_word(token.text, "current_timestamp"));
    if (is_word(token.text, "and") || is_word(token.text, "or")) break;
    if (!is_now || !(token.is("-") || token.is("+"))) continue;
    const double sign = token.is("-") ? -1 : 1;
    const Token operand = lexer.next();
    if (operand.kind != TokenKind::kString) return std::nullopt;
    const auto distance = interval_seconds(unquoted(operand.text));
    return distance ? std::optional(seconds_of(now) + sign * *distance) : std::nullopt;
  }
  return is_now ? std::optional(seconds_of(now)) : std::nullopt;
}

void narrow(KeyRange& range, std::string_view operation, double value) {
  if (operation.starts_with('>') || operation == "=") range.from = std::max(range.from.value_or(value), value);
  if (operation.starts_with('<') || operation == "=") range.to = std::min(range.to.value_or(value), value);
}

void read_condition(std::string_view condition, const std::string& column, ZonedTime now, KeyRange& range) {
  Lexer lexer(condition);
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    if (is_word(token.text, "or")) return;  // each side alone bounds nothing
    const std::string_view name = token.kind == TokenKind::kQuotedName ? unquoted(token.text) : token.text;
    if (name != column || (token.kind != TokenKind::kWord && token.kind != TokenKind::kQuotedName)) continue;
    const Token operation = lexer.peek();
    const std::string_view symbol = operation.text;
    if (symbol != "<" && symbol != "<=" && symbol != ">" && symbol != ">=" && symbol != "=") continue;
    lexer.next();
    if (const auto value = value_behind(lexer, now)) narrow(range, symbol, *value);
  }
}

void read_plan(const PlanNode& node, const std::string& table, const std::string& column, ZonedTime now,
               KeyRange& range) {
  // A bitmap's index scan names no table; its heap scan repeats the condition.
  if (node.relation == table) {
    for (const auto& [name, text] : node.details) {
      const bool narrows = name == "Filter" || name == "Index Cond" || name == "Recheck Cond";
      if (narrows && text.find(" OR ") == std::string::npos) read_condition(text, column, now, range);
    }
  }
  for (const PlanNode& child : node.children) read_plan(child, table, column, now, range);
}

}  // namespace

std::optional<KeyRange> asked_range(const PlanNode& plan, const std::string& table, const std::string& column,
                                    ZonedTime now) {
  KeyRange range;
  read_plan(plan, table, column, now, range);
  return range.from || range.to ? std::optional(range) : std::nullopt;
}

std::optional<double> interval_seconds(std::string_view text) {
  double seconds = 0;
  bool any = false;
  for (std::string_view word = next_word(text); !word.empty(); word = next_word(text)) {
    const bool negative = word.starts_with('-');
    if (negative || word.starts_with('+')) word.remove_prefix(1);
    std::optional<double> part;
    if (word.find(':') != std::string_view::npos) {
      part = clock_seconds(word);
    } else if (const auto count = number(word)) {
      const auto unit = unit_seconds(next_word(text));
      if (unit) part = *count * *unit;
    }
    if (!part) return std::nullopt;
    seconds += negative ? -*part : *part;
    any = true;
  }
  return any ? std::optional(seconds) : std::nullopt;
}

}  // namespace assay
