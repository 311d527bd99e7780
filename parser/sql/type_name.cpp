#include "parser/sql/type_name.h"

#include <array>
#include <string_view>
#include <utility>

#include "parser/sql/index_definition.h"

namespace assay {
namespace {

struct Spelling {
  std::string_view internal;
  std::string_view name;
  std::string_view suffix;  ///< behind the type's modifiers
};

// format_type_extended() of src/backend/utils/adt/format_type.c
constexpr std::array<Spelling, 15> kSpellings = {{{"bit", "bit", ""},
                                                  {"bool", "boolean", ""},
                                                  {"bpchar", "character", ""},
                                                  {"float4", "real", ""},
                                                  {"float8", "double precision", ""},
                                                  {"int2", "smallint", ""},
                                                  {"int4", "integer", ""},
                                                  {"int8", "bigint", ""},
                                                  {"numeric", "numeric", ""},
                                                  {"time", "time", " without time zone"},
                                                  {"timestamp", "timestamp", " without time zone"},
                                                  {"timestamptz", "timestamp", " with time zone"},
                                                  {"timetz", "time", " with time zone"},
                                                  {"varbit", "bit varying", ""},
                                                  {"varchar", "character varying", ""}}};

const Spelling* find_spelling(std::string_view internal) {
  for (const Spelling& spelling : kSpellings) {
    if (spelling.internal == internal) return &spelling;
  }
  return nullptr;
}

/// " year to month" out of the bits of INTERVAL_MASK() (utils/timestamp.h); empty for a full interval.
std::string interval_fields(int mask) {
  constexpr std::array<std::pair<int, std::string_view>, 6> kFields = {{{1 << 2, "year"},
                                                                        {1 << 1, "month"},
                                                                        {1 << 3, "day"},
                                                                        {1 << 10, "hour"},
                                                                        {1 << 11, "minute"},
                                                                        {1 << 12, "second"}}};
  constexpr int kFullRange = 0x7fff;
  if (mask == kFullRange) return {};
  std::string_view first, last;
  for (const auto& [bit, name] : kFields) {
    if ((mask & bit) == 0) continue;
    if (first.empty()) first = name;
    last = name;
  }
  std::string text(" ");
  text += first;
  if (last != first) text.append(" to ").append(last);
  return text;
}

std::string modifier_text(const Node* node) {
  if (const PgQuery__ColumnRef* word = as_column(node)) return qualified_name(word->n_fields, word->fields);
  const std::string text = constant_text(node).value_or("");
  const PgQuery__AConst* constant = as_constant(node);
  const bool is_string = constant != nullptr && constant->val_case == PG_QUERY__A__CONST__VAL_SVAL;
  return is_string ? quote_literal(text) : text;
}

std::string modifiers(const PgQuery__TypeName& type, std::size_t first) {
  std::string text;
  for (std::size_t i = first; i < type.n_typmods; ++i)
    text += (text.empty() ? "" : ",") + modifier_text(type.typmods[i]);
  return text.empty() ? text : "(" + text + ")";
}

std::string interval_text(const PgQuery__TypeName& type) {
  const PgQuery__AConst* mask = type.n_typmods > 0 ? as_constant(type.typmods[0]) : nullptr;
  if (mask == nullptr || mask->val_case != PG_QUERY__A__CONST__VAL_IVAL) return "interval";
  return "interval" + interval_fields(mask->ival->ival) + modifiers(type, 1);
}

std::string element_text(const PgQuery__TypeName& type) {
  const bool is_built_in = type.n_names == 2 && string_of(type.names[0]) == "pg_catalog";
  if (!is_built_in && type.n_names != 1) return qualified_name(type.n_names, type.names) + modifiers(type, 0);
  const std::string name = last_name(type.n_names, type.names);
  if (name == "interval" && is_built_in) return interval_text(type);
  const Spelling* spelling = find_spelling(name);
  if (spelling == nullptr) return quote_identifier(name) + modifiers(type, 0);
  return std::string(spelling->name) + modifiers(type, 0) + std::string(spelling->suffix);
}

}  // namespace

std::string qualified_name(std::size_t count, Node* const* names) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : ".") + quote_identifier(string_of(names[i]));
  return text;
}

std::string type_text(const PgQuery__TypeName& type) {
  std::string text = element_text(type);
  for (std::size_t i = 0; i < type.n_array_bounds; ++i) text += "[]";
  return text;
}

}  // namespace assay
