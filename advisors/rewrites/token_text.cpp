#include "advisors/rewrites/token_text.h"

#include <algorithm>

namespace assay {

TokenText::TokenText(std::string_view sql) : sql_(sql) {
  Lexer lexer(sql);
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    tokens_.push_back({token, lexer.position() - token.text.size(), lexer.position()});
  }
}

bool TokenText::is_word_at(std::size_t i, std::string_view lower) const {
  return i < size() && tokens_[i].token.kind == TokenKind::kWord && is_word(tokens_[i].token.text, lower);
}

bool TokenText::is_symbol_at(std::size_t i, std::string_view symbol) const {
  return i < size() && tokens_[i].token.is(symbol);
}

std::size_t TokenText::closing(std::size_t open) const {
  int depth = 0;
  for (std::size_t i = open; i < size(); ++i) {
    if (is_symbol_at(i, "(")) ++depth;
    if (is_symbol_at(i, ")") && --depth == 0) return i;
  }
  return size();
}

bool TokenText::has_word_within(std::size_t open, std::size_t close, const std::vector<std::string_view>& words) const {
  int depth = 0;
  for (std::size_t i = open + 1; i < close; ++i) {
    if (is_symbol_at(i, "(")) ++depth;
    if (is_symbol_at(i, ")")) --depth;
    if (depth > 0) continue;
    if (std::any_of(words.begin(), words.end(), [&](std::string_view word) { return is_word_at(i, word); }))
      return true;
  }
  return false;
}

std::string TokenText::text(std::size_t first, std::size_t last) const {
  if (first >= last) return {};
  return std::string(sql_.substr(tokens_[first].begin, tokens_[last - 1].end - tokens_[first].begin));
}

std::string TokenText::with(std::size_t first, std::size_t last, std::string_view replacement) const {
  const std::size_t begin = tokens_[first].begin, end = tokens_[last - 1].end;
  return std::string(sql_.substr(0, begin)) + std::string(replacement) + std::string(sql_.substr(end));
}

std::size_t TokenText::after_name(std::size_t first) const {
  const auto is_name = [&](std::size_t i) {
    return i < size() && (tokens_[i].token.kind == TokenKind::kWord || tokens_[i].token.kind == TokenKind::kQuotedName);
  };
  if (!is_name(first)) return first;
  std::size_t i = first + 1;
  while (is_symbol_at(i, ".") && is_name(i + 1)) i += 2;
  return i;
}

}  // namespace assay
