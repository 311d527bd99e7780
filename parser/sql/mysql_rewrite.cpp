#include "parser/sql/mysql_rewrite.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <vector>

#include "parser/sql/lexer.h"

namespace assay {
namespace {

std::string lower(std::string_view text) {
  std::string folded(text);
  std::transform(folded.begin(), folded.end(), folded.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return folded;
}

std::string quoted(std::string_view text, char quote) {
  std::string result(1, quote);
  for (const char c : text) {
    if (c == quote) result += quote;
    if (c != '\0') result += c;
  }
  return result + quote;
}

/// What a literal says, escapes and doubled quotes taken back; of x'…' and _utf8'…' what stands in the quotes.
std::string text_of(std::string_view literal) {
  const std::size_t open = literal.find_first_of("'\"");
  if (open == std::string_view::npos) return {};
  const char quote = literal[open];
  std::string text;
  for (std::size_t i = open + 1; i < literal.size(); ++i) {
    const bool escapes =
        i + 1 < literal.size() && (literal[i] == '\\' || (literal[i] == quote && literal[i + 1] == quote));
    if (escapes) {
      ++i;
    } else if (literal[i] == quote) {
      break;
    }
    text += literal[i];
  }
  return text;
}

class Rewriter {
 public:
  explicit Rewriter(std::string_view sql) {
    Lexer lexer(sql, SqlDialect::kMysql);
    for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
      tokens_.push_back(token);
      words_.push_back(token.kind == TokenKind::kWord ? lower(token.text) : std::string());
    }
    tokens_.emplace_back();
    words_.emplace_back();
  }

  std::string run();

 private:
  bool at(std::string_view word, std::size_t ahead = 0) const {
    return at_ + ahead < words_.size() && words_[at_ + ahead] == word;
  }
  bool at_any(std::initializer_list<std::string_view> words, std::size_t ahead = 0) const {
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return at(word, ahead); });
  }
  bool opens(std::size_t ahead) const { return at_ + ahead < tokens_.size() && tokens_[at_ + ahead].is("("); }
  bool is_done() const { return tokens_[at_].kind == TokenKind::kEnd; }
  void put(std::string_view text) {
    out_ += ' ';
    out_ += text;
  }
  /// Behind the parenthesis that closes the one at hand.
  void skip_parentheses();
  /// Up to the parenthesis that closes what is open.
  void skip_to_close();

  void step();
  bool rewrite_phrase();
  bool rewrite_modifier();
  bool skip_index_hint();
  bool rewrite_lock();
  bool rewrite_limit();
  bool rewrite_cast();
  bool rewrite_match();
  bool rewrite_write();
  void rewrite_variable();
  void rewrite_word();
  void rewrite_operator();

  std::vector<Token> tokens_;
  std::vector<std::string> words_;  // of each token, in lower case; empty for others
  std::size_t at_ = 0;
  std::string out_;
  std::vector<char> open_;  // of each open parenthesis: c CAST, v CONVERT, a AGAINST, else a space
  std::size_t intervals_ = 0;
  int parameters_ = 0;
};

void Rewriter::skip_parentheses() {
  int depth = 0;
  for (; !is_done(); ++at_) {
    if (tokens_[at_].is("(")) ++depth;
    if (tokens_[at_].is(")") && --depth == 0) {
      ++at_;
      return;
    }
  }
}

void Rewriter::skip_to_close() {
  for (int depth = 0; !is_done(); ++at_) {
    if (tokens_[at_].is("(")) ++depth;
    if (tokens_[at_].is(")") && depth-- == 0) return;
  }
}

std::string Rewriter::run() {
  while (!is_done()) {
    if (!rewrite_phrase()) step();
  }
  return out_;
}

bool Rewriter::rewrite_phrase() {
  return rewrite_modifier() || skip_index_hint() || rewrite_lock() || rewrite_limit() || rewrite_cast() ||
         rewrite_match() || rewrite_write();
}

bool Rewriter::rewrite_modifier() {
  const bool is_noise = at_any({"sql_cache", "sql_no_cache", "sql_small_result", "sql_big_result", "sql_buffer_result",
                                "high_priority", "low_priority", "delayed", "quick", "binary"}) ||
                        (at("ignore") && at_ == 1);
  if (is_noise) {
    ++at_;
  } else if (at("sql_calc_found_rows")) {
    put("sql_calc_found_rows(),");
    ++at_;
  } else if (at("distinctrow")) {
    put("DISTINCT");
    ++at_;
  } else if (at("straight_join")) {
    if (!out_.ends_with(" select")) put("JOIN");  // else a modifier
    ++at_;
  } else if (at("from") && at("dual", 1)) {
    at_ += 2;
  } else if (at("with") && at("rollup", 1)) {
    at_ += 2;
  } else if (at("collate") || (at("separator") && tokens_[at_ + 1].kind == TokenKind::kString)) {
    at_ = std::min(at_ + 2, tokens_.size() - 1);
  } else {
    return false;
  }
  return true;
}

/// USE | FORCE | IGNORE INDEX | KEY [FOR JOIN | ORDER BY | GROUP BY] (…), PARTITION (…).
bool Rewriter::skip_index_hint() {
  const bool is_hint = at_any({"use", "force", "ignore"}) && at_any({"index", "key"}, 1);
  const bool is_partition = at("partition") && opens(1) && !(at_ > 0 && words_[at_ - 1] == "over");
  if (!is_hint && !is_partition) return false;
  while (!is_done() && !tokens_[at_].is("(")) ++at_;
  skip_parentheses();
  return true;
}

bool Rewriter::rewrite_lock() {
  if (!(at("lock") && at("in", 1) && at("share", 2) && at("mode", 3))) return false;
  put("FOR SHARE");
  at_ += 4;
  return true;
}

/// LIMIT offset, count becomes LIMIT count OFFSET offset.
bool Rewriter::rewrite_limit() {
  const bool has_two = at("limit") && at_ + 4 < tokens_.size() && tokens_[at_ + 2].is(",");
  if (!has_two) return false;
  put("LIMIT 1 OFFSET 1");
  for (const std::size_t value : {at_ + 1, at_ + 3}) {
    if (tokens_[value].kind == TokenKind::kParameter) ++parameters_;
  }
  at_ += 4;
  return true;
}

/// CAST(x AS type), CONVERT(x, type), CONVERT(x USING charset): types have other names.
bool Rewriter::rewrite_cast() {
  if (open_.empty()) return false;
  if (open_.back() == 'c' && at("as")) {
    put("AS text");
  } else if (open_.back() == 'v' && (tokens_[at_].is(",") || at("using"))) {
    // The value alone.
  } else {
    return false;
  }
  skip_to_close();
  return true;
}

/// MATCH (a, b) AGAINST ('x' IN BOOLEAN MODE) becomes match(a, b) = ('x').
bool Rewriter::rewrite_match() {
  if (at("against") && opens(1)) {
    put("= (");
    open_.push_back('a');
    at_ += 2;
    return true;
  }
  if (open_.empty() || open_.back() != 'a' || !at_any({"in", "with"})) return false;
  skip_to_close();
  return true;
}

/// What is only in INSERT, REPLACE, UPDATE and DELETE.
bool Rewriter::rewrite_write() {
  const std::string& first = words_.front();
  if (at_ == 0 && (at("replace") || at("insert"))) {
    put("INSERT");
    ++at_;
    while (at_any({"ignore", "low_priority", "delayed", "high_priority"})) ++at_;
    put("INTO");
    if (at("into")) ++at_;
    return true;
  }
  if (first != "insert" && first != "replace" && first != "update" && first != "delete") return false;
  const bool inserts = first == "insert" || first == "replace";
  if (inserts && at("value")) {
    put("VALUES");
    ++at_;
  } else if (inserts && at("values") && opens(1) && out_.find("CONFLICT") != std::string::npos) {
    put("values_of");
    ++at_;
  } else if (inserts && at("on") && at("duplicate", 1) && at("key", 2) && at("update", 3)) {
    put("ON CONFLICT (id) DO UPDATE SET");
    at_ += 4;
  } else if (inserts && at("set") && out_.find("VALUES") == std::string::npos &&
             out_.find("CONFLICT") == std::string::npos) {
    put("DEFAULT VALUES");  // what it sets is read by nobody
    while (!is_done() && !(at("on") && at("duplicate", 1))) ++at_;
  } else if (!inserts && open_.empty() && (at("limit") || at("order"))) {
    at_ = tokens_.size() - 1;
  } else {
    return false;
  }
  return true;
}

/// @x, @@x, @@session.x, and := behind one.
void Rewriter::rewrite_variable() {
  const bool is_system = tokens_[at_].text.starts_with("@@");
  ++at_;
  while (tokens_[at_].is(".") && tokens_[at_ + 1].kind == TokenKind::kWord) at_ += 2;
  put(is_system ? "\"@@system_variable\"()" : "\"@user_variable\"()");
}

void Rewriter::rewrite_word() {
  const std::string& word = words_[at_];
  const bool behind_point = at_ > 0 && tokens_[at_ - 1].is(".");
  const bool is_structure =
      at_any({"in",      "values", "on",        "using",  "and",     "or",        "not",       "where",     "select",
              "from",    "join",   "exists",    "any",    "some",    "all",       "as",        "like",      "then",
              "when",    "else",   "case",      "by",     "having",  "set",       "into",      "union",     "except",
              "between", "limit",  "over",      "cast",   "extract", "position",  "trim",      "substring", "is",
              "with",    "except", "intersect", "offset", "table",   "insert",    "distinct",  "interval",  "mod",
              "div",     "xor",    "regexp",    "rlike",  "key",     "recursive", "partition", "window",    "lateral"});
  if (word.starts_with('@')) return rewrite_variable();
  if (!behind_point && word == "interval") {
    ++intervals_;
    ++at_;
    return;
  }
  const bool ends_interval = intervals_ > 0 && at_any({"microsecond",
                                                       "second",
                                                       "minute",
                                                       "hour",
                                                       "day",
                                                       "week",
                                                       "month",
                                                       "quarter",
                                                       "year",
                                                       "second_microsecond",
                                                       "minute_microsecond",
                                                       "minute_second",
                                                       "hour_microsecond",
                                                       "hour_second",
                                                       "hour_minute",
                                                       "day_microsecond",
                                                       "day_second",
                                                       "day_minute",
                                                       "day_hour",
                                                       "year_month"});
  if (ends_interval && !opens(1)) {
    --intervals_;
    ++at_;
    return;
  }
  if (!behind_point && at_any({"regexp", "rlike"})) {
    put("~");
  } else if (!behind_point && word == "not" && at_any({"regexp", "rlike"}, 1)) {
    put("!~");
    ++at_;
  } else if (!behind_point && word == "div") {
    put("/");
  } else if (!behind_point && word == "xor") {
    put("<>");
  } else if (!behind_point && word == "mod" && !opens(1)) {
    put("%");
  } else if (opens(1) && (behind_point || !is_structure || word == "mod")) {
    const bool is_count = word == "count";
    if (word == "convert" || word == "cast") {
      put(word == "convert" ? "\"convert\"(" : "cast(");
      open_.push_back(word == "convert" ? 'v' : 'c');
      ++at_;
    } else {
      put(is_count ? word : quoted(word, '"'));
    }
  } else if (opens(1) && word == "cast") {
    put("cast(");
    open_.push_back('c');
    ++at_;
  } else {
    // Names that PostgreSQL reserves and MySQL does not.
    const bool is_name =
        behind_point || std::isdigit(static_cast<unsigned char>(word.front())) != 0 ||
        at_any({"user",      "only",       "array",       "placing",   "symmetric",     "variadic",    "analyse",
                "initially", "deferrable", "asymmetric",  "freeze",    "authorization", "verbose",     "similar",
                "isnull",    "notnull",    "tablesample", "collation", "session_user",  "current_role"});
    put(is_name ? quoted(word, '"') : word);
  }
  ++at_;
}

void Rewriter::rewrite_operator() {
  const Token& token = tokens_[at_++];
  if (token.is("<=>")) return put("IS NOT DISTINCT FROM");
  if (token.is("&&")) return put("AND");
  if (token.is("||")) return put("OR");
  if (token.is("!")) return put("NOT");
  if (token.is(":=")) return put("=");
  put(token.text);
}

void Rewriter::step() {
  const Token& token = tokens_[at_];
  switch (token.kind) {
    case TokenKind::kWord:
      return rewrite_word();
    case TokenKind::kQuotedName: {
      std::string name = lower(token.text.substr(1, token.text.size() >= 2 ? token.text.size() - 2 : 0));
      for (std::size_t i = name.find("``"); i != std::string::npos; i = name.find("``", i + 1)) name.erase(i, 1);
      put(quoted(name, '"'));
      break;
    }
    case TokenKind::kString: {
      const bool is_alias = at_ > 0 && words_[at_ - 1] == "as";
      put(quoted(text_of(token.text), is_alias ? '"' : '\''));
      break;
    }
    case TokenKind::kNumber:
      put(token.text.starts_with("0x") || token.text.starts_with("0b") ? "0" : token.text);
      break;
    case TokenKind::kParameter:
      put("$" + std::to_string(++parameters_));
      break;
    default:
      if (token.is("(")) open_.push_back(' ');
      if (token.is(")") && !open_.empty()) open_.pop_back();
      return rewrite_operator();
  }
  ++at_;
}

}  // namespace

std::string rewrite_mysql(std::string_view sql) { return Rewriter(sql).run(); }

}  // namespace assay
