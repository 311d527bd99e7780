// How large a GIN index would be, freshly built: entries with their row pointers, and the trees of the frequent ones.
//
// Row pointers are differences in seven bits a byte (src/backend/access/gin/ginpostinglist.c); up to a third of a page
// of them stands beside its entry, more in a tree of its own (ginentrypage.c, gindatapage.c). The pending list of
// fast updates, which CREATE INDEX does not use, is left out.
#pragma once

#include <cstdint>
#include <vector>

#include "analyzer/catalog.h"
#include "parser/sql/index_definition.h"

namespace assay {

/// Bytes of the row pointers of an element that `rows` of a table's `all_rows` on `pages` pages hold, spread evenly.
double posting_bytes(double rows, double all_rows, double pages);

/// Pages of 8192 bytes over `rows` rows of `table`.
std::int64_t gin_pages(const IndexDefinition& definition, const Table& table, double rows);

}  // namespace assay
