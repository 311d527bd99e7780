// The keywords of PostgreSQL that cannot stand unquoted for every kind of name.
#pragma once

#include <string_view>

namespace assay {

/// Is `word`, in lower case, a keyword that quote_identifier() of PostgreSQL quotes: any but the unreserved ones
/// (src/include/parser/kwlist.h of 15, and what 16 and 17 added)?
bool must_be_quoted(std::string_view word);

}  // namespace assay
