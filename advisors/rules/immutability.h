// May an expression be a key of an index? PostgreSQL takes immutable ones only.
//
// Told from the text and the types of the columns, by a list of what is known to be immutable; all else is not
// proposed. What depends on the session's time zone (date_trunc, extract and a cast to date of a timestamp with time
// zone) or on its settings (a date written as text, to_tsvector without a configuration) is not immutable.
#pragma once

#include <string_view>

#include "advisors/rules/table_facts.h"

namespace assay {

bool is_immutable(std::string_view expression, const TableFacts& facts);

/// Is one of the columns in `expression` a timestamp with time zone?
bool depends_on_time_zone(std::string_view expression, const TableFacts& facts);

}  // namespace assay
