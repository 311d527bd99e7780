// Functions, triggers and views: the statements that hold statements.
#include <algorithm>
#include <vector>

#include "parser/sql/ddl_reader.h"
#include "parser/sql/lexer.h"

namespace assay {
namespace {

// TRIGGER_TYPE_* of src/include/catalog/pg_trigger.h.
constexpr int kBefore = 1 << 1, kInsert = 1 << 2, kDelete = 1 << 3, kUpdate = 1 << 4, kTruncate = 1 << 5;
constexpr int kInstead = 1 << 6;

/// The text of AS '…'; of AS 'library', 'symbol' and of other languages' texts nothing.
std::string body_of(const PgQuery__DefElem& option) {
  const PgQuery__List* parts = as_list(option.arg);
  return parts != nullptr && parts->n_items == 1 ? string_of(parts->items[0]) : std::string();
}

void read_option(const PgQuery__DefElem& option, DdlStatement& result) {
  const std::string_view name = option.defname;
  if (name == "language") result.language = string_of(option.arg);
  if (name == "as") result.body = body_of(option);
  if (name == "volatility") result.volatility = string_of(option.arg).substr(0, 1)[0];
}

/// A body that is parsed where it stands (PostgreSQL 14 on): from BEGIN ATOMIC or RETURN to the statement's end.
std::string parsed_body(std::string_view sql) {
  Lexer lexer(sql);
  while (true) {
    const Token token = lexer.next();
    if (token.kind == TokenKind::kEnd) return {};
    if (is_word(token.text, "return") || (is_word(token.text, "begin") && is_word(lexer.peek().text, "atomic"))) {
      return std::string(sql.substr(lexer.position() - token.text.size()));
    }
  }
}

bool ends_with(const std::vector<Token>& tokens, std::initializer_list<std::string_view> words) {
  return tokens.size() >= words.size() &&
         std::equal(words.begin(), words.end(), tokens.end() - static_cast<std::ptrdiff_t>(words.size()),
                    [](std::string_view word, const Token& token) { return is_word(token.text, word); });
}

/// How many tokens at the end are clauses of the view and not of its query.
std::size_t clauses_behind(const std::vector<Token>& tokens) {
  if (ends_with(tokens, {"with", "no", "data"}) || ends_with(tokens, {"with", "check", "option"})) return 3;
  if (ends_with(tokens, {"with", "data"})) return 2;
  const bool is_check = ends_with(tokens, {"with", "local", "check", "option"}) ||
                        ends_with(tokens, {"with", "cascaded", "check", "option"});
  return is_check ? 4 : 0;
}

}  // namespace

void read_function(const PgQuery__CreateFunctionStmt& statement, DdlStatement& result) {
  const QualifiedName name = qualified(statement.n_funcname, statement.funcname);
  result.schema = name.schema;
  result.name = name.name;
  result.is_procedure = statement.is_procedure != 0;
  result.language = "sql";  // where the clause is left out (PostgreSQL 14 on, with a body that is parsed)
  for (std::size_t i = 0; i < statement.n_options; ++i) {
    const auto* option = as<PgQuery__DefElem>(statement.options[i], pg_query__def_elem__descriptor);
    if (option != nullptr) read_option(*option, result);
  }
  if (statement.sql_body != nullptr) result.body = parsed_body(result.sql);
  if (result.language != "sql" && result.language != "plpgsql") result.body.clear();
}

void read_trigger(const PgQuery__CreateTrigStmt& statement, DdlStatement& result) {
  result.table = qualified(statement.relation);
  result.schema = result.table.schema;
  result.name = statement.trigname;
  TriggerDefinition& trigger = result.trigger;
  trigger.function = qualified(statement.n_funcname, statement.funcname);
  trigger.time = (statement.timing & kBefore) != 0 ? 'b' : (statement.timing & kInstead) != 0 ? 'i' : 'a';
  trigger.on_insert = (statement.events & kInsert) != 0;
  trigger.on_update = (statement.events & kUpdate) != 0;
  trigger.on_delete = (statement.events & kDelete) != 0;
  trigger.on_truncate = (statement.events & kTruncate) != 0;
  trigger.for_each_row = statement.row != 0;
}

std::string view_query(std::string_view sql) {
  std::vector<Token> tokens;  // of the query
  int depth = 0;
  bool is_begun = false;
  Lexer lexer(sql);
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    if (is_begun) tokens.push_back(token);
    depth += token.is("(") ? 1 : token.is(")") ? -1 : 0;
    is_begun = is_begun || (depth == 0 && is_word(token.text, "as"));
  }
  tokens.resize(tokens.size() - clauses_behind(tokens));
  if (tokens.empty()) return {};
  const char* const begin = tokens.front().text.data();
  return {begin, tokens.back().text.data() + tokens.back().text.size()};
}

}  // namespace assay
