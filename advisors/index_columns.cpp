#include "advisors/index_columns.h"

#include <algorithm>

#include "parser/sql/lexer.h"

namespace assay {
namespace {

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

void add_mentioned(std::vector<std::string>& names, const std::string& sql, const Table& table) {
  Lexer lexer(sql);
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    const bool quoted = token.kind == TokenKind::kQuotedName && token.text.size() >= 2;
    if (token.kind != TokenKind::kWord && !quoted) continue;
    const std::string_view name = quoted ? token.text.substr(1, token.text.size() - 2) : token.text;
    if (const Column* column = find_column(table, name)) add_once(names, column->name);
  }
}

}  // namespace

std::vector<std::string> columns_of(const IndexDefinition& index, const Table& table) {
  std::vector<std::string> names;
  for (const IndexKey& key : index.keys) {
    add_once(names, key.column);
    add_mentioned(names, key.expression, table);
  }
  for (const std::string& column : index.include) add_once(names, column);
  add_mentioned(names, index.predicate, table);
  return names;
}

}  // namespace assay
