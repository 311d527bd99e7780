// An integer column compared with 12.0, or with a parameter that the driver sends as numeric: PostgreSQL casts the
// column, row by row, and its index does not serve. The same for character(n) compared with a text.
#include <algorithm>
#include <array>

#include "advisors/rewrites/rewrites.h"

namespace assay {
namespace {

template <std::size_t kSize>
bool contains(const std::array<std::string_view, kSize>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool casts_the_column(std::string_view column, std::string_view value) {
  constexpr std::array<std::string_view, 3> kIntegers = {"integer", "bigint", "smallint"};
  constexpr std::array<std::string_view, 5> kFractions = {"numeric", "decimal", "float8", "float4", "real"};
  if (contains(kIntegers, column)) return contains(kFractions, value);
  if (column == "numeric" || column.starts_with("numeric(")) return value == "float8" || value == "float4";
  return column.starts_with("character(") && (value == "text" || value == "varchar");
}

}  // namespace

std::optional<RewriteHint> implicit_cast(const RewriteSubject& subject) {
  for (const Predicate& predicate : subject.statement.predicates) {
    const bool compares = predicate.kind == PredicateKind::kEqual || predicate.kind == PredicateKind::kRange;
    const Column* column = compares ? column_of(subject, predicate.column) : nullptr;
    if (!column || !casts_the_column(column->type, predicate.value_type)) continue;
    return RewriteHint{"implicit-cast",
                       predicate.column.name + " is " + column->type + " and is compared with a value of type " +
                           predicate.value_type +
                           ": the column is cast for every row, and no index of it serves. Pass " +
                           "a value of the column's type.",
                       {}};
  }
  return std::nullopt;
}

}  // namespace assay
