// Which columns an index depends on: an UPDATE of any of them has to touch it, and cannot be HOT.
#pragma once

#include <string>
#include <vector>

#include "analyzer/catalog.h"

namespace assay {

/// Keys, INCLUDE columns, and what its expressions and predicate mention; each once.
std::vector<std::string> columns_of(const IndexDefinition& index, const Table& table);

}  // namespace assay
