// MySQL's and MariaDB's half of the lexer, after sql/sql_lex.cc.
//
// An executable comment (/*! … */, with a version number or not, /*M! … */) is read as the SQL that it holds, whatever
// the version: the lexer does not know the server. Optimizer hints (/*+ … */) are comments.
#include <algorithm>
#include <array>

#include "parser/sql/char_class.h"
#include "parser/sql/lexer.h"

namespace assay {
namespace {

bool is_word_char(unsigned char c) { return is(c, kWordStart | kDigit) || c == '$'; }

bool is_quote(unsigned char c) { return c == '\'' || c == '"'; }

bool is_hex_digit(unsigned char c) { return is(c, kDigit) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }

bool is_binary_digit(unsigned char c) { return c == '0' || c == '1'; }

}  // namespace

void Lexer::skip_mysql_space_and_comments() {
  while (position_ < sql_.size()) {
    const unsigned char c = at(position_), second = at(position_ + 1), third = at(position_ + 2);
    // Two dashes begin a comment only before white space, a control character or the end: 5--3 is 8.
    const bool dashes = c == '-' && second == '-' && third <= ' ';
    if (is(c, kSpace)) {
      ++position_;
    } else if (c == '#' || dashes) {
      position_ = std::min(sql_.find('\n', position_), sql_.size());
    } else if (c == '/' && second == '*' && (third == '!' || (third == 'M' && at(position_ + 3) == '!'))) {
      position_ += third == '!' ? 3 : 4;
      while (is(at(position_), kDigit)) ++position_;
      executable_comment_ = true;
    } else if (c == '/' && second == '*') {
      const std::size_t end = sql_.find("*/", position_ + 2);
      position_ = end == std::string_view::npos ? sql_.size() : end + 2;
    } else if (executable_comment_ && c == '*' && second == '/') {
      position_ += 2;
      executable_comment_ = false;
    } else {
      return;
    }
  }
}

/// Behind the number at `i`, or `i` where a name begins with these digits (2010_sales), as an unquoted one may.
std::size_t Lexer::after_mysql_number(std::size_t i) const {
  const std::size_t begin = i;
  const auto behind = [&](auto is_part) {
    while (is_part(at(i))) ++i;
    return is_word_char(at(i)) ? begin : i;
  };
  if (at(i) == '0' && at(i + 1) == 'x' && is_hex_digit(at(i + 2))) return i += 2, behind(is_hex_digit);
  if (at(i) == '0' && at(i + 1) == 'b' && is_binary_digit(at(i + 2))) return i += 2, behind(is_binary_digit);
  const auto digits = [&] {
    while (is(at(i), kDigit)) ++i;
  };
  digits();
  const bool fraction = at(i) == '.';
  if (fraction) {
    ++i;
    digits();
  }
  const std::size_t sign = at(i + 1) == '+' || at(i + 1) == '-' ? 1 : 0;
  if ((at(i) == 'e' || at(i) == 'E') && is(at(i + 1 + sign), kDigit)) {
    i += 1 + sign;
    digits();
    return i;
  }
  return !fraction && is_word_char(at(i)) ? begin : i;
}

std::size_t Lexer::after_mysql_operator(std::size_t i) const {
  constexpr std::array<std::string_view, 13> kLong = {"<=>", "->>", "<=", ">=", "<>", "!=", "<<",
                                                      ">>",  "&&",  "||", ":=", "->", "@@"};
  const std::string_view rest = sql_.substr(i, 3);
  for (const std::string_view symbol : kLong) {
    if (rest.starts_with(symbol)) return i + symbol.size();
  }
  return i + 1;
}

/// A word, @variable, @@variable, or a literal that starts like a word: x'1F', b'01', N'…', _utf8mb4'…'.
Token Lexer::take_mysql_word() {
  std::size_t end = position_;
  while (at(end) == '@') ++end;
  while (is_word_char(at(end))) ++end;
  const unsigned char first = at(position_), letter = first | 0x20;
  const bool is_prefix = end == position_ + 1 && (letter == 'x' || letter == 'b' || letter == 'n') && at(end) == '\'';
  if (is_prefix || (first == '_' && is_quote(at(end)))) {
    return take(TokenKind::kString, after_quoted(end + 1, static_cast<char>(at(end)), true));
  }
  return take(TokenKind::kWord, end);
}

Token Lexer::next_mysql() {
  skip_mysql_space_and_comments();
  if (position_ >= sql_.size()) return {};
  const unsigned char c = at(position_), second = at(position_ + 1);
  if (is(c, kDigit) || (c == '.' && is(second, kDigit))) {
    const std::size_t end = after_mysql_number(position_);
    return end == position_ ? take_mysql_word() : take(TokenKind::kNumber, end);
  }
  const bool variable = c == '@' && (is_word_char(second) || (second == '@' && is_word_char(at(position_ + 2))));
  if (is_word_char(c) || variable) return take_mysql_word();
  if (is_quote(c)) return take(TokenKind::kString, after_quoted(position_ + 1, static_cast<char>(c), true));
  if (c == '`') return take(TokenKind::kQuotedName, after_quoted(position_ + 1, '`', false));
  if (c == '?') return take(TokenKind::kParameter, position_ + 1);
  if (is(c, kOperatorChar)) return take(TokenKind::kOperator, after_mysql_operator(position_));
  return take(TokenKind::kPunctuation, position_ + (c == ':' && second == '=' ? 2 : 1));
}

}  // namespace assay
