// What a statement of MySQL's or MariaDB's means, as far as its tables, functions and locks go.
//
// Queries and changes are read by PostgreSQL's parser in a rewritten form (mysql_rewrite.h), commands word by word.
// Names are in lower case. Predicates, columns and operators of the result are those of the rewritten text: no index
// should be proposed from them.
#pragma once

#include <string_view>

#include "parser/sql/statement.h"

namespace assay {

/// Nothing where even the rewritten form does not parse.
ParsedStatement parse_mysql_statement(std::string_view sql);

}  // namespace assay
