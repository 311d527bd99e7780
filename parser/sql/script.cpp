#include "parser/sql/script.h"

#include <algorithm>

namespace assay {
namespace {

/// Follows one statement and knows whether a semicolon ends it (psql's psqlscan.l does the same with identifiers).
class Extent {
 public:
  void add(const Token& token) {
    if (token.is("(")) ++parentheses_;
    if (token.is(")")) --parentheses_;
    if (token.kind == TokenKind::kWord) add_word(token.text);
    ++tokens_;
  }

  bool ends_at_semicolon() const { return blocks_ == 0 && !(is_rule_ && parentheses_ > 0); }
  bool reads_copy_data() const { return is_copy_ && from_stdin_; }

 private:
  void add_word(std::string_view word) {
    if (tokens_ == 0) is_copy_ = is_word(word, "copy");
    if (tokens_ == 0) is_create_ = is_word(word, "create");
    // CREATE [OR REPLACE] FUNCTION
    if (is_create_ && tokens_ < 4) {
      has_body_ = has_body_ || is_word(word, "function") || is_word(word, "procedure");
      is_rule_ = is_rule_ || is_word(word, "rule");
    }
    if (has_body_ && parentheses_ == 0) add_to_body(word);
    from_stdin_ = from_stdin_ || (was_from_ && is_word(word, "stdin"));
    was_from_ = is_word(word, "from");
    was_begin_ = is_word(word, "begin");
  }

  void add_to_body(std::string_view word) {
    const bool opens = (was_begin_ && is_word(word, "atomic")) || (blocks_ > 0 && is_word(word, "case"));
    if (opens) ++blocks_;
    if (blocks_ > 0 && is_word(word, "end")) --blocks_;
  }

  std::size_t tokens_ = 0, blocks_ = 0;
  std::ptrdiff_t parentheses_ = 0;
  bool is_create_ = false, is_copy_ = false, is_rule_ = false, has_body_ = false;
  bool was_from_ = false, was_begin_ = false, from_stdin_ = false;
};

}  // namespace

std::size_t Script::end_of_line(std::size_t i) const { return std::min(text_.find('\n', i), text_.size()); }

ScriptPart Script::part(ScriptPartKind kind, std::size_t begin, std::size_t end) {
  line_ += std::count(text_.begin() + counted_, text_.begin() + begin, '\n');
  counted_ = begin;
  return {kind, text_.substr(begin, end - begin), line_};
}

ScriptPart Script::command(std::size_t begin) {
  std::size_t end = end_of_line(begin);
  lexer_.skip_to(end);
  const bool closed = end < text_.size();
  if (end > begin && text_[end - 1] == '\r') --end;
  ScriptPart command = part(ScriptPartKind::kCommand, begin, end);
  command.closed = closed;
  return command;
}

/// From the line behind the statement to the line "\.".
ScriptPart Script::copy_data() {
  const std::size_t begin = std::min(end_of_line(lexer_.position()) + 1, text_.size());
  std::size_t line = begin, next = begin;
  for (; line < text_.size(); line = next) {
    const std::size_t end = end_of_line(line);
    next = std::min(end + 1, text_.size());
    const std::string_view content = text_.substr(line, end - line);
    if (content == "\\." || content == "\\.\r") break;
  }
  lexer_.skip_to(next);
  ScriptPart data = part(ScriptPartKind::kCopyData, begin, line);
  data.closed = line < text_.size();
  return data;
}

ScriptPart Script::statement(Token token) {
  const std::size_t begin = lexer_.position() - token.text.size();
  std::size_t end = begin;
  Extent extent;
  for (; token.kind != TokenKind::kEnd; token = lexer_.next()) {
    if (token.is(";") && extent.ends_at_semicolon()) break;
    if (token.is("\\")) {
      lexer_.skip_to(lexer_.position() - 1);
      break;
    }
    extent.add(token);
    end = lexer_.position();
  }
  copying_ = extent.reads_copy_data();
  ScriptPart statement = part(ScriptPartKind::kStatement, begin, end);
  statement.closed = token.kind != TokenKind::kEnd;
  statement.data_follows = copying_;
  return statement;
}

ScriptPart Script::next() {
  if (copying_) {
    copying_ = false;
    return copy_data();
  }
  Token token = lexer_.next();
  while (token.is(";")) token = lexer_.next();
  if (token.kind == TokenKind::kEnd) return {};
  if (token.is("\\")) return command(lexer_.position() - 1);
  return statement(token);
}

}  // namespace assay
