// What the index advisor does not look at, though a plan exists: foreign tables, views, and the foreign keys behind
// a DELETE, whose work no plan shows.
#pragma once

#include <optional>
#include <string>

#include "analyzer/catalog.h"
#include "parser/sql/statement.h"

namespace assay {

/// Why the statement may be slow for a cause that no candidate addresses; nothing when there is no such cause.
std::optional<std::string> why_not_covered(const Statement& statement, const Catalog& catalog);

/// Does a valid, full index begin with a column of the key, so that the rows which refer to a deleted one are found?
bool has_index(const ForeignKey& key, const Catalog& catalog);

}  // namespace assay
