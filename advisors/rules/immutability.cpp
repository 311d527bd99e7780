#include "advisors/rules/immutability.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "parser/sql/lexer.h"

namespace assay {
namespace {

/// Immutable for every type of argument for which they exist (pg_proc.provolatile = 'i').
constexpr std::array<std::string_view, 33> kImmutable = {"lower",
                                                         "upper",
                                                         "length",
                                                         "char_length",
                                                         "octet_length",
                                                         "trim",
                                                         "btrim",
                                                         "ltrim",
                                                         "rtrim",
                                                         "substring",
                                                         "substr",
                                                         "left",
                                                         "right",
                                                         "replace",
                                                         "reverse",
                                                         "split_part",
                                                         "translate",
                                                         "md5",
                                                         "abs",
                                                         "round",
                                                         "floor",
                                                         "ceil",
                                                         "ceiling",
                                                         "mod",
                                                         "coalesce",
                                                         "nullif",
                                                         "initcap",
                                                         "greatest",
                                                         "least",
                                                         "trunc",
                                                         "position",
                                                         "jsonb_extract_path_text",
                                                         "jsonb_array_length"};
constexpr std::array<std::string_view, 5> kOfTime = {"date_trunc", "date_part", "extract", "date", "timezone"};
constexpr std::array<std::string_view, 13> kPlainTypes = {"int",      "integer", "int4",    "bigint", "int8",
                                                          "smallint", "int2",    "numeric", "uuid",   "boolean",
                                                          "bool",     "float8",  "real"};
constexpr std::array<std::string_view, 4> kTexts = {"text", "varchar", "character", "bpchar"};

template <std::size_t kSize>
bool contains(const std::array<std::string_view, kSize>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view known) { return is_word(name, known); });
}

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  Lexer lexer(text);
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) tokens.push_back(token);
  return tokens;
}

std::string name_of(const Token& token) {
  const bool quoted = token.kind == TokenKind::kQuotedName && token.text.size() >= 2;
  return std::string(quoted ? token.text.substr(1, token.text.size() - 2) : token.text);
}

/// The types of the columns that the expression mentions.
struct Mentioned {
  bool zoned = false;     ///< timestamp with time zone
  bool temporal = false;  ///< date, timestamp, time
  int columns = 0;
};

Mentioned mentioned_in(const std::vector<Token>& tokens, const TableFacts& facts) {
  Mentioned mentioned;
  for (const Token& token : tokens) {
    if (token.kind != TokenKind::kWord && token.kind != TokenKind::kQuotedName) continue;
    const std::string_view type = facts.type(name_of(token));
    if (type.empty()) continue;
    ++mentioned.columns;
    mentioned.zoned |= type.ends_with("with time zone");
    mentioned.temporal |= type.starts_with("time") || type == "date" || type == "interval";
  }
  return mentioned;
}

/// A cast reads or writes text by the session's settings where times are concerned.
bool is_immutable_cast(std::string_view type, const Mentioned& mentioned) {
  if (contains(kPlainTypes, type)) return !mentioned.temporal;
  if (contains(kTexts, type)) return !mentioned.temporal;
  const bool of_time = is_word(type, "date") || is_word(type, "timestamp");
  return of_time && mentioned.temporal && !mentioned.zoned;
}

}  // namespace

bool depends_on_time_zone(std::string_view expression, const TableFacts& facts) {
  return mentioned_in(tokens_of(expression), facts).zoned;
}

bool is_immutable(std::string_view expression, const TableFacts& facts) {
  const std::vector<Token> tokens = tokens_of(expression);
  const Mentioned mentioned = mentioned_in(tokens, facts);
  if (facts.has_catalog() && mentioned.columns == 0) return false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    const bool is_call = i + 1 < tokens.size() && tokens[i + 1].is("(");
    const bool after_cast = i > 0 && (tokens[i - 1].is("::") || is_word(tokens[i - 1].text, "as"));
    if (token.kind == TokenKind::kParameter || token.is("||")) {
      // text || text is immutable, but text || integer goes by the type's output function.
      if (token.kind == TokenKind::kParameter || mentioned.temporal) return false;
      continue;
    }
    if (token.kind != TokenKind::kWord) continue;
    if (after_cast) {
      if (!is_immutable_cast(token.text, mentioned)) return false;
      continue;
    }
    if (is_word(token.text, "current_date") || is_word(token.text, "current_timestamp")) return false;
    if (!is_call || is_word(token.text, "cast")) continue;
    if (is_word(token.text, "to_tsvector")) {  // with a configuration only
      if (i + 2 >= tokens.size() || tokens[i + 2].kind != TokenKind::kString) return false;
    } else if (contains(kOfTime, token.text)) {
      if (!facts.has_catalog() || mentioned.zoned || !mentioned.temporal) return false;
    } else if (!contains(kImmutable, token.text)) {
      return false;
    }
  }
  return true;
}

}  // namespace assay
