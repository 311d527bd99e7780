// How large an index would be that is no B-tree: hash, BRIN, GIN, GiST and SP-GiST, from statistics alone.
//
// Hash and BRIN follow from their layout (src/backend/access/hash/hashpage.c, brin/brin_revmap.c), GIN's size from its
// elements (gin_size.h), GiST's from how its pages are usually split. How far each may be from a real index is stated
// in other_index_size_test.cpp.
#pragma once

#include <cstdint>

#include "analyzer/catalog.h"
#include "parser/sql/index_definition.h"

namespace assay {

/// Pages of 8192 bytes of an index of another method than "btree" over `rows` rows of `table`.
std::int64_t other_index_pages(const IndexDefinition& definition, const Table& table, double rows);

/// A number of the definition's WITH (…): fillfactor, pages_per_range; `otherwise` where it does not stand there.
double storage_number(const IndexDefinition& definition, const std::string& name, double otherwise);

}  // namespace assay
