// NOT IN (SELECT …): with one NULL among the subquery's rows it is true of no row at all, and PostgreSQL cannot make an
// anti-join of it: it hashes the subquery if that fits work_mem, and else reads it again for each row. NOT EXISTS means
// what was meant, and can use an index. Safe to exchange where neither column can be NULL.
#include "advisors/rewrites/rewrites.h"
#include "advisors/rewrites/token_text.h"

namespace assay {
namespace {

bool is_not_null(const RewriteSubject& subject, const ColumnUse& column) {
  const Column* known = column_of(subject, column);
  return known && known->not_null;
}

/// Qualified names on both sides only: an unqualified one could mean another column within the subquery.
std::string as_not_exists(const std::string& sql) {
  const TokenText text(sql);
  for (std::size_t i = 0; i + 4 < text.size(); ++i) {
    const std::size_t open = text.after_name(i) + 2;
    const bool begins = open == i + 5 && text.is_word_at(i + 3, "not") && text.is_word_at(i + 4, "in");
    if (!begins || !text.is_symbol_at(open, "(") || !text.is_word_at(open + 1, "select")) continue;
    const std::size_t from = text.after_name(open + 2), close = text.closing(open);
    const bool plain = from == open + 5 && text.is_word_at(from, "from") && close < text.size() &&
                       !text.has_word_within(open, close,
                                             {"group", "having", "limit", "offset", "fetch", "order", "union", "except",
                                              "intersect", "window", "for"});
    if (!plain) return {};
    std::size_t where = from;
    int depth = 0;
    for (; where < close; ++where) {
      if (text.is_symbol_at(where, "(")) ++depth;
      if (text.is_symbol_at(where, ")")) --depth;
      if (depth == 0 && text.is_word_at(where, "where")) break;
    }
    const std::string equality = text.text(open + 2, from) + " = " + text.text(i, i + 3);
    std::string inner = text.text(from, where) + " WHERE " + equality;
    if (where < close) inner += " AND (" + text.text(where + 1, close) + ")";
    return text.with(i, close + 1, "NOT EXISTS (SELECT 1 " + inner + ")");
  }
  return {};
}

}  // namespace

std::optional<RewriteHint> not_in_subquery(const RewriteSubject& subject) {
  for (const Predicate& predicate : subject.statement.predicates) {
    if (predicate.operation != "NOT IN" || predicate.subquery < 0) continue;
    const bool same = is_not_null(subject, predicate.other) && is_not_null(subject, predicate.column);
    RewriteHint hint{"not-in-subquery", {}, {}};
    if (same) {
      hint.reason =
          "NOT IN (SELECT …) cannot be planned as an anti-join, so no index of the subquery's table helps: NOT "
          "EXISTS can, and means the same here, since neither column can be NULL.";
      hint.sql = as_not_exists(subject.sql);
    } else {
      hint.reason =
          "NOT IN (SELECT …) is true of no row as soon as the subquery gives one NULL, and cannot be planned as "
          "an anti-join. Where that is not meant, write NOT EXISTS (SELECT … WHERE the columns are equal).";
    }
    return hint;
  }
  return std::nullopt;
}

}  // namespace assay
