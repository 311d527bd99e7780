// The guard before libpg_query's trees: how deep a text nests, told from its tokens.
//
// Building, unpacking, deparsing and walking a parse tree recurses. Measured on libpg_query 15: a stack of 2 MB breaks
// at about 1,000 nested operators, 290 scalar subqueries in one another, or 190 levels of JOIN (… IN (SELECT …)); 8 MB
// at about three times as many. A long chain (1 + 1 + …, a UNION b UNION …, a JOIN b JOIN …) nests to the left just as
// parentheses do; AND and OR chains and lists do not.
#pragma once

#include <string_view>

namespace assay {

/// Does `sql` nest so deep that its parse tree must not be built? An upper bound of the depth is compared with
/// a limit that leaves a stack of 2 MB more than half empty. One pass, no recursion; for any bytes.
bool too_deeply_nested(std::string_view sql);

}  // namespace assay
