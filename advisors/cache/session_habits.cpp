#include "advisors/cache/session_habits.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>

#include "parser/sql/lexer.h"

namespace assay {
namespace {

std::string folded(std::string_view text) {
  std::string name(text);
  if (name.size() >= 2 && name.front() == '"') return name.substr(1, name.size() - 2);
  std::erase(name, '`');
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return name;
}

bool is_any_word(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return is_word(text, word); });
}

/// The names behind TEMP or TEMPORARY (CREATE TEMP TABLE, SELECT INTO TEMP, in the source of a function too) and behind
/// pg_temp.
void add_temporary_names(std::string_view sql, SqlDialect dialect, std::set<std::string>& names) {
  Lexer lexer(sql, dialect);
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    const bool is_schema = token.text.starts_with("pg_temp") && lexer.peek().is(".");
    if (!is_schema && !is_any_word(token.text, {"temp", "temporary"})) continue;
    do {
      token = lexer.next();
    } while (token.is(".") ||
             is_any_word(token.text, {"table", "if", "not", "exists", "view", "recursive", "sequence"}));
    if (token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedName) names.insert(folded(token.text));
  }
}

bool makes_temporary(std::string_view normalized) {
  Lexer lexer(normalized);
  return is_any_word(lexer.next().text, {"create", "select", "with", "do"});
}

/// The name of the setting that SET sets; empty for another statement.
std::string setting_set(std::string_view normalized) {
  Lexer lexer(normalized);
  if (!is_word(lexer.next().text, "set")) return {};
  Token token = lexer.next();
  if (is_word(token.text, "session") && is_word(lexer.peek().text, "authorization")) return "role";
  if (is_any_word(token.text, {"local", "session"})) token = lexer.next();
  return folded(token.text);
}

/// SELECT set_config('search_path', …): the literal is folded away, so a sample tells.
bool configures_search_path(const QueryClass& query) {
  return query.normalized.find("set_config") != std::string::npos &&
         std::any_of(query.samples.begin(), query.samples.end(),
                     [](const ExecutionSample& sample) { return sample.sql.find("search_path") != std::string::npos; });
}

}  // namespace

SessionHabits session_habits(const Workload& workload, const Catalog* catalog) {
  constexpr std::array<std::string_view, 9> kRendering = {"datestyle",       "intervalstyle", "bytea_output",
                                                          "lc_monetary",     "lc_numeric",    "xmlbinary",
                                                          "client_encoding", "time_zone",     "lc_time_names"};
  SessionHabits habits;
  std::set<std::string> paths;
  for (const QueryClass& query : workload.classes) {
    const std::string& sql = query.samples.empty() ? query.normalized : query.samples.front().sql;
    if (makes_temporary(query.normalized)) add_temporary_names(sql, query.dialect, habits.temporary_tables);
    habits.changes_search_path |= configures_search_path(query);
    const std::string setting = setting_set(query.normalized);
    habits.changes_role |= setting == "role";
    habits.changes_rendering |= std::find(kRendering.begin(), kRendering.end(), setting) != kRendering.end();
    if (setting != "search_path" && setting != "schema") continue;
    paths.insert(query.normalized);
    // A text in quotes is folded away: it may be any.
    if (query.normalized.find('?') != std::string::npos) habits.changes_search_path = true;
  }
  habits.changes_search_path |= paths.size() > 1;
  for (const Function& function : catalog == nullptr ? std::vector<Function>{} : catalog->functions) {
    add_temporary_names(function.body, SqlDialect::kPostgres, habits.temporary_tables);
  }
  return habits;
}

}  // namespace assay
