#include "analyzer/session_patterns.h"

#include "parser/sql/lexer.h"

namespace assay {
namespace {

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  for (const auto known : words) {
    if (is_word(word, known)) return true;
  }
  return false;
}

bool changes_something(std::string_view word) {
  return is_one_of(
      word, {"insert", "update", "delete", "merge", "truncate", "create", "alter", "drop", "lock", "reindex", "vacuum",
             "cluster", "refresh", "grant", "revoke", "comment", "replace", "load", "rename"});
}

/// What the words of one statement tell, up to its semicolon.
struct Words {
  Token first, second;
  bool changes = false;  ///< an INSERT, UPDATE … within WITH
  bool locks = false;    ///< FOR UPDATE, FOR SHARE …
  bool from = false, to = false, chain = false;
};

Words words_of_next(Lexer& lexer) {
  Words words;
  words.first = lexer.next();
  words.second = lexer.peek();
  std::string_view before;
  for (Token token = words.first; token.kind != TokenKind::kEnd && !token.is(";"); token = lexer.next()) {
    if (token.kind == TokenKind::kWord) {
      words.changes |= is_one_of(token.text, {"insert", "update", "delete", "merge"});
      words.locks |= is_word(before, "for") && is_one_of(token.text, {"update", "no", "share", "key"});
      words.from |= is_word(token.text, "from");
      words.to |= is_word(token.text, "to");
      words.chain |= is_word(token.text, "chain") && !is_word(before, "no");
    }
    before = token.text;
  }
  return words;
}

TransactionRole role_of_statement(const Words& words) {
  const auto first = words.first.text;
  if (is_one_of(first, {"begin", "start"})) return TransactionRole::kBegin;
  if (is_one_of(first, {"commit", "end", "rollback", "abort"})) {
    if (words.to || is_word(words.second.text, "prepared")) return TransactionRole::kOther;  // TO SAVEPOINT
    return words.chain ? TransactionRole::kBegin : TransactionRole::kEnd;
  }
  if (is_word(first, "prepare") && is_word(words.second.text, "transaction")) return TransactionRole::kEnd;
  const bool writes = changes_something(first) || (is_word(first, "with") && words.changes) ||
                      (is_one_of(first, {"select", "with"}) && words.locks) || (is_word(first, "copy") && words.from);
  if (writes) return TransactionRole::kWrite;
  const bool reads = is_one_of(first, {"select", "with", "values", "table", "fetch"}) || words.first.is("(");
  return reads ? TransactionRole::kRead : TransactionRole::kOther;
}

}  // namespace

TransactionRole role_of(std::string_view normalized) {
  Lexer lexer(normalized);
  TransactionRole role = TransactionRole::kOther;
  while (lexer.peek().kind != TokenKind::kEnd) {
    const auto next = role_of_statement(words_of_next(lexer));
    if (role == TransactionRole::kBegin) {
      if (next == TransactionRole::kEnd) role = TransactionRole::kOther;  // a whole transaction in one text
    } else if (next != TransactionRole::kOther) {
      role = next;
    }
  }
  return role;
}

}  // namespace assay
