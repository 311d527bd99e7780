// A statement's text as tokens with their places, for rewrites that exchange a part and leave the rest as it stands.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "parser/sql/lexer.h"

namespace assay {

struct PlacedToken {
  Token token;
  std::size_t begin = 0, end = 0;  ///< bytes of the text
};

class TokenText {
 public:
  explicit TokenText(std::string_view sql);

  std::size_t size() const { return tokens_.size(); }
  const PlacedToken& operator[](std::size_t i) const { return tokens_[i]; }
  bool is_word_at(std::size_t i, std::string_view lower) const;
  bool is_symbol_at(std::size_t i, std::string_view symbol) const;
  /// The place of the parenthesis that closes the one at `open`; size() when there is none.
  std::size_t closing(std::size_t open) const;
  /// Does one of the words stand right between the parentheses, not deeper?
  bool has_word_within(std::size_t open, std::size_t close, const std::vector<std::string_view>& words) const;
  /// The text of the tokens [first, last).
  std::string text(std::size_t first, std::size_t last) const;
  /// The whole text with the tokens [first, last) exchanged.
  std::string with(std::size_t first, std::size_t last, std::string_view replacement) const;
  /// The end of a column's name that begins at `first`: a, a.b, "a"."b"; `first` itself when there is none.
  std::size_t after_name(std::size_t first) const;

 private:
  std::string_view sql_;
  std::vector<PlacedToken> tokens_;
};

}  // namespace assay
