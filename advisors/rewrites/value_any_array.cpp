// 'x' = ANY (tags) asks whether an array column holds a value, and PostgreSQL has no index for it; tags @> ARRAY['x']
// means the same, and GIN serves it.
#include "advisors/rewrites/rewrites.h"
#include "advisors/rewrites/token_text.h"

namespace assay {
namespace {

/// `value = ANY (column)` with a literal whose array has the column's type without a cast.
std::string as_containment(const std::string& sql, std::string_view type) {
  const TokenText text(sql);
  for (std::size_t i = 0; i + 5 < text.size(); ++i) {
    const TokenKind kind = text[i].token.kind;
    const bool fits =
        (type == "text[]" && kind == TokenKind::kString) || (type == "integer[]" && kind == TokenKind::kNumber);
    const bool signed_value = i > 0 && text[i - 1].token.kind == TokenKind::kOperator;
    if (!fits || signed_value || !text.is_symbol_at(i + 1, "=") || !text.is_word_at(i + 2, "any")) continue;
    const std::size_t end = text.is_symbol_at(i + 3, "(") ? text.after_name(i + 4) : i + 4;
    if (end == i + 4 || !text.is_symbol_at(end, ")")) continue;
    return text.with(i, end + 1, text.text(i + 4, end) + " @> ARRAY[" + text.text(i, i + 1) + "]");
  }
  return {};
}

}  // namespace

std::optional<RewriteHint> value_any_array(const RewriteSubject& subject) {
  for (const Predicate& predicate : subject.statement.predicates) {
    if (predicate.kind != PredicateKind::kArray || predicate.operation != "= ANY" || !predicate.conjunct) continue;
    const Column* column = column_of(subject, predicate.column);
    if (!column || !column->type.ends_with("[]")) continue;
    return RewriteHint{"value-any-array",
                       "No index serves value = ANY (" + predicate.column.name + "); " + predicate.column.name +
                           " @> ARRAY[value] asks the same, and a GIN index serves it.",
                       as_containment(subject.sql, column->type)};
  }
  return std::nullopt;
}

}  // namespace assay
