// The lexical shape of a statement: what two executions must share to belong to one query class.
//
// The token stream with comments and white space dropped, literals, numbers and $n folded to one mark,
// unquoted words lower-cased, relation names verbatim, IN lists and VALUES rows of any length collapsed,
// operators kept as written, and LIKE patterns (LIKE, ILIKE, NOT LIKE, SIMILAR TO, ~~ and kin) sorted by where their
// wildcards stand: '?' '?%' '%?' '%?%' and, with one inside, '?*?' and its kin (like_pattern.h). Kept are the numbers
// that name a column (ORDER BY 2) and NULL, TRUE and FALSE, except as values of a VALUES row. libpg_query's
// fingerprint is coarser and more than ten times slower; it is an attribute of a class, never its key.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "parser/sql/dialect.h"

namespace assay {

/// Hash (XXH3) of the shape. One pass, no allocation, for any bytes; never 0.
std::uint64_t shape_hash(std::string_view sql, SqlDialect dialect = SqlDialect::kPostgres) noexcept;

/// The shape as text on one line, for people: SELECT * FROM t WHERE a = ? AND b IN (?, …) AND c LIKE '?%'.
/// Words keep the case in which they were written. Once per class, not per execution.
std::string normalize(std::string_view sql, SqlDialect dialect = SqlDialect::kPostgres);

}  // namespace assay
