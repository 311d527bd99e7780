// created_at::date = '2026-01-31', date_trunc('month', created_at) = '2026-01-01' of a timestamp with time zone depend
// on the session's zone, so no index can hold them. The range that they stand for can use an index of the column, and
// means the same: both sides of it are taken in the session's zone, too.
#include <algorithm>

#include "advisors/rewrites/rewrites.h"
#include "advisors/rewrites/token_text.h"
#include "advisors/rules/immutability.h"

namespace assay {
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// '2026-01-31', quotes included.
bool is_date(std::string_view literal) {
  return literal.size() == 12 && literal.front() == '\'' && is_digits(literal.substr(1, 4)) && literal[5] == '-' &&
         is_digits(literal.substr(6, 2)) && literal[8] == '-' && is_digits(literal.substr(9, 2));
}

/// Does the date begin a period of that unit? Else date_trunc() never gives it.
bool begins_period(std::string_view literal, std::string_view unit) {
  if (unit == "'day'") return true;
  if (unit == "'month'") return literal.substr(9, 2) == "01";
  return unit == "'year'" && literal.substr(6, 5) == "01-01";
}

std::string range_of(const std::string& column, std::string_view literal, std::string_view unit) {
  const std::string from = "date " + std::string(literal);
  const std::string to = unit == "'day'" ? from + " + 1" : from + " + interval '1 " + std::string(unit.substr(1));
  return "(" + column + " >= " + from + " AND " + column + " < " + to + ")";
}

/// `column::date = '…'` and `date_trunc('unit', column) = '…'`, the first that stands there.
std::string with_range(const std::string& sql) {
  const TokenText text(sql);
  for (std::size_t i = 0; i + 4 < text.size(); ++i) {
    const std::size_t name = text.after_name(i);
    if (name > i && text.is_symbol_at(name, "::") && text.is_word_at(name + 1, "date") &&
        text.is_symbol_at(name + 2, "=") && name + 3 < text.size() && is_date(text[name + 3].token.text)) {
      return text.with(i, name + 4, range_of(text.text(i, name), text[name + 3].token.text, "'day'"));
    }
    if (!text.is_word_at(i, "date_trunc") || !text.is_symbol_at(i + 1, "(") || !text.is_symbol_at(i + 3, ",")) continue;
    const std::size_t end = text.after_name(i + 4);
    const std::string_view unit = text[i + 2].token.text;
    if (end > i + 4 && text.is_symbol_at(end, ")") && text.is_symbol_at(end + 1, "=") && end + 2 < text.size() &&
        is_date(text[end + 2].token.text) && begins_period(text[end + 2].token.text, unit)) {
      return text.with(i, end + 3, range_of(text.text(i + 4, end), text[end + 2].token.text, unit));
    }
  }
  return {};
}

}  // namespace

std::optional<RewriteHint> time_zone_expression(const RewriteSubject& subject) {
  for (const Predicate& predicate : subject.statement.predicates) {
    const Table* table = table_of(subject, predicate.column.relation);
    if (predicate.kind != PredicateKind::kFunction || !predicate.conjunct || !table) continue;
    const TableFacts facts(subject.catalog, table);
    if (!depends_on_time_zone(predicate.expression, facts) || is_immutable(predicate.expression, facts)) continue;
    return RewriteHint{"time-zone-expression",
                       predicate.expression + " depends on the session's time zone, so no index can hold it. Compare " +
                           predicate.column.name + " itself with the two ends of the period instead.",
                       with_range(subject.sql)};
  }
  return std::nullopt;
}

}  // namespace assay
