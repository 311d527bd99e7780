// (SELECT count(*) …) > 0 counts all rows to learn whether there is one: EXISTS ends at the first, and means the same.
#include "advisors/rewrites/rewrites.h"
#include "advisors/rewrites/token_text.h"

namespace assay {
namespace {

/// "EXISTS" or "NOT EXISTS" for the comparison behind the subquery; empty for one that needs the number.
std::string existence(std::string_view comparison, std::string_view number) {
  if (number == "0") {
    if (comparison == ">" || comparison == "<>" || comparison == "!=") return "EXISTS";
    if (comparison == "=" || comparison == "<=") return "NOT EXISTS";
  }
  if (number == "1" && comparison == ">=") return "EXISTS";
  return number == "1" && comparison == "<" ? "NOT EXISTS" : "";
}

}  // namespace

std::optional<RewriteHint> count_for_existence(const RewriteSubject& subject) {
  const TokenText text(subject.sql);
  for (std::size_t i = 0; i + 6 < text.size(); ++i) {
    const bool begins = text.is_symbol_at(i, "(") && text.is_word_at(i + 1, "select") &&
                        text.is_word_at(i + 2, "count") && text.is_symbol_at(i + 3, "(") &&
                        text.is_symbol_at(i + 4, "*") && text.is_symbol_at(i + 5, ")") &&
                        text.is_word_at(i + 6, "from");
    const std::size_t close = begins ? text.closing(i) : text.size();
    if (close + 2 >= text.size()) continue;
    const std::string word = existence(text[close + 1].token.text, text[close + 2].token.text);
    const bool more = close + 3 < text.size() && text[close + 3].token.kind == TokenKind::kOperator;
    if (word.empty() || more) continue;
    if (text.has_word_within(i, close,
                             {"group", "having", "limit", "offset", "fetch", "union", "except", "intersect"})) {
      continue;
    }
    return RewriteHint{"count-for-existence",
                       "count(*) reads every row to learn whether there is one; EXISTS ends at the first.",
                       text.with(i, close + 3, word + " (SELECT 1 " + text.text(i + 6, close + 1))};
  }
  return std::nullopt;
}

}  // namespace assay
