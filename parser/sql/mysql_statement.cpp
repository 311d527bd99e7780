#include "parser/sql/mysql_statement.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

#include "parser/sql/lexer.h"
#include "parser/sql/mysql_rewrite.h"

namespace assay {
namespace {

/// The text's words and names in lower case, and its punctuation.
std::vector<std::string> words_of(std::string_view sql) {
  std::vector<std::string> words;
  Lexer lexer(sql, SqlDialect::kMysql);
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    std::string_view text = token.text;
    if (token.kind == TokenKind::kString) text = "?";
    if (token.kind == TokenKind::kQuotedName && text.size() >= 2) text = text.substr(1, text.size() - 2);
    std::string& word = words.emplace_back(text);
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  }
  return words;
}

bool is_one_of(const std::string& word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// SELECT … INTO @x, INTO OUTFILE 'x': the result goes elsewhere.
bool goes_elsewhere(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == "into" && (words[i + 1].starts_with("@") || is_one_of(words[i + 1], {"outfile", "dumpfile"})))
      return true;
  }
  return false;
}

class CommandReader {
 public:
  explicit CommandReader(std::vector<std::string> words) : words_(std::move(words)) {}

  Statement read();

 private:
  std::string word(std::size_t i) const { return i < words_.size() ? words_[i] : std::string(); }
  void add_names_from(std::size_t i);
  std::size_t add_name(std::size_t i);

  const std::vector<std::string> words_;
  Statement statement_;
};

/// Returns the place behind the name.
std::size_t CommandReader::add_name(std::size_t i) {
  RelationUse use;
  use.written = true;
  use.name = word(i++);
  if (word(i) == ".") {
    use.schema = std::exchange(use.name, word(i + 1));
    i += 2;
  }
  if (!use.name.empty()) statement_.relations.push_back(std::move(use));
  return i;
}

/// A list: a, b.c, or a TO b, c TO d.
void CommandReader::add_names_from(std::size_t i) {
  while (is_one_of(word(i), {"if", "not", "exists", "ignore"})) ++i;
  do {
    i = add_name(i);
  } while ((word(i) == "," || word(i) == "to") && ++i < words_.size());
}

Statement CommandReader::read() {
  const std::string first = word(0);
  const auto behind = [&](std::initializer_list<std::string_view> names) {
    const auto found =
        std::find_if(words_.begin(), words_.end(), [&](const auto& one) { return is_one_of(one, names); });
    return static_cast<std::size_t>(found - words_.begin()) + 1;
  };
  if (is_one_of(first, {"call", "do", "execute", "xa", "handler", "import", "restore"})) {
    statement_.runs_unseen = true;
  } else if (first == "truncate") {
    add_names_from(word(1) == "table" ? 2 : 1);
  } else if (is_one_of(first, {"drop", "alter", "rename", "load", "create"})) {
    const std::size_t place = behind({"table", "tables", "view"});
    if (place <= words_.size() && (first == "load" || place <= 6)) {
      add_names_from(place);
    } else if (is_one_of(word(1), {"database", "schema"}) && first != "create") {
      statement_.runs_unseen = true;
    }
  }
  return std::move(statement_);
}

}  // namespace

ParsedStatement parse_mysql_statement(std::string_view sql) {
  std::vector<std::string> words = words_of(sql);
  while (!words.empty() && words.back() == ";") words.pop_back();
  if (words.empty()) return {std::nullopt, "no statement in the text"};
  const bool is_query =
      is_one_of(words.front(), {"select", "(", "with", "insert", "replace", "update", "delete", "values", "table"});
  if (!is_query) return {CommandReader(std::move(words)).read(), {}};
  if (goes_elsewhere(words)) {
    Statement statement;  // a command that reads
    return {std::move(statement), {}};
  }
  ParsedStatement parsed = parse_statement(rewrite_mysql(sql));
  if (!parsed.statement) parsed.problem = "MySQL's SQL, of which PostgreSQL's parser makes: " + parsed.problem;
  return parsed;
}

}  // namespace assay
