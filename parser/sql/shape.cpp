// One pass over the tokens feeds a chained hash and, for normalize(), the text; both take every decision in the
// same place, so two texts have one hash if and only if they print alike (but for the case of unquoted words).
//
// A list is folded without looking ahead: its items are hashed from a fresh seed, and an item that equals the one
// before takes hash and text back to where they stood. What this leaves out: lists nested more than kMaxLists deep are
// kept as written, and so is an array (ARRAY[1, 2]), whose length a planner sees.
#include "parser/sql/shape.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "parser/sql/lexer.h"
#include "parser/sql/like_pattern.h"

namespace assay {
namespace {

constexpr std::uint64_t kSeed = 0;
constexpr std::size_t kMaxLists = 8;
constexpr std::size_t kChunk = 64;  // bytes of a word lower-cased at a time; no name in PostgreSQL is longer than 63

/// Words behind which an expression begins, so that a minus is a sign and a parenthesis calls no function.
bool begins_expression(std::string_view word) {
  constexpr std::array<std::string_view, 51> kWords = {
      "all",     "and",      "any",     "array",  "as",        "between",      "by",      "case",      "check",
      "default", "distinct", "else",    "end",    "escape",    "except",       "exists",  "fetch",     "filter",
      "for",     "from",     "group",   "having", "ilike",     "in",           "include", "intersect", "is",
      "join",    "key",      "lateral", "like",   "limit",     "materialized", "not",     "offset",    "on",
      "or",      "order",    "over",    "return", "returning", "select",       "set",     "similar",   "then",
      "to",      "union",    "using",   "values", "when",      "where"};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view known) { return is_word(word, known); });
}

/// Those that MySQL reserves, and that may be names in PostgreSQL.
bool begins_mysql_expression(std::string_view word) {
  constexpr std::array<std::string_view, 5> kWords = {"div", "interval", "regexp", "rlike", "xor"};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view known) { return is_word(word, known); });
}

/// The words that change how what follows is folded.
enum class Keyword { kNone, kIn, kBy, kTo, kValues, kInto, kLike, kConstant, kDirection };

Keyword keyword_of(std::string_view word) {
  const auto is = [&](std::string_view known) { return is_word(word, known); };
  switch (word.size()) {
    case 2:
      return is("in") ? Keyword::kIn : is("by") ? Keyword::kBy : is("to") ? Keyword::kTo : Keyword::kNone;
    case 3:
      return is("asc") ? Keyword::kDirection : Keyword::kNone;
    case 4:
      if (is("like")) return Keyword::kLike;
      if (is("null") || is("true")) return Keyword::kConstant;
      return is("into") ? Keyword::kInto : is("desc") ? Keyword::kDirection : Keyword::kNone;
    case 5:
      return is("ilike") ? Keyword::kLike : is("false") ? Keyword::kConstant : Keyword::kNone;
    case 6:
      return is("values") ? Keyword::kValues : Keyword::kNone;
    default:
      return Keyword::kNone;
  }
}

bool is_literal(const Token& token) {
  return token.kind == TokenKind::kString || token.kind == TokenKind::kNumber || token.kind == TokenKind::kParameter;
}

bool is_pattern_operator(std::string_view text) {
  return text == "~~" || text == "~~*" || text == "!~~" || text == "!~~*";
}

class Shape {
 public:
  Shape(std::string* text, SqlDialect dialect) : text_(text), dialect_(dialect) {}

  void add(std::string_view sql);
  std::uint64_t hash() const { return hash_ == 0 ? 1 : hash_; }

 private:
  enum class ListKind { kNone, kIn, kValues };

  struct Mark {
    std::uint64_t hash = kSeed;
    std::size_t text_size = 0;
  };

  /// An open IN list or VALUES list.
  struct List {
    ListKind kind = ListKind::kNone;
    std::ptrdiff_t depth = 0;     ///< parentheses open between its items
    std::uint64_t outer = kSeed;  ///< hash of all before the current item
    std::uint64_t item = kSeed;   ///< hash of the item before; kSeed when there is none
    Mark keep;                    ///< where to go back to when an item repeats
    bool comma = false;           ///< VALUES: one was read behind the last row and not written yet
    bool cast = false;            ///< IN: `::` was read in this item, so that words are a type
  };

  void add_token(const Token& token, const Lexer& lexer);
  void add_literal(const Token& token);
  void add_word(const Token& token);
  bool starts_value() const;
  bool is_sign_of_number(const Token& token, const Lexer& lexer) const;
  bool expects_operand() const;
  bool is_expression_behind(std::string_view word) const;
  bool announces_rows(Keyword keyword, std::string_view word) const;
  bool behind_sign() const { return sign_ && (previous_.is("-") || previous_.is("+")); }

  bool in_list(ListKind kind) const { return lists_ > 0 && list_[lists_ - 1].kind == kind; }
  List& list() { return list_[lists_ - 1]; }
  const List& list() const { return list_[lists_ - 1]; }
  bool between_rows() const { return in_list(ListKind::kValues) && list().depth == depth_; }
  void open_list(ListKind kind);
  void open_row();
  void close_row();
  void end_values();
  void close_item();
  void close_in_list();
  void keep_in_list();
  bool fits_in_list(const Token& token, const Lexer& lexer);
  void begin_item();
  std::uint64_t end_item();

  void open_parenthesis(const Token& token);
  void close_parenthesis(const Token& token);
  void put(const Token& token);
  void put_word(const Token& token);
  void put_literal(std::string_view mark);
  void put_ellipsis();
  void write(const Token& token);
  bool needs_space(const Token& token) const;
  bool needs_space_before_parenthesis() const;
  void mix(std::string_view bytes) { hash_ = XXH3_64bits_withSeed(bytes.data(), bytes.size(), hash_); }
  Mark mark() const { return {hash_, text_ == nullptr ? 0 : text_->size()}; }
  void go_back(const Mark& mark);

  std::string* text_;
  SqlDialect dialect_;
  std::uint64_t hash_ = kSeed;
  std::ptrdiff_t depth_ = 0;
  Token previous_;
  ListKind announced_ = ListKind::kNone;  ///< IN or VALUES was the last word
  bool pattern_ = false;                  ///< LIKE was, or LIKE (
  bool ordinals_ = false;                 ///< BY was, or BY 1, and the like: a number names a column of the SELECT list
  bool target_ = false;                   ///< INTO and a name were: a parenthesis opens a list of columns
  bool sign_ = false;                     ///< the last token is a sign
  bool semicolon_ = false;                ///< one was read, and nothing behind it
  std::size_t lists_ = 0;
  std::array<List, kMaxLists> list_;
};

void Shape::add(std::string_view sql) {
  Lexer lexer(sql, dialect_);
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    if (token.is(";")) {
      semicolon_ = previous_.kind != TokenKind::kEnd;
      continue;
    }
    if (semicolon_) add_token({TokenKind::kPunctuation, ";"}, lexer);
    semicolon_ = false;
    if (token.is("?") && expects_operand()) token.kind = TokenKind::kParameter;  // the placeholder of JDBC and ODBC
    add_token(token, lexer);
  }
  if (between_rows()) end_values();
  for (; lists_ > 0; --lists_) {  // the text was cut off within them
    if (!between_rows()) end_item();
  }
}

void Shape::add_token(const Token& token, const Lexer& lexer) {
  if (is_sign_of_number(token, lexer)) return;
  if (between_rows() && !token.is("(") && (!token.is(",") || list().comma)) end_values();
  if (in_list(ListKind::kIn) && !fits_in_list(token, lexer)) keep_in_list();
  if (is_literal(token)) return add_literal(token);
  if (token.kind == TokenKind::kWord) return add_word(token);
  if (token.is("(")) return open_parenthesis(token);
  if (token.is(")")) return close_parenthesis(token);
  if (token.is(",") && between_rows()) {
    list().comma = true;
    return;
  }
  const bool item_ends = token.is(",") && in_list(ListKind::kIn) && list().depth == depth_;
  if (item_ends) close_item();
  sign_ = (token.is("-") || token.is("+")) && expects_operand();
  put(token);
  if (item_ends && in_list(ListKind::kIn) && list().depth == depth_) begin_item();  // unless close_item() gave it up
  pattern_ = token.kind == TokenKind::kOperator && is_pattern_operator(token.text);
  ordinals_ = ordinals_ && token.is(",");
}

void Shape::add_literal(const Token& token) {
  if (ordinals_ && token.kind == TokenKind::kNumber) return put(token);
  put_literal(pattern_ && token.kind == TokenKind::kString ? like_class(token.text, dialect_) : "?");
  ordinals_ = false;
}

void Shape::add_word(const Token& token) {
  const Keyword keyword = previous_.is(".") ? Keyword::kNone : keyword_of(token.text);
  if (keyword == Keyword::kConstant && starts_value()) return put_literal("?");
  const bool similar_to = keyword == Keyword::kTo && is_word(previous_.text, "similar");
  const bool values = announces_rows(keyword, token.text);
  put_word(token);
  if (keyword == Keyword::kIn) announced_ = ListKind::kIn;
  if (values) announced_ = ListKind::kValues;
  pattern_ = similar_to || keyword == Keyword::kLike;
  ordinals_ = keyword == Keyword::kBy || (ordinals_ && keyword == Keyword::kDirection);
  target_ = target_ || keyword == Keyword::kInto;
}

/// VALUES and, in MySQL, VALUE; but not the function of ON DUPLICATE KEY UPDATE a = IF(VALUES(a) > a, VALUES(a), a).
bool Shape::announces_rows(Keyword keyword, std::string_view word) const {
  if (previous_.kind == TokenKind::kOperator || previous_.is(",")) return false;
  if (dialect_ == SqlDialect::kPostgres) return keyword == Keyword::kValues;
  const bool behind_target = previous_.is(")") || (target_ && !is_word(previous_.text, "into"));
  const bool named = keyword == Keyword::kValues || (is_word(word, "value") && behind_target);
  return named && !previous_.is("(");
}

/// In a row of VALUES, where NULL, TRUE and FALSE are data; anywhere else they are part of the meaning.
bool Shape::starts_value() const {
  return in_list(ListKind::kValues) && list().depth + 1 == depth_ && (previous_.is("(") || previous_.is(","));
}

/// A minus before a number belongs to it, as in PostgreSQL's doNegate(). A cast binds tighter: -1::int is -(1::int).
bool Shape::is_sign_of_number(const Token& token, const Lexer& lexer) const {
  if (!token.is("-") || !expects_operand()) return false;
  Lexer ahead = lexer;
  return ahead.next().kind == TokenKind::kNumber && !ahead.next().is("::");
}

bool Shape::expects_operand() const {
  switch (previous_.kind) {
    case TokenKind::kEnd:
    case TokenKind::kOperator:
      return true;
    case TokenKind::kWord:
      return is_expression_behind(previous_.text);
    case TokenKind::kPunctuation:
      return !previous_.is(")") && !previous_.is("]") && !previous_.is(".");
    default:
      return false;
  }
}

bool Shape::is_expression_behind(std::string_view word) const {
  return begins_expression(word) || (dialect_ == SqlDialect::kMysql && begins_mysql_expression(word));
}

void Shape::begin_item() {
  list().outer = hash_;
  list().cast = false;
  hash_ = kSeed;
}

std::uint64_t Shape::end_item() {
  const std::uint64_t item = hash_;
  hash_ = XXH3_64bits_withSeed(&item, sizeof item, list().outer);
  return item;
}

void Shape::open_list(ListKind kind) {
  if (lists_ == kMaxLists) return;
  ++lists_;
  list() = List{};
  list().kind = kind;
  list().depth = depth_;
}

void Shape::open_parenthesis(const Token& token) {
  const bool pattern = pattern_;
  if (announced_ == ListKind::kValues) open_list(ListKind::kValues);
  if (between_rows()) open_row();
  const ListKind announced = announced_;
  put(token);
  ++depth_;
  if (announced == ListKind::kIn) {
    open_list(ListKind::kIn);
    if (in_list(ListKind::kIn) && list().depth == depth_) begin_item();
  }
  pattern_ = pattern;
  target_ = ordinals_ = false;
}

void Shape::close_parenthesis(const Token& token) {
  if (in_list(ListKind::kIn) && list().depth == depth_) close_in_list();
  put(token);
  --depth_;
  if (between_rows()) close_row();
  pattern_ = ordinals_ = false;
}

void Shape::open_row() {
  list().keep = mark();
  if (list().comma) put({TokenKind::kPunctuation, ","});
  list().comma = false;
  begin_item();
}

void Shape::close_row() {
  const std::uint64_t row = end_item();
  if (row == list().item) go_back(list().keep);
  list().item = row;
}

void Shape::end_values() {
  const bool comma = list().comma;
  --lists_;
  put_ellipsis();
  if (comma) put({TokenKind::kPunctuation, ","});
}

/// Takes note of an item of an IN list; the first one that differs from the one before makes the list be kept.
void Shape::close_item() {
  const bool is_first = list().item == kSeed;
  const std::uint64_t item = end_item();
  if (item == kSeed || (!is_first && item != list().item)) {
    --lists_;
    return;
  }
  if (is_first) list().keep = mark();
  list().item = item;
}

void Shape::close_in_list() {
  close_item();
  if (!in_list(ListKind::kIn) || list().depth != depth_) return;
  go_back(list().keep);
  --lists_;
  put_ellipsis();
}

void Shape::keep_in_list() {
  end_item();
  --lists_;
}

/// Constants only: literals, rows of them, types that they are cast to.
bool Shape::fits_in_list(const Token& token, const Lexer& lexer) {
  if (is_literal(token)) return true;
  if (token.is("::")) list().cast = true;
  if (token.kind == TokenKind::kWord) {
    return list().cast || (is_literal(lexer.peek()) && !is_expression_behind(token.text));  // but not SELECT 1
  }
  if (token.kind == TokenKind::kQuotedName) return list().cast;
  return token.kind == TokenKind::kPunctuation &&
         std::string_view("()[],::.").find(token.text) != std::string_view::npos;
}

void Shape::go_back(const Mark& mark) {
  hash_ = mark.hash;
  if (text_ != nullptr) text_->resize(mark.text_size);
}

void Shape::put(const Token& token) {
  mix(token.text);
  write(token);
}

void Shape::put_word(const Token& token) {
  std::array<char, kChunk> chunk;
  for (std::size_t begin = 0; begin < token.text.size(); begin += kChunk) {
    const std::string_view part = token.text.substr(begin, kChunk);
    std::transform(part.begin(), part.end(), chunk.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    hash_ += begin == 0 ? 0 : 1;  // a long word is not two words
    mix({chunk.data(), part.size()});
  }
  write(token);
}

void Shape::put_literal(std::string_view mark) {
  pattern_ = false;
  put({TokenKind::kParameter, mark});
}

void Shape::put_ellipsis() {
  put({TokenKind::kPunctuation, ","});
  put({TokenKind::kParameter, "…"});
}

void Shape::write(const Token& token) {
  if (text_ != nullptr) {
    if (needs_space(token)) *text_ += ' ';
    text_->append(token.text);
  }
  const bool is_name = token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedName || token.is(".");
  target_ = target_ && is_name;
  announced_ = ListKind::kNone;
  previous_ = token;
}

bool Shape::needs_space(const Token& token) const {
  if (previous_.kind == TokenKind::kEnd) return false;
  if (token.is("(")) return needs_space_before_parenthesis();
  constexpr std::string_view kTightBefore = ",)].;:", kTightBehind = "([.:";
  if (token.kind == TokenKind::kPunctuation && kTightBefore.find(token.text[0]) != std::string_view::npos) {
    return token.text == ":=";
  }
  if (previous_.kind == TokenKind::kPunctuation && kTightBehind.find(previous_.text[0]) != std::string_view::npos) {
    return previous_.text == ":=" || (previous_.text == ":" && dialect_ == SqlDialect::kMysql);
  }
  if (token.is("[")) return false;
  return !behind_sign() || token.kind == TokenKind::kOperator;
}

bool Shape::needs_space_before_parenthesis() const {
  const bool is_call = !target_ && previous_.kind == TokenKind::kWord &&
                       (is_word(previous_.text, "any") || !is_expression_behind(previous_.text));
  const bool is_tight =
      previous_.is("(") || previous_.is("[") || previous_.is(".") || previous_.is("::") || behind_sign();
  return !is_call && !is_tight && (previous_.kind != TokenKind::kQuotedName || target_);
}

}  // namespace

std::uint64_t shape_hash(std::string_view sql, SqlDialect dialect) noexcept {
  Shape shape(nullptr, dialect);
  shape.add(sql);
  return shape.hash();
}

std::string normalize(std::string_view sql, SqlDialect dialect) {
  std::string text;
  Shape shape(&text, dialect);
  shape.add(sql);
  return text;
}

}  // namespace assay
