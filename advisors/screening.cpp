#include "advisors/screening.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "parser/sql/lexer.h"

namespace assay {
namespace {

// BTMaxItemSize in nbtree.h is 2,704 bytes; an average near it means that some rows cannot be indexed at all.
constexpr int kWidestAverage = 600;

constexpr std::array<std::string_view, 16> kUnsuited = {
    "json",    "jsonb",  "xml",      "point",   "line",  "lseg",   "box",      "path",
    "polygon", "circle", "tsvector", "tsquery", "bytea", "hstore", "geometry", "geography"};

bool names_range(std::string_view type) { return type.ends_with("range"); }

bool same_key_column(const IndexKey& a, const IndexKey& b) {
  // Another collation or operator class sorts differently, so it serves neither ranges nor sorts.
  if (a.operator_class != b.operator_class || a.collation != b.collation || a.column != b.column) return false;
  return !a.column.empty() || plain_sql(a.expression) == plain_sql(b.expression);
}

bool holds(const IndexDefinition& have, const std::string& column) {
  return std::find(have.include.begin(), have.include.end(), column) != have.include.end() ||
         std::any_of(have.keys.begin(), have.keys.end(), [&](const IndexKey& key) { return key.column == column; });
}

/// GIN's usual class for jsonb answers what jsonb_path_ops does, and more.
bool same_element_key(const IndexKey& have, const IndexKey& want) {
  return same_key_column(have, want) ||
         (want.operator_class == "jsonb_path_ops" && have.operator_class.empty() && have.column == want.column &&
          plain_sql(have.expression) == plain_sql(want.expression));
}

bool serves_otherwise(const IndexDefinition& have, const IndexDefinition& wanted) {
  if (have.keys.empty() || wanted.keys.empty()) return false;
  const bool by_order = have.method == "btree" && (wanted.method == "hash" || wanted.method == "brin");
  if (by_order) return same_key_column(have.keys.front(), wanted.keys.front());
  if (have.method != wanted.method) return false;
  return std::all_of(wanted.keys.begin(), wanted.keys.end(), [&](const IndexKey& want) {
    return std::any_of(have.keys.begin(), have.keys.end(),
                       [&](const IndexKey& key) { return same_element_key(key, want); });
  });
}

// Are the first `count` keys of `existing` all among the equality keys?
bool begins_with_equalities(const std::vector<IndexKey>& existing, const std::vector<IndexKey>& keys, std::size_t count,
                            std::size_t equality_keys) {
  const auto end = existing.begin() + static_cast<std::ptrdiff_t>(count);
  return std::all_of(existing.begin(), end, [&](const IndexKey& have) {
    return std::any_of(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(equality_keys),
                       [&](const IndexKey& want) { return same_key_column(have, want); });
  });
}

bool continues_with_order(const std::vector<IndexKey>& existing, const std::vector<IndexKey>& keys, std::size_t from) {
  bool same = true, reversed = true;
  for (std::size_t i = from; i < keys.size(); ++i) {
    if (!same_key_column(existing[i], keys[i])) return false;
    const bool direction = existing[i].descending == keys[i].descending;
    const bool nulls = existing[i].nulls_first == keys[i].nulls_first;
    same &= direction && nulls;
    reversed &= !direction && !nulls;
  }
  return same || reversed;
}

}  // namespace

bool suits_btree(const Column& column) {
  const std::string_view type = std::string_view(column.type).substr(0, column.type.find('('));
  if (type.ends_with("]") || names_range(type)) return false;
  if (std::find(kUnsuited.begin(), kUnsuited.end(), type) != kUnsuited.end()) return false;
  return column.statistics.empty() || column.statistics.front().average_width <= kWidestAverage;
}

bool finds_one_row(const Index& existing, const std::vector<IndexKey>& keys, std::size_t equality_keys) {
  const IndexDefinition& have = existing.definition;
  if (!existing.valid || !have.unique || !have.predicate.empty() || have.keys.size() > equality_keys) return false;
  return begins_with_equalities(have.keys, keys, have.keys.size(), equality_keys);
}

bool serves(const Index& existing, const IndexDefinition& wanted, std::size_t equality_keys) {
  const IndexDefinition& have = existing.definition;
  if (!existing.valid) return false;
  if (!have.predicate.empty() && plain_sql(have.predicate) != plain_sql(wanted.predicate)) return false;
  // A full index with the same keys reads the rows outside of the predicate, too: it does not serve for a partial one.
  if (have.predicate.empty() && !wanted.predicate.empty()) return false;
  if (have.method != "btree" || wanted.method != "btree") return serves_otherwise(have, wanted);
  if (have.keys.size() < wanted.keys.size()) return false;
  const bool holds_all = std::all_of(wanted.include.begin(), wanted.include.end(),
                                     [&](const std::string& column) { return holds(have, column); });
  return holds_all && begins_with_equalities(have.keys, wanted.keys, equality_keys, equality_keys) &&
         continues_with_order(have.keys, wanted.keys, equality_keys);
}

bool serves(const Index& existing, const std::vector<IndexKey>& keys, std::size_t equality_keys) {
  IndexDefinition wanted;
  wanted.keys = keys;
  return serves(existing, wanted, equality_keys);
}

namespace {

/// Takes ::type off, with what may belong to it: ::character varying(20)[].
void skip_cast(Lexer& lexer) {
  lexer.next();  // the type's first word
  while (is_word(lexer.peek().text, "varying") || is_word(lexer.peek().text, "precision") ||
         is_word(lexer.peek().text, "with") || is_word(lexer.peek().text, "without") ||
         is_word(lexer.peek().text, "time") || is_word(lexer.peek().text, "zone") || lexer.peek().is(".")) {
    if (lexer.next().is(".")) lexer.next();
  }
  while (lexer.peek().is("(") || lexer.peek().is("[")) {
    const std::string_view end = lexer.next().is("(") ? ")" : "]";
    Token token = lexer.next();
    while (token.kind != TokenKind::kEnd && !token.is(end)) token = lexer.next();
  }
}

std::vector<std::string> without_casts(std::string_view sql) {
  std::vector<std::string> tokens;
  Lexer lexer(sql);
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    if (token.is("::")) {
      skip_cast(lexer);
      continue;
    }
    std::string text(token.text);
    if (token.kind == TokenKind::kWord)
      std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : static_cast<char>(c);
      });
    tokens.push_back(std::move(text));
  }
  return tokens;
}

std::size_t closing(const std::vector<std::string>& tokens, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < tokens.size(); ++i) {
    depth += tokens[i] == "(" ? 1 : tokens[i] == ")" ? -1 : 0;
    if (depth == 0) return i;
  }
  return tokens.size();
}

bool is_name(const std::string& token) {
  const char c = token.empty() ? ' ' : token.front();
  return (c >= 'a' && c <= 'z') || c == '_' || c == '"';
}

}  // namespace

std::string plain_sql(std::string_view sql) {
  std::vector<std::string> tokens = without_casts(sql);
  for (std::size_t i = 0; i < tokens.size();) {
    const std::size_t end = tokens[i] == "(" ? closing(tokens, i) : tokens.size();
    const bool is_call = i > 0 && is_name(tokens[i - 1]);
    const bool around_all = i == 0 && end + 1 == tokens.size();
    if (end < tokens.size() && !is_call && (end == i + 2 || around_all)) {
      tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(end));
      tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(i));
      i = i > 0 ? i - 1 : 0;
    } else {
      ++i;
    }
  }
  std::string text;
  for (const std::string& token : tokens) text += (text.empty() ? "" : " ") + token;
  return text;
}

}  // namespace assay
