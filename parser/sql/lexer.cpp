#include "parser/sql/lexer.h"

#include <algorithm>

#include "parser/sql/char_class.h"

namespace assay {
namespace {

bool is_digit_of(unsigned char c, unsigned char base) {
  if (c == '_') return true;
  if (base == 'x' || base == 'X') return is(c, kDigit) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  return c >= '0' && c <= (base == 'o' || base == 'O' ? '7' : '1');
}

bool is_base(unsigned char c) {
  return std::string_view("xXoObB").find(static_cast<char>(c)) != std::string_view::npos;
}

}  // namespace

void Lexer::skip_space_and_comments() {
  while (true) {
    while (is(at(position_), kSpace)) ++position_;
    if (at(position_) == '-' && at(position_ + 1) == '-') {
      position_ = std::min(sql_.find('\n', position_), sql_.size());
    } else if (at(position_) == '/' && at(position_ + 1) == '*') {
      skip_block_comment();
    } else {
      return;
    }
  }
}

void Lexer::skip_block_comment() {
  std::size_t depth = 0;
  do {
    if (at(position_) == '/' && at(position_ + 1) == '*') {
      ++depth;
      position_ += 2;
    } else if (at(position_) == '*' && at(position_ + 1) == '/') {
      --depth;
      position_ += 2;
    } else {
      ++position_;
    }
  } while (depth > 0 && position_ < sql_.size());
  position_ = std::min(position_, sql_.size());
}

/// Behind the closing quote; `i` is the first byte inside. A doubled quote stands for itself.
std::size_t Lexer::after_quoted(std::size_t i, char quote, bool backslash) const {
  for (; i < sql_.size(); ++i) {
    if (backslash && sql_[i] == '\\') {
      ++i;
    } else if (sql_[i] == quote) {
      if (at(i + 1) != static_cast<unsigned char>(quote)) return i + 1;
      ++i;
    }
  }
  return sql_.size();
}

/// Behind $tag$…$tag$ that opens at `i`, or `i` where no such quote opens.
std::size_t Lexer::after_dollar_quoted(std::size_t i) const {
  std::size_t end = i + 1;
  if (is(at(end), kWordStart)) {
    while (is(at(end), kWordStart | kDigit)) ++end;
  }
  if (at(end) != '$') return i;
  const std::string_view tag = sql_.substr(i, end + 1 - i);
  const std::size_t close = sql_.find(tag, end + 1);
  return close == std::string_view::npos ? sql_.size() : close + tag.size();
}

std::size_t Lexer::after_word(std::size_t i) const {
  while (is(at(i), kWordStart | kDigit) || at(i) == '$') ++i;
  return std::min(i, sql_.size());
}

std::size_t Lexer::after_number(std::size_t i) const {
  if (at(i) == '0' && is_base(at(i + 1)) && is_digit_of(at(i + 2), at(i + 1))) {
    const unsigned char base = at(i + 1);
    for (i += 2; is_digit_of(at(i), base);) ++i;
    return i;
  }
  const auto digits = [&] {
    while (is(at(i), kDigit) || (at(i) == '_' && is(at(i + 1), kDigit))) ++i;
  };
  digits();
  if (at(i) == '.' && at(i + 1) != '.') {  // 1..10 is a range of PL/pgSQL
    ++i;
    digits();
  }
  const std::size_t sign = at(i + 1) == '+' || at(i + 1) == '-' ? 1 : 0;
  if ((at(i) == 'e' || at(i) == 'E') && is(at(i + 1 + sign), kDigit)) {
    i += 1 + sign;
    digits();
  }
  return i;
}

/// scan.l: an operator ends before a comment, and may end in + or - only if it holds one of ~ ! @ # ^ & | ` ? %.
std::size_t Lexer::after_operator(std::size_t i) const {
  const std::size_t begin = i;
  while (is(at(i), kOperatorChar)) {
    const bool comment = (at(i) == '-' && at(i + 1) == '-') || (at(i) == '/' && at(i + 1) == '*');
    if (comment) break;
    ++i;
  }
  const bool free_end = sql_.substr(begin, i - begin).find_first_of("~!@#^&|`?%") != std::string_view::npos;
  while (!free_end && i > begin + 1 && (sql_[i - 1] == '+' || sql_[i - 1] == '-')) --i;
  return i;
}

Token Lexer::take(TokenKind kind, std::size_t end) {
  end = std::min(end, sql_.size());
  const Token token{kind, sql_.substr(position_, end - position_)};
  position_ = end;
  return token;
}

/// A word, or a literal or name that starts like one: E'…', U&"…".
Token Lexer::take_word() {
  const unsigned char first = at(position_) | 0x20, second = at(position_ + 1);
  if (second == '\'' && (first == 'e' || first == 'b' || first == 'x' || first == 'n')) {
    return take(TokenKind::kString, after_quoted(position_ + 2, '\'', first == 'e'));
  }
  if (first == 'u' && second == '&' && at(position_ + 2) == '\'') {
    return take(TokenKind::kString, after_quoted(position_ + 3, '\'', false));
  }
  if (first == 'u' && second == '&' && at(position_ + 2) == '"') {
    return take(TokenKind::kQuotedName, after_quoted(position_ + 3, '"', false));
  }
  return take(TokenKind::kWord, after_word(position_));
}

Token Lexer::take_dollar() {
  if (is(at(position_ + 1), kDigit)) {
    std::size_t end = position_ + 1;
    while (is(at(end), kDigit)) ++end;
    return take(TokenKind::kParameter, end);
  }
  const std::size_t end = after_dollar_quoted(position_);
  return end == position_ ? take(TokenKind::kPunctuation, position_ + 1) : take(TokenKind::kString, end);
}

Token Lexer::take_symbol() {
  if (is(at(position_), kOperatorChar)) return take(TokenKind::kOperator, after_operator(position_));
  const unsigned char first = at(position_), second = at(position_ + 1);
  const bool pair = (first == ':' && (second == ':' || second == '=')) || (first == '.' && second == '.');
  return take(TokenKind::kPunctuation, position_ + (pair ? 2 : 1));
}

Token Lexer::next() {
  if (dialect_ == SqlDialect::kMysql) return next_mysql();
  skip_space_and_comments();
  if (position_ >= sql_.size()) return {};
  const unsigned char c = at(position_);
  if (is(c, kWordStart)) return take_word();
  if (is(c, kDigit) || (c == '.' && is(at(position_ + 1), kDigit))) {
    return take(TokenKind::kNumber, after_number(position_));
  }
  if (c == '\'') return take(TokenKind::kString, after_quoted(position_ + 1, '\'', false));
  if (c == '"') return take(TokenKind::kQuotedName, after_quoted(position_ + 1, '"', false));
  if (c == '$') return take_dollar();
  return take_symbol();
}

}  // namespace assay
