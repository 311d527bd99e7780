// What a LIKE pattern asks of an index, told from where its wildcards stand.
#pragma once

#include <string_view>

#include "parser/sql/dialect.h"

namespace assay {

/// The class of the pattern in the string literal `literal` ('…', E'…', $$…$$, MySQL's "…"): '?' '?%' '%?' '%?%' for a
/// text with wildcards at its ends only, '?*?' '?*?%' '%?*?' '%?*?%' where there is one within, '%' for nothing but
/// wildcards. The wildcards are % and _; one behind a backslash is a character like any other. An ESCAPE clause with
/// another character is not seen.
std::string_view like_class(std::string_view literal, SqlDialect dialect = SqlDialect::kPostgres);

}  // namespace assay
