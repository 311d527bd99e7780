#include "parser/sql/index_definition.h"

#include <algorithm>
#include <cstddef>

#include "parser/sql/keywords.h"
#include "parser/sql/lexer.h"
#include "parser/sql/syntax_tree.h"
#include "parser/sql/value_kinds.h"

namespace assay {
namespace {

constexpr std::size_t kMaxName = 63;  // bytes: NAMEDATALEN - 1

std::string quote(std::string_view text, char mark) {
  std::string quoted(1, mark);
  for (char c : text) {
    if (c == mark) quoted += c;
    quoted += c;
  }
  return quoted + mark;
}

template <class Items, class ToText>
std::string join(const Items& items, ToText to_text) {
  std::string text;
  for (const auto& item : items) {
    if (!text.empty()) text += ", ";
    text += to_text(item);
  }
  return text;
}

/// f(…) and nothing behind it: needs no parentheses as a key.
bool is_call(std::string_view expression) {
  Lexer lexer(expression);
  Token token = lexer.next();
  while (token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedName || token.is(".")) token = lexer.next();
  if (!token.is("(") || lexer.position() == 1) return false;
  for (int depth = 1; depth > 0; depth += token.is("(") ? 1 : token.is(")") ? -1 : 0) {
    token = lexer.next();
    if (token.kind == TokenKind::kEnd) return false;
  }
  return lexer.next().kind == TokenKind::kEnd;
}

std::string key_text(const IndexKey& key, bool bare_call) {
  const bool is_bare = bare_call && is_call(key.expression);
  std::string text = !key.column.empty() ? quote_identifier(key.column)
                     : is_bare           ? key.expression
                                         : "(" + key.expression + ")";
  if (!key.collation.empty()) text += " COLLATE " + key.collation;
  if (!key.operator_class.empty()) text += " " + key.operator_class;
  if (key.descending) text += " DESC";
  if (key.nulls_first != key.descending) text += key.nulls_first ? " NULLS FIRST" : " NULLS LAST";
  return text;
}

/// INCLUDE, WITH and WHERE.
std::string tail(const IndexDefinition& index) {
  std::string text;
  if (!index.include.empty()) text += " INCLUDE (" + join(index.include, quote_identifier) + ")";
  const auto parameter = [](const auto& named) {
    return quote_identifier(named.first) + " = " + quote_literal(named.second);
  };
  if (!index.storage.empty()) text += " WITH (" + join(index.storage, parameter) + ")";
  if (!index.predicate.empty()) text += " WHERE " + index.predicate;
  return text;
}

/// pg_mbcliplen(): at most `limit` bytes, and no character of UTF-8 cut in two.
std::string clip(const std::string& name, std::size_t limit) {
  if (name.size() <= limit) return name;
  while (limit > 0 && (static_cast<unsigned char>(name[limit]) & 0xc0U) == 0x80U) --limit;
  return name.substr(0, limit);
}

/// FigureIndexColname(): a function's name, a cast's type …; "expr" when there is nothing better.
std::string expression_name(const std::string& expression) {
  const ParsedSyntax parsed = parse_syntax("SELECT " + expression);
  if (parsed.tree == nullptr || parsed.tree->n_stmts != 1) return "expr";
  const PgQuery__SelectStmt* select = as_select(parsed.tree->stmts[0]->stmt);
  if (select == nullptr || select->n_target_list != 1) return "expr";
  const std::string name = column_name(as_target(select->target_list[0])->val);
  return name == "?column?" ? "expr" : name;
}

/// ChooseIndexColumnNames(): a number behind a name that is taken.
std::vector<std::string> column_names(const IndexDefinition& index) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    std::string candidate = name;
    for (int i = 1; std::find(names.begin(), names.end(), candidate) != names.end(); ++i) {
      const std::string number = std::to_string(i);
      candidate = clip(name, kMaxName - number.size()) + number;
    }
    names.push_back(candidate);
  };
  for (const IndexKey& key : index.keys) add(key.column.empty() ? expression_name(key.expression) : key.column);
  for (const std::string& column : index.include) add(column);
  return names;
}

/// ChooseIndexNameAddition()
std::string name_addition(const IndexDefinition& index) {
  std::string addition;
  for (const std::string& name : column_names(index)) {
    if (!addition.empty()) addition += '_';
    addition += name.substr(0, kMaxName);
    if (addition.size() > kMaxName) break;
  }
  return addition;
}

}  // namespace

std::string quote_identifier(std::string_view name) {
  const auto is_start = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  const bool is_plain = !name.empty() && is_start(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
    return is_start(c) || (c >= '0' && c <= '9');
  });
  return is_plain && !must_be_quoted(name) ? std::string(name) : quote(name, '"');
}

std::string quote_literal(std::string_view text) {
  if (text.find('\\') == std::string_view::npos) return quote(text, '\'');
  std::string escaped;
  for (char c : text) escaped.append(c == '\\' ? 2 : 1, c);
  return "E" + quote(escaped, '\'');
}

std::string describe(const IndexDefinition& index) {
  std::string text = index.schema == "public" || index.schema.empty() ? "" : quote_identifier(index.schema) + ".";
  text += quote_identifier(index.table);
  if (index.method != "btree") text += " USING " + quote_identifier(index.method);
  return text + " (" + join(index.keys, [](const IndexKey& key) { return key_text(key, true); }) + ")" + tail(index);
}

std::string create_index_sql(const IndexDefinition& index, bool concurrently) {
  std::string text = index.unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ";
  if (concurrently) text += "CONCURRENTLY ";
  if (!index.name.empty()) text += quote_identifier(index.name) + " ";
  text += "ON ";
  if (!index.schema.empty()) text += quote_identifier(index.schema) + ".";
  text += quote_identifier(index.table) + " USING " + quote_identifier(index.method);
  return text + " (" + join(index.keys, [](const IndexKey& key) { return key_text(key, false); }) + ")" + tail(index);
}

/// makeObjectName() with the label "idx", "idx1", …: the longer part is cut first.
std::string conventional_index_name(const IndexDefinition& index, int number) {
  const std::string label = number > 0 ? "_idx" + std::to_string(number) : "_idx";
  const std::string addition = name_addition(index);
  const std::size_t available = kMaxName - 1 - label.size();
  std::size_t table_size = index.table.size(), addition_size = addition.size();
  while (table_size + addition_size > available) --(table_size > addition_size ? table_size : addition_size);
  std::string name = clip(index.table, table_size) + "_" + clip(addition, addition_size);
  return name.append(label);
}

}  // namespace assay
