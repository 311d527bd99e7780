#include "parser/sql/depth.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "parser/sql/lexer.h"

namespace assay {
namespace {

constexpr int kLimit = 400;  // nodes of the tree; every bracket, operator and keyword counts at least what it opens

template <std::size_t kSize>
bool is_one_of(const Token& token, const std::array<std::string_view, kSize>& words) {
  return token.kind == TokenKind::kWord &&
         std::any_of(words.begin(), words.end(), [&](std::string_view word) { return is_word(token.text, word); });
}

/// Starts an expression beside the last one: a list's element, a member of a chain that the parser flattens, a clause.
/// Reserved words only: others can be names of columns, and `set + set + …` must add up.
bool starts_sibling(const Token& token) {
  constexpr std::array<std::string_view, 8> kWords = {"and", "or", "where", "when", "then", "group", "order", "having"};
  return token.is(",") || is_one_of(token, kWords);
}

/// Puts all that stands to the left one level deeper.
bool combines_relations(const Token& token) {
  constexpr std::array<std::string_view, 4> kWords = {"join", "union", "intersect", "except"};
  return is_one_of(token, kWords);
}

bool opens_query(const Token& token) {
  constexpr std::array<std::string_view, 2> kWords = {"select", "with"};
  return is_one_of(token, kWords);
}

/// Nests its operand, or what stands to its left.
bool is_operation(const Token& token) {
  constexpr std::array<std::string_view, 12> kWords = {"not",   "is",      "isnull",  "notnull", "in", "like",
                                                       "ilike", "similar", "between", "collate", "at", "operator"};
  return token.kind == TokenKind::kOperator || token.is("::") || is_one_of(token, kWords);
}

/// What one pair of brackets, or one CASE … END, holds so far.
struct Level {
  bool is_case = false;
  int base = 0;        ///< depth outside
  int query = 0;       ///< 2 in a subquery: SELECT and the list in it
  int relations = 0;   ///< joins and set operations, which no comma ends
  int expression = 0;  ///< operations since the last sibling

  int depth() const { return base + query + relations + expression; }
};

class Depth {
 public:
  void add(const Token& token, bool is_field) {
    const bool is_case = token.kind == TokenKind::kWord && !is_field && is_word(token.text, "case");
    if (is_case || token.is("(") || token.is("[")) return open(is_case);
    if (token.is(")") || token.is("]")) return close_bracket();
    if (token.is(";")) return reset();
    if (is_field && token.kind == TokenKind::kWord) return;
    if (top().is_case && token.kind == TokenKind::kWord && is_word(token.text, "end")) return pop();
    add_inside(token);
  }

  bool exceeded() const { return levels_[top_].depth() >= kLimit; }

 private:
  Level& top() { return levels_[top_]; }
  void pop() { top_ -= top_ > 0 ? 1 : 0; }
  void reset() {
    top_ = 0;
    top() = Level{};
  }

  void open(bool is_case) {
    const int base = top().depth() + (is_case ? 2 : 1);
    levels_[++top_] = Level{is_case, base};
  }

  void close_bracket() {
    while (top().is_case) pop();  // a column called "case", or a text that is no SQL
    pop();
  }

  void add_inside(const Token& token) {
    if (combines_relations(token)) {
      ++top().relations;
      top().expression = 0;
    } else if (starts_sibling(token)) {
      top().expression = 0;
    } else if (opens_query(token)) {
      top().query = 2;
    } else if (is_operation(token)) {
      ++top().expression;
    }
  }

  std::array<Level, kLimit + 1> levels_{};  // a level is at least 1 deeper than the one below
  std::size_t top_ = 0;
};

}  // namespace

bool too_deeply_nested(std::string_view sql) {
  Depth depth;
  Lexer lexer(sql);
  bool is_field = false;  // behind a dot any word is a name
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    depth.add(token, is_field);
    if (depth.exceeded()) return true;
    is_field = token.is(".");
  }
  return false;
}

}  // namespace assay
