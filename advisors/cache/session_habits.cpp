#include "advisors/cache/session_habits.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "parser/sql/lexer.h"

namespace assay {
namespace {

/// The name that CREATE TEMPORARY TABLE gives; nothing for another text.
std::optional<std::string> temporary_table(std::string_view normalized) {
  Lexer lexer(normalized);
  if (!is_word(lexer.next().text, "create")) return std::nullopt;
  Token token = lexer.next();
  if (is_word(token.text, "local") || is_word(token.text, "global")) token = lexer.next();
  if (!is_word(token.text, "temp") && !is_word(token.text, "temporary")) return std::nullopt;
  while ((token = lexer.next()).kind != TokenKind::kEnd) {
    const bool is_noise = is_word(token.text, "table") || is_word(token.text, "if") || is_word(token.text, "not") ||
                          is_word(token.text, "exists") || is_word(token.text, "view") ||
                          is_word(token.text, "recursive");
    if (is_noise) continue;
    std::string name(token.text);
    if (name.size() >= 2 && name.front() == '"') return name.substr(1, name.size() - 2);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return name;
  }
  return std::nullopt;
}

bool sets_search_path(std::string_view normalized) {
  Lexer lexer(normalized);
  Token token = lexer.next();
  if (is_word(token.text, "set")) {
    token = lexer.next();
    if (is_word(token.text, "local") || is_word(token.text, "session")) token = lexer.next();
    return is_word(token.text, "search_path") || is_word(token.text, "schema");
  }
  return false;
}

}  // namespace

SessionHabits session_habits(const Workload& workload) {
  SessionHabits habits;
  std::set<std::string> paths;
  for (const QueryClass& query : workload.classes) {
    if (auto name = temporary_table(query.normalized)) habits.temporary_tables.insert(std::move(*name));
    if (!sets_search_path(query.normalized)) continue;
    paths.insert(query.normalized);
    // A text in quotes is folded away: it may be any.
    if (query.normalized.find('?') != std::string::npos) habits.changes_search_path = true;
  }
  habits.changes_search_path |= paths.size() > 1;
  return habits;
}

}  // namespace assay
