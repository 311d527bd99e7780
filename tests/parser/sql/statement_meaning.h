// A Statement as one line of text, so that a test of it is one line too.
//
//   SELECT * FROM users u WHERE u.id = 5 AND u.name LIKE 'x%' ORDER BY u.age DESC LIMIT 1
//   u.id = 5, u.name LIKE x% {prefix}; order u.age desc; limit
//
// Predicates come first, then what each block has. `2: ` stands before what belongs to block 2; (…) around a predicate
// that is no conjunct; `==` for a join; {…} behind it where the operator does not tell the kind. A relation goes
// by its alias; `?` is a column of no relation that could be told.
#pragma once

#include <string>
#include <string_view>

#include "parser/sql/statement.h"

namespace assay {

std::string meaning(std::string_view sql, const ColumnOracle& has_column = {});

/// "users u (written), orders": in the order of their mention.
std::string relations(std::string_view sql, const ColumnOracle& has_column = {});

std::string columns_read(std::string_view sql, const ColumnOracle& has_column = {});
std::string columns_written(std::string_view sql);
std::string functions(std::string_view sql);

/// The problem of a text that has no meaning; "none" for one that has.
std::string problem(std::string_view sql);

}  // namespace assay
