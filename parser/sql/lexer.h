// A lexer for SQL, PostgreSQL's or MySQL's: one pass, no allocation, for any bytes.
//
// Follows PostgreSQL's src/backend/parser/scan.l or MySQL's sql/sql_lex.cc closely enough to tell literals, names and
// operators apart, and forgives everything: what is not closed ends with the text, and a byte that starts no token is
// punctuation. White space and comments fall between tokens. What it leaves out: keywords (a word is a word), the
// continuation of a string on the next line, and the sql_mode of a MySQL session: "…" is a string there (no
// ANSI_QUOTES), a backslash escapes (no NO_BACKSLASH_ESCAPES).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "parser/sql/dialect.h"

namespace assay {

enum class TokenKind : std::uint8_t {
  kEnd,
  kWord,         ///< unquoted name or keyword; MySQL: also @variable, @@variable
  kQuotedName,   ///< "…", U&"…"; MySQL: `…`
  kString,       ///< '…', E'…', U&'…', N'…', B'…', X'…', $tag$…$tag$; MySQL: also "…", _utf8'…'
  kNumber,       ///< 1, 1.5e5, .5, 0x1F, 1_000; no sign
  kParameter,    ///< $1; MySQL: ?
  kOperator,     ///< a run of operator characters, cut as PostgreSQL cuts it
  kPunctuation,  ///< ( ) [ ] , ; . .. : :: := or any other byte
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text;  ///< a part of the lexer's input; empty at the end

  /// Is it this punctuation or operator?
  bool is(std::string_view symbol) const {
    return text == symbol && (kind == TokenKind::kPunctuation || kind == TokenKind::kOperator);
  }
};

class Lexer {
 public:
  explicit Lexer(std::string_view sql, SqlDialect dialect = SqlDialect::kPostgres) : sql_(sql), dialect_(dialect) {}

  Token next();

  /// The token that next() would give.
  Token peek() const { return Lexer(*this).next(); }

  /// Byte at which the next call goes on: just behind the last token.
  std::size_t position() const { return position_; }

  /// Goes on at that byte, for whoever skips something that is no SQL.
  void skip_to(std::size_t position) { position_ = position; }

 private:
  unsigned char at(std::size_t i) const { return i < sql_.size() ? static_cast<unsigned char>(sql_[i]) : '\0'; }
  void skip_space_and_comments();
  void skip_block_comment();
  std::size_t after_quoted(std::size_t i, char quote, bool backslash) const;
  std::size_t after_dollar_quoted(std::size_t i) const;
  std::size_t after_word(std::size_t i) const;
  std::size_t after_number(std::size_t i) const;
  std::size_t after_operator(std::size_t i) const;
  Token take(TokenKind kind, std::size_t end);
  Token take_word();
  Token take_dollar();
  Token take_symbol();

  // MySQL's, in mysql_lexer.cpp:
  Token next_mysql();
  void skip_mysql_space_and_comments();
  std::size_t after_mysql_number(std::size_t i) const;
  std::size_t after_mysql_operator(std::size_t i) const;
  Token take_mysql_word();

  std::string_view sql_;
  std::size_t position_ = 0;
  SqlDialect dialect_;
  bool executable_comment_ = false;  ///< in /*! … */, whose content is SQL
};

/// Is the word `text`, in any case, this one? `lower` is in lower case.
inline bool is_word(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((text[i] >= 'A' && text[i] <= 'Z' ? text[i] | 0x20 : text[i]) != lower[i]) return false;
  }
  return true;
}

}  // namespace assay
