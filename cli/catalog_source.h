// --catalog and --database: where a Catalog comes from.
#pragma once

#include <string>

#include "analyzer/catalog.h"

namespace assay {

/// A snapshot, the output of the snapshot script or a schema dump, recognised by content. Prints what is wrong in a
/// dump; throws Error.
Catalog catalog_of_file(const std::string& path);

/// Reads the catalog of a server in one short read-only transaction. Warns of tables whose statistics the role may not
/// see. With `redact`, without the values of texts and the like. Throws UsageError for a URI with a password in it,
/// Error for a server that cannot be reached.
Catalog catalog_of_server(const std::string& uri, bool redact = false);

}  // namespace assay
