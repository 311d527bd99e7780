#include "connectors/shadow_clock.h"

#include <fmt/format.h>

#include <array>

#include "parser/sql/lexer.h"

namespace assay {
namespace {

struct Clock {
  std::string_view word;
  std::string_view call;  // in place of a keyword; empty for what is a call already
};

constexpr std::array<Clock, 6> kClocks{{
    {"now", ""},
    {"transaction_timestamp", ""},
    {"statement_timestamp", ""},
    {"current_timestamp", "now()"},
    {"current_date", "assay_clock.today()"},
    {"localtimestamp", "assay_clock.here()"},
}};

std::string function_sql(std::string_view name, std::string_view type) {
  return fmt::format(
      "CREATE FUNCTION assay_clock.{}() RETURNS pg_catalog.{} LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 AS "
      "'BEGIN RETURN coalesce(nullif(pg_catalog.current_setting(''assay.now'', true), '''')::pg_catalog.timestamptz, "
      "pg_catalog.now()); END'",
      name, type);
}

// A word that asks for the time, given the token behind it: functions are called, keywords stand alone.
const Clock* clock_of(const Token& token, const Token& before, const Token& behind) {
  if (token.kind != TokenKind::kWord || before.is(".") || behind.is(".")) return nullptr;
  for (const Clock& clock : kClocks) {
    if (is_word(token.text, clock.word) && behind.is("(") == clock.call.empty()) return &clock;
  }
  return nullptr;
}

}  // namespace

void create_clock(Session& admin) {
  admin.query("CREATE SCHEMA assay_clock");
  admin.query("GRANT USAGE ON SCHEMA assay_clock TO PUBLIC");
  for (const char* name : {"now", "transaction_timestamp", "statement_timestamp"}) {
    admin.query(function_sql(name, "timestamptz"));
  }
  admin.query(function_sql("today", "date"));
  admin.query(function_sql("here", "timestamp"));
}

void look_at_clock(Session& planner) {
  planner.query(
      "SELECT pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', 'assay_clock, pg_catalog', "
      "nullif(pg_catalog.current_setting('search_path'), '')), false)");
}

void set_clock(Session& planner, ZonedTime time) {
  planner.query("SELECT pg_catalog.set_config('assay.now', $1, true)", {to_iso8601(time)});
}

bool asks_for_time(std::string_view sql) {
  Lexer lexer(sql);
  Token before;
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    if (clock_of(token, before, lexer.peek())) return true;
    before = token;
  }
  return false;
}

std::string with_clock_calls(std::string_view sql) {
  std::string text;
  std::size_t copied = 0;
  Lexer lexer(sql);
  Token before;
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    const Clock* clock = clock_of(token, before, lexer.peek());
    before = token;
    if (!clock || clock->call.empty()) continue;
    const auto start = static_cast<std::size_t>(token.text.data() - sql.data());
    text.append(sql.substr(copied, start - copied)).append(clock->call);
    copied = start + token.text.size();
  }
  return text.append(sql.substr(copied));
}

}  // namespace assay
