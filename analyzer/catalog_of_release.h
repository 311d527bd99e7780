// The catalog that production will have after a release: the schema of a dump, after the release's migrations, with the
// rows, sizes and statistics that a snapshot of production has for the same tables and columns.
#pragma once

#include "analyzer/catalog.h"

namespace assay {

/// Tables, columns and indexes are `schema`'s. A table that production has not has no rows known; a new index, or one
/// on other columns, gets the size that it would have; a column of another type than production's loses its statistics.
Catalog catalog_of_release(Catalog schema, const Catalog& production);

}  // namespace assay
